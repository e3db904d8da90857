"""Columns: the values of one attribute or tag, one for each place, in one of four layouts.

*labels*: codes into a sorted dictionary; code 0 is missing. What has few values, also as a bitmap
of each code and as bit slices. Numbers and dates with up to 65,535 different values, too, so that a
range of them is a range of codes.
*numbers*: numbers as such, and a *sketch* of them: in which of 255 parts of about equal size each
lies, one byte. A range is decided by the sketch but at its two ends (after Hentschel, Kester and
Idreos, Column Sketches, SIGMOD 2018).
*texts*: texts as such, of which nearly every subject has its own. They are selected; who asks for
one is answered by the engine.
*lists*: several labels at once, as codes in their order with offsets; of few labels a bitmap each.

A column is the same whether its sections are arrays in memory or lie in a file.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from holbein.conditions.vocabulary import Type
from holbein.index import masks
from holbein.index.masks import Mask

Layout = Literal["labels", "numbers", "texts", "lists"]
Sections = Mapping[str, NDArray[Any]]
ARROW: Mapping[Type, pa.DataType] = {
    "boolean": pa.bool_(),
    "category": pa.string(),
    "categories": pa.list_(pa.string()),
    "number": pa.float64(),
    "date": pa.date32(),
}
NULL = np.uint64(0x7FF8_0000_0000_4E55)
"""The bits of the NaN that stands for no number at all; another NaN is one that a source gave."""
EPOCH = dt.date(1970, 1, 1)


class Column:
    """One attribute or tag of all subjects of a kind."""

    def __init__(self, sections: Sections, about: Mapping[str, Any]) -> None:
        self.sections = sections
        self.about = about
        self.layout: Layout = about["layout"]
        self.type: Type = about["type"]
        self.size: int = about["size"]
        """How many places it has."""
        self.distinct: int = about.get("distinct", 0)
        """How many values its dictionary has."""
        self.finite: int = about.get("finite", self.distinct)
        """Of numbers, how many of these are finite: they come first."""

    @property
    def codes(self) -> NDArray[Any]:
        """Of labels, the code of each place; of lists, of each entry."""
        return self.sections["codes"]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many subjects have each code; of lists, each label, and under 0 who has none."""
        return self.sections["counts"]

    @cached_property
    def values(self) -> pa.Array:
        """The dictionary, ascending: that of code 1 first."""
        if self.type == "boolean":
            return pa.array([False, True])
        if self.type in ("category", "categories"):
            return strings(self.sections["value.offsets"], self.sections["value.bytes"])
        held = self.sections["values"][: self.distinct]
        return pa.array(held, ARROW[self.type])

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The dictionary of numbers, dates (as days) or booleans (0, 1) as doubles."""
        if self.type == "boolean":
            return np.array([0.0, 1.0])
        return self.sections["values"][: self.distinct].astype(np.float64)

    @cached_property
    def _nullable(self) -> pa.Array:
        """The dictionary by code: that of code 0 is null."""
        return pa.concat_arrays([pa.nulls(1, self.values.type), self.values])

    @cached_property
    def _plain(self) -> NDArray[Any]:
        """The same of numbers and dates, with 0 for null."""
        return np.append(0, self.sections["values"][: self.distinct]).astype(
            np.int32 if self.type == "date" else np.float64
        )

    def code(self, text: str) -> int:
        """The code of a label; 0 where nobody has it."""
        found = bisect_left(_Texts(self.values), text.encode())
        if found < self.distinct and self.values[found].as_py() == text:
            return found + 1
        return 0

    def bitmap(self, code: int) -> Mask | None:
        """Who has a code, where that is kept."""
        return self.sections.get(f"bitmap.{code}")

    @cached_property
    def slices(self) -> list[Mask]:
        """The codes' bits, the lowest first; empty where they are not kept."""
        return [self.sections[f"slice.{one}"] for one in range(self.about.get("slices", 0))]

    def take(self, places: NDArray[np.int64]) -> pa.Array:
        """The values at some places."""
        if self.layout == "labels":
            codes = self.codes.take(places)  # sooner than by brackets
            if self.type in ("number", "date"):
                held = self._plain.take(codes)
                return pa.array(held, ARROW[self.type], mask=codes == 0)
            return self._nullable.take(pa.array(codes))
        if self.layout == "numbers":
            return self._numbers(self.sections["raw"].take(places))
        if self.layout == "texts":
            offsets = self.sections["offsets"]
            known = masks.holds(self.sections["known"], places)
            held = strings(offsets, self.sections["bytes"])
            return held.take(pa.array(places, mask=~known)).cast(pa.string())
        return self._lists(places)

    def _numbers(self, raw: NDArray[np.float64]) -> pa.Array:
        missing = raw.view(np.uint64) == NULL
        if self.type == "date":
            days = np.where(missing, 0, raw).astype(np.int32)
            return pa.array(days, pa.date32(), mask=missing)
        return pa.array(raw, pa.float64(), mask=missing)

    def _lists(self, places: NDArray[np.int64]) -> pa.Array:
        offsets = self.sections["offsets"]
        lengths = offsets[places + 1].astype(np.int64) - offsets[places].astype(np.int64)
        ends = np.cumsum(lengths)
        at = np.arange(int(ends[-1]) if len(ends) else 0)
        shift = np.repeat(offsets[places].astype(np.int64) - ends + lengths, lengths)
        labels = self.values.take(pa.array(self.codes[at + shift].astype(np.int64) - 1))
        starts = np.append(0, ends).astype(np.int32)
        missing = np.append(~masks.holds(self.sections["known"], places), False)
        return pa.ListArray.from_arrays(pa.array(starts, mask=missing), labels)


class _Texts:
    """A sorted dictionary as UTF-8, which Arrow sorts by, to be searched."""

    def __init__(self, values: pa.Array) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: int) -> bytes:
        text: str = self._values[place].as_py()
        return text.encode()


def strings(offsets: NDArray[Any], content: NDArray[np.uint8]) -> pa.Array:
    """Texts over their bytes, without copying."""
    kind = pa.large_string() if offsets.dtype == np.int64 else pa.string()
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(kind, len(offsets) - 1, buffers)


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01, as date32 has them."""
    return (day - EPOCH).days


def index_in(values: pa.Array, among: pa.Array) -> NDArray[np.int64]:
    """Where each value stands among others; -1 where it does not."""
    return np.asarray(pc.fill_null(pc.index_in(values, value_set=among), -1).to_numpy(), np.int64)
