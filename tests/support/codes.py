"""A small code list for tests; the real ones are in ``holbein.refine``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holbein.conditions.vocabulary import Language


@dataclass(eq=False)
class SmallCodes:
    """Codes with their parents and labels."""

    name: str
    parents: Mapping[str, str | None]
    labels: Mapping[str, Mapping[Language, str]]

    def resolve(self, text: str) -> str | None:
        if text in self.parents:
            return text
        return next((code for code, two in self.labels.items() if text in two.values()), None)

    def parent(self, code: str) -> str | None:
        return self.parents.get(code)

    def within(self, code: str) -> frozenset[str]:
        if code not in self.parents:
            return frozenset()
        below = [one for one, parent in self.parents.items() if parent == code]
        return frozenset({code}).union(*(self.within(one) for one in below))

    def label(self, code: str, language: Language) -> str:
        return self.labels.get(code, {}).get(language, code)


REGIONS = SmallCodes(
    "regions",
    {
        "110000": None,
        "310000": None,
        "310115": "310000",
        "330000": None,
        "330100": "330000",
        "330106": "330100",
    },
    {
        "110000": {"en": "Beijing", "zh": "北京市"},
        "310000": {"en": "Shanghai", "zh": "上海市"},
        "310115": {"en": "Pudong", "zh": "浦东新区"},
        "330000": {"en": "Zhejiang", "zh": "浙江省"},
        "330100": {"en": "Hangzhou", "zh": "杭州市"},
        "330106": {"en": "Xihu", "zh": "西湖区"},
    },
)
"""Three levels deep."""
