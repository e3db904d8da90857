"""What a workspace calls the parts of a pack: as told, by a usual name, or the only one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from holbein.catalog.definitions import Definitions
from holbein.catalog.packs.pack import Need, Pack
from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from holbein.errors import DefinitionError, HolbeinError, NotFoundError, near

BEHAVIOUR = "event"
_SHOWN = 6


@dataclass
class Fit:
    """The names of the parts that were found, and why the others were not."""

    names: dict[str, str] = field(default_factory=dict)
    guessed: dict[str, str] = field(default_factory=dict)
    """Part to why it was taken, where its name alone does not say so."""
    unchecked: list[str] = field(default_factory=list)
    """Values that no source declares, so that nobody knows whether they occur."""
    lacking: dict[str, str] = field(default_factory=dict)
    """Part to reason."""


def fit(
    pack: Pack, definitions: Definitions, vocabulary: Vocabulary, use: Mapping[str, str]
) -> Fit:
    """Find every part of ``pack``; ``use`` names some of them.

    Raises:
        NotFoundError: ``use`` speaks of a part that the pack has not, or of what is not there.
        DefinitionError: what it names is not of the sort that the part must be.
    """
    for part in use:
        if part not in pack.needs:
            raise NotFoundError(
                f"the pack {pack.name} has no part {part[:80]!r}",
                hint=near(part, pack.needs) or "its parts are " + ", ".join(pack.needs),
            )
    fitting = _Fitting(pack, definitions, vocabulary)
    for part, need in pack.needs.items():
        fitting.find(part, need, use.get(part))
    return fitting.found


class _Fitting:
    def __init__(self, pack: Pack, definitions: Definitions, vocabulary: Vocabulary) -> None:
        self.pack = pack
        self.definitions = definitions
        self.vocabulary = vocabulary
        self.found = Fit()

    def find(self, part: str, need: Need, told: str | None) -> None:
        """Note what the part is called here, or why it is not there."""
        if need.part in self.found.lacking:
            if told is not None:
                raise DefinitionError(
                    f"{part} cannot be {told!r}: there is no {need.part} that it could belong to",
                    hint=f"name that, too: --use {need.part}=NAME",
                )
            self.found.lacking[part] = self.found.lacking[need.part]
        elif need.sort == "parent":
            self._parent(part, told)
        elif told is not None:
            self.found.names[part] = self._checked(part, need, told)
        else:
            self._usual(part, need)

    def _parent(self, part: str, told: str | None) -> None:
        if told is not None:
            raise DefinitionError(
                f"{part} has no name to be told", hint="map parent in the enterprises of a source"
            )
        sources = self.definitions.sources
        if any(one.parent is not None for source in sources for one in source.enterprises):
            self.found.names[part] = part
        else:
            self.found.lacking[part] = "no source maps the parent of enterprises"

    def _usual(self, part: str, need: Need) -> None:
        default = need.name or part
        for name in (default, *need.also):
            if self._wrong(need, name) is None:
                self._take(part, need, name)
                if name != default:
                    self.found.guessed[part] = "by its name"
                return
        fitting = self._fitting(part, need) if need.guess else []
        if len(fitting) == 1:
            self._take(part, need, fitting[0])
            self.found.guessed[part] = "the only one that fits"
        elif fitting:
            could = " or ".join(fitting[:_SHOWN])
            self.found.lacking[part] = f"{part} could be {could}: --use {part}={fitting[0]}"
        else:
            self.found.lacking[part] = f"there is no {part} ({need.told()}): --use {part}=NAME"

    def _fitting(self, part: str, need: Need) -> list[str]:
        """What could be meant: of streams, those with columns for the parts that belong to it."""
        if need.sort != "stream":
            return self._of_sort(need)
        own = {one.sort for one in self.pack.needs.values() if one.part == part and one.guess}
        return [
            name
            for name, stream in self.vocabulary.streams.items()
            if name != BEHAVIOUR
            and stream.bears.issuperset(need.kinds)
            and own <= {column.type for column in stream.columns.values()}
        ]

    def _take(self, part: str, need: Need, name: str) -> None:
        self.found.names[part] = name
        if need.sort == "value" and not self._column(need).values:
            self.found.unchecked.append(part)

    def _checked(self, part: str, need: Need, name: str) -> str:
        wrong = self._wrong(need, name)
        if wrong is not None:
            raise wrong
        if not name.isprintable() or ": " in name or " #" in name:
            raise DefinitionError(
                f"{name[:80]!r} cannot be put into a pack",
                hint=f"copy the tags from `holbein pack show {self.pack.name}` and write it there",
            )
        self._take(part, need, name)
        return name

    def _wrong(self, need: Need, name: str) -> HolbeinError | None:
        """Why the part cannot have this name, or None."""
        if need.sort == "value":
            column = self._column(need)
            if column.values and name not in column.values:
                return _absent(f"value of {column.name}", name, column.values)
            return None
        if need.sort == "stream":
            source = self.vocabulary.source(name)
            if source is None:
                return _absent("stream or event", name, self._candidates(need))
            missing = [kind for kind in need.kinds if kind not in source[0].bears]
            if missing:
                return DefinitionError(
                    f"the facts of {name} do not name a {missing[0]}",
                    hint=f"map {missing[0]} in the stream {source[0].name}, or name another",
                )
            return None
        found = self._fields(need).get(name)
        where = f"of {self.found.names.get(need.part, need.of)}"
        if found is None:
            return _absent(f"column {where}", name, self._candidates(need))
        if found.type != need.sort:
            return DefinitionError(
                f"{name} {where} is of type {found.type}, and a {need.sort} is asked for",
                hint="could be " + ", ".join(self._of_sort(need)[:_SHOWN]) or None,
            )
        return None

    def _candidates(self, need: Need) -> list[str]:
        if need.sort == "stream":
            return [*self.vocabulary.streams, *self.vocabulary.events]
        return list(self._fields(need))

    def _of_sort(self, need: Need) -> list[str]:
        return [name for name, one in self._fields(need).items() if one.type == need.sort]

    def _fields(self, need: Need) -> Mapping[str, FieldSpec]:
        """The attributes or columns among which the part is."""
        if need.kind is not None:
            return self.vocabulary.fields[need.kind]
        source = self.vocabulary.source(self.found.names[need.part])
        assert source is not None
        return source[0].columns

    def _column(self, need: Need) -> FieldSpec:
        """The column of whose values one is asked for."""
        return self._fields(self.pack.needs[need.part])[self.found.names[need.part]]


def _absent(what: str, name: str, known: Iterable[str]) -> NotFoundError:
    listed = list(known)
    some = ", ".join(listed[:_SHOWN]) + ("…" if len(listed) > _SHOWN else "")
    hint = near(name, listed) or (f"there are {some}" if listed else None)
    return NotFoundError(f"there is no {what} {name[:80]!r}", hint=hint)
