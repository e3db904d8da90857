"""What everyone above asks: counts, lists, values and facts of one version.

Until the index exists, all of it is answered by the engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import MappingProxyType
from typing import Any, get_args

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from holbein.catalog.audiences import Unfit
from holbein.catalog.lineage import Lineage
from holbein.catalog.profiles import TagProfile, tag_profiles
from holbein.catalog.taginfo import TagInfo, tag_infos
from holbein.conditions.bind import bind, reads
from holbein.conditions.instants import AsOf
from holbein.conditions.limits import check_form, check_kind
from holbein.conditions.text import parse
from holbein.conditions.tree import TRUE, Condition, Measure, SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, FieldSpec, Vocabulary
from holbein.engine.base import column, table, text, whole
from holbein.engine.compile import Compiler, Scope
from holbein.engine.reader import Reader
from holbein.errors import NotFoundError, near
from holbein.query import figures
from holbein.store.ids import format_id, parse_id
from holbein.store.snapshot import Snapshot

_CONDITIONS = get_args(get_args(Condition)[0])

INLINE = 2_000
"""Up to so many ids are written into a query; more are loaded as a table."""


def _aliases(kind: SubjectKind) -> exp.Select:
    """All keys of a kind: id, source, key."""
    of_kind = exp.EQ(this=column("kind"), expression=text(kind))
    select = exp.select(column("id"), column("source"), column("key")).from_(table("alias"))
    return select.where(of_kind)


def _all_meant(
    texts: Collection[str], kind: SubjectKind, aliases: pa.Table
) -> Mapping[str, set[int]]:
    """The ids that each of many texts may mean among the aliases of a kind."""
    meant: dict[str, set[int]] = {}
    for one in texts:
        parsed = parse_id(one)
        meant[one] = {parsed[1]} if parsed is not None and parsed[0] == kind else set()
    full = pc.binary_join_element_wise(aliases["source"], aliases["key"], ":")
    ids = aliases["id"].to_pylist()
    for names in (aliases["key"], full):
        for id, name in zip(ids, names.to_pylist(), strict=True):
            if name in meant:
                meant[name].add(id)
    return meant


class Query:
    """Questions to one snapshot. Not shared between threads."""

    def __init__(self, snapshot: Snapshot, reader: Reader, unfit: Unfit) -> None:
        self.snapshot = snapshot
        self.reader = reader
        self._unfit = unfit

    def close(self) -> None:
        """Let go of the version, which may then be pruned, and of the engine."""
        self.reader.engine.close()
        self.snapshot.close()

    @property
    def vocabulary(self) -> Vocabulary:
        return self.reader.vocabulary

    @property
    def as_of(self) -> AsOf:
        return self.snapshot.as_of

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
        self._unfit.refuse(sorted(asked), self.vocabulary.audiences)
        return bind(tree, kind, self.vocabulary)

    def audience(self, name: str) -> AudienceSpec:
        """The audience of that name.

        Raises what is wrong with it in the definitions, or NotFoundError with the near names.
        """
        known = self.vocabulary.audiences
        self._unfit.refuse([name], known)
        if name not in known:
            raise NotFoundError(
                f"there is no audience {str(name)[:80]!r}",
                hint=near(str(name), known) or "list them with `holbein audience list`",
            )
        return known[name]

    @property
    def unfit(self) -> Unfit:
        """The audiences of the definitions that this version cannot be asked for, and why."""
        return self._unfit

    def count(self, condition: Condition, kind: SubjectKind) -> int:
        """How many subjects of ``kind`` meet a bound condition."""
        compiler = self.reader.compiler()
        scope = compiler.everyone(kind, self.as_of)
        met = scope.select({}, scope.condition(condition))
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n", quoted=True)).from_(
            table(compiler.share(met, "met"))
        )
        return int(self.reader.query(compiler.finish(counted))["n"][0].as_py())

    def ids(self, condition: Condition, kind: SubjectKind) -> pa.Array:
        """The ids (int64, ascending) of the subjects that meet a bound condition."""
        return self.values(kind, [], condition)["id"].combine_chunks()

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
        compiler = self.reader.compiler()
        if ids is None or isinstance(ids, _CONDITIONS):
            scope = compiler.everyone(kind, self.as_of)
            where = None if ids is None else scope.condition(ids)
            return self._select(scope, {name: scope.field(name) for name in names}, where)
        with self._chosen(compiler, kind, ids) as scope:
            return self._select(scope, {name: scope.field(name) for name in names})

    def measures(
        self,
        kind: SubjectKind,
        measures: Mapping[str, Measure],
        ids: pa.Array | pa.ChunkedArray | Sequence[int],
        conditions: Mapping[str, Condition] = MappingProxyType({}),
    ) -> pa.Table:
        """``id``, the named bound measures of these subjects, and whether they meet the named
        bound conditions; ascending by id."""
        with self._chosen(self.reader.compiler(), kind, ids) as scope:
            columns = {name: scope.measure(one) for name, one in measures.items()}
            columns |= {name: scope.condition(one) for name, one in conditions.items()}
            return self._select(scope, columns)

    def crossed(self, kind: SubjectKind, conditions: Sequence[Condition]) -> pa.Table:
        """How many subjects meet which of some bound conditions: a boolean column for each
        (``c0``, ``c1``, …) and ``count``, a row for each combination that there is.
        """
        scope = self.reader.compiler().everyone(kind, self.as_of)
        names = [f"c{number}" for number in range(len(conditions))]
        flags = dict(zip(names, map(scope.condition, conditions), strict=True))
        rows = exp.Subquery(this=scope.select(flags), alias=exp.to_identifier("x", quoted=True))
        columns = [column(name, "x") for name in names]
        count = exp.alias_(exp.Count(this=exp.Star()), "count", quoted=True)
        grouped = exp.select(*columns, count).from_(rows)
        return self.reader.query(
            scope.compiler.finish(grouped.group_by(*(one.copy() for one in columns)))
        )

    def _select(
        self,
        scope: Scope,
        columns: Mapping[str, exp.Expr],
        where: exp.Expr | None = None,
    ) -> pa.Table:
        found = self.reader.query(scope.compiler.finish(scope.select(columns, where)))
        return found.sort_by("id")

    @contextmanager
    def _chosen(
        self,
        compiler: Compiler,
        kind: SubjectKind,
        ids: pa.Array | pa.ChunkedArray | Sequence[int],
    ) -> Iterator[Scope]:
        listed = ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(ids, pa.int64())
        listed = pc.unique(listed)
        chosen = exp.select(column("id")).distinct().from_(table(kind))
        if len(listed) <= INLINE:
            numbers = [whole(one) for one in listed.to_pylist()]
            among = exp.In(this=column("id"), expressions=numbers) if numbers else exp.false()
            yield compiler.some(kind, self.as_of, chosen.where(among))
            return
        name = f"chosen_{id(compiler)}"
        self.reader.load(name, pa.table({"id": listed}))
        try:
            known = exp.select(column("id")).from_(table(name))
            among = exp.In(this=column("id"), query=exp.Subquery(this=known))
            yield compiler.some(kind, self.as_of, chosen.where(among))
        finally:
            self.reader.drop(name)

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

    # --- subjects -------------------------------------------------------------------------------

    def aliases(self, kind: SubjectKind, ids: pa.Array | Sequence[int] | None = None) -> pa.Table:
        """Under which keys the sources know subjects: id, source, key."""
        select = _aliases(kind)
        if ids is not None:
            listed = (
                ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(ids, pa.int64())
            )
            if len(listed) <= INLINE:
                numbers = [whole(one) for one in listed.to_pylist()]
                among = exp.In(this=column("id"), expressions=numbers) if numbers else exp.false()
                found = self.reader.query(select.where(among))
            else:
                found = self.reader.query(select)
                found = found.filter(pc.is_in(found["id"], value_set=listed))
        else:
            found = self.reader.query(select)
        return found.sort_by([("id", "ascending"), ("source", "ascending"), ("key", "ascending")])

    def _meant(self, written: str, kind: SubjectKind) -> list[int]:
        """The ids that a text may mean among the aliases of a kind, ascending."""
        if any("\ud800" <= one <= "\udfff" or one == "\0" for one in written):
            return []  # halves of characters are in no source, nor is the end of a C string
        meant: list[exp.Expr] = [exp.EQ(this=column("key"), expression=text(written))]
        source, colon, key = written.partition(":")
        if colon:
            is_source = exp.EQ(this=column("source"), expression=text(source))
            same = exp.EQ(this=column("key"), expression=text(key))
            meant.append(exp.and_(is_source, same))
        parsed = parse_id(written)
        if parsed is not None and parsed[0] == kind:
            meant.append(exp.EQ(this=column("id"), expression=whole(parsed[1])))
        found = self.reader.query(_aliases(kind).where(exp.or_(*meant)))
        return sorted(set(found["id"].to_pylist()))

    def resolve_all(self, kind: SubjectKind, written: Sequence[str]) -> list[int]:
        """``resolve`` for many, in one look at the keys."""
        check_kind(kind)
        asked: Sequence[object] = written
        meant = _all_meant({one for one in asked if isinstance(one, str)}, kind, self.aliases(kind))
        listed = sorted({id for ids in meant.values() for id in ids})
        alive = set(self.values(kind, [], listed)["id"].to_pylist()) if listed else set()
        known = {one: ids & alive for one, ids in meant.items()}
        return [
            # Where it is not one, ``resolve`` knows what to say of it.
            next(iter(known[one])) if len(known.get(one, ())) == 1 else self.resolve(kind, one)
            for one in written
        ]

    def resolve(self, kind: SubjectKind, written: str) -> int:
        """The id of the subject that ``E17``, ``ALFKI`` or ``northwind:ALFKI`` names.

        Raises NotFoundError where there is none, or more than one.
        """
        check_kind(kind)
        if not isinstance(written, str):
            raise NotFoundError(
                f"an id is a text, and this is {type(written).__name__}", hint="write it in quotes"
            )
        listed = self._meant(written, kind)
        alive = self.values(kind, [], listed)["id"].to_pylist() if listed else []
        if len(alive) == 1:
            return int(alive[0])
        shown = repr(written[:80])
        if alive:
            names = ", ".join(format_id(kind, one) for one in alive[:10])
            raise NotFoundError(
                f"{shown} names {len(alive)} subjects of the kind {kind}",
                hint=f"say which: {names}, or source:key",
            )
        if listed:
            raise NotFoundError(
                f"the {kind} {shown} is no longer in the sources as of {self.as_of.day}",
                hint="an earlier version may have it: --run N",
            )
        # The keys of people may be their addresses, and those of others are nobody's business.
        known = self.aliases(kind) if kind == "enterprise" else None
        keys = known["key"].unique().to_pylist()[:20_000] if known is not None else []
        example = format_id(kind, 17)
        raise NotFoundError(
            f"there is no {kind} {shown}",
            hint=near(written[:80], keys)
            or f"give a Holbein id such as {example}, a source's key, or source:key",
        )

    def roles(
        self, enterprise: int | None = None, person: int | None = None, ever: bool = False
    ) -> pa.Table:
        """Roles of an enterprise or person: id, enterprise, person, since, until, current.

        With ``ever``, those that have begun by as-of; otherwise the current ones.
        """
        kind, one = ("enterprise", enterprise) if enterprise is not None else ("person", person)
        if one is None:
            raise TypeError("roles of whom? give an enterprise or a person")
        columns = [column(name) for name in ("id", "enterprise", "person", "since", "until")]
        select = exp.select(*columns).distinct().from_(table("role"))
        found = self.reader.query(select.where(exp.EQ(this=column(kind), expression=whole(one))))
        day = pa.scalar(self.as_of.day, pa.date32())
        begun = pc.fill_null(pc.less_equal(found["since"], day), True)
        lasts = pc.fill_null(pc.greater(found["until"], day), True)
        found = found.append_column("current", pc.and_(begun, lasts))
        keep = begun if ever else pc.and_(begun, lasts)
        return found.filter(keep).sort_by("id")

    def holders(self, roles: Sequence[int]) -> dict[int, int | None]:
        """Who holds each of some roles: the person's id."""
        if not roles:
            return {}
        among = exp.In(this=column("id"), expressions=[whole(one) for one in roles])
        select = exp.select(column("id"), column("person")).distinct().from_(table("role"))
        rows = self.reader.query(select.where(among))
        return dict(zip(rows["id"].to_pylist(), rows["person"].to_pylist(), strict=True))

    def current_roles(self) -> pa.Table:
        """All roles as of now: id, enterprise, person."""
        columns = [column(name) for name in ("id", "enterprise", "person", "since", "until")]
        found = self.reader.query(exp.select(*columns).distinct().from_(table("role")))
        day = pa.scalar(self.as_of.day, pa.date32())
        begun = pc.fill_null(pc.less_equal(found["since"], day), True)
        lasts = pc.fill_null(pc.greater(found["until"], day), True)
        return found.filter(pc.and_(begun, lasts)).select(["id", "enterprise", "person"])

    def family(self, enterprise: int) -> tuple[list[int], list[int]]:
        """The enterprises above (nearest first), and those directly below."""
        links = exp.select(column("enterprise"), column("ancestor"), column("distance")).from_(
            table("ancestor")
        )
        either = exp.or_(
            *(
                exp.EQ(this=column(name), expression=whole(enterprise))
                for name in ("enterprise", "ancestor")
            )
        )
        rows = self.reader.query(links.where(either)).to_pylist()
        above = sorted(
            (r["distance"], r["ancestor"]) for r in rows if r["enterprise"] == enterprise
        )
        below = sorted(
            r["enterprise"] for r in rows if r["ancestor"] == enterprise and r["distance"] == 1
        )
        return [one for _, one in above], below

    def changes(
        self, kind: SubjectKind, subject: int | None = None, tag: str | None = None
    ) -> pa.Table:
        """What runs found changed, oldest first: at, day, kind, tag, id, old, new (JSON texts)."""
        wanted = [exp.EQ(this=column("kind"), expression=text(kind))]
        if subject is not None:
            wanted.append(exp.EQ(this=column("id"), expression=whole(subject)))
        if tag is not None:
            wanted.append(exp.EQ(this=column("tag"), expression=text(tag)))
        names = ("at", "day", "kind", "tag", "id", "old", "new")
        select = exp.select(*(column(one) for one in names)).from_(table("changes"))
        order: list[tuple[str, str]] = [(one, "ascending") for one in ("at", "id", "tag")]
        return self.reader.query(select.where(*wanted)).sort_by(order)

    def changed(self, kind: SubjectKind, tag: str) -> dict[dt.datetime, tuple[dt.date, int]]:
        """For how many subjects runs found a tag changed: as-of instant → its day, how many."""
        by = [column(one) for one in ("at", "day")]
        count = exp.alias_(exp.Count(this=exp.Star()), "n", quoted=True)
        wanted = exp.and_(
            exp.EQ(this=column("kind"), expression=text(kind)),
            exp.EQ(this=column("tag"), expression=text(tag)),
        )
        select = exp.select(*by, count).from_(table("changes")).where(wanted).group_by(*by)
        rows = self.reader.query(select).to_pylist()
        return {row["at"]: (row["day"], row["n"]) for row in rows}

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
        asked = self.grouped(kind, names, group, base)
        return {name: figures.distribution(asked[name], asked[figures.IN_GROUP]) for name in names}

    def quantiles(
        self,
        kind: SubjectKind,
        names: Sequence[str],
        group: Condition,
        base: Condition = TRUE,
    ) -> dict[str, dict[str, dict[str, Any]]]:
        """Of numbers and dates: n, min, p10, p25, p50, p75, p90, max and mean in group and base.

        Dates stay dates; a group without values has n 0 and None for the rest. Under ``ranks``:
        how the group compares with the rest of the base (``figures.ranks``).
        """
        asked = self.grouped(kind, names, group, base)
        return {name: figures.quantiles(asked[name], asked[figures.IN_GROUP]) for name in names}

    def grouped(
        self, kind: SubjectKind, names: Iterable[str], group: Condition, base: Condition
    ) -> pa.Table:
        """The named columns of every subject in group or base, and whether it is in the group.

        The group is what the base and the group's condition have in common.
        """
        scope = self.reader.compiler().everyone(kind, self.as_of)
        columns = {name: scope.field(self.spec(kind, name).name) for name in names}
        columns[figures.IN_GROUP] = scope.condition(group)
        return self._select(scope, columns, scope.condition(base))
