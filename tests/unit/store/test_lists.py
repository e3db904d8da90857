"""Static lists: there whole or not at all, under any name."""

from __future__ import annotations

import datetime as dt

import hypothesis
import hypothesis.strategies as st
import pyarrow as pa
import pytest

from holbein.errors import NotFoundError, StoreError
from holbein.store import Lists, Store


def test_a_list_is_read_back(store):
    lists = store.lists
    assert lists.names() == []
    made_at = dt.datetime(2024, 1, 2, 3, 4)
    ids = pa.array([5, 3, None, 5])
    lists.write("key accounts", "person", ids, title="重点客户", made_from="x > 1", made_at=made_at)
    found = lists.read("key accounts")
    assert found.ids == pa.array([3, 5])
    assert (found.kind, found.title, found.made_from) == ("person", "重点客户", "x > 1")
    assert found.made_at == made_at
    assert (store.folder / "lists" / "key accounts.parquet").exists()
    lists.write("key accounts", "role", pa.array([], pa.int64()))
    assert lists.read("key accounts").ids.to_pylist() == []
    assert lists.kinds() == {"key accounts": "role"}
    with pytest.raises(NotFoundError, match="did you mean key accounts"):
        lists.read("key account")
    lists.delete("key accounts")
    assert lists.names() == []
    with pytest.raises(NotFoundError):
        lists.delete("key accounts")


@hypothesis.given(names=st.lists(st.text(min_size=1, max_size=12), max_size=4, unique=True))
@hypothesis.settings(
    max_examples=60, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_any_name_stays_inside_the_folder(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("w")
    lists = Lists(folder / "lists")
    kept = set()
    for name in names:
        try:
            lists.write(name, "role", pa.array([1]), title=name)
            kept.add(name)
        except StoreError as error:
            assert "no name" in str(error)
    assert set(lists.names()) == kept
    assert all(lists.read(name).title == name for name in kept)
    assert [path.name for path in folder.iterdir()] == (["lists"] if kept else [])


@pytest.mark.parametrize("name", ["../x", "a/b", ".", "..", "CON", "a\0b", "a%2Fb", "-", "é" * 30])
def test_odd_names(store, name):
    store.lists.write(name, "role", pa.array([1]))
    assert store.lists.names() == [name]
    store.lists.delete(name)
    assert store.lists.names() == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 300, "\ud800"])
def test_names_that_are_refused(store, name):
    with pytest.raises(StoreError, match="no name"):
        store.lists.write(name, "role", pa.array([1]))


@pytest.mark.parametrize("content", [b"", b"PAR1", None])
def test_a_damaged_list(store, content):
    store.lists.write("x", "role", pa.array([1, 2]))
    path = store.folder / "lists" / "x.parquet"
    path.write_bytes(path.read_bytes()[:-5] if content is None else content)
    with pytest.raises(StoreError, match=r"x\.parquet.*damaged"):
        store.lists.read("x")
    store.lists.write("x", "role", pa.array([1]))
    assert store.lists.read("x").ids.to_pylist() == [1]


def test_lists_do_not_wait_for_a_build_and_outlive_versions(store, publish, day):
    with store.begin("f", day(1)):
        store.lists.write("x", "role", pa.array([1]))
    publish(1, role=1)
    store.prune()
    assert Store(store.folder).lists.names() == ["x"]
