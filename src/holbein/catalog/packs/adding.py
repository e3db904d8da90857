"""Writes a pack into a workspace: the tags whose parts are there, with the names that it has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from holbein.catalog.definitions import Definitions
from holbein.catalog.edit import write_whole
from holbein.catalog.packs.fitting import Fit, fit
from holbein.catalog.packs.pack import Pack, read_tags
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.errors import DefinitionError, NotFoundError, near

_HOW = "# Added by `holbein pack add {name}`. The tags can be edited like any others."


@dataclass(frozen=True)
class Added:
    """What ``add`` did."""

    place: str
    """The file, as "tags/saas.yaml"."""
    tags: tuple[str, ...]
    names: Mapping[str, str]
    """Part to what it is called here; the parts that the tags speak of."""
    guessed: Mapping[str, str] = field(default_factory=dict)
    """Part to why it was taken, where nobody said so and the name is not the usual one."""
    unchecked: tuple[str, ...] = ()
    """Parts that are values of which no source says that they occur."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Tag to why it was left out."""

    def lines(self) -> list[str]:
        """All of it in words: what was taken for what, and what was left out and why."""
        lines = []
        if self.names:
            lines.append("taken: " + ", ".join(self._taken(part) for part in self.names))
        if self.unchecked:
            values = ", ".join(repr(self.names[part]) for part in self.unchecked)
            lines.append(f"note: no source declares the values {values}; see whether they occur")
        reasons = dict.fromkeys(self.left_out.values())
        lines += [
            f"left out {', '.join(tag for tag, why in self.left_out.items() if why == reason)}: "
            f"{reason}"
            for reason in reasons
        ]
        return lines

    def _taken(self, part: str) -> str:
        why = f" ({self.guessed[part]})" if part in self.guessed else ""
        return f"{self.names[part]} as {part}{why}" if part != self.names[part] else part + why


def add(
    folder: Path,
    pack: Pack,
    definitions: Definitions,
    vocabulary: Vocabulary,
    check: Callable[[Definitions], object],
    *,
    use: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Added:
    """Write the tags of ``pack`` that find all their parts into ``tags/NAME.yaml``.

    ``use`` says what parts are called here; ``without`` names tags to leave out, and what speaks
    of one of these means the workspace's own tag of that name. ``check`` is given the definitions
    as they would be, and refuses them by raising. Nothing is written unless all is well.

    Raises:
        NotFoundError: a name is not there.
        DefinitionError: the file or a tag is there already, or nothing fits.
    """
    file = f"tags/{pack.name}.yaml"
    path = folder / file
    if path.exists():
        raise DefinitionError(
            f"{file} is there already",
            hint="edit it; or move it away, and add the pack anew",
        )
    known = [one.tag for one in pack.blocks]
    for tag in without:
        if tag not in known:
            hint = near(tag, known) or f"`holbein pack show {pack.name}` shows them"
            raise NotFoundError(f"the pack {pack.name} has no tag {tag[:80]!r}", hint=hint)
    found = fit(pack, definitions, vocabulary, use or {})
    left_out = _left_out(pack, found, vocabulary, without)
    kept = [one for one in pack.blocks if one.tag not in left_out]
    if not kept:
        reasons = "; ".join(dict.fromkeys(left_out.values()))
        raise DefinitionError(
            f"no tag of the pack {pack.name} fits this workspace",
            hint=reasons,
        )
    _refuse_taken(pack, [(one.on, one.tag) for one in kept], definitions, vocabulary)
    spoken = set().union(*(one.parts for one in kept))
    names = {part: name for part, name in found.names.items() if part in spoken}
    head = [pack.about, _HOW.format(name=pack.name)]
    text = "\n".join(head) + "\n" + pack.plain(found.names, [one.tag for one in kept])
    own = read_tags(text, file)
    check(dataclasses.replace(definitions, tags=(*definitions.tags, *own)))
    write_whole(path, text, file)
    return Added(
        file,
        tuple(one.tag for one in kept),
        names,
        {part: why for part, why in found.guessed.items() if part in spoken},
        tuple(part for part in found.unchecked if part in spoken),
        left_out,
    )


def _left_out(
    pack: Pack, found: Fit, vocabulary: Vocabulary, without: Collection[str]
) -> dict[str, str]:
    """The tags that cannot be added, or shall not, each with the reason."""
    out = dict.fromkeys(without, "as you said")
    blocks = [one for one in pack.blocks if one.tag not in out]
    for one in blocks:
        for part in (part for part in pack.needs if part in one.parts):
            if part in found.lacking:
                out.setdefault(one.tag, found.lacking[part])
            elif one.sql and pack.needs[part].sort == "stream":
                name = found.names[part]
                if name not in vocabulary.streams:
                    out.setdefault(one.tag, f"it is SQL, which knows no events such as {name}")
    while True:  # what speaks of a tag that is left out is left out as well
        more = {
            one.tag: out[used] if used not in without else f"it speaks of {used}"
            for one in blocks
            if one.tag not in out
            for used in sorted(one.uses)
            if used in out and used not in vocabulary.fields[one.on]
        }
        if not more:
            return {one.tag: out[one.tag] for one in pack.blocks if one.tag in out}
        out |= more


def _refuse_taken(
    pack: Pack,
    tags: list[tuple[SubjectKind, str]],
    definitions: Definitions,
    vocabulary: Vocabulary,
) -> None:
    """Raise DefinitionError where a tag would be called like something that there is."""
    places = {(one.on, one.tag): one.place for one in definitions.tags}
    taken = {
        (kind, name.lower()): name for kind, fields in vocabulary.fields.items() for name in fields
    }
    clashes: list[str] = []
    at: list[str] = []
    for kind, tag in tags:
        name = taken.get((kind, tag.lower()))
        if name is not None:
            place = places.get((kind, name))
            clashes.append(tag)
            at.append(f"{name}, {f'at {place}' if place else f'an attribute of kind {kind}'}")
    if clashes:
        names = " ".join(f"--without {one}" for one in clashes)
        raise DefinitionError(
            f"the pack {pack.name} has tags that are called like what is there already: "
            + "; ".join(at),
            hint=f"leave them out with {names}, or rename yours",
        )
