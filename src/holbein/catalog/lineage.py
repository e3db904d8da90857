"""What a tag is made from, and what is made from it: tags, attributes, streams, lists, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from holbein.catalog.kinds import (
    AttributeOf,
    Band,
    Definition,
    Flag,
    Imported,
    Preference,
    PythonFunction,
    Ranking,
    Rfm,
    RollUp,
    Rule,
    SqlQuery,
    Statistic,
)
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.reading import reads
from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import Aggregate, Field, Node, Step, SubjectKind, walk
from holbein.conditions.vocabulary import Titles, Vocabulary

What = Literal["tag", "attribute", "stream", "audience", "file"]


class Thing(NamedTuple):
    """Something that is read, or reads; ``on`` is the kind of its subjects, if it has one."""

    what: What
    name: str
    on: SubjectKind | None = None


@dataclass(frozen=True)
class Link:
    """A thing, the columns that are read of it, and what lies behind it in turn.

    What was shown before has nothing behind it a second time.
    """

    thing: Thing
    titles: Titles
    columns: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data; only what there is."""
        told: dict[str, Any] = {self.thing.what: self.thing.name}
        if self.thing.on is not None:
            told["on"] = self.thing.on
        if self.columns:
            told["columns"] = list(self.columns)
        if self.links:
            told["links"] = [one.as_json() for one in self.links]
        return told


Tags = Mapping[tuple[SubjectKind, str], TagInfo]


class Lineage:
    """The ways between the tags and audiences of a version."""

    def __init__(self, tags: Tags, vocabulary: Vocabulary) -> None:
        self._tags = tags
        self._vocabulary = vocabulary
        self._users: dict[Thing, set[Thing]] = {}
        for (kind, name), info in tags.items():
            self._note(Thing("tag", name, kind), self._of_tag(info))
        for audience in vocabulary.audiences.values():
            if audience.where is not None:
                user = Thing("audience", audience.name, audience.kind)
                self._note(user, self._of_trees([(audience.where, audience.kind)]))

    def _note(self, user: Thing, things: Iterable[Thing]) -> None:
        for one in things:
            self._users.setdefault(one, set()).add(user)

    def users(self, kind: SubjectKind, name: str) -> tuple[Thing, ...]:
        """The tags and audiences whose definition names the tag."""
        return tuple(sorted(self._users.get(Thing("tag", name, kind), ()), key=_order))

    def below(self, kind: SubjectKind, name: str) -> tuple[Link, ...]:
        """What the tag reads, and what that reads, down to streams, attributes and files."""
        info = self._tags[kind, name]
        return self._below(self._of_tag(info), info, {Thing("tag", name, kind)})

    def above(self, kind: SubjectKind, name: str) -> tuple[Link, ...]:
        """What uses the tag, and what uses that."""
        return self._above(Thing("tag", name, kind), set())

    def _below(
        self, things: Mapping[Thing, set[str]], by: TagInfo, seen: set[Thing]
    ) -> tuple[Link, ...]:
        links = []
        for one in sorted(things, key=_order):
            behind: tuple[Link, ...] = ()
            if one not in seen:
                seen.add(one)
                behind = self._behind(one, by, seen)
            links.append(Link(one, self._titles(one), tuple(sorted(things[one])), behind))
        return tuple(links)

    def _behind(self, one: Thing, by: TagInfo, seen: set[Thing]) -> tuple[Link, ...]:
        if one.what == "tag" and one.on is not None and (one.on, one.name) in self._tags:
            info = self._tags[one.on, one.name]
            return self._below(self._of_tag(info), info, seen)
        if one.what == "audience" and one.on is not None and one.name in by.audiences:
            trees = [(by.audiences[one.name], one.on)]  # as it was when the tag was computed
            return self._below(self._of_trees(trees), by, seen)
        return ()

    def _above(self, thing: Thing, seen: set[Thing]) -> tuple[Link, ...]:
        links = []
        for one in sorted(self._users.get(thing, ()), key=_order):
            behind = () if one in seen else self._above(one, seen | {one})
            seen.add(one)
            links.append(Link(one, self._titles(one), (), behind))
        return tuple(links)

    def _titles(self, thing: Thing) -> Titles:
        vocabulary, (what, name, on) = self._vocabulary, thing
        if on is not None and what in ("tag", "attribute"):
            spec = vocabulary.fields[on].get(name)
            return spec.titles if spec is not None else {}
        if what == "audience" and name in vocabulary.audiences:
            return vocabulary.audiences[name].titles
        if what == "stream" and name in vocabulary.streams:
            return vocabulary.streams[name].titles
        return vocabulary.events.get(name, {}) if what == "stream" else {}

    # --- what is named directly ---------------------------------------------------------------

    def _of_tag(self, info: TagInfo) -> dict[Thing, set[str]]:
        found = self._of_trees(trees_of(info.definition, info.on))
        match info.definition:
            case Imported(path=path, id=keys, value=value):
                found[Thing("file", path)] = {*keys, *([value] if value else [])}
            case PythonFunction(path=path):
                found[Thing("file", path)] = set()
            case SqlQuery(tables=tables):
                streams = (one for one in tables if one in self._vocabulary.streams)
                found.update((Thing("stream", one), set()) for one in streams)
            case _:
                pass
        return found

    def _of_trees(self, trees: Iterable[tuple[Node, SubjectKind]]) -> dict[Thing, set[str]]:
        """The things that trees name, and the columns of those that have some."""
        found: dict[Thing, set[str]] = {}
        vocabulary = self._vocabulary
        for tree, kind in trees:
            named = reads(tree, kind, vocabulary)
            for on, name in named.fields:
                spec = vocabulary.fields[on].get(name)
                what: What = "tag" if spec is not None and spec.is_tag else "attribute"
                found.setdefault(Thing(what, name, on), set())
            for name in named.audiences:
                audience = vocabulary.audiences.get(name)
                on = audience.kind if audience is not None else kind
                found.setdefault(Thing("audience", name, on), set())
            for node in walk(tree):
                if isinstance(node, Aggregate | Step):
                    found.setdefault(Thing("stream", node.stream), set()).update(_columns(node))
        return found


def _columns(node: Aggregate | Step) -> Iterator[str]:
    if isinstance(node, Aggregate) and node.column is not None:
        yield node.column
    if node.where is not None:
        yield from (one.name for one in walk(node.where) if isinstance(one, Field))


def trees_of(definition: Definition, kind: SubjectKind) -> list[tuple[Node, SubjectKind]]:
    """The trees that a definition is made of, and the kind of subject that each speaks of."""
    trees: list[Node] = []
    match definition:
        case AttributeOf(field=tree) | Statistic(measure=tree) | Flag(where=tree) | Band(of=tree):
            trees = [tree]
        case Rule(cases=cases):
            trees = [where for _, where in cases]
        case Preference(stream=stream, by=by, weight=weight, where=where):
            columns = [by] if weight is None else [by, weight]
            trees = [Aggregate("last", stream, one, where=where) for one in columns]
        case Ranking(of=tree, among=among):
            trees = [tree, *map(Field, among)]
        case Rfm():
            trees = [*definition.figures.values()]
        case RollUp(relation=relation, of=of, where=related):
            related_kind = TARGETS.get((kind, relation), "person")  # the people of an enterprise
            return [(tree, related_kind) for tree in (of, related) if tree is not None]
        case PythonFunction(reads=names):
            trees = [*map(Field, names)]
        case SqlQuery(reads=tags):
            return [(Field(name), on) for on, name in tags]
        case Imported():
            pass
    return [(tree, kind) for tree in trees]


def _order(thing: Thing) -> tuple[int, str, str]:
    ranks = ("tag", "attribute", "stream", "audience", "file")
    return ranks.index(thing.what), thing.on or "", thing.name
