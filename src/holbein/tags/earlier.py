"""What a run can go on from: the tags of earlier versions, as far as their files are whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa

from holbein.catalog.taginfo import TagInfo, same_meaning, tag_infos
from holbein.conditions.tree import SubjectKind
from holbein.errors import StoreError
from holbein.store import Build, Snapshot

TagKey = tuple[SubjectKind, str]
Tables = Callable[[SubjectKind], pa.Table | None]


def _nothing(_: SubjectKind) -> pa.Table | None:
    return None


@dataclass(frozen=True)
class Earlier:
    """What a run can go on from.

    ``before`` are the tags of the version as of an earlier instant: changes are reckoned against
    them. ``last`` is the newest version that is not as of a later one: ``alike_last`` are those of
    its tags (``taken``) that were sound and still mean the same. ``good`` is the version of the
    latest instant: failed tags keep its values (``kept``). The meanings are those of values, which
    a held tag has from elsewhere. ``damaged`` gets a line for each table that cannot be read any
    more.
    """

    before: Tables = _nothing
    meanings_before: Mapping[TagKey, str] = field(default_factory=dict)
    last: Snapshot | None = None
    taken: Tables = _nothing
    alike_last: Collection[TagKey] = ()
    good: Snapshot | None = None
    kept: Tables = _nothing
    meanings_good: Mapping[TagKey, str] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)


def earlier(build: Build, described: Sequence[TagInfo], *, full: bool) -> Earlier:
    """What there is before a build. A tag that means something else now has not changed."""
    now = {(one.on, one.tag): one for one in described}
    before, last = build.predecessor, build.last_for(build.as_of)
    good = last if last is not None and last.as_of == build.as_of else before
    infos = _infos(last)
    alike = {key for key in same_meaning(now, infos) if infos[key].is_sound}
    damaged: list[str] = []

    @cache
    def read(version: Snapshot | None) -> Tables:
        return _reading(version, damaged)

    return Earlier(
        before=read(before),
        meanings_before=_meanings(before),
        last=last,
        taken=read(last),
        alike_last=set() if full else alike,
        good=good,
        kept=read(good),
        meanings_good=_meanings(good),
        damaged=damaged,
    )


def aligned(values: pa.Table, ids: np.ndarray) -> pa.Table:
    """The rows of a table with ascending, distinct ids for ``ids``; missing where it lacks one."""
    mine = values["id"].to_numpy()
    if np.array_equal(mine, ids):
        return values
    if not len(mine):
        places = pa.nulls(len(ids), pa.int64())
    else:
        row = np.minimum(np.searchsorted(mine, ids), len(mine) - 1)
        places = pa.array(row, pa.int64(), mask=mine[row] != ids)
    return values.take(places)


def _infos(version: Snapshot | None) -> dict[TagKey, TagInfo]:
    return {} if version is None else tag_infos(version.manifest.tags)


def _meanings(version: Snapshot | None) -> dict[TagKey, str]:
    return {key: one.meaning for key, one in _infos(version).items()}


def _reading(version: Snapshot | None, damaged: list[str]) -> Tables:
    """Reads the tags of a version. A run goes on without those that are not what was published."""

    @cache
    def read(kind: SubjectKind) -> pa.Table | None:
        if version is None or not version.has(f"tags.{kind}"):
            return None
        try:
            version.sound_files(f"tags.{kind}")
            return version.read(f"tags.{kind}")
        except StoreError:
            damaged.append(
                f"the {kind} tags of version {version.number} are damaged: what changed since "
                f"{version.as_of.day} is not told, and tags that fail keep nothing of them"
            )
            return None

    return read
