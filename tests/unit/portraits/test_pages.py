"""The pages: whole documents that ask for nothing and run nothing, whatever the names are."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from holbein.conditions.vocabulary import Language
from holbein.portraits import group_page, group_portrait, portrait, subject_page
from holbein.portraits.html import Html, el, text
from holbein.portraits.pages.one import monogram
from holbein.query import Query
from tests.unit.portraits import samples
from tests.unit.portraits.samples import HOSTILE

VOID = {"meta", "br", "hr", "col"}
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "div",
    "p", "h1", "h2", "h3", "small", "span", "b", "i", "bdi", "ul", "ol", "li", "dl", "dt", "dd", "table",
    "thead", "tbody", "tr", "th", "td", "details", "summary", "time", "svg", "g", "rect", "polygon", "line", "circle", "text", "path",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "style", "scope", "data-label", "datetime",
    "aria-hidden", "viewbox", "preserveaspectratio", "x", "y", "width", "height", "stroke",
    "role", "aria-label", "points", "x1", "y1", "x2", "y2", "cx", "cy", "r", "text-anchor", "d", "data-code",
}  # fmt: skip
# What may stand in what, as far as our pages go.
INSIDE = {
    "li": {"ul", "ol"},
    "tr": {"thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
    "dt": {"div"},
    "dd": {"div"},
    "summary": {"details"},
}
PHRASING = {"p", "span", "b", "small", "h1", "h2", "h3", "bdi", "time", "summary"}
BLOCKS = {"div", "p", "section", "table", "ul", "ol", "dl", "h1", "h2", "h3", "header", "main"}


class Page(HTMLParser):
    """Reads a page, and fails where it is not what it should be."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_decl(self, decl: str) -> None:
        assert decl == "doctype html"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        parent = self.open[-1] if self.open else ""
        assert parent in INSIDE.get(tag, {parent}), f"{tag} in {parent}"
        if parent in PHRASING:
            assert tag not in BLOCKS, f"{tag} in {parent}"
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert set(names) <= ATTRIBUTES, names
        for name, value in attrs:
            if name == "style":
                assert re.fullmatch(
                    r"(width:[\d.]+%|padding-inline-start:[\d.]+rem)", value or ""
                ), value
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((self.open[-1], data))

    def says(self, text: str) -> bool:
        return text in "".join(data for _, data in self.texts)


def pages(language: Language) -> dict[str, str]:
    return {
        "one": subject_page(samples.subject(language)),
        "hostile one": subject_page(samples.hostile(language)),
        "group": group_page(samples.group(language)),
        "hostile group": group_page(samples.hostile_group(language)),
    }


@pytest.fixture(scope="module", params=["en", "zh"])
def made(request: pytest.FixtureRequest) -> dict[str, str]:
    return pages(request.param)


def test_pages_are_valid_and_closed(made: dict[str, str]) -> None:
    for name, page in made.items():
        found = Page(page)
        assert page.startswith("<!doctype html>\n<html lang="), name
        for once in ("html", "head", "body", "h1", "main", "footer"):
            assert found.seen.count(once) == 1, (name, once)
        assert page.partition("</head>")[0].count("<title>") == 1, name


def test_nothing_is_asked_for_and_nothing_runs(made: dict[str, str]) -> None:
    for page in made.values():
        found = Page(page)
        assert not {"script", "img", "iframe", "link", "a", "form", "object", "base"} & set(
            found.seen
        )
        style = "".join(data for tag, data in found.texts if tag == "style")
        assert not re.search(r"url\(|@import|https?:|//", style)
        assert "Content-Security-Policy" in page
        assert "default-src &#x27;none&#x27;" in page
        assert "width=device-width" in page


def test_hostile_names_are_shown_as_they_are(made: dict[str, str]) -> None:
    for name in ("hostile one", "hostile group"):
        found = Page(made[name])
        for one in HOSTILE:
            assert found.says(one), one
        assert "<script" not in made[name]
        assert "<img" not in made[name]
        # The style of the page ends where it should, and names turn no line around.
        assert made[name].count("</style>") == 1
        for tag, text_ in found.texts:
            if tag == "title" and "\u202e" in text_:
                assert re.fullmatch("\u2068.*\u2069: [^\u202e]*", text_)
            elif "\u202e" in text_:
                assert f"<bdi>{text(text_)}</bdi>" in made[name]


def test_everything_of_a_subject_is_on_its_page() -> None:
    p = samples.subject("zh")
    page = subject_page(p)
    found = Page(page)
    assert 'lang="zh-CN"' in page
    assert f"<title>{p.name} · Holbein</title>" in page
    said = [
        p.name,
        p.sentence,
        *(one.text for one in p.attributes),
        *(one.text for one in p.timeline),
    ]
    said += [
        x
        for group in p.categories
        for one in group.tags
        for x in (one.title, one.text, one.evidence.definition)
    ]
    said += [
        x
        for one in p.roles
        if one.person
        for x in (one.person.name, one.title, one.department, one.buying_role)
    ]
    said += [one.name for one in (*p.ancestors, *p.subsidiaries)]
    said += [
        "2026年6月30日",
        "另有3家",
        "14条事实",
        "个人信息",
        "敏感",
        "在任2，已离任1",
        "最近9条",
        "2026年6月30日发生变化，此前为96,200。",
    ]
    for one in said:
        assert found.says(one), one


def test_a_day_of_the_timeline_is_named_once() -> None:
    p = samples.subject()
    same = tuple(replace(one, day=p.as_of) for one in p.timeline)
    page = subject_page(replace(p, timeline=same))
    assert page.count("<time") == 1
    assert page.count('class="what"') == len(same)


def test_everything_of_a_group_is_on_its_page() -> None:
    p = samples.group("zh")
    found = Page(group_page(p))
    said = [
        "重点客户",
        p.sentence,
        "120",
        "1,000",
        "12%",
        "群体：近90天",
        "基准：全体",
        "另有9个值",
    ]
    said += [x for one in p.distributions for x in (one.title, *(cell.text for cell in one.cells))]
    said += [
        x
        for one in p.numbers
        for x in (one.title, "1,200" if one.type == "number" else "2019-05-01")
    ]
    for one in said:
        assert found.says(one), one


def test_little_is_enough_for_a_page() -> None:
    p = samples.subject()
    bare = replace(
        p, attributes=(), categories=(), roles=(), ancestors=(), subsidiaries=(), subsidiary_count=0,
        timeline=(), aliases=(), committee=None, rhythm=None, standings=(), peers=None,
    )  # fmt: skip
    found = Page(subject_page(bare))
    for one in ("No tag has a value here yet.", "Nothing has happened yet."):
        assert found.says(one)
    assert found.seen.count("section") == 2
    g = replace(samples.group(), telling=(), distributions=(), numbers=(), title=None, share=None)
    assert Page(group_page(g)).says("Nothing sets this group clearly apart")
    assert Page(group_page(replace(g, size=0))).says("Nobody is in the group.")


def test_real_portraits_make_valid_pages(query: Query) -> None:
    for language in ("en", "zh"):
        for kind, name in (("enterprise", "crm:C002"), ("person", "p3"), ("role", "r4")):
            p = portrait(query, kind, name, language)  # type: ignore[arg-type]
            assert Page(subject_page(p)).says(p.sentence)
        everyone = group_portrait(query, "sector = 'software'", "enterprise", language=language)
        assert Page(group_page(everyone)).says(everyone.sentence)
        for none in ("FALSE", "TRUE"):
            Page(group_page(group_portrait(query, none, "person", language=language)))


# --- the parts --------------------------------------------------------------------------------------


def test_text_is_escaped_and_markup_is_only_our_own() -> None:
    assert el("p", "<b>&\"'") == "<p>&lt;b&gt;&amp;&quot;&#x27;</p>"
    assert el("p", el("b", "x"), None, ["a", ("b",)]) == "<p><b>x</b>ab</p>"
    assert el("p", class_='"><script>') == '<p class="&quot;&gt;&lt;script&gt;"></p>'
    assert el("i", hidden=True, data_label=None, id=False) == "<i hidden></i>"
    assert el("br") == "<br>"
    assert text("a\x00b\x9fc\n") == "a\ufffdb\ufffdc\n"
    assert isinstance(el("p", "x"), Html)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Alfreds Futterkiste GmbH", "AF"), ("acme", "A"), ("上海云汉", "上"), ("<script>x", "S"), ("---", "·"),
        ("", "·"), ("(E) 7-Eleven", "E7"), ("ß", "S"),
    ],
)  # fmt: skip
def test_a_monogram_stands_for_a_name(name: str, letters: str) -> None:
    assert monogram(name) == letters
