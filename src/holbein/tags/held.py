"""Tags that could not be computed: what they keep, and what depends on them.

The rest of a run goes on without them. What a version says of a held tag: why, and of when its
values are; and of each tag and audience that depends on one, on which.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from holbein.catalog import vocabulary_json
from holbein.catalog.catalogue import NOTHING, Catalogue, Published
from holbein.catalog.kinds import Tag
from holbein.catalog.taginfo import Held, TagInfo, tag_infos
from holbein.conditions.reading import fields_of
from holbein.conditions.tree import SubjectKind
from holbein.errors import HolbeinError, NotFoundError, StoreError
from holbein.store import Snapshot, Store
from holbein.tags.planner import Computed

TagKey = tuple[SubjectKind, str]


def published(store: Store) -> Published:
    """What the version in force made of its definitions; nothing before the first, and where it
    cannot be read."""
    try:
        with store.current() as snapshot:
            manifest = snapshot.manifest
    except (NotFoundError, StoreError):
        return NOTHING
    vocabulary = vocabulary_json.load(manifest.vocabulary)
    return Published(
        tag_infos(manifest.tags),
        vocabulary.fields,
        manifest.audiences,
        frozenset(vocabulary.events),
    )


def unfit(tag: Tag, known: Published) -> TagInfo:
    """What is told of a tag that does not fit any more: what it meant when it did."""
    was = known.tags[tag.kind, tag.name]
    return dataclasses.replace(was, held=Held(tag.unfit or "", fits=False), behind=())


def noted(described: Sequence[TagInfo], made: Computed, good: Snapshot | None) -> list[TagInfo]:
    """The tags, in dependency order, with what became of them. ``good`` is the version whose values
    are kept."""
    before = {} if good is None else tag_infos(good.manifest.tags)
    behind: dict[TagKey, tuple[TagKey, ...]] = {}
    out = []
    for info in described:
        key = info.on, info.tag
        held = None
        if key in made.held:
            fits = info.held is None or info.held.fits
            held = Held(made.held[key], _day(key, made, before, good), fits)
        above = dict.fromkeys(one for used in info.uses for one in behind.get(used, ()))
        behind[key] = (key,) if held is not None else tuple(above)
        out.append(
            dataclasses.replace(
                info,
                meaning=made.meanings[key],
                held=held,
                behind=() if held is not None else tuple(above),
            )
        )
    return out


def _day(
    key: TagKey, made: Computed, before: Mapping[TagKey, TagInfo], good: Snapshot | None
) -> dt.date | None:
    """Of when the values are that a tag keeps."""
    if key in made.empty or good is None:
        return None
    was = before.get(key)
    return was.held.day if was is not None and was.held is not None else good.as_of.day


def check_fit(asked: Iterable[TagKey], tags: Mapping[TagKey, TagInfo]) -> None:
    """Raises HolbeinError where a tag, or one that it uses, does not fit any more: then it has its
    last values, but cannot be computed."""
    left, seen = list(asked), set[TagKey]()
    while left:
        info = tags.get(left.pop())
        if info is None or (info.on, info.tag) in seen:
            continue
        seen.add((info.on, info.tag))
        left += info.uses
        if info.held is not None and not info.held.fits:
            raise HolbeinError(
                f"{info.on} tag {info.tag} cannot be computed: {info.held.reason}",
                hint="mend it, and run again",
            )


def told(described: Sequence[TagInfo], catalogue: Catalogue) -> Iterator[str]:
    """A line for each held tag, with all that depends on it, and for each audience that does not
    fit any more."""
    for info in described:
        if info.held is None:
            continue
        kept = (
            f"keeps its values of {info.held.day}" if info.held.day is not None else "has no values"
        )
        line = f"{info.on} tag {info.tag} {kept}: {info.held.reason}"
        depend = [*_tags_on(info, described), *_audiences_on(info, described, catalogue)]
        yield f"{line}; on it depend {', '.join(depend)}" if depend else line
    for name, error in catalogue.unfit.items():
        reason = error.message.removeprefix(f"audience {name!r}: ")
        yield f"audience {name!r} cannot be asked for: {reason}"


def _tags_on(held: TagInfo, described: Sequence[TagInfo]) -> Iterator[str]:
    for info in described:
        if (held.on, held.tag) in info.behind:
            yield f"{info.on} tag {info.tag}"


def _audiences_on(
    held: TagInfo, described: Sequence[TagInfo], catalogue: Catalogue
) -> Iterator[str]:
    key = held.on, held.tag
    astray = {key, *((one.on, one.tag) for one in described if key in one.behind)}
    vocabulary = catalogue.vocabulary
    for name, audience in vocabulary.audiences.items():
        where = audience.where
        if where is not None and astray & fields_of(where, audience.kind, vocabulary):
            yield f"audience {name!r}"
