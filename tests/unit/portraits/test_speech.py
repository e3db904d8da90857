"""Names, values and dates as a reader of one language sees them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from holbein.errors import NotFoundError
from holbein.portraits.speech import LONGEST, Speech, category_order, clean, language_of
from holbein.refine.codes import code_list

VOCABULARY = Vocabulary({}, {}, {"login": {"en": "sign-in"}, "odd_event": {}})
EN, ZH = Speech("en", VOCABULARY), Speech("zh", VOCABULARY)


@given(
    st.text(st.characters() | st.sampled_from("\n\t \u202e\u2066\u2028\ufeff\x00"), max_size=300)
)
def test_a_name_is_one_line_and_not_too_long(text: str) -> None:
    found = clean(text)
    assert len(found) <= LONGEST
    assert found == found.strip()
    assert not set(found) & set("\n\r\t\x00\u2028\u2029\u202e\u2066\ufeff")
    assert clean(found) == found


def test_what_is_cut_says_so() -> None:
    assert clean("a" * 400) == "a" * (LONGEST - 1) + "…"
    assert clean("a  b\nc") == "a b c"
    assert clean("abcdef", 4) == "abc…"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1234.0, "1,234"), (1234.5, "1,234.5"), (0.12345, "0.123"), (0.00012345, "0.00012"),
        (-5.0, "-5"), (2.999, "3"), (1e15, "1e+15"), (float("nan"), ""), (float("-inf"), ""), (True, "1"),
    ],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert EN.number(float(value)) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"), (0.0, "0%"), (0.0001, "<0.1%"), (0.0013, "0.1%"), (0.07, "7%"), (0.0696, "7%"),
        (0.077, "7.7%"), (0.1, "10%"), (0.4761, "48%"), (0.9949, "99.5%"), (0.9999, "99.9%"), (1.0, "100%"),
    ],
)  # fmt: skip
def test_shares(share: float | None, text: str) -> None:
    assert EN.share(share) == text


def test_days_and_spans() -> None:
    first, last = dt.date(2021, 3, 5), dt.date(2022, 12, 31)
    assert (EN.day(first), ZH.day(first)) == ("5 March 2021", "2021年3月5日")
    assert EN.span(first, last) == "5 March 2021 to 31 December 2022"
    assert ZH.span(first, first) == "2021年3月5日"


def test_titles_head_a_line_in_the_readers_language() -> None:
    declared = FieldSpec("seats", "number", {"en": "seats", "zh": "席位数"})
    assert (EN.field_title(declared), ZH.field_title(declared)) == ("Seats", "席位数")
    # A standard name has a standard title wherever none is declared in the language.
    half = FieldSpec("industry", "category", {"en": "Line of business"})
    assert (EN.field_title(half), ZH.field_title(half)) == ("Line of business", "行业")
    bare = FieldSpec("birth_date", "date")
    assert (EN.field_title(bare), ZH.field_title(bare)) == ("Date of birth", "出生日期")
    own = FieldSpec("my_score", "number")
    assert (EN.field_title(own), ZH.field_title(own)) == ("My score", "My score")
    for kept in ("iPhone sales", "CRM id", "e-mail", "4 weeks", "émile", ""):
        assert EN.heading(kept) == {"e-mail": "E-mail"}.get(kept, kept)


def test_events_and_streams_have_titles() -> None:
    assert EN.stream_title("event", "login") == "Sign-in"
    assert ZH.stream_title("event", "login") == "sign-in"
    assert EN.stream_title("event", "odd_event") == "Odd event"
    assert EN.stream_title("page_views") == "Page views"


def test_values_are_labelled() -> None:
    regions = FieldSpec("region", "category", codes=code_list("regions"))
    assert (EN.value(regions, "310115"), ZH.value(regions, "310115")) == ("Pudong", "浦东新区")
    assert EN.value(regions, "Atlantis") == "Atlantis"
    tier = FieldSpec("tier", "category", values={"high": {"en": "High"}, "low": {}})
    assert (ZH.value(tier, "high"), ZH.value(tier, "low")) == ("High", "low")
    several = FieldSpec("likes", "categories")
    assert (EN.value(several, ["a", "b"]), ZH.value(several, ["a", "b"])) == ("a, b", "a、b")
    flag = FieldSpec("on", "boolean", values={"true": {"en": "switched on", "zh": "已开启"}})
    assert (EN.value(flag, True), ZH.value(flag, True), ZH.value(flag, False)) == (
        "switched on",
        "已开启",
        "否",
    )
    assert EN.value(FieldSpec("d", "date"), dt.date(2021, 3, 5)) == "5 March 2021"
    assert EN.value(tier, None) == ""


def test_well_known_values_are_titled_until_a_mapping_declares_its_own() -> None:
    assert ZH.value(FieldSpec("buying_role", "category"), "decides") == "决策者"
    own = FieldSpec("buying_role", "category", values={"decides": {"zh": "拍板人"}})
    assert (ZH.value(own, "decides"), ZH.value(own, "uses")) == ("拍板人", "uses")


def test_values_of_unknown_columns() -> None:
    found = [EN.plain(one) for one in (None, "x\ny", 1234, True, [1, "a"], dt.date(2021, 3, 5))]
    assert found == ["", "x y", "1,234", "Yes", "1, a", "5 March 2021"]


def test_categories_come_in_one_order_in_every_language() -> None:
    paths = [
        (),
        ("zebra",),
        ("risk",),
        ("value", "orders"),
        ("value",),
        ("profile", "group"),
        ("apple",),
    ]
    ordered = [
        ("profile", "group"), ("value",), ("value", "orders"), ("risk",), ("apple",), ("zebra",), (),
    ]  # fmt: skip
    assert sorted(paths, key=category_order) == ordered
    assert ZH.category(("profile", "group")) == ("基本画像", "集团")
    assert EN.category(("profile", "my_own")) == ("Profile", "My own")


def test_languages() -> None:
    assert (language_of("en"), language_of("zh")) == ("en", "zh")
    for wrong in ("fr", "", "EN", None):
        with pytest.raises(NotFoundError, match="use en or zh"):
            language_of(wrong)  # type: ignore[arg-type]
