"""The sentence in Chinese, as a native writes it.

"上海市浦东新区的软件企业，200至499人，2012年成立，2021年成为客户，非常活跃，忠诚客户（续约3次），
偏好分析插件，付款准时；已知5位联系人，其中2位有决策权，缺少财务联系人。"
"""

from __future__ import annotations

import itertools
import re
import unicodedata

from holbein.portraits.words.chinese import bare, lead, listed, phrase, titled, verb_of
from holbein.portraits.words.companies import chinese_company
from holbein.portraits.words.parts import (
    MOST,
    ORDER,
    Job,
    Parts,
    Place,
    Said,
    where_labels,
)
from holbein.portraits.words.phrases import cut, distinct, within, without

_LONGEST = 150
"""Characters of a sentence at most; a Latin letter counts as a half."""
_OF_THE_PEOPLE = 40
_HAN = re.compile(r"[\u3400-\u9fff]")
_BUYING = {
    "decides": "有采购决策权",
    "influences": "影响采购决策",
    "uses": "产品使用者",
    "buys": "负责采购",
    "pays": "负责付款",
    "blocks": "反对采购",
}
_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


def chinese(parts: Parts) -> str:
    """The sentence of one subject."""
    phrases = _opening(parts)
    for place in ORDER[parts.kind]:
        phrases.extend(_phrases(parts, place, bool(phrases)))
    people = _people(parts) if parts.kind == "enterprise" else []
    people = without(distinct(people, _holds), phrases, _holds)
    people = within(people, _OF_THE_PEOPLE, _width)
    room = _LONGEST - sum(map(_width, people)) - len(people)
    phrases = [cut(one, room - 1, _width) for one in phrases[:1]] + phrases[1:]
    clauses = within(distinct(phrases, _holds), room, _width)
    text = "；".join(one for one in ("，".join(clauses), "，".join(people)) if one)
    text = _in_full_width(text.rstrip(".。"))
    return text + ("" if text.endswith("…") else "。") if text else ""


def _width(phrase: str) -> float:
    """The room of a phrase with the mark behind it."""
    return 1 + sum(1 if unicodedata.east_asian_width(one) in "WFA" else 0.5 for one in phrase)


def _holds(long: str, short: str) -> bool:
    return long == short or (len(short) > 1 and bool(_HAN.search(short)) and short in long)


def _in_full_width(text: str) -> str:
    """Half-width marks beside Chinese characters, as labels may bring them, in full width."""
    text = re.sub(rf"(?<={_HAN.pattern})\s*\(([^()]*)\)", r"（\1）", text)
    beside = rf"(?<={_HAN.pattern})\s*([,;:?!])\s*|\s*([,;:?!])\s*(?={_HAN.pattern})"
    return re.sub(beside, lambda found: _WIDE[found[1] or found[2]], text)


def _opening(parts: Parts) -> list[str]:
    where = _where(parts)
    if parts.kind == "enterprise":
        return _enterprise(parts, where)
    jobs = (*parts.jobs, *parts.coming_jobs, *parts.past_jobs)
    titles = {one.title for one in jobs}
    who = [bare(one) for one in parts.at("who") if one.labels[0] not in titles][: MOST["who"]]
    if parts.jobs:
        named = (
            _person_jobs(parts, where) if parts.kind == "person" else [_holds_job(parts.jobs[0])]
        )
    elif parts.coming_jobs:
        named = [_job(parts.coming_jobs[0], "将任", "将任职于"), "尚未到任"]
    else:
        named = [_job(one, "曾任", "曾任职于") for one in parts.past_jobs[:1]]
    if where and not any(where in one for one in named):
        named.append(f"所在地为{where}")
    if parts.kind == "person":
        return who + named
    is_over = not parts.jobs and bool(parts.coming_jobs or parts.past_jobs)
    if parts.buying_role in _BUYING and not parts.at("people") and not is_over:
        who.append(_BUYING[parts.buying_role])
    return named + who


def _enterprise(parts: Parts, where: str) -> list[str]:
    who = parts.at("who")
    noun = next((one for one in who if one.type == "category"), None)
    size = next((one.labels[0] for one in parts.at("size") if _is_scale(one)), "")
    name = chinese_company(noun.labels[0]) if noun else ("企业" if where or size else "")
    head = size + name
    if where:
        head = f"{where}的{head}" if noun else f"位于{where}的{head}"
    others = [phrase(one) for one in who if one is not noun][: MOST["who"]]
    return [head, *others] if head else others


def _person_jobs(parts: Parts, where: str) -> list[str]:
    first, *_ = parts.jobs
    if where and len(parts.jobs) == 1 and not first.enterprise:
        return [f"{where}的{first.title}"]
    out: list[str] = []
    for title, same in itertools.groupby(parts.jobs[:2], lambda one: one.title):
        at = [one.enterprise for one in same if one.enterprise]
        several = len(at) > 1 and bool(title) and bool(_HAN.search(title))
        told = Job(title, listed(at) + ("的" if several else ""))
        out.append(_job(told, "同时担任", "同时任职于") if out else _holds_job(told))
    return out


def _holds_job(job: Job) -> str:
    return _job(job, "现任", "任职于")


def _where(parts: Parts) -> str:
    """Chinese names the widest first and writes them as one: 上海市浦东新区."""
    labels = where_labels(parts)
    if any(_HAN.search(one) for one in labels):
        wide_first = labels[::-1]
        out = wide_first[0]
        for one in wide_first[1:]:
            both = _HAN.search(out[-1:]) and _HAN.search(one[:1])
            out += ("" if both else " ") + one
        return out
    # In an alphabet the narrowest comes first, and what it lies in behind it: Munich（Germany）.
    return labels[0] + (f"（{'，'.join(labels[1:])}）" if labels[1:] else "") if labels else ""


def _is_scale(one: Said) -> bool:
    """大型, 中型, 小型, 微型 stand before the noun."""
    return one.type == "category" and bool(re.fullmatch(r"[特大中小微超]{1,2}型", one.labels[0]))


def _job(job: Job, holds: str, works: str) -> str:
    if not job.enterprise:
        return holds + job.title
    if not job.title:
        return works + job.enterprise
    if _HAN.search(job.title):
        return holds + job.enterprise + job.title
    return f"{works}{job.enterprise}，职务为{job.title}"


def _people(parts: Parts) -> list[str]:
    known, others = _known(parts), _phrases(parts, "people")
    first = next(iter(parts.at("people")), None)
    if not known and first is not None and first.declared:
        # Of the company as such, 缺少决策人 would be a guess.
        others[0] = lead(first, others[0])
    return [*known, *others]


def _known(parts: Parts) -> list[str]:
    if parts.people <= 0:
        return []
    known = f"已知{parts.people:,}位联系人"
    deciders = min(parts.deciders, parts.people)
    if not deciders:
        return [known]
    if deciders == parts.people:
        return [f"{known}，{'均' if deciders > 1 else ''}有决策权"]
    return [f"{known}，其中{deciders:,}位有决策权"]


def _phrases(parts: Parts, place: Place, follows: bool = True) -> list[str]:
    """The phrases of a place; ``follows`` is false where they would open the sentence."""
    items = list(parts.at(place))
    out: list[str] = []
    if place == "size" and parts.kind == "enterprise":
        scale = next((one for one in items if _is_scale(one)), None)
        items = [one for one in items if one is not scale]
        if not follows and items and items[0].declared:
            # Nothing goes before it that would tell whose size it is.
            first = items.pop(0)
            told = phrase(first)
            out.append(told if told.startswith(first.title) else first.title + told)
    if place != "preference":
        return [*out, *(phrase(one) for one in items)][: MOST[place]]
    for verb, same in itertools.groupby(items, lambda one: verb_of(one, parts.kind)):
        if verb:
            labels = dict.fromkeys(label for one in same for label in one.labels)
            out.append(verb + listed(list(labels)[: MOST[place]]))
        else:
            out.extend(titled(one) for one in same)
    return out[: MOST[place]]
