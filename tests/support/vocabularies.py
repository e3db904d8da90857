"""A vocabulary with one of everything, titled in both languages, for tests of conditions."""

from __future__ import annotations

from holbein.conditions.tree import SUBJECT_KINDS
from holbein.conditions.vocabulary import (
    AudienceSpec,
    CodeList,
    FieldSpec,
    Language,
    StreamSpec,
    Titles,
    Type,
    Vocabulary,
)


class Regions:
    """Shanghai and its district Xuhui."""

    name = "regions"
    _known: dict[str, tuple[str, str, str | None]] = {
        "310000": ("Shanghai", "上海", None),
        "310104": ("Xuhui", "徐汇", "310000"),
    }

    def resolve(self, text: str) -> str | None:
        for code, (english, chinese, _) in self._known.items():
            if text in (code, english, chinese):
                return code
        return None

    def parent(self, code: str) -> str | None:
        return self._known[code][2] if code in self._known else None

    def within(self, code: str) -> frozenset[str]:
        return frozenset({code, *(one for one in self._known if self.parent(one) == code)})

    def label(self, code: str, language: Language) -> str:
        return self._known[code][language == "zh"] if code in self._known else code


def _field(
    name: str,
    type_: Type,
    en: str = "",
    zh: str = "",
    values: dict[str, Titles] | None = None,
    codes: CodeList | None = None,
    tag: bool = False,
) -> FieldSpec:
    titles = {"en": en, "zh": zh} if en else {}
    return FieldSpec(name, type_, titles, values or {}, codes, tag)


def _named(*fields: FieldSpec) -> dict[str, FieldSpec]:
    return {one.name: one for one in fields}


VOCABULARY = Vocabulary(
    fields={
        "enterprise": _named(
            _field("industry", "category", "Industry", "行业"),
            _field("province", "category", "Province", "省份"),
            _field("employees", "number", "Employees", "员工数"),
            _field("region", "category", "Region", "地区", codes=Regions()),
            _field("key_account", "boolean", "Key account", "重点客户"),
            _field("renewal_date", "date", "Renewal date", "续约日"),
            _field(
                "value_tier",
                "category",
                "Value tier",
                "价值等级",
                {"high": {"en": "High", "zh": "高"}, "low": {"en": "Low", "zh": "低"}},
                tag=True,
            ),
            _field("favourites", "categories", "Favourite categories", "偏好品类", tag=True),
            _field("markets", "categories", codes=Regions()),
        ),
        "person": _named(
            _field("gender", "category", "Gender", "性别", {"female": {"zh": "女"}, "male": {}}),
            _field("birth_date", "date", "Date of birth", "出生日期"),
        ),
        "role": _named(
            _field("title", "category", "Title", "职务"),
            _field("buying_role", "category", "Buying role", "采购角色"),
            _field("active", "boolean", "Active", "活跃"),
            _field("since", "date"),
        ),
    },
    streams={
        "orders": StreamSpec(
            "orders",
            frozenset({"enterprise"}),
            _named(
                _field("amount", "number", "Amount", "订单金额"),
                _field(
                    "status", "category", "Status", "状态", {"paid": {"zh": "已付"}, "open": {}}
                ),
                _field("product", "category", "Product", "产品"),
                _field("category", "category", "Category", "品类"),
                _field("due", "date", "Due date", "到期日"),
                _field("rush", "boolean", "Rush", "加急"),
            ),
            {"en": "Orders", "zh": "订单"},
        ),
        "event": StreamSpec(
            "event",
            frozenset(SUBJECT_KINDS),
            _named(_field("name", "category"), _field("page", "category", "Page", "页面")),
        ),
    },
    events={
        "login": {"en": "Login", "zh": "登录"},
        "visit": {"en": "Visit", "zh": "访问"},
        "trial": {"en": "Trial", "zh": "试用"},
        "Signed up": {},
    },
    audiences={
        "key accounts": AudienceSpec(
            "key accounts", "enterprise", None, {"en": "Key accounts", "zh": "重点客户"}
        ),
        "finance chiefs": AudienceSpec("finance chiefs", "role", None),
    },
)
