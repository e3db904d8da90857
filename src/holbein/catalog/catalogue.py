"""Checks the definitions against what the sources hold, and makes the catalogue of it.

In dependency order each tag's condition or measure is read, bound and given a type, so that the
ones behind it can be checked against it. All mistakes are told at once; what depends on a mistake
is not told as another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from holbein.catalog import graph
from holbein.catalog.definitions import (
    AudienceDefinition,
    Definitions,
    Settings,
    TagDefinition,
    written,
)
from holbein.catalog.drift import drifted
from holbein.catalog.inspection import Inspection
from holbein.catalog.kinds import Guard, Tag
from holbein.catalog.meaning import check, parts_of
from holbein.catalog.names import base_vocabulary, check_names
from holbein.catalog.problems import Problems
from holbein.catalog.reader import Checked, Unbound
from holbein.catalog.standard import titles_of
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.bind import bind, reads
from holbein.conditions.text import parse
from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, FieldSpec, Titles, Vocabulary
from holbein.errors import ConditionError, DefinitionError, HolbeinError


@dataclass(frozen=True)
class Published:
    """What the last version made of its definitions: its tags and their types, its audiences as
    they were written (see ``written``), and the events that it knew: these may occur again.
    """

    tags: Mapping[tuple[SubjectKind, str], TagInfo] = field(default_factory=dict)
    fields: Mapping[SubjectKind, Mapping[str, FieldSpec]] = field(default_factory=dict)
    audiences: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] = frozenset()


NOTHING = Published()


@dataclass(frozen=True)
class Catalogue:
    """What a workspace declares, checked: conditions may speak of all of ``vocabulary``."""

    settings: Settings
    definitions: Definitions
    vocabulary: Vocabulary
    tags: tuple[Tag, ...]
    """In dependency order: each behind all that it uses."""
    unfit: Mapping[str, HolbeinError] = field(default_factory=dict)
    """Audiences that no longer fit, and why. Only where ``build`` was told what was published."""

    def tag(self, kind: SubjectKind, name: str) -> Tag | None:
        """The tag of that name, or None."""
        return next((one for one in self.tags if (one.kind, one.name) == (kind, name)), None)


def build(
    definitions: Definitions,
    inspection: Inspection,
    lists: Mapping[str, SubjectKind],
    published: Published = NOTHING,
) -> Catalogue:
    """The catalogue of ``definitions`` over sources that hold ``inspection``.

    ``lists`` are the static lists and the kind of each. What was ``published`` and has not been
    edited since, but does not fit any more because something below it has changed, is no error: a
    tag is then ``unfit``, with the type and the meaning that it had; an audience is left out.

    Raises:
        DefinitionError: something does not fit; several such come as one ``DefinitionErrors``.
            Each names file, line, and the place in the condition.
    """
    problems = Problems()
    check_names(definitions, inspection, lists, problems)
    problems.raise_any()
    base = base_vocabulary(definitions, inspection, lists, published.events)
    builder = _Builder(
        definitions.tags,
        definitions.audiences,
        base,
        problems,
        folder=definitions.folder,
        inspection=inspection,
        published=published,
    )
    vocabulary, tags = builder.build()
    problems.raise_any()
    return Catalogue(definitions.settings, definitions, vocabulary, tags, dict(builder.wrong))


def bind_audiences(
    audiences: Sequence[AudienceDefinition], base: Vocabulary
) -> tuple[Mapping[str, AudienceSpec], Mapping[str, HolbeinError]]:
    """``audiences`` over a vocabulary that has all but them: those that fit, bound, beside the
    static lists of ``base``; and why each of the others does not.
    """
    builder = _Builder((), audiences, base, Problems())
    builder.build()
    return MappingProxyType(builder.audiences), builder.wrong


def _leads_astray(name: str) -> HolbeinError:
    return ConditionError(
        f"audience {name!r}: it asks for an audience that is wrong, or for itself",
        hint="`holbein check` says which",
    )


class _Builder:
    def __init__(
        self,
        tags: Sequence[TagDefinition],
        audiences: Sequence[AudienceDefinition],
        base: Vocabulary,
        problems: Problems,
        *,
        folder: Path = Path(),
        inspection: Inspection | None = None,
        published: Published = NOTHING,
    ) -> None:
        self.problems = problems
        self.folder = folder
        self.inspection = inspection
        self.published = published
        self.fields = {kind: dict(found) for kind, found in base.fields.items()}
        self.audiences = dict(base.audiences)
        self.tag_definitions = tags
        self.audience_definitions = audiences
        for tag in tags:
            # Its type is not known yet, but that it exists is: near names are found among all.
            # Nothing reads it before its turn.
            self.fields[tag.on][tag.tag] = FieldSpec(tag.tag, "boolean", is_tag=True)
        for audience in audiences:
            self.audiences[audience.audience] = AudienceSpec(audience.audience, audience.on, None)
        # Filled while building: binding looks names up in these very dictionaries.
        self.vocabulary = Vocabulary(self.fields, base.streams, base.events, self.audiences)
        self.unbound: dict[graph.Node, Unbound | Condition] = {}
        self.direct: dict[graph.Node, frozenset[graph.Node]] = {}
        self.failed: set[graph.Node] = set()
        self.wrong: dict[str, HolbeinError] = {}
        """Why an audience failed, by its name."""
        self.excused: set[graph.Node] = set()
        """Audiences that failed, and are no problem by themselves."""

    def build(self) -> tuple[Vocabulary, tuple[Tag, ...]]:
        tags = {graph.Node("tag", one.on, one.tag): one for one in self.tag_definitions}
        audiences = {
            graph.Node("audience", one.on, one.audience): one for one in self.audience_definitions
        }
        items = [*self._tag_items(tags), *self._audience_items(audiences)]
        done: list[Tag] = []
        ordered = graph.order(items, self.problems)
        self.failed.update({item.node for item in items}.difference(ordered))
        for node in ordered:
            if node in tags:
                made = self._tag(node, tags[node])
                if made is not None:
                    done.append(made)
                else:
                    self.failed.add(node)
            elif not self._audience(node, audiences[node]):
                self.failed.add(node)
        for one in self.failed:
            if one.what == "audience":
                self.audiences.pop(one.name, None)
                self.wrong.setdefault(one.name, _leads_astray(one.name))
        vocabulary = Vocabulary(
            MappingProxyType({k: MappingProxyType(found) for k, found in self.fields.items()}),
            self.vocabulary.streams,
            self.vocabulary.events,
            MappingProxyType(self.audiences),
        )
        return vocabulary, tuple(done)

    # --- what reads what ------------------------------------------------------------------------

    def _tag_items(self, tags: Mapping[graph.Node, TagDefinition]) -> Iterator[graph.Item]:
        for node, tag in tags.items():
            parsed = parts_of(tag, self.problems)
            if parsed is not None:
                self.unbound[node] = parsed
            trees = parsed.nodes if parsed is not None else ()
            named = parsed.reads if parsed is not None else ()
            kind = parsed.kind if parsed is not None and parsed.kind else node.kind
            self.direct[node] = frozenset(
                one for tree in trees for one in self._read(tree, kind)
            ) | frozenset(graph.Node("tag", *one) for one in named if self._is_tag(*one))
            yield graph.Item(node, tag.place, self.direct[node])

    def _audience_items(
        self, audiences: Mapping[graph.Node, AudienceDefinition]
    ) -> Iterator[graph.Item]:
        for node, audience in audiences.items():
            found: frozenset[graph.Node] = frozenset()
            try:
                condition = parse(audience.where)
            except ConditionError as error:
                self._tell_audience(audience, error)
            else:
                self.unbound[node] = condition
                found = frozenset(self._read(condition, node.kind))
            self.direct[node] = found
            yield graph.Item(node, audience.place, found)

    def _read(self, tree: object, kind: SubjectKind) -> Iterator[graph.Node]:
        found = reads(tree, kind, self.vocabulary)  # type: ignore[arg-type]
        for on, name in found.fields:
            if self._is_tag(on, name):
                yield graph.Node("tag", on, name)
        for name in found.audiences:
            if name in self.audiences:
                yield graph.Node("audience", self.audiences[name].kind, name)

    def _is_tag(self, kind: SubjectKind, name: str) -> bool:
        spec = self.fields.get(kind, {}).get(name)
        return spec is not None and spec.is_tag

    def _uses(self, node: graph.Node) -> frozenset[tuple[SubjectKind, str]]:
        """The tags that ``node`` reads, itself or through audiences."""
        found: set[tuple[SubjectKind, str]] = set()
        seen: set[graph.Node] = set()
        left = list(self.direct[node])
        while left:
            one = left.pop()
            if one in seen:
                continue
            seen.add(one)
            if one.what == "tag":
                found.add((one.kind, one.name))
            else:
                left.extend(self.direct.get(one, ()))
        return frozenset(found)

    # --- one by one -----------------------------------------------------------------------------

    def _tag(self, node: graph.Node, tag: TagDefinition) -> Tag | None:
        checked, reason = self._checked(node, tag)
        if checked is None:
            return None
        titles = _titles(tag, checked)
        values = _values(tag, checked)
        self.fields[tag.on][tag.tag] = FieldSpec(
            tag.tag, checked.type, titles, values, checked.codes, is_tag=True
        )
        return Tag(
            name=tag.tag,
            kind=tag.on,
            type=checked.type,
            definition=checked.definition,
            uses=self._uses(node),
            titles=titles,
            values=values,
            codes=checked.codes,
            category=tag.category,
            owner=tag.owner,
            description=tag.description,
            sensitivity=tag.sensitivity,
            sentence=tag.sentence,
            guard=None if tag.guard is None else Guard(tag.guard.coverage, tag.guard.psi),
            place=tag.place,
            written=written(tag),
            unfit=reason,
        )

    def _checked(self, node: graph.Node, tag: TagDefinition) -> tuple[Checked | None, str | None]:
        """What the tag means; or what it meant, and why it does not fit any more."""
        parsed, mine = self.unbound.get(node), Problems()
        known = self._as_published(tag)
        if isinstance(parsed, Unbound) and not self._astray(node):
            checked = check(tag, parsed, self.vocabulary, mine, self.folder)
            if self.inspection is not None and (tag.on, tag.tag) in self.inspection.lists:
                mine.keep(self.inspection.lists[tag.on, tag.tag])
                checked = None
            if checked is not None:
                if known is None or self.inspection is None:
                    return checked, None
                reason = drifted(tag.on, checked, known.type, self.vocabulary, self.inspection)
                return (checked, None) if reason is None else (known, reason)
        told = [one.message.removeprefix(f"tag {tag.tag!r}: ") for one in mine.errors]
        reason = told[0] if told else f"it asks for {self._said(self._astray(node))}"
        if known is None:
            self.problems.errors += mine.errors
            self._tell_excused(node, f"tag {tag.tag!r}", tag.place)
        return known, reason

    def _said(self, nodes: Iterable[graph.Node]) -> str:
        names = sorted(f"{one.what} {one.name!r}" for one in nodes)
        return f"{' and '.join(names)}, which {'is' if len(names) == 1 else 'are'} wrong"

    def _tell_excused(self, node: graph.Node, who: str, place: str) -> None:
        """A mistake that is no problem by itself is one where it is asked for anew."""
        if excused := self._astray(node) & self.excused:
            hint = "`holbein check` says what is wrong"
            self.problems.add(f"{who} asks for {self._said(excused)}", place, hint)

    def _astray(self, node: graph.Node) -> frozenset[graph.Node]:
        """What it reads that is wrong, which is told already."""
        return self.direct[node].intersection(self.failed)

    def _as_published(self, tag: TagDefinition) -> Checked | None:
        """What the tag meant when it was published, if it has not been edited since."""
        was = self.published.tags.get((tag.on, tag.tag))
        spec = self.published.fields.get(tag.on, {}).get(tag.tag)
        if was is None or spec is None or was.written != written(tag):
            return None
        return Checked(was.definition, spec.type, spec.codes, spec.titles, spec.values)

    def _audience(self, node: graph.Node, audience: AudienceDefinition) -> bool:
        parsed = self.unbound.get(node)
        if parsed is None or isinstance(parsed, Unbound):
            return False
        if self._astray(node):
            self.wrong[node.name] = _leads_astray(node.name)
            if self._is_published(audience):
                self.excused.add(node)
            else:
                self._tell_excused(node, f"audience {node.name!r}", audience.place)
            return False
        try:
            where = bind(parsed, audience.on, self.vocabulary)
        except ConditionError as error:
            self._tell_audience(audience, error)
            if self._is_published(audience):
                self.excused.add(node)
            return False
        self.audiences[audience.audience] = AudienceSpec(
            audience.audience, audience.on, where, titles_of(audience.audience, audience.title)
        )
        return True

    def _is_published(self, audience: AudienceDefinition) -> bool:
        """Whether it was published as it is written."""
        return self.published.audiences.get(audience.audience) == written(audience)

    def _tell_audience(self, audience: AudienceDefinition, error: ConditionError) -> None:
        place = audience.place_of("where")
        told = ConditionError(
            f"audience {audience.audience!r}: {error.message}",
            place=f"{place}, {error.place}" if error.place else place,
            hint=error.hint,
        )
        self.wrong[audience.audience] = told
        if self._is_published(audience):
            return
        self.problems.keep(DefinitionError(told.message, place=told.place, hint=told.hint))


def _titles(tag: TagDefinition, checked: Checked) -> Titles:
    if not tag.title and checked.titles:
        return checked.titles
    return titles_of(tag.tag, tag.title, tag.on)


def _values(tag: TagDefinition, checked: Checked) -> Mapping[str, Titles]:
    none: Titles = MappingProxyType({})
    if not tag.values and checked.values:
        return checked.values
    if tag.labels is None:
        return MappingProxyType(dict(tag.values))
    known = checked.values or {}
    return MappingProxyType(
        {label: {**known.get(label, none), **tag.values.get(label, none)} for label in tag.labels}
    )
