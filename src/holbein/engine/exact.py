"""Sums of doubles that do not depend on the order in which they are added up."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from holbein.engine.base import Dialect, double
from holbein.engine.compare import constant


class Exact:
    """Sums of doubles that come out the same whatever the order: engines add up in any.

    Each number is cut in two whole numbers, of units of 2^-20 and of 2^-60, and these are added up
    exactly. So every sum is exact down to 2^-60, and is rounded once. Only where some number is
    2^42 (4.4 × 10^12) or larger does the engine's own sum stand; where a column is known to hold
    none (``small``), that sum is not even taken.
    """

    WHOLE = ("coarse", "fine")
    PARTS = (*WHOLE, "plain", "largest")
    LARGEST, COARSE, FINE = 2.0**42, 2.0**20, 2.0**40

    @classmethod
    def aggregate(
        cls, part: str, value: exp.Expr, dialect: Dialect, *, small: bool = False
    ) -> exp.Expr:
        """One of the aggregates that a total is made of."""
        value = double(value)
        if part == "plain":
            return exp.Sum(this=value)
        size = exp.func("ABS", value.copy())
        if part == "largest":
            return exp.Max(this=size)
        fits = exp.LT(this=size, expression=constant(cls.LARGEST))
        fitting = value.copy() if small else exp.case().when(fits, value.copy())
        scaled = exp.Mul(this=exp.paren(fitting), expression=constant(cls.COARSE))
        units = exp.func("FLOOR", scaled)
        if part == "fine":
            rest = exp.paren(exp.Sub(this=scaled.copy(), expression=units))
            units = exp.func("FLOOR", exp.Mul(this=rest, expression=constant(cls.FINE)))
        return exp.Sum(this=dialect.wide(exp.cast(units, exp.DataType.Type.BIGINT)))

    @classmethod
    def total(cls, parts: Mapping[str, exp.Expr]) -> exp.Expr:
        """The sum, from ``PARTS``, or from ``WHOLE`` of a small column; NULL of nothing."""
        coarse = exp.Div(this=double(parts["coarse"]), expression=constant(cls.COARSE))
        fine = exp.Div(this=double(parts["fine"]), expression=constant(cls.COARSE * cls.FINE))
        exact = exp.Add(this=exp.paren(coarse), expression=exp.paren(fine))
        if "largest" not in parts:
            return exp.paren(exact)
        small = exp.LT(this=parts["largest"], expression=constant(cls.LARGEST))
        return exp.paren(exp.case().when(small, exact).else_(parts["plain"]))
