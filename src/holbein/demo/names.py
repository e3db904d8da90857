"""Believable names, put together from syllables and common words; no list of real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Names = NDArray[np.object_]
Indices = NDArray[np.int64]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_BRAND_CHARS = (
    "澜渡衡予朗越辰栖岚峻澄砺岳恒启瀚珩霁弘稷磐翎昱沐茂禾璟曜钧泓榕楷澎骏晟湛嘉屹皓朔望川远众"
)
_STEM_HEADS = _words(
    "Alder Bram Cald Dun Ester Fair Glen Harrow Inver Kester Lang Mar North Oaken Pell Quill "
    "Raven Stan Thorn Ulver Vale Win Yar Brook Croft Dray Elm Fen Grim Holt Kirk Lind Mill "
    "Nor Ost Pem Rook Sel Tam Wex"
)
_STEM_TAILS = _words(
    "wick mere ford by gate holm stead worth dale field mark berg stein haven moor well brück "
    "hurst ström vik ley ton grove ridge"
)

# By division of GB/T 4754: what such companies call their trade.
_TRADES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "13": (("粮油", "农产"), ("Grain", "Produce")),
    "14": (("食品", "食品科技"), ("Foods", "Bakeries")),
    "17": (("纺织", "织造"), ("Textiles", "Weavers")),
    "18": (("服饰", "时装"), ("Apparel", "Clothing")),
    "26": (("化工", "新材料"), ("Chemicals", "Materials")),
    "27": (("药业", "生物制药"), ("Pharma", "Biotech")),
    "34": (("机械", "精工"), ("Machinery", "Tools")),
    "35": (("装备", "智能装备"), ("Engineering", "Equipment")),
    "36": (("汽车部件", "车业"), ("Automotive", "Motors")),
    "38": (("电气", "电器"), ("Electric", "Drives")),
    "39": (("电子", "光电"), ("Electronics", "Devices")),
    "44": (("新能源", "电力"), ("Energy", "Power")),
    "47": (("建工", "建设"), ("Construction", "Builders")),
    "48": (("路桥", "市政工程"), ("Civil Works", "Infrastructure")),
    "50": (("装饰", "建筑装饰"), ("Interiors", "Finishing")),
    "51": (("供应链", "贸易"), ("Trading", "Supply")),
    "52": (("百货", "连锁超市"), ("Stores", "Retail")),
    "54": (("运输", "货运"), ("Haulage", "Freight")),
    "58": (("物流", "国际物流"), ("Logistics", "Forwarding")),
    "61": (("酒店", "酒店管理"), ("Hotels", "Hospitality")),
    "62": (("餐饮", "餐饮管理"), ("Restaurants", "Catering")),
    "64": (("网络", "网络科技"), ("Online", "Networks")),
    "65": (("信息技术", "软件", "数据科技"), ("Software", "Systems", "Data")),
    "66": (("融资", "小额贷款"), ("Credit", "Lending")),
    "67": (("资产管理", "投资"), ("Capital", "Partners")),
    "68": (("保险经纪", "保险代理"), ("Insurance", "Assurance")),
    "70": (("置业", "物业"), ("Property", "Estates")),
    "72": (("咨询", "传媒"), ("Consulting", "Media")),
    "73": (("科学研究", "实验技术"), ("Research", "Laboratories")),
    "83": (("教育科技", "教育"), ("Learning", "Academy")),
    "84": (("医疗", "健康管理"), ("Clinics", "Health")),
}
DIVISIONS: tuple[str, ...] = tuple(_TRADES)

_LEGAL = {
    "US": "Inc", "CA": "Ltd", "GB": "Ltd", "AU": "Pty Ltd", "DE": "GmbH", "CH": "AG", "FR": "SAS",
    "NL": "BV", "SE": "AB", "ES": "SL", "IT": "Srl",
}  # fmt: skip

# What tells companies apart that would otherwise have one name: members of a group, mostly.
_MORE_ZH = ("科技", "实业", "发展", "国际", "服务", "产业", "控股", "联合")
_MORE_WEST = (
    "International", "Services", "Works", "Group", "Partners", "Trading", "Ventures", "Holdings",
)  # fmt: skip

_SURNAMES_ZH = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹"
    "彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
)
_GIVEN_ZH = (
    ("伟强军磊涛斌勇杰鹏浩宇轩博鑫峰刚俊辉凯亮", "文志国建海明振子晓永天正立家思"),
    ("芳娜敏静丽燕娟霞婷雪琳慧颖倩欣怡洁蕾萍玲", "雅思佳晓梦雨诗淑文美春秋若子"),
)
_FIRST_WEST = (
    _words(
        "James Daniel Thomas Lukas Oliver Erik Pierre Marco Javier Henrik Paul Simon Martin "
        "Felix Adam David Jonas Robert Andrew Peter"
    ),
    _words(
        "Emma Laura Sophie Anna Julia Claire Maria Elena Ingrid Hannah Charlotte Alice Nina Katrin "
        "Lucia Helen Sarah Martha Eva Judith"
    ),
)
_LAST_WEST = _words(
    "Ashdown Berger Collins Dekker Engel Fischer Garnier Hughes Ivarsson Jansen Keller Lindqvist "
    "Marsh Novak Ortega Palmer Quinn Rossi Schaefer Turner Ulrich Vance Weber Young Zeller Bennett "
    "Carver Dufour Ellison Foster Graf Holm Iverson Kovac Lambert Moreau Nolan Osborne Pryce Renner"
)


def company_names(
    rng: np.random.Generator,
    divisions: Sequence[str],
    countries: Sequence[str],
    cities: Sequence[str],
    roots: Indices,
) -> Names:
    """One name per company, none twice. Members of a group (same value in ``roots``) share their
    brand.

    ``countries`` are ISO codes, CN for Chinese companies; ``cities`` are short Chinese names.
    """
    count = len(divisions)
    # Steps from one character to the next, so that none follows itself.
    chinese = rng.integers(1, len(_BRAND_CHARS), (count, 3)).cumsum(axis=1) % len(_BRAND_CHARS)
    heads = rng.integers(0, len(_STEM_HEADS), count)
    tails = rng.integers(0, len(_STEM_TAILS), count)
    trade = rng.random(count)
    long_brand = rng.random(count) < (0.2 if count < 20_000 else 0.7)
    out = np.empty(count, object)
    taken: dict[str, int] = {}
    for i in range(count):
        root = int(roots[i])
        words_zh, words_en = _TRADES[divisions[i]]
        if countries[i] == "CN":
            characters = [_BRAND_CHARS[k] for k in chinese[root]]
            brand = "".join(characters if long_brand[root] else characters[:2])
            word = words_zh[int(trade[i] * len(words_zh))]
            form = "集团股份有限公司" if root == i and trade[i] > 0.97 else "有限公司"
            out[i] = _own(f"{cities[i]}{brand}{word}", _MORE_ZH, form, taken)
        else:
            brand = _STEM_HEADS[heads[root]] + _STEM_TAILS[tails[root]]
            word = words_en[int(trade[i] * len(words_en))]
            form = f" {_LEGAL.get(countries[i], 'Ltd')}"
            out[i] = _own(f"{brand} {word}", [f" {one}" for one in _MORE_WEST], form, taken)
    return out


def _own(stem: str, more: Sequence[str], form: str, taken: dict[str, int]) -> str:
    """The name, or where another company has it, the name with a word more. ``taken`` counts how
    often each name was wanted."""
    name, wanted = stem + form, taken.get(stem + form, 0)
    while name in taken:
        number = wanted // len(more)
        name = stem + more[wanted % len(more)] + (str(number + 1) if number else "") + form
        wanted += 1
    taken[stem + form] = max(wanted, 1)
    taken.setdefault(name, 1)
    return name


def person_names(
    rng: np.random.Generator, female: NDArray[np.bool_], western: NDArray[np.bool_]
) -> Names:
    """One name per person, Chinese (surname first) or Western."""
    count = len(female)
    rank = np.arange(1, len(_SURNAMES_ZH) + 1)
    share = 1 / (rank + 3.0)
    surname = rng.choice(len(_SURNAMES_ZH), count, p=share / share.sum())
    draws = rng.random((count, 3))
    out = np.empty(count, object)
    for i in range(count):
        one, two, three = draws[i]
        sex = int(female[i])
        if western[i]:
            first, last = _FIRST_WEST[sex], _LAST_WEST
            out[i] = f"{first[int(one * len(first))]} {last[int(two * len(last))]}"
        else:
            last_chars, middle = _GIVEN_ZH[sex]
            given = last_chars[int(one * len(last_chars))]
            if three < 0.78:
                given = middle[int(two * len(middle))] + given
            out[i] = _SURNAMES_ZH[surname[i]] + given
    return out
