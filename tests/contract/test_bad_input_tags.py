"""Bad input, part 8: tags that ran well once and then go wrong. The run goes on: the others are
computed, the failed one keeps its last good values, and it and all that rests on it say so.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import holbein
from holbein.errors import HolbeinError
from tests.support import bad_input, failing
from tests.support.bad_input import PERSONAL, command, refused
from tests.support.failing import (
    FIRST,
    FOURTH,
    MORE,
    NEW,
    QUERY,
    RAISES,
    SCORE,
    SECOND,
    TAGS,
    THIRD,
    asked,
    changes,
    held,
    put,
    run,
    tags,
    told,
    values,
)

pytestmark = pytest.mark.slow

NO_STREAM = bad_input.SOURCE[: bad_input.SOURCE.index("    streams:")]
EMPLOYEES = "employees: {column: employees, type: number},"
GUESSED = bad_input.SOURCE.replace(EMPLOYEES, "employees: employees,")
ON_OWN = ["grade", "standing", "lately_good", "chosen", "group_own", "house_grade", "works_well"]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return failing.make(tmp_path_factory.mktemp("failing") / "good")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return bad_input.copy(good, tmp_path / "w")


# --- what can go wrong ----------------------------------------------------------------------------

SQL = {
    "writes": ("COPY orders TO '/tmp/x.csv'", "no SELECT but COPY"),
    "reads a file": (
        "SELECT 1 AS id, 2 AS value FROM read_text('/etc/passwd')",
        "is a table function",
    ),
    "calls out": ("SELECT 1 AS id, 2 AS value FROM 'https://example.org/x.parquet'", "example.org"),
}
PYTHON = {
    "raises": (RAISES, "score raised KeyError: 'what'"),
    "is too short": ("def score(table):\n    return [1.0]\n", "gives 1 values for"),
    "is of another type": ("def score(table):\n    return ['a'] * len(table)\n", "is no number"),
    "hangs": ("def score(table):\n    while True: pass\n", "takes longer than 3 seconds"),
    "eats memory": ("def score(table):\n    return b'x' * 10**9\n", "more than 256 MB"),
    "cannot be read": ("def score(table:\n", "own.py is no Python"),
    "has lost its function": ("def scores(table): ...\n", "own.py has no function score"),
    "is gone": (None, "there is no file own.py"),
}


@pytest.mark.parametrize("case", PYTHON)
def test_python(folder: Path, case: str) -> None:
    code, why = PYTHON[case]
    put(folder, own__py=code, crm_orders__csv=MORE, crm_companies__csv=NEW)
    (line,) = held(run(folder, SECOND))
    assert line.startswith(f"enterprise tag own keeps its values of {FIRST}: ")
    assert why in line
    kinds = {"house_grade": "role", "works_well": "person"}
    depend = [f"{kinds.get(one, 'enterprise')} tag {one}" for one in ON_OWN]
    ending = line.partition("; on it depend ")[2]
    assert sorted(ending.split(", ")) == sorted(
        [*depend, "audience 'good ones'", "audience 'better'"]
    )
    assert values(folder, "own") == [120.5, 7.0, 0.0, None]
    assert values(folder, "revenue") == [120.5, 507.0, 0.0, 0.0]
    assert values(folder, "share") == [120.5, 507.0, None, None]
    assert values(folder, "grade") == ["good", "poor", "poor", "poor"]
    assert values(folder, "standing") == [1.0, 2.0, 3.0, None]


def test_sql_that_never_ends(folder: Path) -> None:
    endless = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) AS id, 1 AS value FROM r"
    put(folder, tags_a__yaml=TAGS.replace(QUERY, endless), crm_orders__csv=MORE)
    (line,) = held(run(folder, SECOND))
    assert line.startswith(f"enterprise tag share keeps its values of {FIRST}: ")
    assert "it takes longer than 3 seconds" in line
    assert values(folder, "share") == [120.5, 7.0, None]
    assert values(folder, "own") == [120.5, 507.0, 0.0]


@pytest.mark.parametrize("case", SQL)
def test_sql_that_reaches_out_was_edited_and_is_refused(folder: Path, case: str) -> None:
    query, why = SQL[case]
    put(folder, tags_a__yaml=TAGS.replace(QUERY, query))
    for arguments in (("check",), ("run", "--as-of", SECOND)):
        refused(command(*arguments, "-w", str(folder)), "tag 'share'", why)
    assert holbein.open(folder).query.version == "1"


def test_sql_that_fails_on_the_data(folder: Path) -> None:
    """The query is as it was; what it is asked of is not."""
    text = TAGS.replace(QUERY, "SELECT id, region::INTEGER AS value FROM enterprise")
    put(folder, tags_a__yaml=text)
    assert held(run(folder, SECOND)) == []
    put(
        folder,
        crm_companies__csv=bad_input.COMPANIES.replace(",700,", ",700,")
        + "C4,D,F,Secret Street,,1,\n",
    )
    (line,) = held(run(folder, THIRD))
    assert f"tag share keeps its values of {SECOND}: " in line
    assert "the query fails on the data (Conversion Error)" in line
    assert not any(one in line for one in PERSONAL)


def test_a_stream_that_vanished(folder: Path) -> None:
    put(folder, sources_crm__yaml=NO_STREAM)
    lines = held(run(folder, SECOND))
    assert [one.split(" keeps ")[0] for one in lines] == [
        "enterprise tag revenue", "enterprise tag products", "enterprise tag share",
    ]  # fmt: skip
    assert "there is no stream or event orders" in lines[0]
    for name in ("tier", "own", "grade"):
        assert f"enterprise tag {name}" in lines[0]
        assert tags(folder)[name]["behind"] == [{"on": "enterprise", "tag": "revenue"}]
    assert values(folder, "revenue") == [120.5, 7.0, 0.0]
    assert values(folder, "products") == [["Tea"], ["Rice"], None]
    refused(command("check", "-w", str(folder)), "there is no stream or event orders", lines=3)
    for of in (["enterprise", "C2"], ["role", "P1"], ["audience", "better"]):
        asked(folder, "portrait", *of)
        asked(folder, "portrait", *of, "--json")
    with pytest.raises(HolbeinError, match="tag revenue cannot be computed"):
        holbein.open(folder).features(["C1"], [dt.date(2024, 6, 1)], ["tier"])
    assert len(holbein.open(folder).features(["C1"], [dt.date(2024, 6, 1)], ["size"])) == 1


@pytest.mark.parametrize("how", ["removed", "renamed"])
def test_an_attribute_is_gone(folder: Path, how: str) -> None:
    instead = "" if how == "removed" else EMPLOYEES.replace("employees:", "headcount:")
    put(folder, sources_crm__yaml=bad_input.SOURCE.replace(EMPLOYEES, instead))
    lines = held(run(folder, SECOND))
    assert [one.split()[2] for one in lines] == ["big", "staff", "size"]
    assert lines[0].endswith("on it depend audience 'big ones', audience 'better'")
    assert values(folder, "size") == ["large", "small", "large"]
    assert asked(folder, "count", "in_audience('big ones')") == "2\n"
    asked(folder, "portrait", "enterprise", "C1")


def test_a_tag_is_renamed_under_others(folder: Path) -> None:
    put(folder, tags_a__yaml=TAGS.replace("tag: revenue,", "tag: turnover,"))
    lines = held(run(folder, SECOND))
    assert [one.split()[2] for one in lines] == ["tier", "own"]
    assert "enterprises have no attribute or tag revenue" in lines[0]
    assert values(folder, "turnover") == [120.5, 7.0, 0.0]
    assert values(folder, "tier") == ["high", "low", "low"]
    # Named as it was, it is computed again, and what has changed since then is told.
    put(folder, tags_a__yaml=TAGS, crm_orders__csv=MORE)
    assert held(run(folder, THIRD)) == []
    assert (THIRD, "tier", 2, '"low"', '"high"') in changes(folder)


def test_a_tag_is_renamed_under_an_audience(folder: Path) -> None:
    put(folder, tags_a__yaml=TAGS.replace("tag: grade,", "tag: note,"))
    notes = run(folder, SECOND)
    assert [one.split()[2] for one in held(notes)] == ["lately_good", "chosen", "house_grade"]
    why = "enterprises have no attribute or tag grade"
    assert f"audience 'good ones' cannot be asked for: {why}" in notes
    assert (
        "audience 'better' cannot be asked for: it asks for an audience that is wrong, or for itself"
        in notes
    )
    refused(command("count", "in_audience('good ones')", "-w", str(folder)), why)
    assert asked(folder, "count", "in_audience('big ones')") == "2\n"
    assert values(folder, "chosen") == [True, False, False]


def test_what_asks_anew_for_an_audience_that_is_wrong_is_refused(folder: Path) -> None:
    renamed = TAGS.replace("tag: grade,", "tag: note,")
    fresh = "  - {tag: fresh, where: \"in_audience('better')\"}\n"
    put(folder, tags_a__yaml=renamed + fresh)
    refused(
        command("run", "-w", str(folder)),
        "tags/a.yaml:18: tag 'fresh' asks for audience 'better', which is wrong",
    )
    put(
        folder,
        tags_a__yaml=renamed,
        audiences_a__yaml=failing.AUDIENCES
        + "  - {audience: new, where: \"in_audience('good ones')\"}\n",
    )
    refused(command("run", "-w", str(folder)), "audience 'new' asks for audience 'good ones'")


def test_an_edited_tag_that_is_wrong_is_refused(folder: Path) -> None:
    put(folder, tags_a__yaml=TAGS.replace("employees > 50", "employes > 50"))
    for arguments in (("check",), ("run", "--as-of", SECOND)):
        refused(command(*arguments, "-w", str(folder)), "tag 'big'", "did you mean employees?")
    assert holbein.open(folder).query.version == "1"


@pytest.mark.parametrize("cell", ["one", "all"])
def test_a_column_turns_from_numbers_to_texts(tmp_path: Path, cell: str) -> None:
    """Where its type is guessed; else what is no number is quarantined."""
    folder = tmp_path / "w"
    failing.write_workspace(folder, failing.FILES | {"sources/crm.yaml": GUESSED})
    run(folder, FIRST)
    text = bad_input.COMPANIES.replace(",700,", ",many,")
    if cell == "all":
        text = text.replace(",60,", ",some,").replace(",5,", ",few,")
    put(folder, crm_companies__csv=text)
    lines = held(run(folder, SECOND))
    assert [one.split()[2] for one in lines] == ["big", "staff", "size"]
    assert "employees is a text (category), and 50 is a number" in lines[0]
    assert "its type would be category, and was number, since employees is taken as" in lines[1]
    assert values(folder, "staff") == [60.0, 5.0, 700.0]
    assert asked(folder, "count", "staff > 50") == "2\n"
    # Declared, the type is the old one again, and the text is what is wrong.
    put(folder, sources_crm__yaml=bad_input.SOURCE)
    assert held(run(folder, THIRD)) == []
    assert values(folder, "staff") == ([60.0, 5.0, None] if cell == "one" else [None] * 3)
    # Declared otherwise, the tag that takes it over follows: that was somebody's decision.
    put(
        folder,
        sources_crm__yaml=bad_input.SOURCE.replace(
            "employees, type: number", "employees, type: category"
        ),
    )
    assert [one.split()[2] for one in held(run(folder, FOURTH))] == ["big", "size"]
    assert tags(folder)["staff"]["type"] == "category"
    assert tags(folder)["staff"]["held"] is None


def test_a_tag_of_another_type_keeps_nothing(folder: Path) -> None:
    text = TAGS.replace("自有评分}, type: number", "自有评分}, type: category")
    put(folder, tags_a__yaml=text.replace("own > 50", "own = 'a'").replace(
        "of: own, gives: rank", "of: revenue, gives: rank").replace("of: own, by: sum, self: true", "of: revenue, by: sum, self: true"))  # fmt: skip
    put(folder, own__py=RAISES)
    (line,) = held(run(folder, SECOND))
    assert line.startswith("enterprise tag own has no values: ")
    assert values(folder, "own") == [None] * 3
    assert tags(folder)["own"]["held"]["day"] is None
    assert "held: no values yet" in asked(folder, "tags")


def test_an_event_that_no_longer_occurs_is_no_error(tmp_path: Path) -> None:
    events = "id,company,at,name\n1,C1,2024-05-01,login\n2,C2,2024-05-02,visit\n"
    source = bad_input.SOURCE + (
        "      event: {table: events, key: id, at: at, enterprise: company, columns: {name: name}}\n"
    )
    folder = tmp_path / "w"
    tag = "tags:\n  - {tag: logins, value: count(login)}\n"
    files = {"sources/crm.yaml": source, "tags/a.yaml": tag, "crm/events.csv": events,
             "audiences/a.yaml": "audiences: []\n"}  # fmt: skip
    failing.write_workspace(folder, failing.FILES | files)
    run(folder, FIRST)
    assert values(folder, "logins") == [1.0, 0.0, 0.0]
    put(folder, crm_events__csv=events.replace("login", "visit"))
    lines = held(run(folder, SECOND))
    assert (lines, values(folder, "logins")) == ([], [0.0] * 3)


def test_a_list_that_is_gone(folder: Path) -> None:
    put(folder, list__csv=None, crm_orders__csv=MORE)
    (line,) = held(run(folder, SECOND))
    assert line == f"enterprise tag listed keeps its values of {FIRST}: there is no file list.csv"
    assert values(folder, "listed") == [True, None, None]
    assert values(folder, "revenue") == [120.5, 507.0, 0.0]
    refused(command("check", "-w", str(folder)), "there is no file list.csv")
    put(folder, list__csv="company\nC2\n")
    assert held(run(folder, THIRD)) == []
    assert values(folder, "listed") == [None, True, None]
    assert (THIRD, "listed", 1, "true", None) in changes(folder)


# --- what is told of it ---------------------------------------------------------------------------


def test_it_is_told_wherever_it_shows(folder: Path) -> None:
    put(folder, own__py=RAISES, crm_orders__csv=MORE)
    run(folder, SECOND)
    found = tags(folder)
    assert found["own"]["held"]["day"] == FIRST
    assert "KeyError" in found["own"]["held"]["reason"]
    for name in ON_OWN:
        assert found[name]["held"] is None
        assert found[name]["behind"] == [{"on": "enterprise", "tag": "own"}]
    assert (found["revenue"]["held"], found["revenue"]["behind"]) == (None, [])

    def flat(*arguments: str) -> str:
        return " ".join(asked(folder, *arguments).split())

    for lang, listed, on_it, page, rests in (
        ("en", "held: values of 30 June 2024", "rests on held values",
         "It could not be computed and keeps its values of 30 June 2024: tags/a.yaml:8, own.py:2",
         "It rests on values that are held: Own score (held: values of 30 June 2024)"),
        ("zh", "沿用2024年6月30日的取值", "所依赖的标签沿用旧值",
         "未能计算，沿用2024年6月30日的取值：tags/a.yaml:8, own.py:2",
         "所依赖的标签沿用了旧值：自有评分（沿用2024年6月30日的取值）"),
    ):  # fmt: skip
        wide = flat("tags", "--lang", lang).replace(" ", "")
        assert listed.replace(" ", "")[:12] in wide
        assert page in flat("tag", "show", "own", "--lang", lang)
        assert on_it in flat("portrait", "enterprise", "C2", "--lang", lang)
        assert listed in flat("portrait", "enterprise", "C2", "--lang", lang)
        file = folder / f"{lang}.html"
        for of in (["enterprise", "C2"], ["audience", "better"]):
            asked(folder, "portrait", *of, "--lang", lang, "--html", str(file))
            assert page.split("：")[0].split(": ")[0] in file.read_text()
            assert rests in file.read_text()
        assert rests in flat("portrait", "audience", "better", "--lang", lang)
    lines = {
        one["name"]: one
        for group in json.loads(asked(folder, "portrait", "enterprise", "C2", "--json"))[
            "categories"
        ]
        for one in group["tags"]
    }
    assert lines["own"]["held"]["day"] == FIRST
    assert lines["own"]["value"] == 7.0
    assert lines["own"]["evidence"]["figures"] == []
    assert lines["grade"]["behind"] == ["own"]
    assert lines["tier"]["note"] == ""
    assert json.loads(asked(folder, "tag", "show", "own", "--json"))["held"]["day"] == FIRST


def test_answers_that_rest_on_it_say_so(folder: Path) -> None:
    put(folder, own__py=RAISES, crm_orders__csv=MORE)
    run(folder, SECOND)
    note = f"note: enterprise tag own has its values of {FIRST}: `holbein tag show own --on enterprise` says why"
    for *arguments, out in (
        ["count", "own > 50", "1\n"],
        ["count", "in_audience('better')", "1\n"],
        ["count", "any_role(house_grade = 'good')", "1\n"],
        ["count", "works_well", "--on", "person", "1\n"],
        ["select", "TRUE", "--columns", "grade", "grade\r\ngood\r\npoor\r\npoor\r\n"],
        ["select", "TRUE", "--on", "role", "--columns", "enterprise.own", None],
    ):
        answer = told(folder, *arguments)
        assert note in answer.err.splitlines(), arguments
        assert out in (None, answer.out)
    for arguments in (["count", "revenue > 100"], ["select", "big", "--columns", "id,tier"]):
        assert "note" not in told(folder, *arguments).err
    put(folder, own__py=SCORE)
    run(folder, THIRD)
    assert note in told(folder, "count", "own > 50", "--run", "2").err
    assert "note" not in told(folder, "count", "own > 50").err


# --- over several runs ----------------------------------------------------------------------------


def test_repaired_it_is_computed_and_logged(folder: Path) -> None:
    put(folder, own__py=RAISES, crm_orders__csv=MORE)
    run(folder, SECOND)
    assert {one[1] for one in changes(folder)} == {"revenue", "tier", "share"}
    (again,) = held(run(folder, THIRD))
    assert f"keeps its values of {FIRST}" in again
    put(folder, own__py=SCORE)
    assert held(run(folder, FOURTH)) == []
    assert values(folder, "own") == [120.5, 507.0, 0.0]
    assert values(folder, "lately_good") == [False, True, False]
    assert values(folder, "works_well", "person") == [True, True]
    assert [one for one in changes(folder) if one[0] == THIRD] == []
    assert {
        (FOURTH, "own", 2, "7", "507"), (FOURTH, "grade", 2, '"poor"', '"good"'),
        (FOURTH, "lately_good", 2, "false", "true"), (FOURTH, "house_grade", 2, '"poor"', '"good"'),
    } <= changes(folder)  # fmt: skip
    assert all(one["held"] is None and not one["behind"] for one in tags(folder).values())
    assert values(folder, "lately_good") == [False, True, False]


def test_a_run_as_of_the_same_day_sees_the_changes_of_that_day(folder: Path) -> None:
    put(folder, crm_orders__csv=MORE)
    for _ in range(2):  # the second takes the grade over, and still asks what became of it
        run(folder, SECOND)
        assert values(folder, "lately_good") == [False, True, False]


def test_with_full_and_as_of_earlier_days(folder: Path) -> None:
    put(folder, own__py=RAISES, crm_orders__csv=MORE)
    (line,) = held(run(folder, SECOND, "--full"))
    assert f"own keeps its values of {FIRST}" in line
    (line,) = held(run(folder, "2024-07-03"))
    assert f"own keeps its values of {FIRST}" in line
    (line,) = held(run(folder, "2024-05-01"))  # as of then, there are none
    assert line.startswith("enterprise tag own has no values: ")
    assert values(folder, "own") == [None] * 3
    (line,) = held(run(folder, THIRD))
    assert f"own keeps its values of {FIRST}" in line


def test_a_first_run_goes_on_too(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    failing.write_workspace(folder, failing.FILES | {"own.py": RAISES})
    for day in (FIRST, SECOND):
        (line,) = held(run(folder, day))
        assert line.startswith("enterprise tag own has no values: ")
        assert values(folder, "own") == [None] * 3
        assert values(folder, "revenue") == [120.5, 7.0, 0.0]
        asked(folder, "portrait", "enterprise", "C1")
    assert "It could not be computed and has no values yet" in asked(folder, "tag", "show", "own")
    put(folder, own__py=SCORE)
    assert held(run(folder, THIRD)) == []
    assert values(folder, "own") == [120.5, 7.0, 0.0]
    assert [
        one for one in changes(folder) if one[1] == "own"
    ] == []  # the first values are no change


@pytest.mark.parametrize(
    ("guard", "why"),
    [("coverage: 0.2", "coverage fell from 100% to 33%, and its guard allows 20 points"),
     ("psi: 0.2", "distribution shifted (PSI ")],
)  # fmt: skip
def test_a_guard_holds_and_marks(tmp_path: Path, guard: str, why: str) -> None:
    folder = tmp_path / "w"
    text = TAGS.replace(
        "{tag: staff, attribute: employees}", f"{{tag: staff, attribute: employees, guard: {{{guard}}}}}"
    ) + "  - {tag: crowd, where: staff > 50}\n"  # fmt: skip
    failing.write_workspace(folder, failing.FILES | {"tags/a.yaml": text})
    run(folder, FIRST)
    before = bad_input.COMPANIES
    put(folder, crm_companies__csv=before.replace(",60,", ",,").replace(",700,", ",,"))
    for day in (SECOND, THIRD):
        (line,) = held(run(folder, day))
        assert line.startswith(f"enterprise tag staff keeps its values of {FIRST}: {why}")
        assert line.endswith("; on it depend enterprise tag crowd")
        assert values(folder, "staff") == [60.0, 5.0, 700.0]
        assert values(folder, "crowd") == [True, False, True]
        assert values(folder, "big") == [False] * 3
    put(folder, crm_companies__csv=before)
    assert held(run(folder, FOURTH)) == []


def test_a_damaged_version_does_not_stop_the_next(folder: Path) -> None:
    """Every file of it but the keys, one after another, and a tag that would keep its values."""
    put(folder, own__py=RAISES, crm_orders__csv=MORE)
    for number, path in enumerate(sorted((folder / "data" / "files").iterdir())):
        if path.name.startswith("alias"):
            continue
        other = bad_input.copy(folder, folder.parent / f"damaged {number}")
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        (other / "data" / "files" / path.name).write_bytes(content)
        notes = run(other, SECOND)
        (line,) = held(notes)
        # A lookup is never the only copy of anything.
        lost = path.name.startswith("tags.enterprise") and path.suffix == ".parquet"
        assert ("has no values" if lost else f"keeps its values of {FIRST}") in line, path.name
        assert lost == any("the enterprise tags of version 1 are damaged" in one for one in notes)
        assert values(other, "revenue") == [120.5, 507.0, 0.0]


# --- values that are not declared -----------------------------------------------------------------


def test_values_past_the_declared_ones_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    source = bad_input.SOURCE.replace(
        "country: country,",
        "country: {column: country, values: {Germany: {en: Germany, zh: 德国}}},",
    )
    text = """\
tags:
  - {tag: land, attribute: country}
  - {tag: zone, attribute: region, values: {Mars: Mars}}
  - {tag: liked, sensitivity: personal, values: {Tea: Tea}, prefers: {stream: orders, by: product, top: 2}}
  - {tag: first, sensitivity: public, values: {Tea: Tea}, prefers: {stream: orders, by: product}}
  - {tag: level, cases: [{a: "count(orders) > 0"}, {else: b}], values: {a: A}}
"""
    files = {"sources/crm.yaml": source, "tags/a.yaml": text, "audiences/a.yaml": "audiences: []\n"}
    failing.write_workspace(folder, failing.FILES | files)
    notes = [one for one in run(folder, FIRST) if "declare" in one]
    undeclared = "that its definition does not declare"
    assert notes == [
        f"enterprise attribute country: 1 subject has a value {undeclared} (such as France)",
        f"enterprise tag zone: 1 subject has a value {undeclared} (such as 310000)",
        f"enterprise tag liked: 1 subject has a value {undeclared}",
        f"enterprise tag first: 1 subject has a value {undeclared} (such as Rice)",
    ]
    assert values(folder, "land") == ["Germany", "France", "Germany"]
