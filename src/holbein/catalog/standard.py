"""What common names mean: titles in both languages, and code lists, without a declaration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Titles


def _titles(*rows: tuple[str, str, str]) -> Mapping[str, Titles]:
    return MappingProxyType({name: MappingProxyType({"en": en, "zh": zh}) for name, en, zh in rows})


STANDARD_TITLES: Mapping[str, Titles] = _titles(
    ("name", "name", "名称"),
    ("short_name", "short name", "简称"),
    ("legal_name", "legal name", "法定名称"),
    ("country", "country", "国家"),
    ("region", "region", "地区"),
    ("province", "province", "省份"),
    ("state", "state", "州"),
    ("city", "city", "城市"),
    ("district", "district", "区县"),
    ("address", "address", "地址"),
    ("postal_code", "postal code", "邮政编码"),
    ("industry", "industry", "行业"),
    ("sector", "sector", "领域"),
    ("size", "size", "规模"),
    ("employees", "employees", "员工人数"),
    ("revenue", "revenue", "营业收入"),
    ("registered_capital", "registered capital", "注册资本"),
    ("founded", "founded", "成立时间"),
    ("ownership", "ownership", "所有制"),
    ("legal_form", "legal form", "企业类型"),
    ("status", "status", "状态"),
    ("credit_code", "unified social credit code", "统一社会信用代码"),
    ("vat_id", "VAT number", "增值税号"),
    ("website", "website", "网站"),
    ("domain", "domain", "域名"),
    ("email", "e-mail", "电子邮箱"),
    ("phone", "telephone", "电话"),
    ("mobile", "mobile phone", "手机"),
    ("fax", "fax", "传真"),
    ("language", "language", "语言"),
    ("currency", "currency", "币种"),
    ("first_name", "first name", "名字"),
    ("last_name", "last name", "姓氏"),
    ("gender", "gender", "性别"),
    ("birth_date", "date of birth", "出生日期"),
    ("age", "age", "年龄"),
    ("education", "education", "学历"),
    ("title", "title", "职位"),
    ("department", "department", "部门"),
    ("seniority", "seniority", "职级"),
    ("buying_role", "buying role", "采购角色"),
    ("since", "since", "任职开始日期"),
    ("until", "until", "任职结束日期"),
    ("customer_since", "customer since", "成为客户日期"),
    ("renewal_date", "renewal date", "续约日期"),
    ("owner", "owner", "负责人"),
    ("segment", "segment", "客户分类"),
    ("channel", "channel", "渠道"),
    ("plan", "plan", "套餐"),
    ("product", "product", "产品"),
    ("category", "category", "类别"),
    ("brand", "brand", "品牌"),
    ("price", "price", "单价"),
    ("quantity", "quantity", "数量"),
    ("amount", "amount", "金额"),
    ("discount", "discount", "折扣"),
    ("page", "page", "页面"),
    ("at", "date", "日期"),
    ("event", "events", "行为"),
    ("events", "events", "行为"),
    ("orders", "orders", "订单"),
    ("invoices", "invoices", "发票"),
    ("payments", "payments", "付款"),
    ("trades", "trades", "交易"),
    ("tickets", "tickets", "工单"),
    ("opportunities", "opportunities", "商机"),
    ("contracts", "contracts", "合同"),
    ("login", "login", "登录"),
    ("visit", "visit", "访问"),
    ("signup", "sign-up", "注册"),
    ("trial", "trial", "试用"),
    ("download", "download", "下载"),
    ("search", "search", "搜索"),
    ("purchase", "purchase", "购买"),
)
"""Titles by name, for attributes, columns, streams and events alike."""

_OF_PEOPLE = _titles(("name", "name", "姓名"))

STANDARD_VALUES: Mapping[str, Mapping[str, Titles]] = MappingProxyType(
    {
        "gender": _titles(
            ("male", "male", "男"), ("female", "female", "女"), ("other", "other", "其他")
        ),
        "buying_role": _titles(
            ("decides", "decides", "决策者"),
            ("influences", "influences", "影响者"),
            ("uses", "uses", "使用者"),
            ("buys", "buys", "采购者"),
            ("pays", "pays", "付款者"),
            ("blocks", "blocks", "把关者"),
        ),
    }
)
"""The titles of well-known values, by attribute."""

STANDARD_CODES: Mapping[str, str] = MappingProxyType(
    {
        "region": "regions",
        "province": "regions",
        "city": "regions",
        "district": "regions",
        "industry": "industries",
    }
)
"""The code list of an attribute or column whose mapping names none."""


def spelled(name: str) -> str:
    """The words of a name: ``revenue_90d`` reads "revenue 90d"."""
    return " ".join(part for part in name.split("_") if part) or name


def titles_of(name: str, declared: Titles, kind: SubjectKind | None = None) -> Titles:
    """The declared titles, else the standard ones, else the name's words."""
    if declared:
        return MappingProxyType(dict(declared))
    if kind == "person" and name in _OF_PEOPLE:
        return _OF_PEOPLE[name]
    return STANDARD_TITLES.get(name.lower()) or MappingProxyType({"en": spelled(name)})


def codes_for(name: str, declared: str | None) -> str | None:
    """The code list of a category: as its mapping declares ("none" is none), else by its name."""
    if declared is not None:
        return None if declared == "none" else declared
    return STANDARD_CODES.get(name.lower())
