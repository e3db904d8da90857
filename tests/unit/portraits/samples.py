"""Portraits made by hand: as full as they get, and with names that mean harm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from holbein.audiences.overlap import Cell as Shared
from holbein.audiences.overlap import Overlap, Sized
from holbein.conditions.vocabulary import Language
from holbein.portraits.figures import tgi
from holbein.portraits.group.areas import Area, Areas
from holbein.portraits.group.contrast import (
    Cell,
    Distribution,
    NumberSummary,
    Spread,
    Telling,
)
from holbein.portraits.group.portrait import GroupPortrait
from holbein.portraits.names import SubjectRef
from holbein.portraits.one.committee import Committee, Lane, Seat
from holbein.portraits.one.evidence import Evidence, Figure
from holbein.portraits.one.peers import Alike, PeerLine, Peers
from holbein.portraits.one.rhythm import Lane as Months
from holbein.portraits.one.rhythm import Rhythm
from holbein.portraits.one.standing import Standing
from holbein.portraits.one.subject import (
    Alias,
    Happening,
    Line,
    RoleLine,
    SubjectPortrait,
    TagGroup,
    TagLine,
)
from holbein.query.comparing import z_score
from holbein.refine.codes import code_list

Say: TypeAlias = Callable[[str, str], str]

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><iframe src=https://example.org></iframe>",
    "\u202egpj.exe",
    "a" * 5_000,
    "[bold red]not markup[/]",
    "&lt;already&gt; & more",
)


def subject(language: Language = "en") -> SubjectPortrait:
    """A full portrait of an enterprise."""
    zh = language == "zh"

    def say(en: str, cn: str) -> str:
        return cn if zh else en

    def tag(
        name: str, title: str, value: object, text: str, type: str = "category", **more: object
    ) -> TagLine:
        evidence = more.pop(
            "evidence",
            Evidence(
                say(
                    "The share of paid orders in the last 90 days is at least 90%.",
                    "近90天内已付款订单占比不低于90%。",
                )
            ),
        )
        filled: dict[str, object] = {"sensitivity": "internal", "description": "", **more}
        return TagLine(name, title, type, value, text, evidence=evidence, **filled)  # type: ignore[arg-type]

    revenue = Evidence(
        say("The sum of the amounts of orders in the last 90 days.", "近90天内订单金额之和。"),
        (
            Figure(
                say("Sum of order amounts in the last 90 days", "近90天订单金额之和"),
                128450.5,
                "128,450.5",
                14,
                dt.date(2026, 4, 3),
                dt.date(2026, 6, 28),
            ),
            Figure(say("Employees", "员工数"), 250.0, "250"),
        ),
    )
    person = SubjectRef("person", "P23", say("Maria Anders", "王晓敏"))
    other = SubjectRef("person", "P31", say("Hanna Moos-Wielandsheim", "欧阳建国"))
    here = SubjectRef("enterprise", "E17", "-")
    return SubjectPortrait(
        kind="enterprise",
        id="E17",
        name=say("Alfreds Futterkiste GmbH", "上海云汉信息技术有限公司"),
        sentence=say(
            "Software company in Pudong, Shanghai, 250 employees, key account, very active, prefers analytics add-ons and training, pays on time; five people known, of whom two decide.",
            "上海市浦东新区的中型软件企业，员工250人，非常活跃，偏好分析插件和培训，付款准时；已知5位联系人，其中2位有决策权。",
        ),
        language=language,
        attributes=(
            Line("industry", say("Industry", "行业"), "I65", say("Software and information technology services", "软件和信息技术服务业")),
            Line("region", say("Region", "地区"), "310115", say("Pudong", "浦东新区")),
            Line("employees", say("Employees", "员工数"), 250.0, "250"),
            Line("founded", say("Founded", "成立日期"), dt.date(2012, 3, 1), say("1 March 2012", "2012年3月1日")),
            Line("phone", say("Phone", "电话"), "+86 21 5555 1234", "+86 21 5555 1234"),
        ),
        categories=(
            TagGroup((say("Value", "价值"), say("Orders", "订单")), (
                tag("revenue_90d", say("Revenue in 90 days", "近90天成交额"), 128450.5, "128,450.5", "number", evidence=revenue, changed=dt.date(2026, 6, 30), before="96,200"),
                tag("value_tier", say("Value tier", "价值等级"), "high", say("High value", "高价值"), evidence=revenue, description=say("Set by sales operations every quarter.", "由销售运营部每季度设定。")),
                tag("trend", say("Trend", "趋势"), "growing", say("Buying more than a year ago", "采购增长")),
            )),
            TagGroup((say("Behaviour", "行为"),), (
                tag("activity", say("Activity", "活跃度"), "high", say("Very active", "非常活跃")),
                tag("trial", say("Tried the new module", "已试用新模块"), False, say("No", "否"), "boolean"),
                tag("favourite", say("Favourite categories", "偏好品类"), ["analytics", "training"], say("Analytics add-ons, Training, Integration services", "分析插件、培训、集成服务"), "categories"),
            )),
            TagGroup((say("People", "人员"),), (
                tag("owner", say("Account manager", "客户经理"), "x", say("J. Fischer", "李雷"), sensitivity="personal"),
                tag("score", say("Credit score", "信用评分"), 712.0, "712", "number", sensitivity="sensitive"),
            )),
        ),
        roles=(
            RoleLine("R5", person, here, say("Chief Financial Officer", "首席财务官"), say("Finance", "财务部"), "", say("Decides", "决策者"), dt.date(2019, 2, 1), None, True),
            RoleLine("R6", other, here, say("Head of Procurement and Supplier Relations", "采购与供应商管理负责人"), say("Procurement", "采购部"), "", say("Buys", "采购者"), None, None, True),
            RoleLine("R9", SubjectRef("person", "P40", say("Thomas Hardy", "陈伟")), here, say("Sales Agent", "销售代表"), "", "", "", dt.date(2015, 1, 1), dt.date(2020, 6, 1), False),
        ),
        ancestors=(SubjectRef("enterprise", "E3", say("Futterkiste Holding AG", "云汉科技集团")),),
        subsidiaries=(SubjectRef("enterprise", "E41", say("Futterkiste Logistik", "云汉（苏州）软件有限公司")), SubjectRef("enterprise", "E42", say("Futterkiste Retail", "云汉数据服务有限公司"))),
        subsidiary_count=5,
        siblings=tuple(
            SubjectRef("enterprise", f"E{50 + n}", say(f"Futterkiste {name}", f"云汉{zh_name}有限公司"))
            for n, (name, zh_name) in enumerate(zip(
                ("Backwaren", "Tiernahrung Süd", "Österreich", "Schweiz", "Polska", "Hellas", "Italia", "Danmark", "Norge", "Suomi", "Latvija"),
                ("科技", "智能装备", "网络", "信息系统", "云服务", "安全技术", "咨询", "教育", "物流", "传媒", "投资"), strict=True))
        ),
        sibling_count=1_203,
        timeline=tuple(
            Happening(dt.date(2026, 6, 28) - dt.timedelta(days=9 * n), "orders", f"{1000 + n}", say("Orders", "订单") if n % 3 else say("Sign-in", "登录"), say(f"Product: Analytics add-on · Quantity: {n + 1} · Amount: 1,250", f"产品：分析插件 · 数量：{n + 1} · 金额：1,250") if n % 3 else "")
            for n in range(9)
        ),
        aliases=(Alias("crm", "ALFKI"), Alias("billing", "100-2345")),
        as_of=dt.date(2026, 6, 30),
        version="12",
        committee=Committee(
            (
                Lane("decides", say("Decides", "决策者"), (
                    Seat("R5", "decides", person.name, say("Chief Financial Officer", "首席财务官"), 14, dt.date(2026, 6, 28)),
                    Seat("R7", "decides", say("Ana Trujillo", "刘洋"), "", 1, dt.date(2026, 6, 2)),
                )),
                Lane("influences", say("Influences", "影响者"), ()),
                Lane("uses", say("Uses", "使用者"), ()),
                Lane("buys", say("Buys", "采购者"), (
                    Seat("R6", "buys", other.name, say("Head of Procurement and Supplier Relations", "采购与供应商管理负责人"), 0, dt.date(2025, 1, 3)),
                )),
                Lane("pays", say("Pays", "付款者"), ()),
                Lane("", say("No part known", "角色未知"), (Seat("R8", "", say("Thomas Hardy", "陈伟"), "", 0, None),)),
            ),
            (say("Influences", "影响者"), say("Uses", "使用者"), say("Pays", "付款者")),
            5, 4,
        ),
        rhythm=Rhythm(
            tuple(dt.date(2025 + at // 12, at % 12 + 1, 1) for at in range(6, 18)),
            (
                Months("orders", say("Orders", "订单"), (0, 1, 0, 3, 2, 0, 1, 0, 0, 4, 1, 2)),
                Months("event", say("Behaviour", "行为"), (12, 1, 40, 3, 2, 9, 1, 0, 0, 4, 71, 2)),
            ),
            166,
        ),
        standings=(
            Standing("revenue_90d", say("Revenue in 90 days", "近90天成交额"), "128,450.5", 0.95, 900),
            Standing("employees", say("Employees", "员工数"), "250", 0.65, 940),
            Standing("score", say("Credit score", "信用评分"), "712", 0.35, 800),
            Standing("days", say("Days since the last order", "距上次下单天数"), "2", 0.05, 910),
        ),
        peers=Peers(
            say("Industry: Software", "行业：软件业"), 84, False, (),
            (
                Alike(SubjectRef("enterprise", "E20", say("Blauer See Delikatessen", "苏州云帆软件有限公司")), (say("Trend: Buying more than a year ago", "趋势：采购增长"), say("Value tier: High value", "价值等级：高价值"))),
                Alike(SubjectRef("enterprise", "E21", say("Antonio Moreno Taquería", "杭州智图科技有限公司")), (say("Activity: Very active", "活跃度：非常活跃"),)),
            ),
        ),
    )  # fmt: skip


def hostile(language: Language = "en") -> SubjectPortrait:
    """The same with every text taken from ``HOSTILE``."""
    good = subject(language)
    bad = iter(HOSTILE * 20)
    tag = good.categories[0].tags[0]
    figure = replace(tag.evidence.figures[0], words=next(bad), text=next(bad))
    worse = replace(
        tag, title=next(bad), text=next(bad), description=next(bad), before=next(bad),
        evidence=Evidence(next(bad), (figure,)),
    )  # fmt: skip
    ref = SubjectRef("person", "P1", HOSTILE[0])
    seats = tuple(Seat("R1", "decides", one, one, 3, None) for one in HOSTILE)
    return replace(
        good,
        name=HOSTILE[0],
        sentence=HOSTILE[1],
        attributes=tuple(Line(one, one, one, one) for one in HOSTILE),
        categories=(TagGroup((next(bad), next(bad)), (worse,) * 3),),
        roles=(RoleLine("R1", ref, ref, HOSTILE[1], HOSTILE[2], "", HOSTILE[4], None, None, True),),
        ancestors=(replace(ref, name=HOSTILE[4]),),
        subsidiaries=(replace(ref, name=HOSTILE[2]),),
        siblings=tuple(replace(ref, name=one) for one in HOSTILE),
        sibling_count=len(HOSTILE),
        timeline=tuple(Happening(dt.date(2026, 1, 1), one, one, one, one) for one in HOSTILE),
        aliases=tuple(Alias(one, one) for one in HOSTILE),
        committee=Committee((Lane("decides", HOSTILE[4], seats),), HOSTILE, 9, 7),
        rhythm=Rhythm(
            (dt.date(2026, 1, 1), dt.date(2026, 2, 1)),
            tuple(Months(one, one, (1, 2)) for one in HOSTILE),
            0,
        ),
        standings=tuple(Standing(one, one, one, 0.5, 100) for one in HOSTILE),
        peers=Peers(
            HOSTILE[2],
            7,
            False,
            tuple(PeerLine(one, True, 0.5, 7, one) for one in HOSTILE),
            tuple(Alike(replace(ref, name=one), HOSTILE) for one in HOSTILE),
        ),
    )


def group(language: Language = "en") -> GroupPortrait:
    """A portrait of 120 enterprises of 1,000."""
    zh = language == "zh"

    def say(en: str, cn: str) -> str:
        return cn if zh else en

    size, base_size = 120, 1000

    def cell(value: str | bool | None, text: str, n: int, m: int) -> Cell:
        return Cell(
            value,
            text,
            n,
            m,
            n / size,
            m / base_size,
            tgi(n, size, m, base_size),
            z_score(n, size, m - n, base_size - size),
        )

    industry = (
        cell("Software", say("Software and information technology services", "软件和信息技术服务业"), 54, 120),
        cell("Retail", say("Retail", "零售业"), 30, 310),
        cell("Finance", say("Finance", "金融业"), 20, 170),
        cell("Food", say("Food and drink", "食品饮料"), 4, 280),
        cell(None, say("missing", "缺失"), 12, 120),
    )  # fmt: skip
    active = (cell(True, say("Yes", "是"), 96, 480), cell(False, say("No", "否"), 24, 520))
    tier = tuple(
        cell(name, text, n, m)
        for name, text, n, m in (
            ("high", say("High value", "高价值"), 60, 150),
            ("middle", say("Middle", "中价值"), 40, 350),
            ("low", say("Low value", "低价值"), 20, 500),
        )
    )
    names = {
        "industry": say("Industry", "行业"),
        "active": say("Active in 30 days", "近30天活跃"),
        "value_tier": say("Value tier", "价值等级"),
    }
    value = (say("Value", "价值"),)
    employees = NumberSummary(
        "employees", say("Employees", "员工数"), (), "number",
        Spread(118, 3, 20, 80, 240, 610, 1200, 45000, 512.25),
        Spread(940, 1, 5, 22, 90, 260, 800, 88000, 301.5), 0.76, 9.5, 1e-9,
    )  # fmt: skip
    spreads = (
        Spread(n, *(dt.date(y, 5, 1) for y in (2010, a, a + 1, a + 3, a + 4, a + 6, 2026, a + 3)))
        for n, a in ((100, 2016), (800, 2018))
    )
    since = NumberSummary(
        "since", say("Customer since", "合作起始"), value, "date", *spreads, 0.31, -6.25, 1e-6
    )

    def told(name: str, title: str, type_: str, one: Cell) -> Telling:
        return Telling(name, title, type_, one.z or 0, 1e-6, cell=one)

    return GroupPortrait(
        kind="enterprise",
        condition=say("sum of order amounts in the last 90 days is at least 10,000", "近90天订单金额之和不低于10,000"),
        base_condition=None,
        title=say("Key accounts", "重点客户"),
        size=size,
        base_size=base_size,
        share=0.12,
        sentence=say(
            "120 enterprises, 12% of all 1,000. What sets them apart most: Active in 30 days (80% against 48% in the base, TGI 167); Value tier: High value (50% against 15% in the base, TGI 333).",
            "共120家企业，占全部1,000家企业的12%。最突出的特征：近30天活跃（占80%，基准为48%，TGI 167）；价值等级：高价值（占50%，基准为15%，TGI 333）。",
        ),
        language=language,
        telling=(
            told("value_tier", names["value_tier"], "category", tier[0]),
            told("industry", names["industry"], "category", industry[0]),
            Telling("employees", employees.title, "number", 9.5, 1e-9, number=employees),
            told("active", names["active"], "boolean", active[0]),
            Telling("since", since.title, "date", -6.25, 1e-6, number=since),
            told("value_tier2", names["value_tier"], "category", tier[2]),
        ),
        tested=42,
        distributions=(
            Distribution("industry", names["industry"], (), "category", industry, 9),
            Distribution("value_tier", names["value_tier"], value, "category", tier, 0),
            Distribution("active", names["active"], (say("Behaviour", "行为"),), "boolean", active, 0),
        ),
        numbers=(employees, since),
        as_of=dt.date(2026, 6, 30),
        version="12",
        areas=(_regions(say, size, base_size), _industries(say, size, base_size)),
    )  # fmt: skip


def hostile_group(language: Language = "en") -> GroupPortrait:
    """The same with every text taken from ``HOSTILE``."""
    p = group(language)
    bad = iter(HOSTILE * 20)
    distributions = tuple(
        replace(
            one,
            title=next(bad),
            category=(next(bad),),
            cells=tuple(replace(cell, value=next(bad), text=next(bad)) for cell in one.cells),
        )
        for one in p.distributions
    )
    telling = tuple(
        replace(
            one,
            title=next(bad),
            cell=one.cell and replace(one.cell, text=next(bad)),
            number=one.number and replace(one.number, title=next(bad)),
        )
        for one in p.telling
    )
    numbers = tuple(replace(one, title=next(bad), category=(next(bad),)) for one in p.numbers)
    areas = tuple(
        replace(
            one,
            title=next(bad),
            tops=tuple(
                replace(
                    top,
                    text=next(bad),
                    inside=tuple(replace(o, text=next(bad)) for o in top.inside),
                )
                for top in one.tops
            ),
        )
        for one in p.areas
    )
    return replace(
        p, title=HOSTILE[0], condition=HOSTILE[1], base_condition=HOSTILE[2], sentence=HOSTILE[4],
        distributions=distributions, telling=telling, numbers=numbers, areas=areas,
    )  # fmt: skip


def _regions(say: Say, size: int, base_size: int) -> Areas:
    """Nearly all of China, and some countries, of which one is not on the map."""

    def area(code: str, n: int, m: int, *inside: Area) -> Area:
        text = code_list("regions").label(code, "zh" if say("", "zh") else "en")
        return Area(
            code, text, n, m, n / size, m / base_size, tgi(n, size, m, base_size), inside
        )  # fmt: skip

    provinces = (
        area("310000", 30, 90), area("440000", 22, 150), area("650000", 9, 20),
        area("810000", 5, 25), area("710000", 4, 30), area("460000", 2, 9), area("820000", 1, 3),
        area("330000", 0, 80),
    )  # fmt: skip
    return Areas(
        "region",
        say("Region", "地区"),
        "regions",
        (
            area("CN", 75, 420, *provinces), area("DE", 20, 100), area("US", 9, 200),
            area("SG", 3, 14), area("SS", 1, 1), area("FR", 0, 30),
        ),
    )  # fmt: skip


def _industries(say: Say, size: int, base_size: int) -> Areas:
    def area(code: str, n: int, m: int, *inside: Area) -> Area:
        text = code_list("industries").label(code, "zh" if say("", "zh") else "en")
        return Area(
            code, text, n, m, n / size, m / base_size, tgi(n, size, m, base_size), inside
        )  # fmt: skip

    software = area("I", 54, 120, area("65", 40, 70), area("64", 9, 30))
    return Areas(
        "industry",
        say("Industry", "行业"),
        "industries",
        (
            software, area("F", 30, 250), area("C", 12, 140, area("26", 12, 30)),
            area("J", 9, 80), area("A", 1, 8), area("S", 0, 9),
        ),
    )  # fmt: skip


def overlap(language: Language = "en", titles: Sequence[str] = ()) -> Overlap:
    """Of four audiences, of which one is empty; and with other titles."""
    named = [*titles, *_titles(language)][:4]
    audiences = tuple(
        Sized(f"audience {at}", {language: title}, size)
        for at, (title, size) in enumerate(zip(named, (1240, 310, 0, 55), strict=True))
    )
    cells = (
        Shared((True, False, False, False), 1000),
        Shared((True, True, False, False), 200),
        Shared((False, True, False, False), 95),
        Shared((True, False, False, True), 40),
        Shared((True, True, False, True), 10),
        Shared((False, True, False, True), 5),
    )
    return Overlap("enterprise", audiences, cells, sum(one.count for one in cells))


def _titles(language: Language) -> tuple[str, ...]:
    if language == "zh":
        return ("重点客户", "三个月没有任何订单也没有登录的客户", "竞争对手", "春季活动试用")
    return (
        "Key accounts",
        "Customers without an order or a login for a quarter",
        "Rivals",
        "Trial",
    )
