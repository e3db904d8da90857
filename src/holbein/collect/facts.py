"""Streams: rows of a source as facts with their times in UTC, keyed by the source's keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.definitions import StreamMapping
from holbein.catalog.inspection import Inspection
from holbein.collect import times
from holbein.collect.raw import Mask, Raw, chunked, mask_of, valid_mask
from holbein.collect.rejects import Rejects
from holbein.collect.taking import NO_INSTANT, Taking
from holbein.collect.wanted import Wanted
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.records import Facts, Rows


@dataclass(frozen=True)
class Apart:
    """Rows of a unit whose key stands in an earlier unit, with the ``same`` values or ``other``
    ones."""

    same: Rows = ()
    other: Rows = ()


NOTHING: Final = Apart()


def take_facts(
    wanted: Wanted,
    raw: Raw,
    inspection: Inspection,
    zone: ZoneInfo,
    rejects: Rejects,
    apart: Apart | None = NOTHING,
) -> Facts:
    """The facts of one unit. A row of which any value can't be read goes to quarantine: half a
    fact would make sums wrong without a sign.

    ``apart`` are left out. None leaves doubles in.
    """
    mapping = wanted.mapping
    assert isinstance(mapping, StreamMapping)
    assert wanted.stream is not None
    found = inspection.streams[wanted.stream]
    taking = Taking(wanted.source, raw, zone, rejects, found.habits)
    keys = {"key": taking.key(mapping.key), "at": taking.time(mapping.at)}
    taking.reject(~valid_mask(keys["at"]), f"{mapping.at} is missing")
    keys["known_at"] = _known_at(taking, mapping, keys["at"])
    keys["day"] = _day(taking, mapping, keys["at"])
    for kind in SUBJECT_KINDS:
        if (columns := getattr(mapping, kind)) is not None:
            keys[kind] = taking.key(columns, needed=False)
    values = {
        name: taking.value(one.column, found.columns[name], whole_row=True)
        for name, one in wanted.values.items()
    }
    if wanted.stream == "event":
        named = wanted.values["name"].column
        taking.reject(~valid_mask(values["name"]), f"{named} is missing")
        taking.reject(_unprintable(values["name"]), f"{named} holds control characters")
    for name, when in mapping.known.items():
        values[f"known.{name}"] = taking.time(when)
    if apart is not None:
        names = ", ".join(mapping.key)
        taking.put_apart(apart.same, apart.other, names)
        taking.doubles(keys["key"], names)
    return Facts(
        wanted.stream,
        wanted.source,
        taking.kept(keys).add_column(1, "row", taking.rows()),
        taking.kept(values),
        raw.place_of,
    )


def _known_at(taking: Taking, mapping: StreamMapping, at: pa.ChunkedArray) -> pa.ChunkedArray:
    """When the fact could be known: as declared, but not before it happened."""
    if mapping.known_at is None:
        return at
    known = taking.time(mapping.known_at)
    # Taken as known at once, it would be seen before its time.
    taking.reject(~valid_mask(known), f"{mapping.known_at} is missing")
    return chunked(pc.max_element_wise(at, known))


def _day(taking: Taking, mapping: StreamMapping, at: pa.ChunkedArray) -> pa.ChunkedArray:
    missing = ~valid_mask(at)
    instants = np.asarray(at.cast(pa.int64()).fill_null(0).to_numpy(), dtype=np.int64)
    local = times.to_local(instants, taking.zone)
    outside: Mask = (local == times.OUTSIDE) & ~missing
    taking.reject(outside, f"{mapping.at} {NO_INSTANT}")
    return chunked(times.dates(local, missing | outside))


def _unprintable(names: pa.ChunkedArray) -> Mask:
    return mask_of(pc.match_substring_regex(names, r"[\x00-\x1f\x7f-\x{9f}]"))
