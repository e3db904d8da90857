"""Which column holds the keys, and whom each cell means."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.audiences import matching
from holbein.audiences.keys import NOBODY, SEVERAL, Way, ways
from holbein.audiences.matching import choose, match
from holbein.audiences.reading import Sheet, read
from holbein.conditions.vocabulary import FieldSpec
from holbein.errors import HolbeinError, NotFoundError
from holbein.query import Query
from holbein.workspace import Workspace
from tests.unit.query.little import COMPANY_LIST, key


def texts(*cells: str) -> pa.ChunkedArray:
    return pa.chunked_array([list(cells)], pa.string())


def own_keys(query: Query, kind: str = "enterprise") -> Way:
    return next(ways(query, kind))  # type: ignore[arg-type]


def by_attribute(values: list[str]) -> Way:
    ids = pa.chunked_array([list(range(1, len(values) + 1))], pa.int64())
    return Way(FieldSpec("code", "category"), texts(*values), ids, frozenset({"code"}))


def sheet(**columns: list[str]) -> Sheet:
    return Sheet(tuple(columns), tuple(texts(*one) for one in columns.values()), 2)


# --- whom a cell means ----------------------------------------------------------------------------


def test_a_key_is_an_id_a_source_and_key_or_a_bare_key(query: Query) -> None:
    one = query.resolve("enterprise", "crm:C001")
    second = query.resolve("enterprise", "erp:C002")
    found = own_keys(query).find(
        texts("C001", "crm:C001", f"E{one}", "C002", "erp:C002", "E5", "erp:E5")
    )
    like_an_id = query.resolve("enterprise", "erp:E5")
    assert found.ids.tolist() == [one, one, one, SEVERAL, second, SEVERAL, like_an_id]
    assert not found.mended.any()
    nobody = own_keys(query).find(texts("", "C999", "P1", "E999", "crm:", "c001", "C1"))
    assert set(nobody.ids.tolist()) == {NOBODY}
    assert own_keys(query, "person").find(texts("C001")).ids.tolist() == [NOBODY]


def test_what_other_programs_do_to_keys_is_mended(query: Query) -> None:
    one, three = (query.resolve("enterprise", f"crm:{name}") for name in ("C001", "C003"))
    cells = texts("Ｃ００１", "C001\u200b", "C 001", "crm:C001; erp:nothing", "crm:C001; crm:C003")
    found = own_keys(query).find(cells)
    assert found.ids.tolist() == [one, one, one, one, SEVERAL]
    assert found.mended.tolist() == [True, True, True, True, False]
    assert three not in found.ids


def test_leading_zeros_that_were_lost_are_put_back_where_one_number_fits() -> None:
    way = by_attribute(["00123", "124", "0124", "7"])
    found = way.find(texts("123", "123.0", "00123", "124", "00124", "007", "8"))
    assert found.ids.tolist() == [1, 1, 1, 2, SEVERAL, 4, NOBODY]


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("Acme Trading Ltd", "  ACME  trading ltd"),
        ("张三商贸有限公司", "张三 商贸有限公司"),
        ("sales@acme.example", "Sales@Acme.example"),
        ("91310115MA1K3ABC2D", "91310115ma1k3abc2d"),
        ("+86 21 5555 1234", "021-55551234"),
        ("+86 21 5555 1234", "0086 21 5555-1234"),
        ("13800138000", "+86 138 0013 8000"),
        ("+44 20 7946 0958", "＋44 (20) 7946 0958"),
    ],
)
def test_attributes_are_found_in_the_spellings_of_people(stored: str, written: str) -> None:
    found = by_attribute([stored, "other"]).find(texts(written))
    assert found.ids.tolist() == [1]
    assert found.mended.tolist() == [True]


@given(st.lists(st.text(st.sampled_from("aA0１ .+86-:;\u200b"), max_size=8), max_size=12))
def test_no_cell_means_one_of_two(values: list[str]) -> None:
    """Of two that have the same text, none is taken; what is there as written is found."""
    found = by_attribute(values).find(texts(*values)).ids.tolist()
    often = Counter(values)
    for place, (value, who) in enumerate(zip(values, found, strict=True), 1):
        if value:
            assert who == (place if often[value] == 1 else SEVERAL)
        else:
            assert who == NOBODY


def test_every_row_is_counted_once(query: Query) -> None:
    one = query.resolve("enterprise", "crm:C001")
    rows = texts("C001", "", "nobody", "C002", f"E{one}", "crm:C003", "C001")
    found = match(rows, own_keys(query))
    masks = (found.taken, found.doubled, found.unknown, found.ambiguous, found.empty)
    assert sum(mask.astype(int) for mask in masks).tolist() == [1] * 7
    assert [mask.sum() for mask in masks] == [2, 2, 1, 1, 1]
    assert found.first.tolist() == [0, -1, -1, -1, 0, 5, 0]


def test_in_a_column_of_ids_all_are_ids(query: Query) -> None:
    """E5 is also a key of the ERP."""
    like_an_id = query.resolve("enterprise", "erp:E5")
    ids = [f"E{n}" for n in range(1, 30)]
    found = match(texts(*ids, "E999"), own_keys(query))
    assert found.ids.tolist() == [*range(1, 30), NOBODY]
    among_keys = match(texts(*(key(n) for n in range(3, 30)), "E5"), own_keys(query))
    assert among_keys.ambiguous.tolist() == [False] * 27 + [True]
    assert match(texts("erp:E5"), own_keys(query)).ids.tolist() == [like_an_id]


CELLS = st.sampled_from(["a", "b", "A", " a", "1", "01", "1.0", "x", "", "Ａ", "c; d"])


@given(st.lists(CELLS, max_size=6), st.lists(CELLS, max_size=20), st.integers(0, 2**20))
def test_rows_are_what_a_plain_count_makes_of_them(
    keys: list[str], cells: list[str], bad: int
) -> None:
    def spelled(text: str) -> str:
        bare = unicodedata.normalize("NFKC", text).lower().replace(" ", "")
        return re.sub(r"^0*(\d+?)(\.0+)?$", r"\1", bare)

    def who(cell: str) -> set[int]:
        exact = {n for n, one in enumerate(keys, 1) if one == cell}
        return exact or {
            n for n, one in enumerate(keys, 1) if one and spelled(one) == spelled(cell)
        }

    unreadable = np.array([bool(bad >> place & 1) for place in range(len(cells))], bool)
    found = match(texts(*cells), by_attribute(keys)).without(unreadable)
    taken: set[int] = set()
    for place, cell in enumerate(cells):
        meant = who(cell) if cell else set()
        if not cell:
            expected = "empty"
        elif len(meant) != 1:
            expected = "ambiguous" if meant else "unknown"
        elif unreadable[place]:
            expected = "unreadable"
        else:
            expected = "doubled" if meant <= taken else "taken"
            taken |= meant
        sorts = ("taken", "doubled", "unknown", "ambiguous", "empty", "unreadable")
        assert [sort for sort in sorts if getattr(found, sort)[place]] == [expected]


# --- which column ---------------------------------------------------------------------------------


def test_names_and_codes_are_sorts_of_keys_and_regions_are_not(query: Query) -> None:
    assert [one.name for one in ways(query, "enterprise")] == [None, "name"]


def test_the_column_is_found_by_what_stands_in_it(own: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["who", "note"], *[[one.name, "C001"] for one in COMPANY_LIST]])
    report = own.import_list("by name", file, "enterprise")
    assert (report.column, report.by) == ("who", "name")
    assert report.matched > 60
    assert "by the column who (name)" in report.lines()[0]


def test_a_column_of_numbers_by_chance_is_not_taken_for_keys() -> None:
    own = Way(
        None,
        texts("1", "2", "3", "E1", "E2"),
        pa.chunked_array([[1, 2, 3, 1, 2]]),
        frozenset({"id"}),
        prefixes="^E",
    )
    code = by_attribute(["b", "c", "a"])
    both = {"line": ["1", "2", "3"], "what": ["a", "b", "c"]}
    with pytest.raises(HolbeinError, match="'line' and 'what' both match") as caught:
        choose(sheet(**both), [own, code])
    assert "--key" in str(caught.value)
    assert choose(sheet(**both), [own, code], 1) == matching.Choice(1, code)
    named = choose(sheet(line=["1", "2", "3"], code=["a", "b", "c"]), [own, code])
    assert named == matching.Choice(1, code)
    sure = choose(sheet(line=["1", "2", "3"], x=["E2", "E1", ""]), [own, code])
    assert sure == matching.Choice(1, own)
    agreeing = choose(sheet(line=["1", "2", "3"], what=["b", "c", "a"]), [own, code])
    assert agreeing == matching.Choice(0, own)


def test_strangers_at_the_sampled_places_do_not_hide_the_keys(
    query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_SAMPLE", 2)
    known = list(ways(query, "enterprise"))
    found = choose(sheet(a=["?", "?", "?"], b=["?", "C001", "?"]), known)
    assert found == matching.Choice(1, known[0])


# --- what is told ---------------------------------------------------------------------------------


def damaged(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(
            [
                ["key", "", "note"],
                ["C001", "x", "=1+1"],
                ["C002", "which", "-5"],
                ["", "", ""],
                ["Z-1", "who", "+86 21 1234 5678"],
                ["", "no key", "@x"],
                ["C001", "again", ""],
            ]
        )
    return path


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "json"])
def test_rows_that_do_not_match_are_written_out_and_come_in_again(
    own: Workspace, tmp_path: Path, ending: str
) -> None:
    rejects = tmp_path / f"rejects.{ending}"
    file = damaged(tmp_path / "in.csv")
    report = own.import_list("mine", file, "enterprise", rejects=rejects)
    assert (report.rows, report.matched, report.left_out) == (6, 1, 5)
    found = read(rejects)
    assert found.names == ("key", "column 2", "note", "row", "reason")
    rows = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    assert rows == [
        ("C002", "which", "-5", "3", "this key means several subjects"),
        ("Z-1", "who", "+86 21 1234 5678", "5", "nobody known here has this key"),
        ("", "no key", "@x", "6", "there is no key"),
        ("C001", "again", "", "7", "row 2 names the same subject, and was taken"),
    ]
    if ending == "xlsx":
        cells = [cell.value for cell in openpyxl.load_workbook(rejects).active["C"]]
        assert cells == ["note", "-5", "+86 21 1234 5678", "'@x", None]


def test_the_report_in_chinese_and_as_json(own: Workspace, tmp_path: Path) -> None:
    rejects = tmp_path / "r.csv"
    report = own.import_list(
        "重点", damaged(tmp_path / "in.csv"), "enterprise", rejects=rejects, lang="zh"
    )
    assert report.lines("zh") == [
        "重点：共6行，按“key”列匹配上1行",
        "  1行与前面的行是同一对象：第7行'C001'",
        "  1行的键在这里查不到：第5行'Z-1'",
        "  1行的键对应多个对象，请写成“数据源:键”：第3行'C002'",
        "  2行没有键",
    ]
    assert "与第2行是同一对象，以那一行为准" in rejects.read_text("utf-8-sig")
    said = json.loads(json.dumps(report.as_json()))
    assert said["on"] == "enterprise"
    assert said["rows"] == sum(
        said[one] for one in ("matched", "doubled", "unknown", "ambiguous", "empty", "unreadable")
    )
    assert said["examples"]["unknown"] == [{"row": 5, "key": "Z-1"}]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_long_numbers_that_a_spreadsheet_shortened_are_told(
    own: Workspace, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"in.{ending}"
    if ending == "csv":
        file.write_text("key\nC001\n9.13101E+17\nX\n", encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for cell in ("key", "C001", 913101150000001234, "X"):
            book.active.append([cell])
        book.save(file)
    report = own.import_list("mine", file, "enterprise")
    assert (report.unknown, report.shortened) == (2, 1)
    assert "  1 of them was shortened by a spreadsheet" in "\n".join(report.lines())


def test_only_so_many_examples_are_kept_and_long_keys_are_cut(
    own: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "many.csv"
    file.write_text("key\nC001\n" + ("x" * 500 + "\n") * 25, encoding="utf-8")
    report = own.import_list("many", file, "enterprise")
    assert report.unknown == 25
    assert len(report.examples["unknown"]) == 20
    assert len(report.examples["unknown"][0].key) == 100


def test_a_column_that_is_not_there_and_a_place_that_cannot_be_written(
    own: Workspace, tmp_path: Path
) -> None:
    file = damaged(tmp_path / "in.csv")
    with pytest.raises(NotFoundError, match="no column 'kay'") as caught:
        own.import_list("mine", file, "enterprise", key="kay")
    assert "did you mean key" in str(caught.value)
    for place in ("none/r.csv", "r.doc"):
        with pytest.raises(HolbeinError):
            own.import_list("mine", file, "enterprise", rejects=tmp_path / place)
    with pytest.raises(HolbeinError, match="would replace the file"):
        own.import_list("mine", file, "enterprise", rejects=tmp_path / "." / "in.csv")
    assert own.store.lists.names() == []
    assert file.read_text("utf-8").startswith("key,,note")


def test_ids_of_another_kind_are_told(own: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_text("id\nE1\nE2\n", encoding="utf-8")
    with pytest.raises(HolbeinError, match="E1 is the id of an enterprise: --on enterprise"):
        own.import_list("mine", file, "person")


def test_a_key_that_is_there_is_found_in_every_row(own: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "keys.csv"
    file.write_text("key\n" + "".join(f"{key(n)}\n" for n in range(3, 60)), encoding="utf-8")
    report = own.import_list("keys", file, "enterprise")
    assert report.matched == report.rows == 57
