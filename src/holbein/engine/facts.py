"""The facts of a stream, as the subjects of a scope see them at as-of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from sqlglot import exp

from holbein.conditions.tree import Aggregate, Condition, Field, Measure, Window
from holbein.conditions.vocabulary import FieldSpec, StreamSpec, Vocabulary
from holbein.engine.bands import most_days
from holbein.engine.base import Dialect, column, double, table, text
from holbein.engine.compare import Comparisons
from holbein.engine.exact import Exact

if TYPE_CHECKING:
    from holbein.engine.compile import Moment, Scope


class FactRows(Comparisons):
    """The facts of a stream, under the alias ``f``, as a scope's subjects see them at as-of."""

    def __init__(self, scope: Scope, name: str) -> None:
        self.scope = scope
        self.dialect = scope.dialect
        self.today = scope.moment.day
        self.stream, self.event = found(name, scope.vocabulary)
        layout = scope.compiler.layout
        self._delayed = layout.delayed.get(self.stream.name, frozenset())
        self.decimals = layout.decimals.get(self.stream.name, frozenset())
        self._exact = layout.exact.get(self.stream.name, {})

    def value(self, name: str) -> exp.Expr:
        """A column as it is stored; missing until it could be known."""
        if name == "at":
            return column("day", "f")
        value = column(name, "f")
        if name not in self._delayed:
            return value
        known = exp.LT(
            this=column(f"known.{name}", "f"), expression=self.scope.moment.instant.copy()
        )
        shown = exp.case().when(known, value)
        several = self._spec(name).type == "categories"
        return shown.else_(self.dialect.no_labels()) if several else shown

    def field(self, name: str) -> exp.Expr:
        value = self.value(name)
        return double(value) if name != "at" and self._spec(name).type == "number" else value

    def exact(self, name: str | None) -> Exact:
        """How a column of doubles is added up."""
        return self._exact.get(name or "", Exact())

    def is_number(self, name: str | None) -> bool:
        """Whether a column holds numbers."""
        return name is not None and name != "at" and self._spec(name).type == "number"

    def spec_of(self, node: Measure) -> FieldSpec | None:
        return self._spec(node.name) if isinstance(node, Field) and node.name != "at" else None

    def _spec(self, name: str) -> FieldSpec:
        return self.stream.columns[name]

    def keep(
        self,
        window: Window | None,
        before: Window | None,
        where: Condition | None,
        event: str | None,
    ) -> list[exp.Expr]:
        """What a fact must meet, beside being seen, for one aggregate."""
        out = windowed(self.dialect, self.scope.moment, window, before)
        if event is not None:
            out.append(exp.EQ(this=column("name", "f"), expression=text(event)))
        if where is not None:
            out.append(self.condition(where))
        return out

    def kept(self, node: Aggregate, *, timed: bool = True, named: bool = True) -> list[exp.Expr]:
        """What a fact must meet, beside being seen, to count for an aggregate; without regard to
        its window or its event, if so wished.
        """
        event = found(node.stream, self.scope.vocabulary)[1] if named else None
        window, before = (node.window, node.before) if timed else (None, None)
        return self.keep(window, before, node.where, event)

    def events(self, nodes: Iterable[Aggregate]) -> set[str | None]:
        """The events that aggregates ask for; None stands for any."""
        return {found(node.stream, self.scope.vocabulary)[1] for node in nodes}

    def common(self, nodes: Collection[Aggregate]) -> list[exp.Expr]:
        """What every one of the aggregates asks of a fact, said once where the engine can skip
        files by it.
        """
        return [*self.of_events(nodes), *self.since(nodes)]

    def of_events(self, nodes: Iterable[Aggregate]) -> list[exp.Expr]:
        """That a fact is one of the events, where each aggregate asks for one."""
        events = self.events(nodes)
        names = sorted(one for one in events if one is not None)
        if len(names) < len(events):
            return []
        return [exp.In(this=column("name", "f"), expressions=[text(one) for one in names])]

    def since(self, nodes: Iterable[Aggregate]) -> list[exp.Expr]:
        """That a fact is younger than the beginnings of all windows, where each has one."""
        spans = {(node.window, node.before) for node in nodes}
        starts = [self._first_day(one, before) for one, before in spans if one is not None]
        if len(starts) < len(spans):
            return []
        first = sorted(starts, key=lambda one: one.sql())
        earliest = exp.func("LEAST", *first) if len(first) > 1 else first[0]
        return [exp.GT(this=column("day", "f"), expression=earliest)]

    def _first_day(self, window: Window, before: Window | None) -> exp.Expr:
        """A day before which no fact lies in the window."""
        dialect, moment = self.dialect, self.scope.moment
        if window.elapsed:
            back = Window(most_days(window, before), "day")
            return dialect.minus(moment.day.copy(), back)
        return start_of(dialect, moment, window, before)

    def keys(self) -> list[exp.Expr]:
        """The scope's keys, as each fact bears them."""
        if self.scope.moving:
            return self.grouping()
        return [exp.alias_(column(self.scope.kind, "f"), "id", quoted=True)]

    def rows(self, columns: list[exp.Expr]) -> exp.Select:
        """The facts that the scope's subjects bear and see."""
        moment = self.scope.moment
        seen: list[exp.Expr] = [
            exp.LT(this=column(name, "f"), expression=moment.instant.copy())
            for name in ("at", "known_at")
        ]
        # Where clocks went back over midnight, tomorrow has begun before today has ended.
        seen.append(exp.LTE(this=column("day", "f"), expression=moment.day.copy()))
        source = table(f"stream.{self.stream.name}", "f")
        out = exp.select(*self.keys(), *columns).from_(source)
        if self.scope.chosen is not None:
            same = exp.EQ(this=column(self.scope.kind, "f"), expression=column("id", "u"))
            out = out.join(exp.Join(this=table(self.scope.chosen, "u"), on=same), copy=False)
        borne = exp.Not(this=exp.Is(this=column(self.scope.kind, "f"), expression=exp.null()))
        return out.where(*seen, borne)

    def grouping(self) -> list[exp.Expr]:
        """What to group by for one row for each subject (and as-of)."""
        if self.scope.moving:
            return [column("id", "u"), column("instant", "u")]
        return [column(self.scope.kind, "f")]


def windowed(
    dialect: Dialect, moment: Moment, window: Window | None, before: Window | None
) -> list[exp.Expr]:
    """What a fact's time must meet to lie in a window, beside being before as-of."""
    elapsed = _is_elapsed(window, before)
    when = column("at" if elapsed else "day", "f")
    out: list[exp.Expr] = []
    if before is not None:
        end = end_of(dialect, moment, before)
        out.append((exp.LT if elapsed else exp.LTE)(this=when.copy(), expression=end))
    if window is not None:
        start = start_of(dialect, moment, window, before)
        out.append((exp.GTE if elapsed else exp.GT)(this=when.copy(), expression=start))
    return out


def _is_elapsed(window: Window | None, before: Window | None) -> bool:
    given = window or before
    return given is not None and given.elapsed


def end_of(dialect: Dialect, moment: Moment, before: Window) -> exp.Expr:
    """Where a window that lies ``before`` ends: its last day, or the instant after it."""
    back = dialect.earlier if before.elapsed else dialect.minus
    return back((moment.instant if before.elapsed else moment.day).copy(), before)


def start_of(dialect: Dialect, moment: Moment, window: Window, before: Window | None) -> exp.Expr:
    """Where a window begins: the day before its first, or its first instant."""
    back = dialect.earlier if window.elapsed else dialect.minus
    if before is not None:
        return back(end_of(dialect, moment, before), window)
    return back((moment.instant if window.elapsed else moment.day).copy(), window)


def found(name: str, vocabulary: Vocabulary) -> tuple[StreamSpec, str | None]:
    """A stream, or the stream of an event and that event."""
    known = vocabulary.source(name)
    if known is None:
        raise LookupError(f"no stream or event {name!r}")
    return known
