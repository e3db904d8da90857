"""What a company of an industry is called: textile company, machinery repair company, 教育机构.

An industry names what is made or done. Before "company" a noun stands in the singular, what is
done to a thing stands behind it, and what is a body of its own needs no such word at all.
"""

from __future__ import annotations

import re

from holbein.portraits.words.english import glue


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BODIES = _set(
    "company companies firm firms business businesses enterprise group corporation bank agency"
    " manufacturer maker retailer wholesaler distributor provider supplier vendor trader broker"
    " consultancy startup school university hospital institute organisation organization body"
    " association foundation authority government ministry office studio shop store restaurant"
    " cooperative partnership practice subsidiary customer prospect partner competitor"
)
_MANY = _set(
    "vehicles textiles chemicals pharmaceuticals computers hotels fibres fibers ships toys"
    " instruments meters couriers networks schools cars books shoes machines drugs farms factories"
    " airlines airports railways banks hospitals universities restaurants shops stores agencies"
    " manufacturers makers retailers wholesalers distributors providers suppliers traders brokers"
    " organisations organizations bodies associations foundations institutes"
)
"""Nouns that stand in the singular before another; sports, services and electronics do not."""
_CALLED = {
    "retail trade": "retail company",
    "wholesale trade": "wholesale company",
    "schools and training": "education and training company",
    "public administration and organisations": "public body or organisation",
    "organs of the communist party of china": "organ of the Communist Party of China",
    "political consultative bodies and parties": "political consultative body or party",
    "mass and membership organisations": "mass or membership organisation",
    "other": "company",
}
_OF = re.compile(
    r"(repair|recycling|manufacture|manufacturing|production|processing|sale|rental) of (.+)", re.I
)

_ENDS = (
    "企业", "公司", "集团", "银行", "机构", "工厂", "商", "厂", "店", "院", "校", "局", "会", "所",
    "客户", "伙伴", "对手", "组织", "机关", "党派", "团体",
)  # fmt: skip
_KEEPS_ITS_END = re.compile("(?<!加)工业$|[商农林渔]业$")
_CALLED_ZH = {
    "教育": "教育机构",
    "卫生": "医疗卫生机构",
    "社会工作": "社会工作机构",
    "卫生和社会工作": "卫生和社会工作机构",
    "社会保障": "社会保障机构",
    "水的生产和供应业": "供水企业",
    "农、林、牧、渔专业及辅助性活动": "农林牧渔服务企业",
    "开采专业及辅助性活动": "采矿服务企业",
    "其他": "企业",
}


def company(industry: str) -> str:
    """Textiles as Textile company, Repair of machinery as machinery repair company."""
    called = _CALLED.get(industry.casefold())
    if called:
        return called
    label = re.sub(r"(?i)^other (?=\w)", "", industry)
    done = _OF.fullmatch(label)
    if done:
        label = f"{done[2]} {done[1].lower()}"
    label = re.sub(r"[A-Za-z]+", lambda found: _one(found[0]), label)
    words = re.findall(r"\w+", label.casefold())
    is_body = words and (words[-1] in _BODIES or (words[0] in _BODIES and "of" in words))
    return label if is_body else glue(label, "company")


def _one(word: str) -> str:
    """Vehicles as vehicle, factories as factory."""
    if word.casefold() not in _MANY:
        return word
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


def chinese_company(industry: str) -> str:
    """批发业 as 批发企业, but 农业 as 农业企业: a single character cannot stand alone."""
    if industry in _CALLED_ZH:
        return _CALLED_ZH[industry]
    label = re.sub("^其他(?=..)", "", industry)
    if label.endswith(_ENDS):
        return label
    keeps = len(label) < 3 or _KEEPS_ITS_END.search(label)
    return (label if keeps else label.removesuffix("业")) + "企业"
