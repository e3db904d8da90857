"""Vectors: what measures are of many subjects at once, and which of them meet a comparison.

Where a condition is no plain range or label, it is worked out for each value of a dictionary, or
for each subject. The meaning is that of the reference evaluator: a missing value compares with
nothing, what is not finite is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.conditions import tree
from holbein.conditions.comparing import matcher
from holbein.conditions.instants import AsOf
from holbein.conditions.spans import completed
from holbein.index.columns import EPOCH, day_number, index_in

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Vector:
    """Numbers, dates as days, or booleans as 0 and 1, NaN where missing; or labels: codes into
    ``values`` from 1 on, 0 where missing. One row stands for all where there is only one."""

    numbers: NDArray[np.float64] | None = None
    codes: NDArray[np.int64] | None = None
    values: pa.Array | None = None


Reading = Callable[[tree.Measure], Vector]
"""Gives the vector of a field, or of what counts related subjects."""


def vector(measure: tree.Measure, read: Reading, as_of: AsOf) -> Vector:
    """The values of a measure."""
    match measure:
        case tree.Text(value=text):
            return Vector(codes=np.ones(1, np.int64), values=pa.array([text]))
        case tree.Number(value=number):
            return Vector(np.array([number], np.float64))
        case tree.Truth(value=truth):
            return Vector(np.array([truth], np.float64))
        case tree.Day(value=day):
            return Vector(np.array([day_number(day)], np.float64))
        case tree.Elapsed():
            return Vector(_elapsed(measure, _numbers(measure.of, read, as_of), as_of))
        case tree.Arithmetic():
            left, right = (_numbers(one, read, as_of) for one in (measure.left, measure.right))
            return Vector(_computed(measure.sign, left, right))
    return read(measure)


def _numbers(measure: tree.Measure, read: Reading, as_of: AsOf) -> NDArray[np.float64]:
    found = vector(measure, read, as_of).numbers
    if found is None:
        raise TypeError("labels are not calculated with; the tree was not bound")
    return found


def _computed(
    sign: tree.ArithmeticSign, left: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        if sign == "+":
            found = left + right
        elif sign == "-":
            found = left - right
        elif sign == "*":
            found = left * right
        else:
            found = left / right
    return np.where(np.isfinite(found), found, np.nan)


def _elapsed(measure: tree.Elapsed, days: NDArray[np.float64], as_of: AsOf) -> NDArray[np.float64]:
    each, place = np.unique(days, return_inverse=True)
    sign = 1 if measure.direction == "until" else -1
    told = [
        np.nan if np.isnan(one) else float(sign * until(int(one), measure.unit, as_of))
        for one in each.tolist()
    ]
    return np.array(told, np.float64)[place]


def until(day: int, unit: Any, as_of: AsOf) -> int:
    """Whole units from as-of until a day, by its number."""
    return completed(as_of.day, EPOCH + dt.timedelta(days=day), unit)


# --- comparisons ----------------------------------------------------------------------------------


def meets(condition: tree.Condition, read: Reading, as_of: AsOf) -> Flags:
    """Of which rows a comparison is true; one row where it is the same of all."""

    def of(measure: tree.Measure) -> Vector:
        return vector(measure, read, as_of)

    match condition:
        case tree.Compare(left=left, sign=sign, right=right):
            return _compare(of(left), sign, of(right))
        case tree.In(of=asked, values=values):
            held, listed = of(asked), [of(one) for one in values]
            if held.numbers is not None:
                numbers = [one.numbers for one in listed if one.numbers is not None]
                return np.isin(held.numbers, np.concatenate(numbers))
            found = np.zeros(1, np.bool_)
            for one in listed:
                found = found | _compare(held, "=", one)
            return found
        case tree.Between(of=asked, low=low, high=high):
            middle = of(asked)
            return _compare(of(low), "<=", middle) & _compare(middle, "<=", of(high))
        case tree.Like(of=asked, pattern=pattern):
            matches = matcher(pattern)
            return _of_labels(of(asked), lambda text: matches(text))
        case tree.Missing(of=asked):
            vector_ = of(asked)
            if vector_.numbers is not None:
                return np.isnan(vector_.numbers)
            assert vector_.codes is not None
            missing: Flags = vector_.codes == 0
            return missing
    raise TypeError(f"no comparison: {condition!r}")


def _compare(left: Vector, sign: tree.CompareSign, right: Vector) -> Flags:
    if left.numbers is not None and right.numbers is not None:
        signs = {"=": np.equal, "<": np.less, "<=": np.less_equal, ">": np.greater}
        found: Flags = signs.get(sign, np.greater_equal)(left.numbers, right.numbers)
        return found
    if sign != "=" or left.codes is None or right.codes is None:
        raise TypeError("only numbers and dates have an order; the tree was not bound")
    there = np.append(0, index_in(right.values, left.values) + 1)  # code of right → of left, or 0
    theirs = there[right.codes]
    same: Flags = (theirs == left.codes) & (theirs != 0)
    return same


def _of_labels(found: Vector, meets: Callable[[str], bool]) -> Flags:
    assert found.codes is not None
    assert found.values is not None
    told = np.array([False, *(meets(one) for one in found.values.to_pylist())])
    flags: Flags = told[found.codes]
    return flags
