"""Values in Chinese: with as much of their titles as a reader needs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from holbein.conditions.tree import SubjectKind
from holbein.portraits.words.parts import Said, unit_of, whole

_GRADES = frozenset({"高", "低", "中", "大", "小", "强", "弱", "好", "差", "中等", "较高", "较低",
                     "很高", "很低", "一般", "稳定", "上升", "下降"})  # fmt: skip
_UNITS = frozenset({"厘米", "米", "公里", "公斤", "千克", "吨", "元", "万元", "亿元", "百万元",
                    "天", "年", "个月", "周", "人", "次", "岁", "小时", "分钟", "%"})  # fmt: skip
_COUNTED = {"天数": "天", "次数": "次", "人数": "人", "年数": "年"}
_NEVER = re.compile(r"(近\w+?(?:天|周|月|年))?(\w+)次数")
"""续约0次 as 无续约记录, and 近30天登录0次 as 近30天无登录记录."""
_BEGINNINGS = frozenset({"成立", "创立", "创办", "成为客户", "注册", "上市", "出生", "入职", "加入",
                         "开业"})  # fmt: skip
"""What happened on a day that is told by its year."""
_LIKES = ("兴趣", "爱好", "喜欢")
_PREFERS = ("偏好", "偏爱", "喜爱", "最爱")


def phrase(one: Said) -> str:
    """A value with as much of its title as it needs to be understood, and the figure behind it."""
    figure = whole(one.figure.value) if one.figure else None
    if one.figure is None or (figure is not None and figure <= 0):
        return _value(one)
    return f"{_value(one)}（{_number(one.figure)}）"


def _value(one: Said) -> str:
    title, label = one.title, one.labels[0]
    if one.type == "number":
        return _number(one)
    if one.type == "date":
        return _date(one)
    if one.type == "boolean":
        return label
    if one.type == "categories":
        return f"{title}为{listed(one.labels[:3])}"
    if label in _GRADES:
        return title + ("中等" if label == "中" else label)
    return label if one.declared else f"{title}为{label}"


def titled(one: Said) -> str:
    """A value that only its title tells the sense of: 最常用功能为报表."""
    if one.type in ("category", "categories"):
        return f"{one.title}为{listed(one.labels[:3])}"
    return phrase(one)


def lead(one: Said, told: str) -> str:
    """A phrase that nothing goes before to tell what it is about: 采购决策链：缺少决策人."""
    return told if one.title in told else f"{one.title}：{told}"


def bare(one: Said) -> str:
    """What says who a person is needs no title: 女."""
    if one.type != "category" or one.labels[0] in _GRADES:
        return phrase(one)
    return one.labels[0]


def verb_of(one: Said, kind: SubjectKind) -> str:
    """偏好 of an enterprise, 喜欢 or 偏爱 of a person; empty where the title says what it is."""
    if one.type not in ("category", "categories"):
        return ""
    likes = any(word in one.title for word in _LIKES)
    prefers = any(word in one.title for word in _PREFERS)
    if kind == "enterprise":
        return "偏好" if likes or prefers else ""
    return "喜欢" if likes else "偏爱" if prefers else ""


def _date(one: Said) -> str:
    title, label = one.title, one.labels[0]
    stem = re.sub("(时间|日期|日|年份|年)$", "", title)
    if stem in _BEGINNINGS and isinstance(one.value, dt.date):
        return f"{one.value.year}年{stem}"
    return title + label if title.endswith(("于", "自", "起")) else f"{title}为{label}"


def _number(one: Said) -> str:
    title, unit = unit_of(one.title)
    value = one.labels[0]
    if unit in _UNITS:
        return f"{title}{value}{unit}"
    number = whole(one.value)
    if number is None or number < 0:
        return f"{one.title}为{value}"
    if title in ("员工", "员工数", "员工数量"):
        return f"员工{value}人"
    never = _NEVER.fullmatch(title) if number == 0 else None
    if never:
        return f"{never[1] or ''}无{never[2]}记录"
    for end, measure in _COUNTED.items():
        if title.endswith(end):
            return f"{title.removesuffix(end)}{value}{measure}"
    return f"{one.title}为{value}"


def listed(labels: Sequence[str]) -> str:
    """甲；甲和乙；甲、乙和丙。"""
    if len(labels) < 2:
        return "".join(labels)
    return "、".join(labels[:-1]) + "和" + labels[-1]
