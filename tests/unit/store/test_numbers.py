"""Files tell how many decimals their doubles have, and how large they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holbein.engine.exact import LARGEST, Exact
from holbein.store.numbers import Decimals, Numbers, numbers
from holbein.store.parquet import write_parquet


def _counted(*groups: Sequence[float | None]) -> dict[str, str]:
    counted = Decimals(pa.schema([("x", pa.float64())]))
    for group in groups:
        counted.see(pa.table({"x": pa.array(group, pa.float64())}))
    return counted.told()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1.0, -3.0, None], '{"x": 0}'),
        ([0.1, 0.25, -7.5], '{"x": 2}'),
        ([0.1 + 0.2], "{}"),
        ([1.1234], '{"x": 4}'),
        ([1.12345], "{}"),
        ([1 / 3], "{}"),
        ([2.0**50], "{}"),
        ([2.0**49], '{"x": 0}'),
        ([math.nan], "{}"),
        ([math.inf], "{}"),
        ([1e300, 0.1], "{}"),
        ([None, None], '{"x": 0}'),
        ([], '{"x": 0}'),
    ],
)
def test_decimals_are_counted(values: list[float | None], told: str) -> None:
    assert _counted(values) == {"holbein.decimals": told}


@given(st.lists(st.decimals(-(10**9), 10**9, places=3), min_size=1))
def test_what_is_written_with_three_decimals_has_three_at_most(values: list[Decimal]) -> None:
    told = _counted([float(one) for one in values])["holbein.decimals"]
    most = max(max(0, -int(one.normalize().as_tuple().exponent)) for one in values)
    assert told == f'{{"x": {most}}}'


def _file(folder: Path, name: str, values: Sequence[float | None], **more: bool) -> Path:
    table = pa.table({"id": list(range(len(values))), "x": pa.array(values, pa.float64())})
    write_parquet(folder / name, table, **more)
    return folder / name


def test_files_are_known_together(tmp_path: Path) -> None:
    first = _file(tmp_path, "a", [0.5, None, -4.25], decimals=True)
    second = _file(tmp_path, "b", [7.125], decimals=True)
    found = numbers(map(pq.read_metadata, (first, second)))
    assert found == {"x": Numbers(rows=4, decimals=3, largest=7.125)}


def test_a_file_without_the_note_may_hold_anything(tmp_path: Path) -> None:
    noted = _file(tmp_path, "a", [0.5], decimals=True)
    plain = _file(tmp_path, "b", [0.25])
    found = numbers(map(pq.read_metadata, (noted, plain)))
    assert found["x"].decimals is None
    assert Exact.of(found["x"]) == Exact(None, small=True)


def test_where_a_file_lacks_the_column_all_is_missing(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2, 3]})
    write_parquet(tmp_path / "a", table, decimals=True)
    second = _file(tmp_path, "b", [0.5], decimals=True)
    found = numbers(map(pq.read_metadata, (tmp_path / "a", second)))
    assert found == {"x": Numbers(rows=4, decimals=1, largest=0.5)}


@pytest.mark.parametrize(
    ("known", "way"),
    [
        (Numbers(10, 2, 1e6), Exact(2, small=True)),
        (Numbers(10, None, 1e6), Exact(None, small=True)),
        (Numbers(10, None, LARGEST), Exact(None, small=False)),
        (Numbers(800, 0, 1e13), Exact(0, small=False)),
        (Numbers(1_000, 0, 1e13), Exact(None, small=False)),
        (Numbers(10**9, 4, 1e6), Exact(None, small=True)),
        (Numbers(), Exact(0, small=True)),
    ],
)
def test_the_way_to_add_up_follows_from_what_is_known(known: Numbers, way: Exact) -> None:
    assert Exact.of(known) == way
