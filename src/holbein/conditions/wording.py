"""What the words of conditions are made of: names, values, periods, and figures as nouns.

Every text goes through gettext as a whole template with named parts, so that a language can put
them in its own order.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Self

from holbein.conditions import tree
from holbein.conditions.functions import WITHOUT_COLUMN
from holbein.conditions.scope import AT, TARGETS
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language, Titles, Vocabulary
from holbein.language import translator


def mark(text: str) -> str:
    """A template in a table, marked for those who translate."""
    return text


def pair(one: str, several: str) -> tuple[str, str]:
    """Templates for one and for several, marked likewise."""
    return one, several


# What stands between marks of quotation: values that a sentence could not hold bare.
_NEEDS_QUOTES = re.compile(
    r"[,;:()，；：（）、。“”\"]|^\s|\s$|^$|\b(?:and|or|not)\b", re.IGNORECASE
)
_MIXED_CASE = re.compile(r"[A-Z].*[A-Z]|^[^A-Z]")

_KINDS = {"enterprise": mark("enterprises"), "person": mark("people"), "role": mark("roles")}
_PERIODS = {
    "minute": pair("in the last minute", "in the last {n} minutes"),
    "hour": pair("in the last hour", "in the last {n} hours"),
    "day": pair("in the last day", "in the last {n} days"),
    "week": pair("in the last week", "in the last {n} weeks"),
    "month": pair("in the last month", "in the last {n} months"),
    "year": pair("in the last year", "in the last {n} years"),
}
_LENGTHS = {
    "minute": pair("{n} minute", "{n} minutes"),
    "hour": pair("{n} hour", "{n} hours"),
    "day": pair("{n} day", "{n} days"),
    "week": pair("{n} week", "{n} weeks"),
    "month": pair("{n} month", "{n} months"),
    "year": pair("{n} year", "{n} years"),
}
_STRETCHES = {
    "minute": pair("minute", "{n} minutes"),
    "hour": pair("hour", "{n} hours"),
    "day": pair("day", "{n} days"),
    "week": pair("week", "{n} weeks"),
    "month": pair("month", "{n} months"),
    "year": pair("year", "{n} years"),
}
_FIGURES = {
    "count_distinct": mark("number of different values of {column} of {stream}"),
    "sum": mark("total {column} of {stream}"),
    "avg": mark("average {column} of {stream}"),
    "min": mark("lowest {column} of {stream}"),
    "max": mark("highest {column} of {stream}"),
    "median": mark("median {column} of {stream}"),
    "first": mark("first {column} of {stream}"),
    "last": mark("last {column} of {stream}"),
}
_DATES = {
    "min": mark("earliest {column} of {stream}"),
    "max": mark("latest {column} of {stream}"),
}
_ELAPSED = {
    ("day", "since"): mark("days since {date}"),
    ("day", "until"): mark("days until {date}"),
    ("month", "since"): mark("months since {date}"),
    ("month", "until"): mark("months until {date}"),
    ("year", "since"): mark("years since {date}"),
    ("year", "until"): mark("years until {date}"),
}
_ARITHMETIC = {
    "+": mark("{left} plus {right}"),
    "-": mark("{left} minus {right}"),
    "*": mark("{left} times {right}"),
    "/": mark("{left} divided by {right}"),
}


@dataclass(frozen=True)
class Wording:
    """Words for subjects of ``kind``; inside a filter, for the facts of ``stream``."""

    kind: SubjectKind
    vocabulary: Vocabulary
    language: Language
    stream: str | None = None

    def say(self, message: str, **parts: str) -> str:
        """The template in the reader's language, filled."""
        return translator(self.language, "conditions").gettext(message).format(**parts)

    def many(self, one: str, several: str, number: float, **parts: str) -> str:
        """The template for one or for several."""
        whole = int(number) if float(number).is_integer() else 2
        found = translator(self.language, "conditions").ngettext(one, several, abs(whole))
        return found.format(n=self.number(number), **parts)

    # --- names ----------------------------------------------------------------------------------

    def title(self, titles: Titles, name: str) -> str:
        """The title in the reader's language, else in another, else the name itself."""
        own = titles.get(self.language)
        found = own or titles.get("en") or next(iter(titles.values()), "") or name.replace("_", " ")
        if self.language == "en" and not _MIXED_CASE.search(found):
            found = found[0].lower() + found[1:]  # in the middle of a sentence
        return found

    def kinds(self) -> str:
        return self.say(_KINDS[self.kind])

    def spec(self, node: tree.Measure) -> FieldSpec | None:
        """The field whose values ``node`` has, where they come from one unchanged."""
        if isinstance(node, tree.Field):
            if self.stream is not None:
                return self.column_spec(self.stream, node.name)
            return self.vocabulary.fields.get(self.kind, {}).get(node.name)
        if isinstance(node, tree.Aggregate) and node.name in ("first", "last", "min", "max"):
            return self.column_spec(node.stream, node.column or "")
        return None

    def column_spec(self, stream: str, column: str) -> FieldSpec | None:
        found = self.vocabulary.source(stream)
        if not found:
            return None
        spec = found[0].columns.get(column, AT if column == "at" else None)
        if spec and found[0].name == "event" and column == "name" and not spec.values:
            return replace(spec, values=self.vocabulary.events)
        return spec

    def field(self, name: str) -> str:
        spec = self.spec(tree.Field(name))
        return self.title(spec.titles if spec else {}, name)

    def source(self, name: str) -> str:
        """The title of a stream or event."""
        found = self.vocabulary.source(name)
        if not found:
            return self.title({}, name)
        stream, event = found
        return self.title(stream.titles if event is None else self.vocabulary.events[event], name)

    def is_event(self, name: str) -> bool:
        found = self.vocabulary.source(name)
        return bool(found and (found[1] is not None or name == "event"))

    def related(self, relation: tree.Relation) -> Self:
        return replace(self, kind=TARGETS.get((self.kind, relation), self.kind), stream=None)

    # --- values ---------------------------------------------------------------------------------

    def number(self, value: float) -> str:
        """``10,000`` in English, ``10000`` in Chinese; no needless fraction."""
        text = f"{value:,.12g}" if abs(value) < 1e12 else f"{value:.12g}"
        return text.replace(",", "") if self.language == "zh" else text

    def percent(self, value: float) -> str:
        return f"{self.number(round(value * 100, 10))}%"

    def day(self, value: dt.date) -> str:
        if self.language == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return value.isoformat()

    def label(self, value: str, spec: FieldSpec | None) -> str:
        """The title of a value, or the label of a code; in quotes where it would confuse."""
        said = value
        if spec and spec.codes:
            said = spec.codes.label(spec.codes.resolve(value) or value, self.language)
        elif spec and value in spec.values:
            titles = spec.values[value]
            said = titles.get(self.language) or titles.get("en") or value
        return self.quote(said) if _NEEDS_QUOTES.search(said) else said

    def quote(self, text: str) -> str:
        return f"“{text}”"

    def literal(self, value: tree.Literal, spec: FieldSpec | None = None) -> str:
        match value:
            case tree.Text():
                return self.label(value.value, spec)
            case tree.Number():
                return self.number(value.value)
            case tree.Day():
                return self.day(value.value)
            case tree.Truth():
                return self.say("yes") if value.value else self.say("no")

    # --- time -----------------------------------------------------------------------------------

    def length(self, window: tree.Window) -> str:
        return self.many(*_LENGTHS[window.unit], window.count)

    def period(self, window: tree.Window | None, before: tree.Window | None) -> str:
        """``in the last 90 days``; empty where an aggregate looks at all of the past."""
        if window and before:
            return self.say(
                "in the {length} before the last {before}",
                length=self.length(window),
                before=self.many(*_STRETCHES[before.unit], before.count),
            )
        if before:
            stretch = self.many(*_STRETCHES[before.unit], before.count)
            return self.say("before the last {before}", before=stretch)
        return self.many(*_PERIODS[window.unit], window.count) if window else ""

    def placed(self, what: str, node: tree.Aggregate) -> str:
        """A phrase about an aggregate, with its period where the language puts it."""
        period = self.period(node.window, node.before)
        return self.say("{what} {period}", what=what, period=period) if period else what

    # --- measures -------------------------------------------------------------------------------

    def clause(self, node: tree.Condition) -> str:
        """A condition in words; ``words`` does this."""
        raise NotImplementedError

    def facts(self, node: tree.Aggregate | tree.Step) -> str:
        """The stream or event, with its filter in parentheses."""
        name = self.source(node.stream)
        if node.where is None:
            return name
        where = replace(self, stream=node.stream).clause(node.where)
        if isinstance(node.where, tree.And | tree.Or) and len(node.where.items) > 1:
            return self.say("{what} (meeting: {where})", what=name, where=where)
        return self.say("{what} ({where})", what=name, where=where)

    def latest(self, node: tree.Aggregate) -> str:
        """The last fact of a stream or event."""
        text = mark("the latest entry in {stream}")
        if self.is_event(node.stream):
            text = mark("the latest {stream}")
        return self.say(text, stream=self.facts(node))

    def listed(self, parts: list[str], between: str, final: str | None = None) -> str:
        """Parts joined by templates: the first named part is the rest, the second the next."""
        text = parts[0]
        for index, part in enumerate(parts[1:], 2):
            template = final if final and index == len(parts) else between
            _, second = re.findall(r"{(\w+)}", template)
            text = self.say(template, **{"rest": text, second: part})
        return text

    def noun(self, node: tree.Measure) -> str:
        """A measure as what can be compared: ``total amount of orders in the last 90 days``."""
        match node:
            case tree.Field():
                return self.field(node.name)
            case tree.Aggregate():
                return self.placed(self._aggregate(node), node)
            case tree.Elapsed():
                return self.say(_ELAPSED[node.unit, node.direction], date=self.noun(node.of))
            case tree.Bucket():
                return self.say("place in the random split {salt}", salt=self.quote(node.salt))
            case tree.Arithmetic():
                return self._arithmetic(node)
            case tree.RelatedCount():
                return self._related_count(node)
            case tree.RelatedShare():
                inner = self.related("role").clause(node.where)
                return self.say("share of current roles that meet ({where})", where=inner)
            case _:
                return self.literal(node)

    def _aggregate(self, node: tree.Aggregate) -> str:
        stream = self.facts(node)
        if node.name == "count":
            if self.is_event(node.stream):
                return self.say("number of times that {stream} happened", stream=stream)
            return self.say("number of {stream}", stream=stream)
        if node.name == "count_days":
            return self.say("number of days with {stream}", stream=stream)
        if node.name in WITHOUT_COLUMN:
            return self.say("days since {latest}", latest=self.latest(node))
        spec = self.column_spec(node.stream, node.column or "")
        column = self.title(spec.titles if spec else {}, node.column or "")
        plain = self.source(node.stream)
        if self.language == "zh" and column.startswith(plain) and column != plain:
            column = column[len(plain) :]  # 订单金额 of 订单 is said once
        table = _DATES if spec and spec.type == "date" else {}
        return self.say(table.get(node.name, _FIGURES[node.name]), column=column, stream=stream)

    def _arithmetic(self, node: tree.Arithmetic) -> str:
        left, right = (
            self.say("({what})", what=self.noun(side))
            if isinstance(side, tree.Arithmetic)
            else self.noun(side)
            for side in (node.left, node.right)
        )
        if node.sign == "*" and isinstance(node.left, tree.Number):
            return self.say("{n} times {what}", n=left, what=right)
        if node.sign == "*" and isinstance(node.right, tree.Number):
            return self.say("{n} times {what}", n=right, what=left)
        return self.say(_ARITHMETIC[node.sign], left=left, right=right)

    def _related_count(self, node: tree.RelatedCount) -> str:
        if node.where == tree.TRUE:
            if node.relation == "role":
                return self.say("number of current roles")
            return self.say("number of direct subsidiaries")
        inner = self.related(node.relation).clause(node.where)
        if node.relation == "role":
            return self.say("number of current roles that meet ({where})", where=inner)
        return self.say("number of direct subsidiaries that meet ({where})", where=inner)
