"""Tags that could not be computed: what they keep, and what depends on them.

The rest of a run goes on without them. What a version says of a held tag: why, and of when its
values are; and of each tag and audience that depends on one, on which.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from holbein.catalog import vocabulary_json
from holbein.catalog.catalogue import NOTHING, Catalogue, Published
from holbein.catalog.taginfo import Held, TagInfo, tag_infos
from holbein.conditions.bind import reads
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind
from holbein.errors import NotFoundError, StoreError
from holbein.store import Build, Store

TagKey = tuple[SubjectKind, str]


def published(store: Store) -> Published:
    """What the version in force made of its definitions; nothing before the first, and where it
    cannot be read."""
    try:
        with store.current() as snapshot:
            manifest = snapshot.manifest
    except (NotFoundError, StoreError):
        return NOTHING
    fields = vocabulary_json.load(manifest.vocabulary).fields
    return Published(tag_infos(manifest.tags), fields, manifest.audiences)


def noted(
    described: Sequence[TagInfo], failed: Mapping[TagKey, str], build: Build, as_of: AsOf
) -> list[TagInfo]:
    """The tags, in dependency order, with what became of them."""
    last = build.last_for(as_of)
    before = {} if last is None else tag_infos(last.manifest.tags)
    day = None if last is None else last.as_of.day
    behind: dict[TagKey, tuple[TagKey, ...]] = {}
    out = []
    for info in described:
        key = info.on, info.tag
        held = None
        if key in failed:
            was = before.get(key)
            if was is None:
                held = Held(failed[key])
            else:
                held = Held(failed[key], was.held.day if was.held is not None else day)
        above: dict[TagKey, None] = {}
        for one in info.uses:
            above |= dict.fromkeys(behind.get(one, ()))
        behind[key] = (key,) if held is not None else tuple(above)
        out.append(
            dataclasses.replace(info, held=held, behind=() if held is not None else tuple(above))
        )
    return out


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
            yield f"tag {info.tag}"


def _audiences_on(
    held: TagInfo, described: Sequence[TagInfo], catalogue: Catalogue
) -> Iterator[str]:
    astray = {
        (held.on, held.tag),
        *((one.on, one.tag) for one in described if (held.on, held.tag) in one.behind),
    }
    for name, audience in catalogue.vocabulary.audiences.items():
        if audience.where is None:
            continue
        if astray & set(reads(audience.where, audience.kind, catalogue.vocabulary).fields):
            yield f"audience {name!r}"
