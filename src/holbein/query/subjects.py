"""Who is who in a version: the keys of subjects, their roles and groups, and what changed.

What is asked of one subject is read from the lookups of the version's tables; an engine is asked
only for what concerns many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from holbein.conditions.instants import AsOf
from holbein.conditions.limits import check_kind
from holbein.conditions.tree import SubjectKind
from holbein.engine.base import column, table, text
from holbein.engine.reader import Reader
from holbein.errors import NotFoundError, near
from holbein.store.changes import CHANGES
from holbein.store.ids import format_id, parse_id
from holbein.store.snapshot import Snapshot

FEW = 100
"""Up to so many subjects are looked up one by one; more are asked of the engine together."""


class Subjects:
    """Questions about the subjects of one snapshot. Not shared between threads."""

    def __init__(self, snapshot: Snapshot, reader: Reader) -> None:
        self.snapshot = snapshot
        self.reader = reader

    @property
    def as_of(self) -> AsOf:
        return self.snapshot.as_of

    # --- keys -----------------------------------------------------------------------------------

    def aliases(self, kind: SubjectKind, ids: pa.Array | Sequence[int] | None = None) -> pa.Table:
        """Under which keys the sources know subjects: id, source, key; sorted."""
        listed = None if ids is None else as_array(ids)
        if listed is not None and len(listed) <= FEW:
            found = self._of_kind(self.snapshot.find("alias", "id", listed.to_pylist()), kind)
        else:
            found = self._all_aliases(kind)
            if listed is not None:
                found = found.filter(pc.is_in(found["id"], value_set=listed))
        return found.sort_by([("id", "ascending"), ("source", "ascending"), ("key", "ascending")])

    def _all_aliases(self, kind: SubjectKind) -> pa.Table:
        of_kind = exp.EQ(this=column("kind"), expression=text(kind))
        select = exp.select(column("id"), column("source"), column("key")).from_(table("alias"))
        return self.reader.query(select.where(of_kind))

    @staticmethod
    def _of_kind(aliases: pa.Table, kind: SubjectKind) -> pa.Table:
        return aliases.filter(pc.equal(aliases["kind"], kind)).select(["id", "source", "key"])

    def resolve_all(self, kind: SubjectKind, written: Sequence[str]) -> list[int]:
        """``resolve`` for many, in one look at the keys."""
        check_kind(kind)
        asked: Sequence[object] = written
        meant = _all_meant({one for one in asked if isinstance(one, str)}, kind, self.aliases(kind))
        alive = self._alive(kind, {id for ids in meant.values() for id in ids})
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
        meant = self._meant(written, kind)
        alive = sorted(self._alive(kind, meant))
        if len(alive) == 1:
            return alive[0]
        shown = repr(written[:80])
        if alive:
            names = ", ".join(format_id(kind, one) for one in alive[:10])
            raise NotFoundError(
                f"{shown} names {len(alive)} subjects of the kind {kind}",
                hint=f"say which: {names}, or source:key",
            )
        if meant:
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

    def _meant(self, written: str, kind: SubjectKind) -> set[int]:
        """The ids that a text may mean among the aliases of a kind."""
        if any("\ud800" <= one <= "\udfff" or one == "\0" for one in written):
            return set()  # halves of characters are in no source, nor is the end of a C string
        source, colon, key = written.partition(":")
        found = self.snapshot.find("alias", "key", [written, key] if colon else [written])
        rows = self._of_kind(found, kind).to_pylist()
        meant = {row["id"] for row in rows if row["key"] == written}
        meant |= {
            row["id"] for row in rows if colon and (row["source"], row["key"]) == (source, key)
        }
        parsed = parse_id(written)
        if parsed is not None and parsed[0] == kind:
            meant |= {*self.aliases(kind, [parsed[1]])["id"].to_pylist()}
        return meant

    def _alive(self, kind: SubjectKind, ids: Collection[int]) -> set[int]:
        """Those of the ids that the sources still describe."""
        if len(ids) <= FEW:
            return {*self.snapshot.find(kind, "id", sorted(ids))["id"].to_pylist()}
        known = self.reader.query(exp.select(column("id")).distinct().from_(table(kind)))["id"]
        among = pc.is_in(known, value_set=as_array([*ids]))  # of all, Python would hold millions
        return {*known.filter(among).to_pylist()}

    # --- roles ----------------------------------------------------------------------------------

    def roles(
        self, enterprise: int | None = None, person: int | None = None, ever: bool = False
    ) -> pa.Table:
        """Roles of an enterprise or person: id, enterprise, person, since, until, current.

        With ``ever``, those that have begun by as-of; otherwise the current ones.
        """
        key, one = ("enterprise", enterprise) if enterprise is not None else ("person", person)
        if one is None:
            raise TypeError("roles of whom? give an enterprise or a person")
        found = self._linked(self.snapshot.find("role", key, [one]))
        return found.filter(found["begun"] if ever else found["current"]).drop_columns("begun")

    def role(self, id: int) -> pa.Table:
        """One role, also one to come: id, enterprise, person, since, until, current."""
        return self._linked(self.snapshot.find("role", "id", [id])).drop_columns("begun")

    def _linked(self, states: pa.Table) -> pa.Table:
        ids = pc.unique(states["id"])
        first = pc.index_in(ids, value_set=states["id"])  # these are alike in all states of a role
        found = states.select(["id", "enterprise", "person", "since", "until"]).take(first)
        day = pa.scalar(self.as_of.day, pa.date32())
        begun = pc.fill_null(pc.less_equal(found["since"], day), True)
        lasts = pc.fill_null(pc.greater(found["until"], day), True)
        found = found.append_column("current", pc.and_(begun, lasts))
        return found.append_column("begun", begun).sort_by("id")

    def holders(self, roles: Sequence[int]) -> dict[int, int | None]:
        """Who holds each of some roles: the person's id."""
        if not roles:
            return {}
        rows = self.snapshot.find("role", "id", roles)
        return dict(zip(rows["id"].to_pylist(), rows["person"].to_pylist(), strict=True))

    def current_roles(self) -> pa.Table:
        """All roles as of now: id, enterprise, person."""
        columns = [column(name) for name in ("id", "enterprise", "person", "since", "until")]
        found = self._linked(
            self.reader.query(exp.select(*columns).distinct().from_(table("role")))
        )
        return found.filter(found["current"]).select(["id", "enterprise", "person"])

    # --- groups ---------------------------------------------------------------------------------

    def family(self, enterprise: int) -> tuple[list[int], list[int]]:
        """The enterprises above (nearest first), and those directly below."""
        above = self.snapshot.find("ancestor", "enterprise", [enterprise]).sort_by("distance")
        below = self.snapshot.find("ancestor", "ancestor", [enterprise])
        directly = below.filter(pc.equal(below["distance"], 1))
        return above["ancestor"].to_pylist(), sorted(directly["enterprise"].to_pylist())

    def descendants(self, enterprise: int) -> list[int]:
        """All enterprises below one."""
        below = self.snapshot.find("ancestor", "ancestor", [enterprise])
        return sorted(below["enterprise"].to_pylist())

    # --- changes --------------------------------------------------------------------------------

    def changes(
        self, kind: SubjectKind, subject: int | None = None, tag: str | None = None
    ) -> pa.Table:
        """What runs found changed, oldest first: at, day, kind, tag, id, old, new (JSON texts)."""
        if not self.snapshot.has("changes"):
            return CHANGES.empty_table()
        if subject is not None:
            found = self.snapshot.find("changes", "id", [subject])
        else:
            of_kind = exp.EQ(this=column("kind"), expression=text(kind))
            every = exp.select(*(column(one) for one in CHANGES.names)).from_(table("changes"))
            found = self.reader.query(every.where(of_kind))
        found = found.filter(pc.equal(found["kind"], kind))
        if tag is not None:
            found = found.filter(pc.equal(found["tag"], tag))
        return found.sort_by([(one, "ascending") for one in ("at", "id", "tag")])

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


def as_array(ids: pa.Array | pa.ChunkedArray | Sequence[int]) -> pa.Array | pa.ChunkedArray:
    """Ids as Arrow has them (int64)."""
    return ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(ids, pa.int64())


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
