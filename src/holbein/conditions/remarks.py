"""What a reader may not expect of a condition: whom a missing value leaves out or takes in."""

from __future__ import annotations

from holbein.conditions import tree
from holbein.conditions.clauses import Speaker
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language, Vocabulary
from holbein.conditions.wording import mark

_NEVER_MISSING = frozenset({"count", "count_days", "count_distinct", "sum"})


def remarks(
    condition: tree.Condition, kind: SubjectKind, vocabulary: Vocabulary, language: Language
) -> list[str]:
    """One sentence for each surprise, in the order of the text, none twice.

    Positive conditions on days, extremes and shares leave out those who have none; negative
    conditions take in those whose value is missing; quantifiers speak of current roles.
    """
    found: dict[str, None] = {}
    _visit(condition, Speaker(kind, vocabulary, language), True, found)
    return list(found)


def _visit(node: tree.Condition, at: Speaker, positive: bool, found: dict[str, None]) -> None:
    match node:
        case tree.And(items=items) | tree.Or(items=items):
            for item in items:
                _visit(item, at, positive, found)
        case tree.Not(item=tree.Related(quantifier="any", relation="role") as item) if positive:
            _visit(tree.Related("no", "role", item.where), at, positive, found)
        case tree.Not():
            _visit(node.item, at, not positive, found)
        case tree.Related():
            _of_quantifier(node, at, positive, found)
            # Of whom no related subject may match, a missing value says nothing surprising.
            _visit(node.where, at.related(node.relation), True, found)
        case tree.Compare(left=left, right=right):
            _of_measures((left, right), at, positive, found)
        case tree.Between():
            _of_measures((node.of, node.low, node.high), at, positive, found)
        case tree.In() | tree.Like() | tree.Contains() | tree.Within():
            _of_measures((node.of,), at, positive, found)
        case _:
            pass


def _of_quantifier(node: tree.Related, at: Speaker, positive: bool, found: dict[str, None]) -> None:
    if node.quantifier == "all":
        text = mark("{kinds} without a current role do not count as having all roles meet it.")
    elif node.quantifier == "no" and positive:
        text = mark("{kinds} without any current role are taken in as well.")
    else:
        return
    found[_capital(at.say(text, kinds=at.kinds()))] = None


def _of_measures(
    sides: tuple[tree.Measure, ...], at: Speaker, positive: bool, found: dict[str, None]
) -> None:
    for side in sides:
        for one in _missable(side):
            if positive and isinstance(one, tree.Field):
                continue  # that an unknown value does not match is what everyone expects
            if isinstance(one, tree.Aggregate) and one.name == "days_since":
                what = at.placed(at.facts(one), one)
                leave = mark("{kinds} without any {what} are left out.")
                take = mark("{kinds} without any {what} are taken in as well.")
            else:
                what = at.noun(one.of if isinstance(one, tree.Elapsed) else one)
                leave = mark("{kinds} whose value is missing ({what}) are left out.")
                take = mark("{kinds} whose value is missing ({what}) are taken in as well.")
            said = at.say(leave if positive else take, kinds=at.kinds(), what=what)
            found[_capital(said)] = None


def _missable(node: tree.Measure) -> list[tree.Measure]:
    """The parts of a measure that may be missing."""
    match node:
        case tree.Field() | tree.RelatedShare():
            return [node]
        case tree.Aggregate():
            return [] if node.name in _NEVER_MISSING else [node]
        case tree.Elapsed():
            return _missable(node.of) if isinstance(node.of, tree.Aggregate) else [node]
        case tree.Arithmetic():
            return _missable(node.left) + _missable(node.right)
        case _:
            return []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
