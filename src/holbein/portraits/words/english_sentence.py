"""The sentence in English: fragments of one grammatical form, so that any of them may be absent.

"Software company in Pudong, Shanghai, 200 to 499 people, founded 2012, customer since 2021, very
active, loyal (three renewals), prefers analytics add-ons, pays on time; five people known, of whom
two decide, no one from finance."
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from holbein.portraits.words.companies import company
from holbein.portraits.words.english import bare, count, glue, lead, listed, phrase, titled, verb_of
from holbein.portraits.words.parts import (
    MOST,
    ORDER,
    Job,
    Parts,
    Place,
    where_labels,
)
from holbein.portraits.words.phrases import cut, distinct, within, without

_WORDS = 58
_OF_THE_PEOPLE = 14
"""How many of the words may speak of the people of an enterprise."""


_WITH_THE = re.compile(
    r"United |Netherlands$|Philippines$|Bahamas$|Maldives$|Gambia$|.* (Republic|Islands|Emirates)$"
)
_FIGURE = re.compile(r"\d|(under|over|less than|fewer than|more than|up to|at least)\b", re.I)
"""What tells nothing of whose figure it is: 40 to 49, under 25, less than 8,000 a month."""
_BUYING = {
    "decides": "decides on purchases",
    "influences": "influences purchases",
    "uses": "end user",
    "buys": "handles purchasing",
    "pays": "pays for purchases",
    "blocks": "opposes purchases",
}


def english(parts: Parts) -> str:
    """The sentence of one subject."""
    phrases = _opening(parts)
    for place in ORDER[parts.kind]:
        phrases.extend(_phrases(parts, place))
    people = _people(parts) if parts.kind == "enterprise" else []
    if parts.kind == "enterprise" and phrases and not _names_it(parts):
        phrases.insert(0, "company")
    if parts.kind == "person" and phrases and _FIGURE.match(phrases[0]):
        phrases.insert(0, "person")
    people = without(distinct(people, _holds), phrases, _holds)
    people = within(people, _OF_THE_PEOPLE, _width)
    room = _WORDS - sum(map(_width, people))
    phrases = [cut(one, room, _width) for one in phrases[:1]] + phrases[1:]
    clauses = within(distinct(phrases, _holds), room, _width)
    text = "; ".join(one for one in (", ".join(clauses), ", ".join(people)) if one)
    if not text:
        return ""
    return _capital(text.rstrip(".")) + ("" if text.endswith("…") else ".")


def _width(phrase: str) -> float:
    return len(phrase.split())


def _holds(long: str, short: str) -> bool:
    """Whether one phrase says all that another does, word for word."""
    told, asked = (f" {one.casefold()} ".replace(",", " ,") for one in (long, short))
    return asked in told


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if any(one.isupper() for one in first[1:]) else text[:1].upper() + text[1:]


def _names_it(parts: Parts) -> bool:
    """Whether an enterprise is called something, and if it be a company in a place."""
    return bool(where_labels(parts)) or any(one.type == "category" for one in parts.at("who"))


def _opening(parts: Parts) -> list[str]:
    labels = where_labels(parts)
    where = ", ".join([*map(_place, labels[:1]), *labels[1:]])
    if parts.kind == "enterprise":
        return _enterprise(parts, where)
    jobs = (*parts.jobs, *parts.coming_jobs, *parts.past_jobs)
    titles = {one.title.casefold() for one in jobs}
    who = [bare(one) for one in parts.at("who") if one.labels[0].casefold() not in titles]
    who = who[: MOST["who"]]
    return _person(parts, who, where) if parts.kind == "person" else _role(parts, who, where)


def _enterprise(parts: Parts, where: str) -> list[str]:
    who = parts.at("who")
    noun = next((one for one in who if one.type == "category"), None)
    head = company(noun.labels[0]) if noun else ""
    if where:
        head = glue(glue(head or "company", "in"), where)
    others = [phrase(one, "who", parts.kind) for one in who if one is not noun]
    return [head, *others[: MOST["who"]]] if head else others[: MOST["who"]]


def _person(parts: Parts, who: list[str], where: str) -> list[str]:
    if parts.jobs:
        jobs = _jobs(parts.jobs[:2])
    elif parts.coming_jobs:
        first = parts.coming_jobs[0]
        starts = f"{_job(first)} (not begun yet)"
        jobs = [starts if first.title else f"will work at {first.enterprise}"]
    else:
        jobs = [f"formerly {_job(one)}" for one in parts.past_jobs[:1]]
    if where and len(jobs) == 1 and parts.jobs and not parts.jobs[0].enterprise:
        jobs = [f"{jobs[0]} in {where}"]
    elif where:
        jobs.append(f"in {where}")
    phrases = who + jobs
    if phrases and phrases[0].startswith(("in ", "works at ")):
        phrases[0] = f"person {phrases[0].removeprefix('works ')}"
    return phrases


def _role(parts: Parts, who: list[str], where: str) -> list[str]:
    if parts.jobs:
        jobs = [_job(parts.jobs[0])]
    elif parts.coming_jobs:
        jobs = [_job(parts.coming_jobs[0]), "not begun yet"]
    else:
        jobs = [f"formerly {_job(one)}" for one in parts.past_jobs[:1]]
    if jobs and jobs[0].startswith("at "):
        jobs[0] = f"role {jobs[0]}"
    phrases = jobs + who
    if where:
        phrases.append(f"in {where}" if phrases else f"role in {where}")
    is_over = not parts.jobs and bool(parts.coming_jobs or parts.past_jobs)
    if parts.buying_role in _BUYING and not parts.at("people") and not is_over:
        phrases.append(_BUYING[parts.buying_role])
    return phrases


def _place(label: str) -> str:
    """A place behind "in": the United Kingdom."""
    return f"the {label}" if _WITH_THE.match(label) else label


def _jobs(jobs: Sequence[Job]) -> list[str]:
    """The jobs, those of one title as one: accountant at Acme and Bolt."""
    out = []
    for title, same in itertools.groupby(jobs, lambda one: one.title):
        at = [one.enterprise for one in same if one.enterprise]
        out.append(_job(Job(title, listed(at))) if title else f"works at {listed(at)}")
    return out


def _job(job: Job) -> str:
    return glue(glue(job.title, "at"), job.enterprise) if job.enterprise else job.title


def _people(parts: Parts) -> list[str]:
    known, others = _known(parts), _phrases(parts, "people")
    first = next(iter(parts.at("people")), None)
    if not known and first is not None and first.declared:
        # Of the company as such, "no decision maker" would be a guess.
        others[0] = lead(first, others[0])
    return [*known, *others]


def _known(parts: Parts) -> list[str]:
    if parts.people <= 0:
        return []
    deciders = min(parts.deciders, parts.people)
    if parts.people == 1:
        return ["one person known, who decides" if deciders else "one person known"]
    known = f"{count(parts.people)} people known"
    if not deciders:
        return [known]
    if deciders == parts.people:
        return [f"{known}, all of whom decide"]
    return [f"{known}, of whom {count(deciders)} {'decides' if deciders == 1 else 'decide'}"]


def _phrases(parts: Parts, place: Place) -> list[str]:
    out: list[str] = []
    if place != "preference":
        out = [phrase(one, place, parts.kind) for one in parts.at(place)]
        return out[: MOST[place]]
    for verb, same in itertools.groupby(parts.at(place), lambda one: verb_of(one, parts.kind)):
        if verb:
            labels = dict.fromkeys(label for one in same for label in one.labels)
            out.append(f"{verb} {listed(list(labels)[: MOST[place]])}")
        else:
            out.extend(titled(one, parts.kind) for one in same)
    return out[: MOST[place]]
