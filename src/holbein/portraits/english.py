"""The sentence in English: fragments of one grammatical form, so that any of them may be absent.

"Software company in Pudong, Shanghai, 250 employees, very active, prefers analytics add-ons, pays
on time; five people known, of whom two decide."
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from holbein.portraits.parts import Job, Parts, Said, where_labels, whole

_WORDS = 55


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MOST = {"who": 3, "size": 2, "activity": 2, "preference": 3, "risk": 2, "people": 2}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COMPANY_WORDS = _set(
    "company companies firm firms business businesses enterprise group corporation bank agency"
    " manufacturer maker retailer wholesaler distributor provider supplier vendor trader broker"
    " consultancy startup school university hospital institute organisation organization"
    " association foundation authority government ministry office studio shop store restaurant"
    " cooperative partnership practice subsidiary customer prospect partner competitor"
)
_GRADES = _set(
    "high middle medium low large small micro big top bottom good bad poor fair strong weak"
    " rising falling stable growing shrinking average rare frequent"
)
_SIZES = _set("size scale employees staff headcount people workforce")
_NO_COUNT = _set(
    "sales earnings savings costs expenses proceeds takings receipts returns assets funds"
    " status bonus"
)
_WITH_THE = re.compile(
    r"United |Netherlands$|Philippines$|Bahamas$|Maldives$|Gambia$|.* (Republic|Islands|Emirates)$"
)
_PREPOSITIONS = _set(
    "in of since until over per with from to at for within by on before after during last"
)
_BUYING = {
    "decides": "decides on purchases",
    "influences": "influences purchases",
    "uses": "uses what is bought",
    "buys": "does the buying",
    "pays": "pays for purchases",
    "blocks": "stands against purchases",
}


def english(parts: Parts) -> str:
    """The sentence of one subject."""
    head, phrases = _opening(parts)
    for place in ("size", "activity", "preference", "risk"):
        phrases.extend(_phrases(parts, place))
    if not head and phrases and parts.kind == "enterprise":
        head = "company"
    rest = [*_people(parts), *_phrases(parts, "people")]
    if parts.kind != "enterprise":
        phrases, rest = phrases + rest, []
    clauses = _within(([head] if head else []) + _distinct(phrases, head), _WORDS - 12)
    people = _within(_distinct(rest, ""), 12)
    text = "; ".join(one for one in (", ".join(clauses), ", ".join(people)) if one)
    if not text:
        return ""
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _opening(parts: Parts) -> tuple[str, list[str]]:
    labels = where_labels(parts)
    where = ", ".join([*map(_place, labels[:1]), *labels[1:]])
    who = list(parts.at("who"))
    if parts.kind == "enterprise":
        noun = next((one for one in who if one.type == "category"), None)
        head = _company(noun.labels[0]) if noun else ""
        if where:
            head = _glue(_glue(head or "company", "in"), where)
        return head, [_phrase(one) for one in who if one is not noun][: _MOST["who"]]
    titles = {one.title.casefold() for one in (*parts.jobs, *parts.past_jobs)}
    phrases = [_bare(one) for one in who if one.labels[0].casefold() not in titles]
    phrases = phrases[: _MOST["who"]]
    if parts.kind == "person":
        phrases.extend(_job(one) for one in parts.jobs[:2])
        if not parts.jobs:
            phrases.extend(f"formerly {_job(one)}" for one in parts.past_jobs[:1])
        if where:
            phrases.append(f"in {where}")
        if phrases and phrases[0].startswith(("in ", "at ")):
            phrases[0] = f"person {phrases[0]}"
        return "", phrases
    jobs = [_job(one) for one in parts.jobs[:1] or parts.past_jobs[:1]]
    if jobs and jobs[0].startswith("at "):
        jobs = [f"role {jobs[0]}"]
    if jobs and not parts.jobs:
        jobs = [f"formerly {jobs[0]}"]
    phrases = jobs + (["not begun yet"] if parts.coming else []) + phrases
    if where:
        phrases.append(f"in {where}" if phrases else f"role in {where}")
    if parts.buying_role in _BUYING and not parts.at("people") and (parts.jobs or not jobs):
        phrases.append(_BUYING[parts.buying_role])
    return "", phrases


def _place(label: str) -> str:
    """A place behind "in": the United Kingdom."""
    return f"the {label}" if _WITH_THE.match(label) else label


def _company(label: str) -> str:
    last = re.split(r"[^\w]+", label.casefold().rstrip(")."))[-1]
    return label if last in _COMPANY_WORDS else _glue(label, "company")


def _job(job: Job) -> str:
    if not job.enterprise:
        return job.title
    return _glue(_glue(job.title, "at"), job.enterprise)


def _people(parts: Parts) -> list[str]:
    if parts.people <= 0:
        return []
    deciders = min(parts.deciders, parts.people)
    if parts.people == 1:
        return ["one person known, who decides" if deciders else "one person known"]
    known = f"{_count(parts.people)} people known"
    if not deciders:
        return [known]
    if deciders == parts.people:
        return [f"{known}, all of whom decide"]
    return [f"{known}, of whom {_count(deciders)} {'decides' if deciders == 1 else 'decide'}"]


def _phrases(parts: Parts, place: str) -> list[str]:
    items = parts.at(place)  # type: ignore[arg-type]
    if place != "preference":
        return [_phrase(one, place) for one in items][: _MOST.get(place, 2)]
    named = [one for one in items if one.type in ("category", "categories")]
    labels = list(dict.fromkeys(label for one in named for label in one.labels))
    out = [f"prefers {listed(labels[: _MOST['preference']])}"] if labels else []
    return out + [_phrase(one) for one in items if one not in named][:2]


def _phrase(one: Said, place: str = "") -> str:
    """A value with as much of its title as it needs to be understood."""
    if one.type == "number":
        return _number(one)
    if one.type == "date":
        return _date(one)
    label = one.labels[0]
    if one.type == "boolean":
        return mid(label)
    if one.type == "categories":
        return _glue(mid(one.title), listed(one.labels[:3]))
    if label.casefold() in _GRADES:
        if place == "size" and _is_of_size(one):
            return "medium-sized" if label.casefold() in ("medium", "middle") else label.lower()
        return _glue(label.lower(), mid(one.title))
    return mid(label) if one.declared else _glue(mid(one.title), label)


def _is_of_size(one: Said) -> bool:
    """Whether a grade speaks of how large someone is, and so needs no title."""
    words = f"{one.name} {one.title}".casefold().replace("_", " ").split()
    return not _SIZES.isdisjoint(words)


def _bare(one: Said) -> str:
    """What says who a person is needs no title: ``female``, ``25 to 30``."""
    if one.type != "category" or one.labels[0].casefold() in _GRADES:
        return _phrase(one)
    return mid(one.labels[0]) if one.declared else one.labels[0]


def _number(one: Said) -> str:
    title, value = mid(one.title), one.labels[0]
    if title.startswith("number of "):
        title = title.removeprefix("number of ")
    words = title.split()
    end = next((n for n, word in enumerate(words) if word in _PREPOSITIONS and n), len(words))
    noun = words[end - 1] if words else ""
    number = whole(one.value)
    plural = noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and noun.isalpha()
    countable = plural and noun not in _NO_COUNT and "(" not in title
    if number is None or number < 0 or not countable:
        return _glue(title, f"of {value}")
    if number == 1:
        words[end - 1] = noun[:-3] + "y" if noun.endswith("ies") else noun[:-1]
    return _glue(value if number else "no", " ".join(words))


def _date(one: Said) -> str:
    title, day = mid(one.title), one.labels[0]
    last = title.split()[-1] if title else ""
    if last in _PREPOSITIONS or last in ("date", "day"):
        return _glue(title, day)
    return _glue(_glue(title, "on"), day)


# --- putting words together -----------------------------------------------------------------------


def mid(title: str) -> str:
    """A title inside a sentence: ``Pays on time`` as pays on time; CRM and iPhone as they are."""
    first, space, rest = title.partition(" ")
    if first[:1].isupper() and first[1:].islower() and not re.match(r"[A-Z]", rest):
        return first.lower() + space + rest
    return title


def _glue(left: str, right: str) -> str:
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
    return _glue(", ".join(labels[:-1]) + " and", labels[-1])


def _count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _distinct(phrases: Iterable[str], head: str) -> list[str]:
    """The phrases without those that repeat one before them."""
    seen = {head.casefold()}
    out = []
    for one in phrases:
        if one and one.casefold() not in seen:
            seen.add(one.casefold())
            out.append(one)
    return out


def _within(phrases: Sequence[str], words: int) -> list[str]:
    """As many phrases, in order, as fit into so many words."""
    out: list[str] = []
    for one in phrases:
        words -= len(one.split())
        if words < 0 and out:
            break
        out.append(one)
    return out
