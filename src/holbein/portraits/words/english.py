"""Values in English: with as much of their titles as a reader needs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from holbein.conditions.tree import SubjectKind
from holbein.portraits.words.parts import Place, Said, unit_of, whole


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_GRADES = _set(
    "high middle medium low large small micro big top bottom good bad poor fair strong weak"
    " rising falling stable growing shrinking average rare frequent"
)
_SIZES = _set("size scale employees staff headcount people workforce")
_NO_COUNT = _set(
    "sales earnings savings costs expenses proceeds takings receipts returns assets funds"
    " status bonus"
)
_PREPOSITIONS = _set(
    "in of since until over per with from to at for within by on before after during last"
)
_ENDS_A_NOUN = _PREPOSITIONS | _set("known held bought sold made sent paid opened won lost now so")
"""Words behind the noun that a title counts."""
_CLAUSES = _set("who that which")
_SINGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman"}
_BEGINNINGS = _set("since founded established incorporated registered born joined")
"""A title that ends so is told by its year."""
_LIKES = re.compile(r"\b(interest|hobb|likes?\b|liked\b)")
_PREFERS = re.compile(r"\b(favou?rite|prefer)")
_USES_MOST = re.compile(r"\bmost used\b")
_CURRENCIES = _set("CNY RMB USD EUR GBP JPY HKD TWD KRW SGD CHF AUD CAD INR")
_OF_THE_BODY = _set("cm kg")
_UNITS = _OF_THE_BODY | _set("m km g t hours minutes days weeks months years")


def phrase(one: Said, place: Place, kind: SubjectKind) -> str:
    """A value with as much of its title as it needs to be understood, and the figure behind it."""
    figure = whole(one.figure.value) if one.figure else None
    if one.figure is None or (figure is not None and figure <= 0):
        return _value(one, place, kind)
    return f"{_value(one, place, kind)} ({_number(one.figure, kind)})"


def _value(one: Said, place: Place, kind: SubjectKind) -> str:
    if one.type == "number":
        return _number(one, kind)
    if one.type == "date":
        return _date(one)
    label = one.labels[0]
    if one.type == "boolean":
        return mid(label)
    if one.type == "categories":
        return glue(mid(one.title), listed(one.labels[:3]))
    if label.casefold() in _GRADES:
        if place == "size" and _is_of_size(one):
            return "medium-sized" if label.casefold() in ("medium", "middle") else label.lower()
        return glue(label.lower(), mid(one.title))
    return mid(label) if one.declared else glue(mid(one.title), label)


def titled(one: Said, kind: SubjectKind) -> str:
    """A value that only its title tells the sense of: main market Germany."""
    if one.type in ("category", "categories"):
        return glue(mid(one.title), listed(one.labels[:3]))
    return phrase(one, "preference", kind)


def lead(one: Said, told: str) -> str:
    """A phrase that nothing goes before which would tell what it is about: *buying committee: no
    decision maker*."""
    title = mid(one.title)
    return told if title.casefold() in told.casefold() else f"{title}: {told}"


def bare(one: Said) -> str:
    """What says who a person is needs no title: ``female``, ``25 to 30``."""
    if one.type != "category" or one.labels[0].casefold() in _GRADES:
        return phrase(one, "who", "person")
    return mid(one.labels[0]) if one.declared else one.labels[0]


def verb_of(one: Said, kind: SubjectKind) -> str:
    """What someone does whose preference it is; empty where the title has to say what it is."""
    if one.type not in ("category", "categories"):
        return ""
    title = one.title.casefold()
    likes, prefers = bool(_LIKES.search(title)), bool(_PREFERS.search(title))
    if kind == "enterprise":
        return "prefers" if likes or prefers else ""
    if _USES_MOST.search(title):
        return "mostly uses"
    return "likes" if likes else "prefers" if prefers else ""


def _is_of_size(one: Said) -> bool:
    """Whether a grade speaks of how large someone is, and so needs no title."""
    words = f"{one.name} {one.title}".casefold().replace("_", " ").split()
    return not _SIZES.isdisjoint(words)


def _number(one: Said, kind: SubjectKind) -> str:
    title, unit = unit_of(mid(one.title))
    value = one.labels[0]
    if unit in _CURRENCIES:
        return f"{title} of {unit} {value}"
    if unit == "%":
        return f"{title} of {value}%"
    if unit in _OF_THE_BODY and kind == "person":
        return f"{value} {unit}"
    if unit in ("thousands", "millions", "billions"):
        return f"{title} of {value} {unit[:-1]}"
    if unit in _UNITS:
        return f"{title} of {value} {unit[:-1] if value == '1' and len(unit) > 2 else unit}"
    return _counted(title, value, whole(one.value)) if not unit else f"{mid(one.title)} of {value}"


def _counted(title: str, value: str, number: int | None) -> str:
    """Three renewals, one login in 30 days; status of 3 where the title has nothing to count."""
    words = title.removeprefix("number of ").split()
    stops = _ENDS_A_NOUN | _CLAUSES
    end = next((n for n, word in enumerate(words) if n and word in stops), len(words))
    noun = words[end - 1] if words else ""
    plural = noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and noun.isalpha()
    countable = (plural or noun in _SINGULAR) and noun not in _NO_COUNT
    # "Two people who decide" has a verb that would have to agree with one.
    clause = not _CLAUSES.isdisjoint(words[end:])
    if number is None or number < 0 or not countable or (clause and number == 1):
        return f"{title}: {value}" if clause else f"{title} of {value}"
    if number == 1:
        singular = noun[:-3] + "y" if noun.endswith("ies") else noun[:-1]
        words[end - 1] = _SINGULAR.get(noun, singular)
    return glue(count(number), " ".join(words))


def _date(one: Said) -> str:
    title, day = mid(one.title), one.labels[0]
    last = title.split()[-1] if title else ""
    if last in _BEGINNINGS and isinstance(one.value, dt.date):
        return f"{title} {one.value.year}"
    if last in _PREPOSITIONS or last in ("date", "day"):
        return glue(title, day)
    return glue(glue(title, "on"), day)


def count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def mid(title: str) -> str:
    """A title inside a sentence: ``Pays on time`` as pays on time; CRM and iPhone as they are."""
    first, space, rest = title.partition(" ")
    if first[:1].isupper() and first[1:].islower() and not re.match(r"[A-Z]", rest):
        return first.lower() + space + rest
    return title


def glue(left: str, right: str) -> str:
    """Two pieces with a space between, no word said twice where they meet."""
    if not left or not right:
        return left or right
    words = left.split(" ")
    if words[-1].casefold() == right.split(" ")[0].casefold():
        words.pop()
    return " ".join([*words, right])


def listed(labels: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    if len(labels) < 2:
        return "".join(labels)
    return glue(", ".join(labels[:-1]) + " and", labels[-1])
