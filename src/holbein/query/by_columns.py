"""What columns answer: counts, lists and values by the index of a version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.catalog.kinds import Flag, Statistic
from holbein.catalog.taginfo import TagInfo
from holbein.conditions import tree
from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import Vocabulary
from holbein.index import Index, masks
from holbein.index.index import Ask
from holbein.index.masks import Mask
from holbein.index.writing import Stored
from holbein.query.by_engine import INLINE, ByEngine
from holbein.store.lists import check_list
from holbein.store.snapshot import Snapshot

_FACTS = (tree.Aggregate, tree.Sequence, tree.Bucket)
_FEW = 3
"""Of so many conditions each combination is a mask; of more each subject has a number."""
_BLOCK = 2_048
"""So many words of masks are taken at a time, that what is made of them stays in the cache."""
_OF_ANOTHER_TIME = (tree.InAudience, tree.Became)
"""What these mean may have changed since the run."""


def open_index(
    snapshot: Snapshot,
    vocabulary: Vocabulary,
    tags: Iterable[TagInfo],
    engine: ByEngine,
    list_file: Callable[[str], Path],
) -> Index | None:
    """The index of a version; None of one that was made before there was any."""
    source = Stored(snapshot, vocabulary)
    if not all(source.has(kind) for kind in tree.SUBJECT_KINDS):
        return None

    def members(audience: str) -> NDArray[np.int64]:
        found: NDArray[np.int64] = check_list(list_file(audience)).to_numpy()
        return found

    return Index(source, ask=_asking(engine), members=members, standing=standing(tags))


def _asking(engine: ByEngine) -> Ask:
    def ask(
        condition: Condition, kind: SubjectKind, ids: NDArray[np.int64] | None
    ) -> NDArray[np.int64]:
        among = None if ids is None else ids.tolist() if len(ids) <= INLINE else None
        found: NDArray[np.int64] = engine.ids(condition, kind, among).to_numpy()
        return found

    return ask


def standing(tags: Iterable[TagInfo]) -> Mapping[tuple[SubjectKind, tree.Node], str]:
    """The measures and conditions over facts that tags hold, with the tags' names."""
    out: dict[tuple[SubjectKind, tree.Node], str] = {}
    for one in tags:
        if not one.is_sound:
            continue
        if isinstance(one.definition, Statistic):
            said: tree.Node = one.definition.measure
        elif isinstance(one.definition, Flag):
            said = one.definition.where
        else:
            continue
        nodes = [*tree.walk(said)]
        if any(isinstance(node, _FACTS) for node in nodes) and not any(
            isinstance(node, _OF_ANOTHER_TIME) for node in nodes
        ):
            out.setdefault((one.on, said), one.tag)
    return out


def values(index: Index, kind: SubjectKind, names: Sequence[str], who: Mask) -> pa.Table:
    """``id`` and the named attributes and tags of those in a mask, ascending by id."""
    places = index.places(who, kind)
    columns = {"id": pa.array(index.ids(kind, places), pa.int64())}
    columns |= index.take(kind, names, places)
    return pa.table(columns)


def values_of(
    index: Index, kind: SubjectKind, names: Sequence[str], ids: pa.Array | pa.ChunkedArray
) -> pa.Table:
    """The same of those of some ids who are there."""
    listed = pc.unique(ids).drop_null().to_numpy()
    return values(index, kind, names, index.mask_of(listed, kind))


def crossed(index: Index, kind: SubjectKind, conditions: Sequence[Condition]) -> pa.Table:
    """How many meet which of some conditions, sixteen at most: see ``Query.crossed``."""
    everyone = index.mask(tree.TRUE, kind)
    met = [index.mask(one, kind) for one in conditions]
    counts = _combined(met) if len(met) > _FEW else _split(everyone, met)
    counts[0] = masks.count(everyone) - counts[1:].sum()
    there = np.flatnonzero(counts)
    columns = {f"c{one}": pa.array((there >> one & 1).astype(bool)) for one in range(len(met))}
    return pa.table({**columns, "count": counts[there]})


def _split(everyone: Mask, met: Sequence[Mask]) -> NDArray[np.int64]:
    """How many meet which of a few conditions: at place c those who meet the ones whose bit is set
    in c."""
    counts = np.zeros(1 << len(met), np.int64)
    for code in range(1, len(counts)):
        who = everyone
        for place, one in enumerate(met):
            who = who & one if code >> place & 1 else who & ~one
        counts[code] = masks.count(who)
    return counts


def _combined(met: Sequence[Mask]) -> NDArray[np.int64]:
    """The same by a number for each subject, block by block: those who meet none are not told."""
    counts = np.zeros(1 << len(met), np.int64)
    for first in range(0, len(met[0]), _BLOCK):
        codes = np.zeros(len(met[0][first : first + _BLOCK]) * masks.WORD, np.uint16)
        for place, one in enumerate(met):
            bits = np.unpackbits(one[first : first + _BLOCK].view(np.uint8), bitorder="little")
            codes |= bits.astype(np.uint16) << np.uint16(place)
        counts += np.bincount(codes, minlength=len(counts))
    return counts
