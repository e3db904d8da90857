"""The portrait of one subject: everything that a version says of it, ready to be shown."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from holbein.conditions.tree import SubjectKind
from holbein.errors import NotFoundError
from holbein.portraits.held import note_of
from holbein.portraits.names import named
from holbein.portraits.one.committee import committee
from holbein.portraits.one.evidence import Evidence, Wanted, definition, evidence
from holbein.portraits.one.family import Family, family
from holbein.portraits.one.peers import peers
from holbein.portraits.one.rhythm import rhythm
from holbein.portraits.one.standing import standings
from holbein.portraits.one.subject import Alias, Line, RoleLine, SubjectPortrait, TagGroup, TagLine
from holbein.portraits.one.timeline import timeline
from holbein.portraits.speech import Speech, category_order, clean, language_of
from holbein.portraits.words.parts import Job, Parts, gather, job
from holbein.portraits.words.sentence import sentence
from holbein.query.own import Own
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query

_NEWEST = 20
_ROLES = 500


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
        self.own = Own(query, kind, id, self.values)
        self.deciders: frozenset[str] = frozenset()

    def paint(self) -> SubjectPortrait:
        aliases = self._aliases()
        roles = self._roles()
        around = family(self.query, self.id) if self.kind == "enterprise" else Family()
        attributes, categories = self._attributes(), self._categories()
        speech, day = self.speech, self.query.as_of.day
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
            ancestors=around.ancestors,
            siblings=around.siblings,
            sibling_count=around.sibling_count,
            subsidiaries=around.subsidiaries,
            subsidiary_count=around.subsidiary_count,
            timeline=timeline(self.own, self.speech, _NEWEST),
            aliases=aliases,
            as_of=self.query.as_of.day,
            version=self.query.version,
            committee=committee(self.own, speech, roles) if self.kind == "enterprise" else None,
            rhythm=rhythm(speech, ((one.stream, one.day) for one in self.own.newest()), day),
            peers=peers(self.query, speech, self.kind, self.id, self.values),
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
        defined = {n: definition(infos[n], speech) for n in names}
        texts = {n: speech.value(self.fields[n], self.values[n]) for n in names}
        why = evidence(  # the figures of now do not say why a held tag has its value
            self.query,
            speech,
            self.own,
            {
                n: Wanted(words, self.values[n], texts[n])
                for n, words in defined.items()
                if infos[n].held is None
            },
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
                    texts[name],
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
            table = self.query.role(self.id)
        rows = sorted(table.slice(0, _ROLES).to_pylist(), key=_newest_role_first)
        return self._role_lines(rows)

    def _role_lines(self, rows: list[dict[str, Any]]) -> tuple[RoleLine, ...]:
        fields = self.query.vocabulary.fields["role"]
        wanted = [n for n in ("title", "department", "seniority", "buying_role") if n in fields]
        ids = pa.array(sorted(row["id"] for row in rows), pa.int64())
        told = {one["id"]: one for one in self.query.values("role", wanted, ids).to_pylist()}
        people = named(self.query, "person", {row["person"] for row in rows})
        enterprises = named(self.query, "enterprise", {row["enterprise"] for row in rows})
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

    def _aliases(self) -> tuple[Alias, ...]:
        table = self.query.aliases(self.kind, pa.array([self.id], pa.int64()))
        return tuple(Alias(clean(r["source"]), clean(r["key"])) for r in table.to_pylist())

    # --- the sentence ---------------------------------------------------------------------------

    def _parts(self, roles: tuple[RoleLine, ...]) -> Parts:
        infos = {n: info for (kind, n), info in self.query.tags.items() if kind == self.kind}
        said = gather(
            self.speech,
            self.kind,
            self.values,
            {name: info.sentence for name, info in infos.items()},
            {n: {of for kind, of in info.uses if kind == self.kind} for n, info in infos.items()},
        )
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
            jobs=_jobs(current),
            coming_jobs=_jobs(coming),
            past_jobs=_jobs(past),
            buying_role=buying if isinstance(buying, str) else None,
        )


def _newest_role_first(row: Mapping[str, Any]) -> tuple[bool, int, int]:
    since = row["since"]
    return (not row["current"], -since.toordinal() if since else 0, row["id"])


def _jobs(roles: Iterable[RoleLine]) -> tuple[Job, ...]:
    jobs = [job(one.title, one.enterprise.name if one.enterprise else "") for one in roles]
    return tuple(dict.fromkeys(one for one in jobs if one))
