"""Tags as codes, by which look-alikes are found: cut, labelled, each value a small number.

Codes are made of the subjects that are looked at, when they are: of all only where a tag weighs
something. They come from columns, those of the index or such as are made of an engine's answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.audiences.resemblance import Codes, Coding, Feature, Rows
from holbein.conditions.vocabulary import FieldSpec
from holbein.index import masks
from holbein.index.columns import Column
from holbein.index.encode import encode
from holbein.index.masks import Mask, Places
from holbein.query.comparing import TOO_MANY
from holbein.query.figures import EPOCH
from holbein.query.numbers import Tally

_PARTS = 10
"""Numbers and dates are cut in so many parts of equal size."""
_SHARES = [one / _PARTS for one in range(1, _PARTS)]


@dataclass(frozen=True)
class Features:
    """What the columns of some subjects, at ascending places, say of them."""

    places: Places
    column: Callable[[str], Column]

    @cached_property
    def who(self) -> Mask:
        size = int(self.places[-1]) + 1 if len(self.places) else 0
        return masks.from_places(self.places, size)

    def of(self, spec: FieldSpec) -> Iterator[Feature]:
        """What an attribute or tag says: nothing of what has very many values."""
        column = self.column(spec.name)
        if spec.type in ("number", "date"):
            yield self._cut(spec, column)
        elif column.layout == "lists":
            yield from self._labels(spec, column)
        elif column.layout == "texts":
            yield from self._texts(spec, column)
        else:
            yield from self._values(spec, column)

    def _values(self, spec: FieldSpec, column: Column) -> Iterator[Feature]:
        counts = np.bincount(column.codes[self.places], minlength=column.distinct + 1)
        there = np.flatnonzero(counts[1:]) + 1
        if len(there) + bool(counts[0]) > TOO_MANY:
            return
        values = column.values.take(pa.array(there - 1)).to_pylist()
        rank = np.zeros(len(counts), np.uint8)
        rank[there] = np.arange(len(there))
        rank[0] = len(there)
        lacking = (None,) if counts[0] else ()
        yield Feature(spec.name, None, (*values, *lacking), self._coded(column, rank))

    def _cut(self, spec: FieldSpec, column: Column) -> Feature:
        """Parts of about the same size, the missing ones last."""
        if column.layout == "labels":
            counts = np.bincount(column.codes[self.places], minlength=column.distinct + 1)
            finite = column.numbers[: column.finite]
            known = Tally.counted(finite, counts[1 : column.finite + 1])
            edges = np.unique(known.quantiles(_SHARES)) if known.n else np.empty(0)
            parts = np.full(len(counts), len(edges) + 1, np.uint8)
            parts[1 : column.finite + 1] = np.searchsorted(edges, finite, side="right")
            codes = self._coded(column, parts)
        else:
            raw = column.sections["raw"]
            numbers = raw[self.places]
            numbers = numbers[np.isfinite(numbers)]
            edges = np.unique(np.quantile(numbers, _SHARES)) if len(numbers) else np.empty(0)
            codes = self._parted(raw, edges)
        dates = spec.type == "date"
        ends = [EPOCH + dt.timedelta(days=round(o)) if dates else float(o) for o in edges]
        bands = zip([None, *ends], [*ends, None], strict=True)
        return Feature(spec.name, None, (*bands, None), codes)

    def _labels(self, spec: FieldSpec, column: Column) -> Iterator[Feature]:
        """Each label by itself: without it, with it, and nothing known."""
        some = column.sections["some"]
        found = [(code, label_mask(column, code)) for code in range(1, column.distinct + 1)]
        there = [(code, one) for code, one in found if (one[: len(self.who)] & self.who).any()]
        if len(there) > TOO_MANY:
            return
        for code, one in there:
            label = column.values[code - 1].as_py()
            yield Feature(spec.name, label, (False, True, None), self._flagged(some, one))

    def _texts(self, spec: FieldSpec, column: Column) -> Iterator[Feature]:
        for some in (self.places[: 10 * TOO_MANY], self.places):  # a few tell of most
            values = column.take(some)
            if pc.count_distinct(values).as_py() > TOO_MANY:
                return
        short, places = encode(values, spec.type), np.arange(len(values))
        yield from Features(places, lambda name: short).of(spec)

    # --- codes ------------------------------------------------------------------------------------

    def _coded(self, column: Column, meaning: Codes) -> Coding:
        return lambda rows: meaning[column.codes[self.places[rows]]]

    def _parted(self, raw: NDArray[np.float64], edges: NDArray[np.float64]) -> Coding:
        def codes(rows: Rows) -> Codes:
            numbers = raw[self.places[rows]]
            part = np.searchsorted(edges, numbers, side="right")
            return np.where(np.isfinite(numbers), part, len(edges) + 1).astype(np.uint8)

        return codes

    def _flagged(self, some: Mask, mask: Mask) -> Coding:
        def codes(rows: Rows) -> Codes:
            places = self.places[rows]
            return np.where(masks.holds(some, places), masks.holds(mask, places), 2).astype(
                np.uint8
            )

        return codes


def label_mask(column: Column, code: int) -> Mask:
    """Who has a label among theirs."""
    kept = column.bitmap(code)
    if kept is not None:
        return kept
    entries = np.flatnonzero(column.codes == code)
    owners = np.searchsorted(column.sections["offsets"], entries, side="right") - 1
    return masks.from_places(owners, column.size)
