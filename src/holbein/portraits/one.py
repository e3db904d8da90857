"""The portrait of one subject: everything that a version says of it, ready to be shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from holbein.catalog.taginfo import Held
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language, Type
from holbein.errors import NotFoundError
from holbein.portraits.committee import Committee, committee
from holbein.portraits.evidence import Evidence, evidence
from holbein.portraits.held import note_of
from holbein.portraits.parts import Job, Parts, gather
from holbein.portraits.rhythm import Rhythm, rhythm
from holbein.portraits.sentence import sentence
from holbein.portraits.speech import Speech, category_order, clean, language_of
from holbein.portraits.standing import Standing, standings
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query

_NEWEST = 20
_SUBSIDIARIES = 100
_ROLES = 500
_DEFINITION = 2_000
"""Characters of a definition in words, which may have many cases."""


@dataclass(frozen=True)
class Line:
    """An attribute and its value, readable."""

    name: str
    title: str
    value: object
    text: str


@dataclass(frozen=True)
class TagLine:
    """A tag that the subject has, and why."""

    name: str
    title: str
    type: str
    value: object
    text: str
    sensitivity: str
    description: str
    evidence: Evidence
    changed: dt.date | None = None
    """When a run last found a new value; None where it never changed."""
    before: str | None = None
    """What it was before that, readable; None where it was missing or never changed."""
    held: Held | None = None
    """Why the run could not compute it, and of when its value is."""
    behind: tuple[str, ...] = ()
    """The held tags that it depends on."""
    note: str = ""
    """What a reader is told of either; empty where all is well."""


@dataclass(frozen=True)
class TagGroup:
    """The tags of one category. ``path`` is readable, outermost first."""

    path: tuple[str, ...]
    tags: tuple[TagLine, ...]


@dataclass(frozen=True)
class SubjectRef:
    """Another subject, by id and name."""

    kind: SubjectKind
    id: str
    name: str


@dataclass(frozen=True)
class RoleLine:
    """A role: the person, the enterprise, and what the person is there. Texts are readable."""

    id: str
    person: SubjectRef | None
    enterprise: SubjectRef | None
    title: str
    department: str
    seniority: str
    buying_role: str
    since: dt.date | None
    until: dt.date | None
    current: bool
    part: str = ""
    """The buying role as the data has it: ``decides``."""


@dataclass(frozen=True)
class Happening:
    """A fact of the timeline, readable."""

    day: dt.date
    stream: str
    key: str
    title: str
    text: str


@dataclass(frozen=True)
class Alias:
    """The key by which a source knows the subject."""

    source: str
    key: str


@dataclass(frozen=True)
class SubjectPortrait:
    """What a version says of one subject, in one language."""

    kind: SubjectKind
    id: str
    name: str
    sentence: str
    """Empty where no attribute or tag has a place in it."""
    language: Language
    attributes: tuple[Line, ...]
    categories: tuple[TagGroup, ...]
    roles: tuple[RoleLine, ...]
    ancestors: tuple[SubjectRef, ...]
    """Nearest first."""
    subsidiaries: tuple[SubjectRef, ...]
    subsidiary_count: int
    timeline: tuple[Happening, ...]
    """Newest first."""
    aliases: tuple[Alias, ...]
    as_of: dt.date
    version: str
    committee: Committee | None = None
    """Who acts for an enterprise; None for others, and where nobody is known."""
    rhythm: Rhythm | None = None
    standings: tuple[Standing, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The portrait as JSON values: dates as ISO text, missing as null."""
        out = plain_json(self)
        assert isinstance(out, dict)
        return out


def plain_json(value: object) -> Any:
    """Dataclasses, dates and tuples as JSON knows them; what is not finite is null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def portrait(
    query: Query, kind: SubjectKind, id: int | str, language: str = "en"
) -> SubjectPortrait:
    """The portrait of one subject, by Holbein's id (17, ``E17``), a source's key (``ALFKI``) or
    both (``northwind:ALFKI``). Raises NotFoundError where there is no such subject."""
    number = query.resolve(kind, id) if isinstance(id, str) else id
    speech = Speech(language_of(language), query.vocabulary)
    return _Painter(query, speech, kind, number).paint()


class _Painter:
    def __init__(self, query: Query, speech: Speech, kind: SubjectKind, id: int) -> None:
        self.query = query
        self.speech = speech
        self.kind: SubjectKind = kind
        self.id = id
        self.fields = query.vocabulary.fields[kind]
        rows = query.values(kind, list(self.fields), pa.array([id], pa.int64())).to_pylist()
        if not rows:
            raise NotFoundError(f"there is no {kind} {format_id(kind, id)}")
        self.values: Mapping[str, Any] = rows[0]
        self.deciders: frozenset[str] = frozenset()

    def paint(self) -> SubjectPortrait:
        aliases = self._aliases()
        roles = self._roles()
        ancestors, subsidiaries, count = self._family()
        attributes, categories = self._attributes(), self._categories()
        speech, day = self.speech, self.query.as_of.day
        happened = self.query.facts(self.kind, self.id).to_pylist()
        said = sentence(self._parts(roles), self.speech.language)
        if not said and not attributes and not categories:
            said = self.speech.t("Nothing but the name is known so far.")
        return SubjectPortrait(
            kind=self.kind,
            id=format_id(self.kind, self.id),
            name=self._name(aliases, roles),
            sentence=said,
            language=self.speech.language,
            attributes=attributes,
            categories=categories,
            roles=roles,
            ancestors=ancestors,
            subsidiaries=subsidiaries,
            subsidiary_count=count,
            timeline=tuple(self._happening(one) for one in happened[:_NEWEST]),
            aliases=aliases,
            as_of=self.query.as_of.day,
            version=self.query.version,
            committee=committee(self.query, speech, roles) if self.kind == "enterprise" else None,
            rhythm=rhythm(speech, ((one["stream"], one["day"]) for one in happened), day),
            standings=standings(self.query, self.kind, [t for g in categories for t in g.tags]),
        )

    def _name(self, aliases: tuple[Alias, ...], roles: tuple[RoleLine, ...]) -> str:
        name = self.values.get("name")
        if isinstance(name, str) and clean(name):
            return clean(name)
        if self.kind == "role" and roles:
            refs = (roles[0].person, roles[0].enterprise)
            names = [ref.name for ref in refs if ref is not None]
            return (" @ " if self.speech.language == "en" else " · ").join(names)
        return clean(aliases[0].key) if aliases else format_id(self.kind, self.id)

    def _attributes(self) -> tuple[Line, ...]:
        out = []
        for name, spec in self.fields.items():
            text = "" if spec.is_tag else self.speech.value(spec, self.values.get(name))
            if text and name != "name":
                title = self.speech.field_title(spec)
                out.append(Line(name, title, self.values[name], text))
        return tuple(out)

    def _categories(self) -> tuple[TagGroup, ...]:
        speech = self.speech
        names = [n for n, s in self.fields.items() if s.is_tag and self.values.get(n) is not None]
        names = [n for n in names if (self.kind, n) in self.query.tags]
        infos = {n: self.query.tags[self.kind, n] for n in names}
        defined = {n: self._definition(infos[n].words) for n in names}
        why = evidence(  # the figures of now do not say why a held tag has its value
            self.query,
            speech,
            self.kind,
            self.id,
            {n: words for n, words in defined.items() if infos[n].held is None},
        )
        changed = self._changes()
        groups: dict[tuple[str, ...], list[TagLine]] = {}
        for name in names:
            spec, info = self.fields[name], infos[name]
            day, old = changed.get(name, (None, None))
            groups.setdefault(info.category, []).append(
                TagLine(
                    name,
                    speech.field_title(spec),
                    spec.type,
                    self.values[name],
                    speech.value(spec, self.values[name]),
                    info.sensitivity,
                    clean(info.description or "", 500),
                    why.get(name, Evidence(defined[name])),
                    day,
                    self._old(name, old),
                    info.held,
                    tuple(tag for _, tag in info.behind),
                    note_of(info, self.query.tags, speech),
                )
            )
        ordered = sorted(groups, key=category_order)
        return tuple(TagGroup(speech.category(path), tuple(groups[path])) for path in ordered)

    def _definition(self, words: Mapping[str, str]) -> str:
        found = words.get(self.speech.language) or next(iter(words.values()), "")
        return self.speech.heading(clean(found, _DEFINITION))

    def _changes(self) -> dict[str, tuple[dt.date, str | None]]:
        table = self.query.changes(self.kind, self.id)
        rows = table.select(["at", "day", "tag", "old"]).to_pylist()
        return {
            row["tag"]: (row["day"], row["old"]) for row in sorted(rows, key=lambda row: row["at"])
        }

    def _old(self, name: str, old: str | None) -> str | None:
        if old is None:
            return None
        try:
            value = json.loads(old)
            if self.fields[name].type == "date" and isinstance(value, str):
                value = dt.date.fromisoformat(value)
        except ValueError:
            return None
        return self.speech.value(self.fields[name], value) or None

    # --- people and enterprises around it ------------------------------------------------------

    def _roles(self) -> tuple[RoleLine, ...]:
        if self.kind == "enterprise":
            table = self.query.roles(enterprise=self.id, ever=True)
        elif self.kind == "person":
            table = self.query.roles(person=self.id, ever=True)
        else:
            table = self._own_role()
        rows = sorted(table.slice(0, _ROLES).to_pylist(), key=_newest_role_first)
        return self._role_lines(rows)

    def _own_role(self) -> pa.Table:
        columns = ["id", "enterprise", "person", "since", "until"]
        table = pq.read_table(
            [str(path) for path in self.query.snapshot.files("role")],
            columns=columns,
            filters=pc.field("id") == self.id,
        ).slice(0, 1)  # these columns are the same in all states of a role
        day = pa.scalar(self.query.as_of.day, pa.date32())
        begun = pc.fill_null(pc.less_equal(table["since"], day), True)
        lasts = pc.fill_null(pc.greater(table["until"], day), True)
        return table.append_column("current", pc.and_(begun, lasts))

    def _role_lines(self, rows: list[dict[str, Any]]) -> tuple[RoleLine, ...]:
        fields = self.query.vocabulary.fields["role"]
        wanted = [n for n in ("title", "department", "seniority", "buying_role") if n in fields]
        ids = pa.array(sorted(row["id"] for row in rows), pa.int64())
        told = {one["id"]: one for one in self.query.values("role", wanted, ids).to_pylist()}
        people = self._named("person", {row["person"] for row in rows})
        enterprises = self._named("enterprise", {row["enterprise"] for row in rows})
        self.deciders = frozenset(
            people[row["person"]].id
            for row in rows
            if row["current"]
            and row["person"] in people
            and told.get(row["id"], {}).get("buying_role") == "decides"
        )
        out = []
        for row in rows:
            known = told.get(row["id"], {})
            text = {n: self.speech.value(fields[n], known.get(n)) for n in wanted}
            out.append(
                RoleLine(
                    format_id("role", row["id"]),
                    people.get(row["person"]),
                    enterprises.get(row["enterprise"]),
                    text.get("title", ""),
                    self.speech.heading(text.get("department", "")),
                    self.speech.heading(text.get("seniority", "")),
                    self.speech.heading(text.get("buying_role", "")),
                    row["since"],
                    row["until"],
                    bool(row["current"]),
                    known.get("buying_role") or "",
                )
            )
        return tuple(out)

    def _named(self, kind: SubjectKind, ids: Iterable[int | None]) -> dict[int, SubjectRef]:
        known = sorted(one for one in ids if one is not None)
        names: dict[int, Any] = {}
        if "name" in self.query.vocabulary.fields[kind] and known:
            table = self.query.values(kind, ["name"], pa.array(known, pa.int64()))
            names = dict(zip(table["id"].to_pylist(), table["name"].to_pylist(), strict=True))
        return {
            one: SubjectRef(
                kind, format_id(kind, one), clean(names.get(one) or "") or format_id(kind, one)
            )
            for one in known
        }

    def _family(self) -> tuple[tuple[SubjectRef, ...], tuple[SubjectRef, ...], int]:
        if self.kind != "enterprise":
            return (), (), 0
        above, below = self.query.family(self.id)
        named = self._named("enterprise", [*above, *below[:_SUBSIDIARIES]])
        return (
            tuple(named[one] for one in above),
            tuple(named[one] for one in below[:_SUBSIDIARIES]),
            len(below),
        )

    def _aliases(self) -> tuple[Alias, ...]:
        table = self.query.aliases(self.kind, pa.array([self.id], pa.int64()))
        return tuple(Alias(clean(r["source"]), clean(r["key"])) for r in table.to_pylist())

    # --- what happened, and the sentence -----------------------------------------------------

    def _happening(self, row: Mapping[str, Any]) -> Happening:
        stream = row["stream"]
        columns: dict[str, Any] = json.loads(row["columns"] or "{}")
        event = columns.pop("name", None) if stream == "event" else None
        spec = self.query.vocabulary.streams.get(stream)
        said = []
        for name, value in columns.items():
            known = spec.columns.get(name) if spec else None
            if known:
                text = self.speech.value(known, _fitting(value, known.type))
            else:
                text = self.speech.plain(value)
            if text:
                title = self.speech.field_title(known) if known else name
                said.append(f"{title}{'：' if self.speech.language == 'zh' else ': '}{text}")
        title = self.speech.stream_title(stream, event)
        return Happening(row["day"], stream, clean(row["key"]), title, " · ".join(said))

    def _parts(self, roles: tuple[RoleLine, ...]) -> Parts:
        places = {
            name: info.sentence
            for (kind, name), info in self.query.tags.items()
            if kind == self.kind
        }
        said = gather(self.speech, self.kind, self.values, places)
        current = [one for one in roles if one.current]
        coming = [
            one for one in roles if one.since is not None and one.since > self.query.as_of.day
        ]
        past = [one for one in roles if not one.current and one not in coming]
        if self.kind == "enterprise":
            people = {one.person.id for one in current if one.person}
            return Parts(self.kind, said, people=len(people), deciders=len(self.deciders))
        buying = self.values.get("buying_role")
        return Parts(
            self.kind,
            said,
            jobs=_jobs([*current, *coming]),
            past_jobs=_jobs(past),
            coming=bool(coming),
            buying_role=buying if isinstance(buying, str) else None,
        )


def _fitting(value: object, kind: Type) -> object:
    """A value from a fact's JSON, where dates and decimals are text, as its column has it."""
    if not isinstance(value, str) or kind not in ("number", "date"):
        return value
    try:
        return float(value) if kind == "number" else dt.date.fromisoformat(value[:10])
    except ValueError:
        return None


def _newest_role_first(row: Mapping[str, Any]) -> tuple[bool, int, int]:
    since = row["since"]
    return (not row["current"], -since.toordinal() if since else 0, row["id"])


def _jobs(roles: Iterable[RoleLine]) -> tuple[Job, ...]:
    jobs = [
        Job(clean(one.title, 40), clean(one.enterprise.name, 40) if one.enterprise else "")
        for one in roles
    ]
    return tuple(dict.fromkeys(one for one in jobs if one.title or one.enterprise))
