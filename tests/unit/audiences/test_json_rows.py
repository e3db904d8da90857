"""Lists that come in as JSON, whatever wrote them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.audiences import json_rows, reading
from holbein.audiences.reading import Sheet, read
from holbein.errors import HolbeinError


def columns(sheet: Sheet) -> dict[str, list[str]]:
    return {
        name: column.to_pylist() for name, column in zip(sheet.names, sheet.columns, strict=True)
    }


def of(tmp_path: Path, text: str, encoding: str = "utf-8") -> Sheet:
    path = tmp_path / "list.json"
    path.write_text(text, encoding=encoding)
    return read(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    "text",
    [
        '[{"key": "C001", "name": "米勒"}, {"key": " C002 ", "name": "王晓敏"}]',
        '[\n{"key": "C001", "name": "米勒"},\n{"key": " C002 ", "name": "王晓敏"}\n]\n',
        '{"key": "C001", "name": "米勒"}\n{"name": "王晓敏", "key": " C002 "}\n',
        '\r\n{"key": "C001",\r\n "name": "米勒"}\r\n\r\n{"key": "C002", "name": "王晓敏"}',
    ],
)
def test_lists_and_lines_as_programs_write_them(tmp_path: Path, text: str, encoding: str) -> None:
    found = of(tmp_path, text, encoding)
    assert columns(found) == {"key": ["C001", "C002"], "name": ["米勒", "王晓敏"]}
    assert found.first_row == 1


@pytest.mark.parametrize("ending", ["json", "jsonl", "ndjson", "JSON"])
def test_all_endings(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"list.{ending}"
    path.write_text('{"key": "C001"}', encoding="utf-8")
    assert columns(read(path)) == {"key": ["C001"]}


def test_cells_of_every_type(tmp_path: Path) -> None:
    values = {
        '"C001"': "C001", '"007"': "007", "7": "7", "7.0": "7", "-0.50": "-0.50", "1e3": "1000",
        "12345678901234567890": "12345678901234567890", "0.12345678901234567890": "0.12345678901234567890",
        "9" * 5000: "9" * 5000, "1e999": "1e999", "NaN": "", "-Infinity": "", "null": "",
        "true": "true", "false": "false", '"  x\\n"': "x", '"\'=1+1"': "'=1+1", '"=1+1"': "=1+1",
        '["a; b", null, "王"]': '["a; b", null, "王"]', '{"a": {"b": []}}': '{"a": {"b": []}}',
        '"\\ud83d\\ude00"': "😀", '"a\\u0000b"': "a\0b",
    }  # fmt: skip
    found = of(tmp_path, "[" + ",".join(f'{{"it": {one}}}' for one in values) + "]")
    assert columns(found)["it"] == list(values.values())


def test_names_may_turn_up_late_and_stay_away(tmp_path: Path) -> None:
    found = of(tmp_path, '[{"a": 1}, {}, {"b": 2, "": 3}, {"a": 4, "c": null}, {"c": null}]')
    assert columns(found) == {
        "a": ["1", "", "", "4"],
        "b": ["", "", "2", ""],
        "": ["", "", "3", ""],
        "c": ["", "", "", ""],
    }


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("[", "line 1, row 1", "expecting value"),
        ('[{"a": 1}', "line 1, row 1", "not closed"),
        ('[{"a": 1},]', "line 1, row 2", "expecting value"),
        ('[{"a": 1}\n{"a": 2}]', "line 2, row 1", "a comma is missing"),
        ('[{"a": 1}]\n\n[{"a": 2}]', "line 3, row 1", "more stands behind the list"),
        ('{"a": 1}\n{"a": 2},\n', "line 2, row 3", "expecting value"),
        ('{"a": 1}\n\n{"a" 2}\n', "line 3, row 2", "expecting ':' delimiter"),
        ('{"a": 1}\n2\n', "line 2, row 2", "this is no object"),
        ('"a"', "line 1, row 1", "this is no object"),
        ("key,name\nC001,x\n", "line 1, row 1", "expecting value"),
        ('[{"a": 1, "b": 2, "a": 1}]', "row 1", "the object names 'a' twice"),
        ('[{"a": {"x": 1, "x": 2}}]', "row 1", "the object names 'x' twice"),
        ('[{"a": "\n"}]', "line 1, row 1", "invalid control character"),
        ('[{"\\udc00": 1}]', "row 1", "half a character"),
        ('{"rows": [{"a": 1}], "next": null}\n', "row 1", "the list stands inside an object"),
        ('[{"a": ' + "[" * 50_000 + "]" * 50_000 + "}]", "row 1", "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, text: str, place: str, message: str
) -> None:
    with pytest.raises(HolbeinError, match=message) as caught:
        of(tmp_path, text)
    assert place in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", " \n", "[]", "[{}]", "{}\n{}"])
def test_a_file_of_nothing(tmp_path: Path, text: str) -> None:
    with pytest.raises(HolbeinError, match="the file is empty"):
        of(tmp_path, text)


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "_PIECE", 10)
    monkeypatch.setattr(json_rows, "LONGEST_OBJECT", 100)
    with pytest.raises(HolbeinError, match=r"row 2: .* longer than 100 characters"):
        of(tmp_path, '[{"a": 1}, {"a": "' + "x" * 400 + '"}]')
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    with pytest.raises(HolbeinError, match="more than 2 rows"):
        of(tmp_path, '{"a": 1}' * 3)
    monkeypatch.setattr(reading, "MOST_CELLS", 3)
    with pytest.raises(HolbeinError, match="more than 3 cells"):
        of(tmp_path, '{"a": 1}{"b": null}')
    monkeypatch.setattr(reading, "MOST_COLUMNS", 2)
    with pytest.raises(HolbeinError, match="more than 2 columns"):
        of(tmp_path, '{"a": 1, "b": null}{"c": null}')


_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
_VALUE = st.none() | st.booleans() | st.integers() | _TEXT | st.lists(_TEXT, max_size=3)
_OBJECTS = st.lists(st.dictionaries(_TEXT, _VALUE, max_size=4), min_size=1, max_size=12)


@given(
    found=_OBJECTS, piece=st.integers(1, 40), indent=st.sampled_from([None, 1]), lines=st.booleans()
)
def test_where_the_window_ends_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[dict[str, object]],
    piece: int,
    indent: int | None,
    lines: bool,
) -> None:
    path = tmp_path_factory.mktemp("window") / "list.json"
    whole = [json.dumps(one, indent=indent, ensure_ascii=False) for one in found]
    path.write_text("\n".join(whole) if lines else json.dumps(found), encoding="utf-8", newline="")
    names: list[str] = []
    with pytest.MonkeyPatch.context() as patch, path.open(encoding="utf-8") as file:
        patch.setattr(json_rows, "_PIECE", piece)
        made = list(json_rows.rows(file, path, names))
    assert names == list(dict.fromkeys(name for one in found for name in one))
    for row, one in zip(made, found, strict=True):
        for name, cell in zip(names, row, strict=False):
            value = one.get(name)
            if isinstance(value, str):
                assert cell == value.strip()
            elif isinstance(value, list):
                assert json.loads(cell) == value
            else:
                assert cell == ("" if value is None else json.dumps(value))
