"""Comparing measures: the part of a condition that is the same for subjects and for facts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from sqlglot import exp

from holbein.conditions.tree import (
    And,
    Arithmetic,
    Between,
    Compare,
    Condition,
    Contains,
    Day,
    Elapsed,
    Field,
    In,
    Like,
    Measure,
    Missing,
    Not,
    Number,
    Or,
    Text,
    Truth,
    Within,
)
from holbein.conditions.vocabulary import FieldSpec
from holbein.engine.base import Dialect, double, missing, text, whole

COMPARISONS: Mapping[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
ARITHMETIC: Mapping[str, type[exp.Binary]] = {
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "/": exp.Div,
}


class Comparisons(ABC):
    """Conditions over rows whose named values ``field`` gives."""

    dialect: Dialect
    today: exp.Expr
    """The day of as-of."""

    @abstractmethod
    def field(self, name: str) -> exp.Expr:
        """A named value of a row; numbers as doubles."""

    @abstractmethod
    def spec_of(self, node: Measure) -> FieldSpec | None:
        """What the catalogue says of a measure's values, where it is a named value."""

    def measure(self, node: Measure) -> exp.Expr:
        """A measure's value: a double, text, boolean or date; NULL where it is missing."""
        match node:
            case Text(value=value):
                return text(value)
            case Number(value=number):
                return constant(number)
            case Truth(value=truth):
                return exp.Boolean(this=truth)
            case Day(value=day):
                return self.dialect.day(day)
            case Field(name=name):
                return self.field(name)
            case Elapsed(unit=unit, direction=direction, of=of):
                start, end = self.measure(of), self.today
                if direction == "until":
                    start, end = end, start
                return double(_completed(self.dialect, unit, start, end))
            case Arithmetic():
                result = self._computed(node)
                return exp.case().when(self.dialect.finite(result), result.copy())
        raise TypeError(f"no measure here: {node!r}")

    def _computed(self, node: Measure) -> exp.Expr:
        """A number that may still be infinite, or none. Written once for each part of it, so that
        long sums stay short: what is infinite stays so to the end, but for what divides.
        """
        if not isinstance(node, Arithmetic):
            return exp.paren(double(self.measure(node)))
        left, right = self._computed(node.left), self._computed(node.right)
        if node.sign == "/":
            divides = exp.NEQ(this=right.copy(), expression=double(whole(0)))
            sound = exp.and_(self.dialect.finite(right), divides)
            right = exp.paren(exp.case().when(sound, right.copy()))
        return exp.paren(ARITHMETIC[node.sign](this=left, expression=right))

    def condition(self, node: Condition) -> exp.Expr:
        """A boolean that is never NULL."""
        match node:
            case And(items=items):
                parts = [exp.paren(self.condition(one)) for one in items]
                return exp.and_(*parts) if parts else exp.true()
            case Or(items=items):
                parts = [exp.paren(self.condition(one)) for one in items]
                return exp.or_(*parts) if parts else exp.false()
            case Not(item=item):
                return exp.Not(this=exp.paren(self.condition(item)))
            case Compare(left=left, sign=sign, right=right):
                return _certain(
                    COMPARISONS[sign](this=self.measure(left), expression=self.measure(right))
                )
            case In(of=of, values=values):
                listed, asked = [self.measure(one) for one in values], self.measure(of)
                if all(isinstance(one, Number) for one in values):
                    # A set does not know -0 for 0 everywhere.
                    asked = exp.paren(exp.Add(this=exp.paren(asked), expression=constant(0.0)))
                return _certain(exp.In(this=asked, expressions=listed))
            case Between(of=of, low=low, high=high):
                return _certain(
                    exp.Between(
                        this=self.measure(of), low=self.measure(low), high=self.measure(high)
                    )
                )
            case Like(of=of, pattern=pattern):
                return _certain(self.dialect.like(self.measure(of), fold(pattern)))
            case Contains(of=of, value=value):
                return _certain(self.dialect.has(self.measure(of), [value]))
            case Within(of=of, value=value):
                return self._within(of, value)
            case Missing(of=of):
                spec, asked = self.spec_of(of), self.measure(of)
                several = spec is not None and spec.type == "categories"
                return self.dialect.unlabelled(asked) if several else missing(asked)
        raise TypeError(f"no condition here: {node!r}")

    def _within(self, of: Measure, value: str) -> exp.Expr:
        spec = self.spec_of(of)
        codes = sorted(spec.codes.within(value)) if spec and spec.codes else [value]
        if spec and spec.type == "categories":
            return _certain(self.dialect.has(self.measure(of), codes))
        return _certain(exp.In(this=self.measure(of), expressions=[text(one) for one in codes]))


def fold(pattern: str) -> str:
    """Lower case, one character for one, as ``Dialect.folded`` does."""
    return "".join(one.lower()[:1] for one in pattern)


def constant(value: float) -> exp.Expr:
    """A double literal, exact to the last bit."""
    cast = double(text(repr(abs(float(value)))))
    return exp.Neg(this=cast) if value < 0 else cast


def or_zero(value: exp.Expr) -> exp.Expr:
    """Zero where there is nothing."""
    return exp.func("COALESCE", value, whole(0))


def _certain(condition: exp.Expr) -> exp.Expr:
    """A comparison with a missing value is false."""
    return exp.func("COALESCE", condition, exp.false())


def _completed(dialect: Dialect, unit: str, start: exp.Expr, end: exp.Expr) -> exp.Expr:
    """Completed days, months or years from one date to another, negative if it lies before."""
    if unit == "day":
        return dialect.days_between(start, end)
    months = 1 if unit == "month" else 12
    forward, backward = (
        exp.func("FLOOR", exp.Div(this=double(completed), expression=double(whole(months))))
        for completed in (_months(start, end), _months(end, start))
    )
    return (
        exp.case()
        .when(exp.LTE(this=start.copy(), expression=end.copy()), forward)
        .else_(exp.Mul(this=whole(-1), expression=exp.paren(backward)))
    )


def _months(start: exp.Expr, end: exp.Expr) -> exp.Expr:
    """Completed months from ``start`` to a later ``end``: clipped at the end of its month."""

    def part(name: str, of: exp.Expr) -> exp.Expr:
        return exp.Extract(this=exp.var(name), expression=of.copy())

    years = exp.paren(exp.Sub(this=part("YEAR", end), expression=part("YEAR", start)))
    months = exp.Sub(this=part("MONTH", end), expression=part("MONTH", start))
    between = exp.Add(this=exp.Mul(this=years, expression=whole(12)), expression=exp.paren(months))
    unfinished = exp.and_(
        exp.LT(this=part("DAY", end), expression=part("DAY", start)),
        exp.NEQ(this=end.copy(), expression=exp.LastDay(this=end.copy())),
    )
    rest = exp.case().when(unfinished, whole(1)).else_(whole(0))
    return exp.paren(exp.Sub(this=between, expression=rest))
