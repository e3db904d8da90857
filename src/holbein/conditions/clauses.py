"""Conditions as clauses of a sentence.

What is nested stands in parentheses, so that "and" and "or" cannot be taken for each other.
"""

from __future__ import annotations

from holbein.conditions import tree
from holbein.conditions.wording import Wording, mark, pair

_FLIPPED: dict[tree.CompareSign, tree.CompareSign] = {
    "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
_OPPOSITE: dict[tree.CompareSign, tree.CompareSign] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<",
}  # fmt: skip
_IS = {
    "=": mark("{left} is {right}"),
    "<": mark("{left} is less than {right}"),
    "<=": mark("{left} is at most {right}"),
    ">": mark("{left} is more than {right}"),
    ">=": mark("{left} is at least {right}"),
}
_DATE_IS = {
    "=": mark("{left} is {right}"),
    "<": mark("{left} is before {right}"),
    "<=": mark("{left} is on or before {right}"),
    ">": mark("{left} is after {right}"),
    ">=": mark("{left} is on or after {right}"),
}
_AMOUNTS = {
    "=": mark("exactly {n}"),
    "<": mark("fewer than {n}"),
    "<=": mark("at most {n}"),
    ">": mark("more than {n}"),
    ">=": mark("at least {n}"),
}
_ELAPSED = {
    ("day", "since"): pair("{date} is {amount} day ago", "{date} is {amount} days ago"),
    ("month", "since"): pair("{date} is {amount} month ago", "{date} is {amount} months ago"),
    ("year", "since"): pair("{date} is {amount} year ago", "{date} is {amount} years ago"),
    ("day", "until"): pair("{date} is {amount} day from now", "{date} is {amount} days from now"),
    ("month", "until"): pair(
        "{date} is {amount} month from now", "{date} is {amount} months from now"
    ),
    ("year", "until"): pair(
        "{date} is {amount} year from now", "{date} is {amount} years from now"
    ),
}
_RELATED = {
    ("any", "role"): (mark("there is a current role"), mark("a current role meets ({where})")),
    ("all", "role"): (
        mark("there is a current role"),
        mark("every current role, and at least one, meets ({where})"),
    ),
    ("no", "role"): (
        mark("there is no current role"),
        mark("no current role meets ({where})"),
    ),
    ("any", "role_ever"): (
        mark("there is a current or past role"),
        mark("a current or past role meets ({where})"),
    ),
    ("any", "enterprise"): (mark("there is an enterprise"), mark("the enterprise meets ({where})")),
    ("any", "person"): (mark("there is a person"), mark("the person meets ({where})")),
    ("any", "parent"): (
        mark("there is a parent enterprise"),
        mark("the parent enterprise meets ({where})"),
    ),
    ("any", "root"): (
        mark("there is a head of the group"),
        mark("the head of the group meets ({where})"),
    ),
    ("any", "subsidiary"): (
        mark("there is a direct subsidiary"),
        mark("a direct subsidiary meets ({where})"),
    ),
    ("any", "descendant"): (
        mark("there is an enterprise below it"),
        mark("an enterprise below it, at any level, meets ({where})"),
    ),
}
_FROM_PERSON = (
    mark("there is a current enterprise"),
    mark("a current enterprise meets ({where})"),
)
_COUNTED = frozenset({"count", "count_days", "count_distinct", "sum"})


class Speaker(Wording):
    """Conditions as clauses."""

    def clause(self, node: tree.Condition) -> str:
        match node:
            case tree.And(items=()):
                return self.say("always")
            case tree.Or(items=()):
                return self.say("never")
            case tree.And(items=(item,)) | tree.Or(items=(item,)):
                return self.clause(item)
            case tree.And() | tree.Or():
                return self._joined(node)
            case tree.Not():
                return self._not(node.item)
            case tree.Related():
                return self._related(node)
            case tree.Sequence():
                return self._sequence(node)
            case tree.InAudience():
                return self.say("it is in the audience {name}", name=self._audience(node))
            case tree.Became():
                return self._became(node)
            case tree.Compare():
                return self._compare(node)
            case _:
                return self._about(node, negated=False)

    # --- joining --------------------------------------------------------------------------------

    def _joined(self, node: tree.And | tree.Or) -> str:
        parts = []
        for item in node.items:
            text = self.clause(item)
            nested = isinstance(item, tree.And | tree.Or) and len(item.items) > 1
            parts.append(self.say("({what})", what=text) if nested else text)
        heavy = any(_COMMAS.intersection(_outside(part)) for part in parts)
        if isinstance(node, tree.Or):
            between = final = mark("{rest}; or {next}") if heavy else mark("{rest} or {next}")
        elif heavy:
            between, final = mark("{rest}; {next}"), mark("{rest}; and {next}")
        elif len(parts) == 2:
            between = final = mark("{rest} and {next}")
        else:
            between, final = mark("{rest}, {next}"), mark("{rest}, and {next}")
        return self.listed(parts, between, final)

    def _not(self, item: tree.Condition) -> str:
        match item:
            case tree.And(items=(inner,)) | tree.Or(items=(inner,)):
                return self._not(inner)
            case tree.InAudience():
                return self.say("it is not in the audience {name}", name=self._audience(item))
            case tree.Related(quantifier="any") if (item.relation, item.where) == (
                "role",
                tree.TRUE,
            ):
                return self.say("there is no current role")
            case tree.Related(quantifier="any", relation="role"):
                return self._related(tree.Related("no", "role", item.where))
            case tree.Compare():
                return self._not_compare(item)
            case tree.In() | tree.Between() | tree.Like() | tree.Contains() | tree.Within():
                return self._about(item, negated=True)
            case tree.Missing():
                return self._about(item, negated=True)
            case _:
                return self.say("not ({what})", what=self.clause(item))

    # --- comparisons ----------------------------------------------------------------------------

    def _compare(self, node: tree.Compare) -> str:
        left, sign, right = node.left, node.sign, node.right
        if isinstance(left, tree.Text | tree.Number | tree.Truth | tree.Day):
            left, sign, right = right, _FLIPPED[sign], left
        if isinstance(right, tree.Number):
            special = self._amount(left, sign, right.value)
            if special:
                return special
        if isinstance(left, tree.Field) and isinstance(right, tree.Truth):
            name = self.field(left.name)
            if right.value:
                return self.say("{name} is yes", name=name)
            return self.say("{name} is no", name=name)
        table = _DATE_IS if self._is_date(left) or self._is_date(right) else _IS
        return self.say(table[sign], left=self.noun(left), right=self._side(right, left))

    def _not_compare(self, node: tree.Compare) -> str:
        left, sign, right = node.left, node.sign, node.right
        if isinstance(left, tree.Text | tree.Number | tree.Truth | tree.Day):
            left, sign, right = right, _FLIPPED[sign], left
        counted = isinstance(left, tree.RelatedCount) or (
            isinstance(left, tree.Aggregate) and left.name in _COUNTED
        )
        if counted and isinstance(right, tree.Number) and sign != "=":
            # A count is never missing, so the complement is the opposite sign.
            return self._compare(tree.Compare(left, _OPPOSITE[sign], right))
        if counted and isinstance(right, tree.Number) and right.value == 0:
            return self._compare(tree.Compare(left, ">", right))
        if sign == "=" and not isinstance(right, tree.Truth) and not self._timed(left):
            text = self._side(right, left)
            return self.say("{left} is not {right}", left=self.noun(left), right=text)
        if isinstance(left, tree.Field) and isinstance(right, tree.Truth):
            text = mark("{name} is yes or not known")
            if right.value:
                text = mark("{name} is no or not known")
            return self.say(text, name=self.field(left.name))
        return self.say("not ({what})", what=self._compare(node))

    def _timed(self, node: tree.Measure) -> bool:
        return isinstance(node, tree.Elapsed) or (
            isinstance(node, tree.Aggregate) and node.name == "days_since"
        )

    def _side(self, node: tree.Measure, other: tree.Measure) -> str:
        if isinstance(node, tree.Text | tree.Number | tree.Truth | tree.Day):
            if isinstance(node, tree.Number) and isinstance(other, tree.RelatedShare):
                return self.percent(node.value)
            return self.literal(node, self.spec(other))
        return self.noun(node)

    def _is_date(self, node: tree.Measure) -> bool:
        spec = self.spec(node)
        return isinstance(node, tree.Day) or (spec is not None and spec.type == "date")

    def _amount(self, left: tree.Measure, sign: tree.CompareSign, value: float) -> str | None:
        """A figure against a number where a phrase says it better than "is more than"."""
        if isinstance(left, tree.Bucket) and sign == "<" and 0 < value <= 1:
            return self.say(
                "it is in the first {share} of the random split {salt}",
                share=self.percent(value),
                salt=self.quote(left.salt),
            )
        text = mark("less than {n}") if sign == "<" and self._timed(left) else _AMOUNTS[sign]
        amount = self.say(text, n=self.number(value))
        if isinstance(left, tree.Aggregate) and left.name == "count":
            if (sign, value) in ((">", 0), (">=", 1)) and not self.is_event(left.stream):
                return self.placed(self.say("there were {stream}", stream=self.facts(left)), left)
            if (sign, value) == (">", 0):
                sign, value = ">=", 1
            if value == 1 and self.is_event(left.stream):
                amount = self.say(_AMOUNTS[sign], n=self.say("once"))
        if isinstance(left, tree.Elapsed | tree.Aggregate):
            none = (sign, value) in (("=", 0), ("<", 1), ("<=", 0))
            return self._happened(left, amount, value, none)
        return None

    def _happened(
        self, node: tree.Elapsed | tree.Aggregate, amount: str, value: float, none: bool
    ) -> str | None:
        if isinstance(node, tree.Elapsed):
            date = self.noun(node.of)
            pair = _ELAPSED[node.unit, node.direction]
            return self.many(*pair, value, date=date, amount=amount)
        facts = self.facts(node)
        if node.name == "days_since":
            said = self.many(
                "{latest} was {amount} day ago",
                "{latest} was {amount} days ago",
                value,
                latest=self.latest(node),
                amount=amount,
            )
            return self.placed(said, node)
        event = self.is_event(node.stream)
        if node.name in ("count", "count_days") and none:
            if node.window is None and node.before is None:
                text = mark("there have never been any {stream}")
                if event:
                    text = mark("{stream} never happened")
            else:
                text = mark("{stream} did not happen") if event else mark("there were no {stream}")
            return self.placed(self.say(text, stream=facts), node)
        if node.name == "count_days":
            said = self.many(
                "{stream} happened on {amount} day",
                "{stream} happened on {amount} days",
                value,
                stream=facts,
                amount=amount,
            )
            return self.placed(said, node)
        if node.name == "count" and event:
            said = self.many(
                "{stream} happened {amount}",
                "{stream} happened {amount} times",
                value,
                stream=facts,
                amount=amount,
            )
            return self.placed(said, node)
        if node.name == "count" and abs(value) != 1:
            said = self.say("there were {amount} {stream}", stream=facts, amount=amount)
            return self.placed(said, node)
        return None

    def _about(self, node: tree.Condition, negated: bool) -> str:
        """Conditions on one measure, and their negatives."""
        match node:
            case tree.Missing(of=of):
                text = mark("{name} is known") if negated else mark("{name} is not known")
                return self.say(text, name=self.noun(of))
            case tree.In(of=of, values=values):
                return self._in(of, values, negated)
            case tree.Between():
                return self._between(node, negated)
            case tree.Like(of=of, pattern=pattern):
                return self._like(of, pattern, negated)
            case tree.Contains(of=of, value=value):
                text = mark("{name} include {value}")
                if negated:
                    text = mark("{name} do not include {value}")
                return self.say(text, name=self.noun(of), value=self.label(value, self.spec(of)))
            case tree.Within(of=of, value=value):
                text = mark("{name} is within {value}")
                if negated:
                    text = mark("{name} is not within {value}")
                return self.say(text, name=self.noun(of), value=self.label(value, self.spec(of)))
        raise TypeError(f"no condition: {type(node).__name__}")

    def _in(self, of: tree.Measure, values: tuple[tree.Literal, ...], negated: bool) -> str:
        spec = self.spec(of)
        said = [self.literal(value, spec) for value in values]
        if len(said) > 10:
            more = self.number(len(said) - 9)
            said = [*said[:9], self.say("{n} others", n=more)]
        if len(said) == 1:
            text = mark("{left} is not {right}") if negated else mark("{left} is {right}")
            return self.say(text, left=self.noun(of), right=said[0])
        listed = self.listed(said, mark("{rest}, {value}"), mark("{rest} or {value}"))
        text = mark("{name} is none of {values}") if negated else mark("{name} is {values}")
        return self.say(text, name=self.noun(of), values=listed)

    def _between(self, node: tree.Between, negated: bool) -> str:
        low, high = self._side(node.low, node.of), self._side(node.high, node.of)
        ends = isinstance(node.low, tree.Number) and isinstance(node.high, tree.Number)
        if ends and isinstance(node.of, tree.Elapsed | tree.Aggregate):
            amount = self.say("{low} to {high}", low=low, high=high)
            if said := self._happened(node.of, amount, 2, none=False):
                return self.say("not ({what})", what=said) if negated else said
        text = mark("{name} is not between {low} and {high}")
        if not negated:
            text = mark("{name} is between {low} and {high}")
        return self.say(text, name=self.noun(node.of), low=low, high=high)

    def _like(self, of: tree.Measure, pattern: str, negated: bool) -> str:
        text, first, last = _plain_pattern(pattern)
        name = self.noun(of)
        if text is None:
            shape = (
                mark("{name} does not match {text}") if negated else mark("{name} matches {text}")
            )
            return self.say(shape, name=name, text=self.quote(pattern))
        said = {
            (True, True): (mark("{name} contains {text}"), mark("{name} does not contain {text}")),
            (False, True): (
                mark("{name} begins with {text}"),
                mark("{name} does not begin with {text}"),
            ),
            (True, False): (mark("{name} ends in {text}"), mark("{name} does not end in {text}")),
            (False, False): (mark("{name} reads {text}"), mark("{name} does not read {text}")),
        }[first, last][negated]
        return self.say(said, name=name, text=self.quote(text))

    # --- others ---------------------------------------------------------------------------------

    def _related(self, node: tree.Related) -> str:
        bare, full = _RELATED[node.quantifier, node.relation]
        if (self.kind, node.relation) == ("person", "enterprise"):
            bare, full = _FROM_PERSON
        if node.where == tree.TRUE:
            return self.say(bare)
        inner = self.related(node.relation).clause(node.where)
        return self.say(full, where=inner)

    def _sequence(self, node: tree.Sequence) -> str:
        steps = [self.facts(step) for step in node.steps]
        text = self.listed(steps, mark("{rest} followed by {step}"))
        if node.within is None:
            return self.say("{steps} in this order", steps=text)
        return self.say("{steps} within {length}", steps=text, length=self.length(node.within))

    def _audience(self, node: tree.InAudience) -> str:
        found = self.vocabulary.audiences.get(node.audience)
        titles = found.titles if found else {}
        return self.quote(titles.get(self.language) or titles.get("en") or node.audience)

    def _became(self, node: tree.Became) -> str:
        spec = self.spec(tree.Field(node.tag))
        value = self.literal(node.value, spec)
        text = mark("{tag} became {value}")
        if spec and spec.type == "categories":
            text = mark("{tag} gained {value}")
        said = self.say(text, tag=self.field(node.tag), value=value)
        return self.say("{what} {period}", what=said, period=self.period(node.window, None))


_COMMAS = frozenset(",;，；")


def _outside(text: str) -> str:
    """``text`` without what stands in parentheses or quotes."""
    out, depth = [], 0
    for one in text:
        if one in "(（“":
            depth += 1
        elif one in ")）”":
            depth -= 1
        elif depth == 0:
            out.append(one)
    return "".join(out)


def _plain_pattern(pattern: str) -> tuple[str | None, bool, bool]:
    """The text of a simple pattern, and whether anything may stand before and behind it."""
    text, loose = "", []
    index = 0
    while index < len(pattern):
        one = pattern[index]
        if one == "\\" and index + 1 < len(pattern):
            index += 1
            text += pattern[index]
        elif one == "_":
            return None, False, False
        elif one == "%":
            loose.append(len(text))
        else:
            text += one
        index += 1
    if not text or any(0 < place < len(text) for place in loose):
        return None, False, False
    return text, 0 in loose, len(text) in loose
