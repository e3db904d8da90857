"""The profile of a tag, from its finished column."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.profiles import Profile, Spread, TagProfile, psi, tag_profiles
from holbein.catalog.taginfo import TagInfo, same_meaning, tag_infos
from holbein.conditions.tree import SubjectKind
from holbein.store import Snapshot
from holbein.store.changes import SAME

LABELS = 100
"""So many of a tag's labels are counted by name; where there are more, none that stands once."""

LONGEST = 200
"""Characters of a label that is counted by name."""

EPOCH = dt.date(1970, 1, 1)


def comparable(
    predecessor: Snapshot | None, described: Iterable[TagInfo]
) -> dict[tuple[SubjectKind, str], TagProfile]:
    """The predecessor's profiles of the tags that mean the same still."""
    if predecessor is None:
        return {}
    infos = tag_infos(predecessor.manifest.tags)
    alike = same_meaning({(one.on, one.tag): one for one in described}, infos)
    return {key: one for key, one in earlier(predecessor).items() if key in alike}


def earlier(predecessor: Snapshot | None) -> dict[tuple[SubjectKind, str], TagProfile]:
    """The predecessor's profiles."""
    return {} if predecessor is None else tag_profiles(predecessor.manifest.profiles)


def profiles(
    tables: Mapping[SubjectKind, pa.Table],
    today: dt.date,
    before: Mapping[tuple[SubjectKind, str], TagProfile],
) -> Iterator[TagProfile]:
    """The profiles of all tags of a run. ``before`` are those of tags that mean the same still."""
    for kind, table in tables.items():
        for tag in table.column_names[1:]:
            was = before.get((kind, tag))
            if was is None:
                yield TagProfile(tag, kind, profile(table[tag], today))
            else:
                now = profile(table[tag], today, was.profile)
                yield TagProfile(tag, kind, now, psi(was.profile, now))


def profile(values: pa.ChunkedArray, today: dt.date, before: Profile | None = None) -> Profile:
    """What is kept of a tag's values, one per subject, as of ``today``.

    ``before`` is the profile a run ago of the tag that means the same still: what is kept now can
    be compared with it.
    """
    known = len(values) - values.null_count
    if pa.types.is_floating(values.type) or pa.types.is_date(values.type):
        edges = before.spread.edges if before is not None and before.spread is not None else None
        return Profile(len(values), known, spread=_spread(values.drop_null(), today, edges))
    return _labelled(len(values), known, values.drop_null(), before)


def _spread(
    known: pa.ChunkedArray, today: dt.date, edges: tuple[float, ...] | None
) -> Spread | None:
    if not len(known):
        return None
    is_date = pa.types.is_date(known.type)
    ordered = np.sort((known.cast(pa.int32()) if is_date else known).to_numpy().astype(np.float64))
    deciles = tuple(_quantile(ordered, tenth / 10) for tenth in range(1, 10))
    least, greatest = float(ordered[0]), float(ordered[-1])
    origin = float((today - EPOCH).days) if is_date else 0.0
    if edges is None:
        edges = tuple(one - origin for one in (least, *sorted({*deciles, greatest})))
    bounds = np.array(edges) + origin
    slack = SAME * np.abs(bounds)  # sums of the same facts, in another order, stay in their bin
    begin = np.searchsorted(ordered, bounds[0] - slack[0], side="left")
    ends = np.searchsorted(ordered, bounds[1:] + slack[1:], side="right")
    counts = np.diff([0, begin, *ends, len(ordered)])
    return Spread(least, greatest, _mean(ordered), deciles, edges, tuple(counts.tolist()))


def _quantile(ordered: np.ndarray, share: float) -> float:
    place = share * (len(ordered) - 1)
    low, high, part = ordered[math.floor(place)], ordered[math.ceil(place)], place % 1
    # Equal numbers have no other between them, whatever the rounding says.
    return float(low if low == high else low * (1 - part) + high * part)


def _mean(numbers: np.ndarray) -> float:
    with np.errstate(over="ignore"):
        mean = float(numbers.mean())
    return mean if math.isfinite(mean) else float((numbers / len(numbers)).sum())


def _labelled(
    subjects: int, known: int, values: pa.ChunkedArray, before: Profile | None
) -> Profile:
    if pa.types.is_list(values.type):
        values = pc.list_flatten(values)
    counted = pc.value_counts(values)
    found = pa.table(
        {"label": counted.field("values").cast(pa.string()), "count": counted.field("counts")}
    )
    fit = pc.less_equal(pc.utf8_length(found["label"]), LONGEST)
    if len(found) > LABELS:
        fit = pc.and_(fit, pc.greater(found["count"], 1))
    named = found.filter(fit)
    most = pc.select_k_unstable(
        named, k=LABELS, sort_keys=[("count", "descending"), ("label", "ascending")]
    )
    labels = _counts(named.take(most))
    others = len(values) - sum(labels.values())
    if others and before is not None:
        earlier = [*before.labels][:LABELS]
        rows = pc.index_in(pa.array(earlier, pa.string()), value_set=found["label"])
        still = _counts(found.take(rows.drop_null()))
        labels = {**labels, **dict.fromkeys(earlier, 0), **still}
        others = len(values) - sum(labels.values())
    return Profile(subjects, known, labels, others, distinct=found.num_rows)


def _counts(found: pa.Table) -> dict[str, int]:
    return dict(zip(found["label"].to_pylist(), found["count"].to_pylist(), strict=True))
