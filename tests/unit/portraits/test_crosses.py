"""Crosses of two tags: counts against plain Python, judgement against statsmodels, what is told."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2
from statsmodels.stats.contingency_tables import StratifiedTable

from holbein.errors import HolbeinError, NotFoundError
from holbein.portraits import GroupPortrait, group_page, group_portrait
from holbein.portraits.group.crosses import telling_crosses
from holbein.portraits.speech import Speech
from holbein.query import Query, crossing, figures
from holbein.query.comparing import FALSE, SMALL, adjusted, z_score
from holbein.query.crossing import departures, flagged, joint, missing
from holbein.query.sides import TableSides
from tests.support.bad_input import command
from tests.unit.query.little import COMPANY_LIST, tier

TABLE = st.lists(st.integers(1, 300), min_size=4, max_size=4).map(
    lambda four: np.array(four).reshape(2, 2)
)
"""Counts of two yes-or-no tags."""


def judged(mine: np.ndarray, rest: np.ndarray) -> tuple[float, float, float, float]:
    """Expected share, departure, score and p of the first cell."""

    def figures_of(one: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        four = one.astype(np.float64)
        return four[:1, 0], four[:1].sum(axis=1), four[:, :1].sum(axis=0)

    found = departures(figures_of(mine), int(mine.sum()), figures_of(rest), int(rest.sum()))
    return tuple(float(o[0]) for o in (found.expected, found.departure, found.score, found.p))  # type: ignore[return-value]


@given(TABLE, TABLE)
def test_the_departure_is_that_of_breslow_and_day(mine: np.ndarray, rest: np.ndarray) -> None:
    expected, departure, score, p = judged(mine, rest)
    with np.errstate(invalid="ignore"):
        right = StratifiedTable([mine, rest]).test_equal_odds(adjust=True)
    assume(not np.isnan(right.statistic))  # it knows no odds ratio of 1
    assert departure**2 == pytest.approx(max(0, right.statistic), rel=1e-6, abs=1e-9)
    assert np.sign(departure) in (0, np.sign(mine[0, 0] - expected))
    own = z_score(int(mine[0, 0]), int(mine.sum()), int(rest[0, 0]), int(rest.sum())) or 0.0
    assume(not np.isnan(score))
    # Where both point the same way, the less certain of the two counts.
    weaker = min(abs(own), abs(departure)) if own * departure > 0 else 0
    assert abs(score) == pytest.approx(weaker, abs=1e-9)
    least = max(chi2.sf(own**2, 1), right.pvalue) if weaker else 1
    assert p == pytest.approx(least, abs=1e-9)


def test_the_expected_worked_by_hand() -> None:
    # Among the rest both are independent: 100 of 400 have one, 100 the other, 25 both. Of the
    # group's 100, 50 have each, so 25 would be both; and 25 are.
    expected, departure, score, p = judged(
        np.array([[25, 25], [25, 25]]), np.array([[25, 75], [75, 225]])
    )
    assert (expected, departure, score, p) == (pytest.approx(25), 0, 0, 1)
    # With 45 of the group's 100 in both it is far from that.
    expected, departure, score, _ = judged(
        np.array([[45, 5], [5, 45]]), np.array([[25, 75], [75, 225]])
    )
    assert expected < 45
    assert departure > 4
    assert score > 4


def test_too_few_are_not_judged() -> None:
    for small in ([[1, 30], [30, 39]], [[20, 0], [0, 20]]):
        score = judged(np.array(small), np.array([[2, 40], [40, 318]]))[2]
        assert np.isnan(score)


@given(st.data())
def test_pairs_are_counted(data: st.DataObject) -> None:
    rows = data.draw(st.integers(0, 30))
    labels = st.sampled_from(["a", "b", "c", None])
    one = data.draw(st.lists(labels, min_size=rows, max_size=rows))
    other = data.draw(
        st.lists(
            st.none() | st.lists(st.sampled_from("xyz"), unique=True), min_size=rows, max_size=rows
        )
    )
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), bool)
    columns = (
        pa.chunked_array([pa.array(one, pa.string())]),
        pa.chunked_array([pa.array(other, pa.list_(pa.string()))]),
    )
    tags = [of for column in columns for of in (flagged(column, 2), missing(column))]
    values = [(at // 2, value) for at, tag in enumerate(tags) for value in tag.values]
    mine, rest = joint(tags, rows, chosen)

    def has(row: int, tag: int, value: object) -> bool:
        held = one[row] if tag == 0 else other[row]
        if value is None:
            return not held
        return held is not None and value in held  # type: ignore[operator]

    for (i, a), (j, b) in product(enumerate(values), repeat=2):
        both = [has(row, *a) and has(row, *b) for row in range(rows)]
        assert mine[i, j] == sum(x and y for x, y in zip(both, chosen, strict=True))
        assert rest[i, j] == sum(x and not y for x, y in zip(both, chosen, strict=True))
    known = {one for one in one if one is not None}
    assert tags[0].more == len(known) - len(tags[0].values) == max(0, len(known) - 2)


def test_numbers_are_cut_into_quarters_and_miss_nothing() -> None:
    numbers = pa.chunked_array([pa.array([*range(100), None], pa.float64())])
    cut = flagged(numbers, 12)
    assert Counter(cut.codes.tolist()) == {0: 25, 1: 25, 2: 25, 3: 25}
    assert cut.values[0] == (None, 24.75)
    same = flagged(pa.chunked_array([pa.array([7.0, 7.0])]), 12)
    assert same.values == ((None, None),)
    assert flagged(pa.chunked_array([pa.array([None], pa.float64())]), 12).values == ()


# --- what is told ---------------------------------------------------------------------------------


def told_of(query: Query, table: pa.Table, names: list[str]) -> list[tuple[str, str]]:
    speech, sides = Speech("en", query.vocabulary), TableSides(table)
    found = telling_crosses(query, speech, "enterprise", names, sides)
    return [one.cell.values for one in found]


def drawn(query: Query, *, linked: bool, seed: int = 1) -> pa.Table:
    """Two tags, each commoner in the group; and, if they are linked there, together or not at all."""
    random = np.random.default_rng(seed)
    mine = np.arange(3000) < 600
    first = random.random(3000) < np.where(mine, 0.5, 0.3)
    second = random.random(3000) < np.where(mine, 0.5, 0.3)
    if linked:
        second = np.where(mine & (random.random(3000) < 0.5), first, second)
    return pa.table(
        {
            "tier": np.where(first, "high", "low"),
            "size": np.where(second, "large", "small"),
            figures.IN_GROUP: mine,
        }
    )


def test_what_the_tags_alone_say_is_not_told_again(query: Query) -> None:
    assert told_of(query, drawn(query, linked=False), ["tier", "size"]) == []
    assert told_of(query, drawn(query, linked=True), ["tier", "size"]) == [("high value", "large")]


def test_of_many_a_draw_is_looked_at_and_all_are_counted(
    query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = drawn(query, linked=True)
    monkeypatch.setattr(crossing, "MOST", 2000)
    group, rest = crossing.drawn(600, 2400)
    assert group.tolist() == [*range(600)]
    assert len(set(rest.tolist())) == 1400
    assert rest.max() < 2400
    few = TableSides(table).drawn(["tier"], 12)
    assert (len(few.chosen), few.chosen.sum()) == (2000, 600)
    speech = Speech("en", query.vocabulary)
    (found,) = telling_crosses(query, speech, "enterprise", ["tier", "size"], TableSides(table))
    both = (table["tier"].to_numpy() == "high") & (table["size"].to_numpy() == "large")
    mine = table[figures.IN_GROUP].to_numpy()
    assert (found.cell.group, found.cell.base) == ((both & mine).sum(), both.sum())
    assert found.cell.base_share == both.sum() / 3000
    lists = pa.chunked_array([pa.array([["a", "b"], [], None, ["b"]])])
    assert crossing.having(lists, "b").tolist() == [True, False, False, True]


def test_chance_is_seldom_told(query: Query) -> None:
    tables = [drawn(query, linked=False, seed=seed) for seed in range(100)]
    told = sum(bool(told_of(query, one, ["tier", "size"])) for one in tables)
    assert told / len(tables) <= 2 * FALSE


# --- a cross that is asked for --------------------------------------------------------------------


@pytest.fixture(scope="module")
def crossed(query: Query) -> GroupPortrait:
    return group_portrait(query, "employees >= 500", "enterprise", cross=("sector", "tier"))


def test_every_cell_agrees_with_a_count(crossed: GroupPortrait) -> None:
    assert crossed.cross is not None
    titles = {"software": "software", "retail": "retail", "bank": "banking", None: "missing"}
    tiers = {"high": "high value", "low": "low value", "none": "no orders in 90 days"}
    pairs = [
        (titles[o.sector], tiers[tier(o.key)], (o.employees or 0) >= 500) for o in COMPANY_LIST
    ]
    pairs += [("missing", tiers["none"], False)] * 3  # of whom only the name is known
    base = Counter((a, b) for a, b, _ in pairs)
    group = Counter((a, b) for a, b, inside in pairs if inside)
    cells = {one.values: one for row in crossed.cross.cells for one in row}
    assert sum(one.base for one in cells.values()) == crossed.base_size
    assert set(base) <= set(cells)
    for values, one in cells.items():
        assert (one.group, one.base) == (group[values], base[values])
        assert one.share == one.group / crossed.size
        assert (one.tgi is None) == (one.base < SMALL)
        assert one.p is None or "missing" not in values
    tested = [one for one in cells.values() if one.p is not None]
    assert [one.q for one in tested] == pytest.approx(adjusted([one.p or 0.0 for one in tested]))


def test_numbers_and_dates_are_crossed_in_quarters(query: Query) -> None:
    p = group_portrait(query, "sector = 'software'", "enterprise", cross=("employees", "founded"))
    assert p.cross is not None
    assert (len(p.cross.rows), len(p.cross.columns)) == (5, 5)
    assert p.cross.rows[0].startswith("below ")
    assert p.cross.columns[3].endswith(" or more")
    assert sum(one.base for row in p.cross.cells for one in row) == p.base_size


def test_it_is_shown_everywhere(workspace_folder: str) -> None:
    asked = ["portrait", "audience", "software", "--cross", "tier", "likes", "-w", workspace_folder]
    told = json.loads(command(*asked, "--json").out)
    assert told["cross"]["names"] == ["tier", "likes"]
    assert len(told["cross"]["cells"]) == len(told["cross"]["rows"])
    assert "Value tier × Likes" in command(*asked).out
    assert "价值等级 × 偏好" in command(*asked, "--lang", "zh").out


def test_labels_are_text_on_the_page(query: Query) -> None:
    p = group_portrait(query, "sector = 'software'", "enterprise", cross=("name", "tier"))
    page = group_page(p)
    assert "<script>document" not in page
    assert "&lt;script&gt;document" in page
    assert p.cross is not None
    assert p.cross.more[0] > 50
    assert f"and {p.cross.more[0]} more values" in page


def test_what_cannot_be_crossed_is_refused(query: Query) -> None:
    with pytest.raises(HolbeinError, match="tier cannot be crossed with itself"):
        group_portrait(query, "TRUE", "enterprise", cross=("tier", "tier"))
    with pytest.raises(NotFoundError, match="there is no attribute or tag 'teir'"):
        group_portrait(query, "TRUE", "enterprise", cross=("tier", "teir"))


def test_nobody_is_crossed_too(query: Query) -> None:
    for base, rows in (("TRUE", 3), ("employees < 0", 0)):
        p = group_portrait(query, "employees < 0", "enterprise", base, cross=("tier", "busy"))
        assert p.cross is not None
        assert len(p.cross.rows) == rows
        assert p.crosses == ()
        assert group_page(p)
