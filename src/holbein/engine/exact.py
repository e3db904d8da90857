"""Sums of doubles that do not depend on the order in which they are added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from holbein.engine.base import Dialect, double
from holbein.engine.compare import constant
from holbein.store.numbers import MOST_DECIMALS, Numbers

LARGEST, COARSE, FINE = 2.0**42, 2.0**20, 2.0**40
WHOLE_DOUBLES = 2.0**53
"""Doubles add up whole numbers exactly up to here."""

UNITS = tuple(f"units{decimals}" for decimals in range(MOST_DECIMALS + 1))
WHOLE = ("coarse", "fine")
INEXACT = ("plain", "largest")
PARTS = (*UNITS, *WHOLE, *INEXACT)


@dataclass(frozen=True)
class Exact:
    """How the numbers of a column are added up, by what is known of them. Engines add in any order;
    but for the engine's own sum, every way gives the same in each.

    Where all have few ``decimals``, each is a whole number of units, and doubles add those up
    exactly. Others are cut in two whole numbers, of units of 2^-20 and of 2^-60: these sums are
    exact down to 2^-60. Only where some number is 2^42 (4.4 × 10^12) or larger does the engine's
    own sum stand; where a column is known to hold none (``small``), that sum is not even taken.
    """

    decimals: int | None = None
    small: bool = False

    @classmethod
    def of(cls, known: Numbers) -> Exact:
        """The way for a column, by what its files tell."""
        if known.decimals is not None:
            units = known.largest * 10.0**known.decimals * known.rows
            if units < WHOLE_DOUBLES:
                return cls(known.decimals, small=known.largest < LARGEST)
        return cls(small=known.largest < LARGEST)

    @property
    def parts(self) -> tuple[str, ...]:
        """The aggregates that the sum is made of."""
        if self.decimals is not None:
            return (UNITS[self.decimals],)
        return WHOLE if self.small else (*WHOLE, *INEXACT)

    def aggregate(self, part: str, value: exp.Expr, dialect: Dialect) -> exp.Expr:
        """One of the ``parts``, over the values."""
        value = double(value)
        if part in UNITS:
            scale = constant(10.0 ** UNITS.index(part))
            nearest = exp.Add(
                this=exp.Mul(this=exp.paren(value), expression=scale), expression=constant(0.5)
            )
            return exp.Sum(this=double(exp.func("FLOOR", nearest)))
        if part == "plain":
            return exp.Sum(this=value)
        size = exp.func("ABS", value.copy())
        if part == "largest":
            return exp.Max(this=size)
        fits = exp.LT(this=size, expression=constant(LARGEST))
        fitting = value.copy() if self.small else exp.case().when(fits, value.copy())
        scaled = exp.Mul(this=exp.paren(fitting), expression=constant(COARSE))
        units = exp.func("FLOOR", scaled)
        if part == "fine":
            rest = exp.paren(exp.Sub(this=scaled.copy(), expression=units))
            units = exp.func("FLOOR", exp.Mul(this=rest, expression=constant(FINE)))
        return exp.Sum(this=dialect.wide(exp.cast(units, exp.DataType.Type.BIGINT)))

    def total(self, parts: Mapping[str, exp.Expr]) -> exp.Expr:
        """The sum, from its ``parts``; NULL of nothing."""
        if self.decimals is not None:
            units = double(parts[UNITS[self.decimals]])
            return exp.paren(exp.Div(this=units, expression=constant(10.0**self.decimals)))
        coarse = exp.Div(this=double(parts["coarse"]), expression=constant(COARSE))
        fine = exp.Div(this=double(parts["fine"]), expression=constant(COARSE * FINE))
        exact = exp.Add(this=exp.paren(coarse), expression=exp.paren(fine))
        if self.small:
            return exp.paren(exact)
        small = exp.LT(this=parts["largest"], expression=constant(LARGEST))
        return exp.paren(exp.case().when(small, exact).else_(parts["plain"]))
