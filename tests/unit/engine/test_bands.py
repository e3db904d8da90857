"""Where streams are cut into bands, and which days windows have."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from holbein.conditions.instants import at_instant, local_day
from holbein.conditions.spans import in_window
from holbein.conditions.tree import Window
from holbein.engine.bands import EVER, Band, cut, spanned

TODAY = dt.date(2024, 12, 31)
ZONES = ("UTC", "America/New_York", "Asia/Shanghai", "Pacific/Apia", "Antarctica/Troll",
         "America/St_Johns")  # fmt: skip


def _days(*back: int) -> list[Band]:
    return [Band(TODAY - dt.timedelta(days=one)) for one in back]


def _reaches(bands: list[Band]) -> list[int | None]:
    return [None if one.older is None else (TODAY - one.older).days for one in bands]


def test_the_usual_windows_are_cut_at_90_180_and_365_days() -> None:
    bands = cut([*_days(7, 30, 60, 90, 180, 365), EVER], TODAY)
    assert _reaches(list(bands)) == [90, 180, 365, None]


def test_windows_of_like_reach_share_a_band() -> None:
    assert _reaches(list(cut(_days(180, 200), TODAY))) == [200]
    assert _reaches(list(cut(_days(90, 150, 250, 400), TODAY))) == [150, 400]


def test_short_windows_and_lone_ones_are_not_cut() -> None:
    assert _reaches(list(cut(_days(1, 7, 30), TODAY))) == [30]
    assert list(cut([EVER], TODAY)) == [EVER]
    assert list(cut([], TODAY)) == [EVER]


@given(st.lists(st.integers(1, 2000), max_size=8), st.booleans())
def test_bands_are_without_gaps_and_hold_every_window(back: list[int], ever: bool) -> None:
    spans = [*_days(*back), *([EVER] if ever else [])]
    bands = cut(spans, TODAY)
    assert bands[0].newer is None
    for newer, older in itertools.pairwise(bands):
        assert newer.older == older.newer
        assert older.older is None or (newer.older is not None and older.older < newer.older)
    for span in spans:
        oldest = bands[-1].older
        assert oldest is None or (span.older is not None and oldest <= span.older)


@st.composite
def _asked(draw: st.DrawFn) -> tuple[Window | None, Window | None]:
    elapsed = draw(st.booleans())
    units = ("hour", "minute") if elapsed else ("day", "week", "month", "year")
    most = {"hour": 3000, "minute": 200_000, "day": 800, "week": 100, "month": 40, "year": 4}

    def window() -> Window | None:
        unit = draw(st.sampled_from(units))
        return Window(draw(st.integers(1, most[unit])), unit) if draw(st.booleans()) else None

    return window(), window()


@given(
    _asked(),
    st.sampled_from(ZONES),
    st.datetimes(dt.datetime(2006, 1, 1), dt.datetime(2012, 6, 1)),
    st.integers(0, 6_000_000),
)
def test_every_fact_of_a_window_lies_in_its_span(
    asked: tuple[Window | None, Window | None], zone: str, moment: dt.datetime, minutes: int
) -> None:
    as_of = at_instant(moment.replace(tzinfo=dt.UTC), ZoneInfo(zone))
    at = as_of.instant - dt.timedelta(minutes=minutes, microseconds=1)
    day = local_day(at, ZoneInfo(zone))
    span = spanned(*asked, as_of)
    within = (span.older is None or day > span.older) and (span.newer is None or day <= span.newer)
    if in_window(at, day, *asked, as_of):
        assert within
    elif span.exact and day <= as_of.day:
        assert not within
