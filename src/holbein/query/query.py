"""What everyone above asks: counts, lists, values and facts of one version.

What is asked of few subjects is read from lookups; what lies in tags, attributes and relations is
answered from the columns of the index; all else, and where a column is damaged, by the engine.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar, get_args

import pyarrow as pa

from holbein.catalog.audiences import Unfit
from holbein.catalog.lineage import Lineage
from holbein.catalog.peers import peer_key
from holbein.catalog.profiles import TagProfile, tag_profiles
from holbein.catalog.taginfo import TagInfo, tag_infos
from holbein.conditions.bind import bind, reads
from holbein.conditions.limits import check_form, check_kind
from holbein.conditions.text import parse
from holbein.conditions.tree import (
    TRUE,
    And,
    Compare,
    Condition,
    Field,
    Measure,
    SubjectKind,
    Text,
)
from holbein.conditions.vocabulary import AudienceSpec, FieldSpec, Vocabulary
from holbein.engine.reader import Reader
from holbein.errors import HolbeinWarning, NotFoundError, near
from holbein.index import Index
from holbein.query import by_columns, few, figures
from holbein.query.by_columns import open_index
from holbein.query.by_engine import ByEngine
from holbein.query.columns import ColumnSides
from holbein.query.crossing import Flagged
from holbein.query.linked import (
    Roles,
    roles_by_columns,
    roles_by_tables,
    values_by_columns,
    values_by_tables,
)
from holbein.query.sides import Sides, SoundSides, TableSides
from holbein.query.some import Some, some_in, some_of
from holbein.query.subjects import FEW, Subjects, as_array
from holbein.store.lookup import PEERS
from holbein.store.manifest import DamagedError
from holbein.store.snapshot import Snapshot

_CONDITIONS = get_args(get_args(Condition)[0])

_Answer = TypeVar("_Answer")


class Query(Subjects):
    """Questions to one snapshot. Not shared between threads."""

    def __init__(self, snapshot: Snapshot, reader: Reader, unfit: Callable[[], Unfit]) -> None:
        super().__init__(snapshot, reader)
        self._find_unfit = unfit

    def close(self) -> None:
        """Let go of the version, which may then be pruned, and of the engine."""
        self.reader.engine.close()
        self.snapshot.close()

    @property
    def vocabulary(self) -> Vocabulary:
        return self.reader.vocabulary

    @property
    def version(self) -> str:
        """The number of the version, as people write it."""
        return str(self.snapshot.number)

    @cached_property
    def tags(self) -> Mapping[tuple[SubjectKind, str], TagInfo]:
        """What the version says of each of its tags."""
        return tag_infos(self.snapshot.manifest.tags)

    @cached_property
    def profiles(self) -> Mapping[tuple[SubjectKind, str], TagProfile]:
        """What the version keeps of the values of its tags."""
        return tag_profiles(self.snapshot.manifest.profiles)

    @cached_property
    def lineage(self) -> Lineage:
        """What its tags are made from, and what is made from them."""
        return Lineage(self.tags, self.vocabulary)

    def held(self, fields: Iterable[tuple[SubjectKind, str]]) -> list[TagInfo]:
        """The held tags among ``fields`` and among what those depend on."""
        asked = [self.tags[one] for one in fields if one in self.tags]
        keys = {(one.on, one.tag) for one in asked if one.held is not None}
        keys.update(one for info in asked for one in info.behind)
        return [info for key, info in self.tags.items() if key in keys]

    # --- conditions -----------------------------------------------------------------------------

    def bind(self, condition: str | Condition, kind: SubjectKind) -> Condition:
        """A condition, checked against this version's catalogue."""
        check_kind(kind)
        tree = parse(condition) if isinstance(condition, str) else condition
        check_form(tree)
        asked = reads(tree, kind, self.vocabulary).audiences
        if asked:  # else the definitions need not be read
            self.unfit.refuse(sorted(asked), self.vocabulary.audiences)
        return bind(tree, kind, self.vocabulary)

    def audience(self, name: str) -> AudienceSpec:
        """The audience of that name.

        Raises what is wrong with it in the definitions, or NotFoundError with the near names.
        """
        known = self.vocabulary.audiences
        self.unfit.refuse([name], known)
        if name not in known:
            raise NotFoundError(
                f"there is no audience {str(name)[:80]!r}",
                hint=near(str(name), known) or "list them with `holbein audience list`",
            )
        return known[name]

    @cached_property
    def unfit(self) -> Unfit:
        """The audiences of the definitions that this version cannot be asked for, and why."""
        return self._find_unfit()

    def count(self, condition: Condition, kind: SubjectKind) -> int:
        """How many subjects of ``kind`` meet a bound condition."""
        return self.answered(
            lambda index: index.count(condition, kind),
            lambda engine: engine.count(condition, kind),
        )

    def node_counts(
        self, condition: Condition, kind: SubjectKind
    ) -> Mapping[tuple[SubjectKind, Condition], int]:
        """How many subjects meet a bound condition, and each condition within it by itself, with
        the kind that it speaks of."""
        return self.answered(
            lambda index: index.node_counts(condition, kind),
            lambda engine: engine.node_counts(condition, kind),
        )

    def ids(self, condition: Condition, kind: SubjectKind) -> pa.Array:
        """The ids (int64, ascending) of the subjects that meet a bound condition."""
        return self.answered(
            lambda index: pa.array(
                index.ids(kind, index.places(index.mask(condition, kind), kind))
            ),
            lambda engine: engine.ids(condition, kind),
        )

    @cached_property
    def engine(self) -> ByEngine:
        """What is asked by SQL."""
        return ByEngine(self.reader, self.as_of)

    @cached_property
    def index(self) -> Index | None:
        """The columns of the version; None where it has none."""
        tags = self.tags.values()
        return open_index(self.snapshot, self.vocabulary, tags, self.engine, self.reader.list_file)

    def answered(
        self, columns: Callable[[Index], _Answer], engine: Callable[[ByEngine], _Answer]
    ) -> _Answer:
        """By columns; by the engine where there are none, or one that is damaged: of that a reader
        is warned, and the next run makes it anew."""
        if self.index is not None:
            try:
                return columns(self.index)
            except DamagedError as error:
                warnings.warn(
                    f"{error}; the engine answers meanwhile", HolbeinWarning, stacklevel=2
                )
        return engine(self.engine)

    # --- values ---------------------------------------------------------------------------------

    def spec(self, kind: SubjectKind, name: str) -> FieldSpec:
        """An attribute or tag. Raises NotFoundError with the near names."""
        known = self.vocabulary.fields[kind]
        if name not in known:
            raise NotFoundError(
                f"there is no attribute or tag {str(name)[:80]!r} on {kind}",
                hint=near(str(name), known) or "`holbein tags` lists the tags",
            )
        return known[name]

    def values(
        self,
        kind: SubjectKind,
        names: Sequence[str],
        ids: pa.Array | pa.ChunkedArray | Sequence[int] | Condition | None = None,
    ) -> pa.Table:
        """``id`` and the named attributes and tags, ascending by id.

        ``ids``: of these subjects, of those that meet a bound condition, or (None) of all.
        """
        for name in names:
            self.spec(kind, name)
        if ids is None or isinstance(ids, _CONDITIONS):
            who = TRUE if ids is None else ids
            return self.answered(
                lambda index: by_columns.values(index, kind, names, index.mask(who, kind)),
                lambda engine: engine.values(kind, names, ids),
            )
        listed = as_array(ids)
        if len(listed) <= FEW:
            asked = listed.to_pylist()
            return few.values(self.snapshot, self.vocabulary, kind, names, asked)
        return self.answered(
            lambda index: by_columns.values_of(index, kind, names, listed),
            lambda engine: engine.values_of(kind, names, listed),
        )

    def peers(self, kind: SubjectKind, names: Sequence[str], same: Mapping[str, str]) -> pa.Table:
        """``id`` and the named tags of all that have the values ``same``, ascending by id.

        Of the fields by which peers are told (``catalog.peers``) the run has kept these together;
        where that is lost, the engine finds them.
        """
        table = f"tags.{kind}"
        parts = self.snapshot.parts(table)
        if all(one.lookup is not None and PEERS in one.lookup.keys for one in parts):
            with suppress(DamagedError):
                found = self.snapshot.find(table, PEERS, [peer_key([*same.values()])])
                return found.select(["id", *names]).sort_by("id")
        having = And(tuple(Compare(Field(one), "=", Text(value)) for one, value in same.items()))
        return self.values(kind, names, having)

    def measures(
        self,
        kind: SubjectKind,
        measures: Mapping[str, Measure],
        ids: pa.Array | pa.ChunkedArray | Sequence[int],
        conditions: Mapping[str, Condition] = MappingProxyType({}),
    ) -> pa.Table:
        """``id``, the named bound measures of these subjects, and whether they meet the named
        bound conditions; ascending by id."""
        return self.engine.measures(kind, measures, as_array(ids), conditions)

    def crossed(self, kind: SubjectKind, conditions: Sequence[Condition]) -> pa.Table:
        """How many subjects meet which of some bound conditions: a boolean column for each
        (``c0``, ``c1``, …) and ``count``, a row for each combination that there is.
        """
        return self.answered(
            lambda index: by_columns.crossed(index, kind, conditions),
            lambda engine: engine.crossed(kind, conditions),
        )

    def tag(self, kind: SubjectKind, name: str) -> TagInfo:
        """What the version says of a tag. Raises NotFoundError with the near names."""
        check_kind(kind)
        if (kind, name) in self.tags:
            return self.tags[kind, name]
        others = [on for on, tag in self.tags if tag == name]
        known = [tag for on, tag in self.tags if on == kind]
        hint = f"it is a tag of another kind: --on {others[0]}" if others else None
        raise NotFoundError(
            f"there is no tag {str(name)[:80]!r} on {kind}",
            hint=hint or near(str(name), known) or "list them with `holbein tags`",
        )

    # --- groups ---------------------------------------------------------------------------------

    def distribution(
        self,
        kind: SubjectKind,
        names: Sequence[str],
        group: Condition,
        base: Condition = TRUE,
    ) -> dict[str, pa.Table]:
        """How often each value occurs in a group and in its base: value, group, base (int64).

        A missing value is a row of its own (value null); of categories, each label counts.
        """
        sides = self.sides(kind, names, group, base)
        return {name: sides.labels(name) for name in names}

    def quantiles(
        self,
        kind: SubjectKind,
        names: Sequence[str],
        group: Condition,
        base: Condition = TRUE,
    ) -> dict[str, dict[str, dict[str, Any]]]:
        """Of numbers and dates: n, min, p10, p25, p50, p75, p90, max and mean in group and base.

        Dates stay dates; a group without values has n 0 and None for the rest. Under ``ranks``:
        how the group compares with the rest of the base (``numbers.Numbers.ranks``).
        """
        sides = self.sides(kind, names, group, base)
        found = {name: sides.numbers(name) for name in names}
        return {
            name: {
                "group": one.spread(one.group),
                "base": one.spread(one.base),
                "ranks": one.ranks(),
            }
            for name, one in found.items()
        }

    def sides(
        self, kind: SubjectKind, names: Iterable[str], group: Condition, base: Condition = TRUE
    ) -> Sides:
        """How many of group and base have which values of the named attributes and tags.

        The group is what the base and the group's condition have in common.
        """
        asked = [self.spec(kind, name).name for name in names]
        flags = {figures.IN_GROUP: group}
        return SoundSides(
            self.answered,
            lambda index: ColumnSides(index, kind, asked, group, base),
            lambda engine: TableSides(engine.flagged(kind, asked, flags, base)),
        )

    def with_columns(
        self,
        kind: SubjectKind,
        names: Iterable[str],
        who: Condition,
        work: Callable[[Some], _Answer],
    ) -> _Answer:
        """What is made of the columns of those who meet a condition. Where one is damaged, it is
        made once more, of what the engine answers."""
        specs = {name: self.spec(kind, name) for name in names}
        return self.answered(
            lambda index: work(some_of(index, kind, who)),
            lambda engine: work(some_in(engine.values(kind, [*specs], who), specs)),
        )

    def roles_of(self, kind: SubjectKind, group: Condition, base: Condition) -> Roles:
        """The current roles of the people or enterprises of a group and its base."""
        return self.answered(
            lambda index: roles_by_columns(index, kind, group, base),
            lambda engine: roles_by_tables(
                kind,
                engine.flagged(kind, [], {figures.IN_GROUP: group}, base),
                self.current_roles(),
            ),
        )

    def values_of_roles(
        self, kind: SubjectKind, name: str, roles: Roles, most: int
    ) -> tuple[Flagged, Flagged]:
        """Which roles have which of the ``most`` frequent values of a tag of their person or
        enterprise, or in which quarter they are; and which have none."""
        ids, asked = roles.ids(kind), self.spec(kind, name).name
        return self.answered(
            lambda index: values_by_columns(index, kind, asked, ids, most),
            lambda engine: values_by_tables(engine.values(kind, [asked], None), asked, ids, most),
        )
