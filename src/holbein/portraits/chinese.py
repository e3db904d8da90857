"""The sentence in Chinese, as a native writes it.

"上海市浦东新区的软件企业，员工250人，非常活跃，偏好分析插件，付款准时；已知5人，其中2人有决策权。"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from holbein.portraits.parts import Job, Parts, Said, where_labels, whole

_LONGEST = 120
_MOST = {"who": 3, "size": 2, "activity": 2, "preference": 3, "risk": 2, "people": 2}
_HAN = re.compile(r"[\u3400-\u9fff]")
_COMPANY_ENDS = (
    "企业", "公司", "集团", "银行", "机构", "工厂", "商", "厂", "店", "院", "校", "局", "会", "所",
    "客户", "伙伴", "对手",
)  # fmt: skip
_GRADES = frozenset({"高", "低", "中", "大", "小", "强", "弱", "好", "差", "中等", "较高", "较低",
                     "很高", "很低", "一般", "稳定", "上升", "下降"})  # fmt: skip
_BUYING = {
    "decides": "有采购决策权",
    "influences": "影响采购决策",
    "uses": "为产品使用者",
    "buys": "负责采购",
    "pays": "负责付款",
    "blocks": "反对采购",
}


def chinese(parts: Parts) -> str:
    """The sentence of one subject."""
    head, phrases = _opening(parts)
    for place in ("size", "activity", "preference", "risk"):
        phrases.extend(_phrases(parts, place))
    rest = [*_people(parts), *_phrases(parts, "people")]
    if parts.kind != "enterprise":
        phrases, rest = phrases + rest, []
    clauses = _within(([head] if head else []) + _distinct(phrases, head), _LONGEST - 30)
    people = _within(_distinct(rest, ""), 30)
    text = "；".join(one for one in ("，".join(clauses), "，".join(people)) if one)
    return f"{text.rstrip('.。')}。" if text else ""


def _opening(parts: Parts) -> tuple[str, list[str]]:
    where = _where(parts)
    who = list(parts.at("who"))
    if parts.kind == "enterprise":
        noun = next((one for one in who if one.type == "category"), None)
        size = next((one.labels[0] for one in parts.at("size") if _is_scale(one)), "")
        name = _company(noun.labels[0]) if noun else ("企业" if where or size else "")
        head = size + name
        if where:
            head = f"{where}的{head}" if noun else f"位于{where}的{head}"
        return head, [_phrase(one) for one in who if one is not noun][: _MOST["who"]]
    titles = {one.title for one in (*parts.jobs, *parts.past_jobs)}
    phrases = [_bare(one) for one in who if one.labels[0] not in titles][: _MOST["who"]]
    if parts.kind == "person":
        phrases.extend(_job(one, "现任", "任职于") for one in parts.jobs[:2])
        if not parts.jobs:
            phrases.extend(_job(one, "曾任", "曾任职于") for one in parts.past_jobs[:1])
    elif parts.jobs:
        phrases.insert(0, _job(parts.jobs[0], "现任", "任职于"))
    elif parts.past_jobs:
        phrases.insert(0, _job(parts.past_jobs[0], "曾任", "曾任职于"))
    if parts.coming:
        phrases.insert(1, "尚未开始")
    if where:
        phrases.append(f"所在地为{where}")
    holds = parts.kind == "role" and (parts.jobs or not parts.past_jobs)
    if holds and parts.buying_role in _BUYING and not parts.at("people"):
        phrases.append(_BUYING[parts.buying_role])
    return "", phrases


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
    return ", ".join(labels)


def _is_scale(one: Said) -> bool:
    """大型, 中型, 小型, 微型 stand before the noun."""
    return one.type == "category" and bool(re.fullmatch(r"[特大中小微超]{1,2}型", one.labels[0]))


def _company(label: str) -> str:
    return label if label.endswith(_COMPANY_ENDS) else label + "企业"


def _job(job: Job, holds: str, works: str) -> str:
    if not job.enterprise:
        return holds + job.title
    if not job.title:
        return works + job.enterprise
    if _HAN.search(job.title):
        return holds + job.enterprise + job.title
    return f"{works}{job.enterprise}，职务为{job.title}"


def _people(parts: Parts) -> list[str]:
    if parts.people <= 0:
        return []
    known = f"已知{parts.people:,}人"
    deciders = min(parts.deciders, parts.people)
    if not deciders:
        return [known]
    if deciders == parts.people:
        return [f"{known}，{'均' if deciders > 1 else ''}有决策权"]
    return [f"{known}，其中{deciders:,}人有决策权"]


def _phrases(parts: Parts, place: str) -> list[str]:
    items = list(parts.at(place))  # type: ignore[arg-type]
    if place == "size" and parts.kind == "enterprise":
        scale = next((one for one in items if _is_scale(one)), None)
        items = [one for one in items if one is not scale]
    if place != "preference":
        return [_phrase(one) for one in items][: _MOST.get(place, 2)]
    named = [one for one in items if one.type in ("category", "categories")]
    labels = list(dict.fromkeys(label for one in named for label in one.labels))
    out = [f"偏好{_listed(labels[: _MOST['preference']])}"] if labels else []
    return out + [_phrase(one) for one in items if one not in named][:2]


def _phrase(one: Said) -> str:
    """A value with as much of its title as it needs to be understood."""
    title, label = one.title, one.labels[0]
    if one.type == "number":
        return _number(one)
    if one.type == "date":
        if one.name in ("founded", "established"):
            return f"成立于{label}"
        return title + label if title.endswith(("于", "自", "起")) else f"{title}为{label}"
    if one.type == "boolean":
        return label
    if one.type == "categories":
        return f"{title}为{_listed(one.labels[:3])}"
    if label in _GRADES:
        return title + ("中等" if label == "中" else label)
    return label if one.declared else f"{title}为{label}"


def _bare(one: Said) -> str:
    if one.type != "category" or one.labels[0] in _GRADES:
        return _phrase(one)
    return one.labels[0]


def _number(one: Said) -> str:
    title, value = one.title, one.labels[0]
    if whole(one.value) is not None:
        if title in ("员工", "员工数", "员工人数", "人数", "在职人数", "员工数量"):
            return f"员工{value}人"
        for end, unit in (("天数", "天"), ("次数", "次"), ("人数", "人"), ("年数", "年")):
            if title.endswith(end):
                return f"{title}为{value}{unit}"
    return f"{title}为{value}"


def _listed(labels: Sequence[str]) -> str:
    if len(labels) < 2:
        return "".join(labels)
    return "、".join(labels[:-1]) + "和" + labels[-1]


def _distinct(phrases: Iterable[str], head: str) -> list[str]:
    return list(dict.fromkeys(one for one in phrases if one and one != head))


def _within(phrases: Sequence[str], room: int) -> list[str]:
    """As many phrases, in order, as fit; a Latin word takes the room of two characters."""
    out: list[str] = []
    for one in phrases:
        room -= len(_HAN.findall(one)) + 2 * len(re.findall(r"[A-Za-z0-9]+", one))
        if room < 0 and out:
            break
        out.append(one)
    return out
