"""From keys to ids: links, what waits, what contradicts, and ids that stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from holbein import identity
from holbein.conditions.tree import SubjectKind
from holbein.records import Facts, Listed, Subjects

DAY = dt.date(2024, 5, 1)
MOMENT = dt.datetime(2024, 5, 1, 8)
Rows = list[dict[str, Any]]
_KEYS: dict[str, pa.DataType] = {
    "key": pa.string(), "valid_from": pa.timestamp("us"), "parent": pa.string(),
    "enterprise": pa.string(), "person": pa.string(), "role": pa.string(),
    "since": pa.date32(), "until": pa.date32(),
}  # fmt: skip


def _places(rows: Any) -> list[str]:
    return [f"table row {row + 1}" for row in rows]


def subjects(kind: SubjectKind, rows: Rows, source: str = "crm") -> Subjects:
    names = {
        "enterprise": ("key", "valid_from", "parent"),
        "person": ("key", "valid_from"),
        "role": ("key", "valid_from", "enterprise", "person", "since", "until"),
    }[kind]
    keys = pa.table({n: pa.array([row.get(n) for row in rows], _KEYS[n]) for n in names})
    keys = keys.add_column(1, "row", pa.array(range(len(rows)), pa.int64()))
    name = pa.table({"name": pa.array([row.get("name") for row in rows], pa.string())})
    history = any(row.get("valid_from") for row in rows)
    return Subjects(kind, source, keys, name, history, _places)


def facts(rows: Rows, source: str = "crm") -> Facts:
    borne = [n for n in ("enterprise", "person", "role") if any(n in row for row in rows)]
    columns: dict[str, Any] = {
        "key": pa.array([row["key"] for row in rows], pa.string()),
        "row": pa.array(range(len(rows)), pa.int64()),
        "at": pa.array([row.get("at", MOMENT) for row in rows], pa.timestamp("us")),
        "known_at": pa.array([row.get("at", MOMENT) for row in rows], pa.timestamp("us")),
        "day": pa.array([DAY] * len(rows), pa.date32()),
    }
    for name in borne:
        columns[name] = pa.array([row.get(name) for row in rows], pa.string())
    amount = pa.table({"amount": pa.array([row.get("amount", 1.0) for row in rows])})
    return Facts("orders", source, pa.table(columns), amount, _places)


Said = tuple[tuple[Subjects, ...], Facts | None, tuple[Listed, ...]]


def collected(*said: Subjects, stream: Facts | None = None, lists: tuple[Listed, ...] = ()) -> Said:
    return said, stream, lists


def resolve(said: Said, previous: pa.Table | None, above: dict[str, int]) -> dict[str, pa.Table]:
    """All tables."""
    described, stream, lists = said
    subjects, unattached, quarantine = identity.resolve(described, previous, above)
    tables = dict(subjects.tables)
    waiting, aside = [unattached], [quarantine]
    if stream is not None:
        (one,) = identity.stream_tables([stream], subjects.known, subjects.links)
        tables[f"stream.{stream.stream}"] = one.table
        waiting.append(one.unattached)
        aside.append(one.quarantine)
    imported, more = identity.imported_tables(lists, subjects.known)
    tables |= {f"imported.{kind}": table for kind, table in imported.items()}
    tables["unattached"] = pa.concat_tables([*waiting, more])
    tables["quarantine"] = pa.concat_tables(aside)
    return tables


def resolved(*said: Subjects, **more: Any) -> dict[str, pa.Table]:
    return resolve(collected(*said, **more), None, {})


COMPANIES = subjects("enterprise", [{"key": "a"}, {"key": "b"}])
PEOPLE = subjects("person", [{"key": "p"}, {"key": "q"}])
ROLES = subjects("role", [{"key": "r", "enterprise": "a", "person": "p", "since": DAY}])


# --- ids ------------------------------------------------------------------------------------------


def test_ids_stay_whatever_the_order_and_whoever_vanishes() -> None:
    first = resolved(subjects("enterprise", [{"key": "b"}, {"key": "a"}]))
    ids = dict(
        zip(first["alias"]["key"].to_pylist(), first["alias"]["id"].to_pylist(), strict=True)
    )
    assert ids == {"a": 1, "b": 2}
    later = resolve(
        collected(subjects("enterprise", [{"key": "c"}, {"key": "b"}])), first["alias"], {}
    )
    assert later["enterprise"]["id"].to_pylist() == [2, 3]
    again = resolve(
        collected(subjects("enterprise", [{"key": "d"}, {"key": "a"}])), later["alias"], {}
    )
    assert again["enterprise"]["id"].to_pylist() == [1, 4]


def test_ids_once_given_are_not_given_again_even_where_the_aliases_were_lost() -> None:
    found = resolve(collected(COMPANIES), None, {"enterprise": 7})
    assert found["enterprise"]["id"].to_pylist() == [8, 9]


def test_the_same_key_of_two_sources_is_two_subjects() -> None:
    found = resolved(COMPANIES, subjects("enterprise", [{"key": "a"}], source="erp"))
    assert found["alias"].to_pylist() == [
        {"kind": "enterprise", "source": source, "key": key, "id": id_}
        for source, key, id_ in (("crm", "a", 1), ("crm", "b", 2), ("erp", "a", 3))
    ]


# --- roles ----------------------------------------------------------------------------------------


def test_a_role_waits_until_its_company_and_its_person_are_described() -> None:
    roles = subjects(
        "role",
        [
            {"key": "r", "enterprise": "a", "person": "p"},
            {"key": "s", "enterprise": "z", "person": "p"},
            {"key": "t", "enterprise": "a", "person": "nobody"},
        ],
    )
    found = resolved(COMPANIES, PEOPLE, roles)
    assert found["role"].select(["id", "enterprise", "person"]).to_pylist() == [
        {"id": 1, "enterprise": 1, "person": 1}
    ]
    assert found["unattached"].to_pylist() == [
        {"what": "role", "fact": "s", "kind": "enterprise", "source": "crm", "key": "z"},
        {"what": "role", "fact": "t", "kind": "person", "source": "crm", "key": "nobody"},
    ]
    more = subjects("enterprise", [{"key": "a"}, {"key": "b"}, {"key": "z"}])
    later = resolve(collected(more, PEOPLE, roles), found["alias"], {})
    assert later["role"]["enterprise"].to_pylist() == [1, 3]


def test_a_role_is_where_its_first_row_says() -> None:
    states = [
        {"key": "r", "enterprise": "a", "person": "p", "valid_from": dt.datetime(2023, 1, 1),
         "since": DAY, "until": None, "name": "clerk"},
        {"key": "r", "enterprise": "a", "person": "p", "valid_from": dt.datetime(2024, 1, 1),
         "since": DAY, "until": dt.date(2024, 6, 1), "name": "head"},
        {"key": "r", "enterprise": "b", "person": "p", "valid_from": dt.datetime(2024, 2, 1),
         "since": DAY, "name": "ghost"},
    ]  # fmt: skip
    found = resolved(COMPANIES, PEOPLE, subjects("role", states))
    told = found["role"].select(["enterprise", "until", "name"]).to_pylist()
    until = dt.date(2024, 6, 1)
    assert told == [
        {"enterprise": 1, "until": until, "name": "clerk"},
        {"enterprise": 1, "until": until, "name": "head"},
    ]
    (aside,) = found["quarantine"].to_pylist()
    assert aside["place"] == "table row 3"
    assert "another enterprise or person" in aside["reason"]


# --- groups ---------------------------------------------------------------------------------------


def test_parents_unknown_parents_and_circles() -> None:
    found = resolved(
        subjects(
            "enterprise",
            [
                {"key": "a"},
                {"key": "b", "parent": "a"},
                {"key": "c", "parent": "b"},
                {"key": "d", "parent": "nowhere"},
                {"key": "x", "parent": "y"},
                {"key": "y", "parent": "x"},
                {"key": "z", "parent": "z"},
            ],
        )
    )
    links = [tuple(one.values()) for one in found["ancestor"].to_pylist()]
    assert links == [(2, 1, 1), (3, 2, 1), (3, 1, 2)]
    assert found["unattached"].to_pylist() == [
        {"what": "parent", "fact": "d", "kind": "enterprise", "source": "crm", "key": "nowhere"}
    ]
    assert found["quarantine"]["place"].to_pylist() == ["table row 5", "table row 6", "table row 7"]


# --- facts ----------------------------------------------------------------------------------------


def test_a_role_implies_its_company_and_its_person() -> None:
    stream = facts([{"key": "1", "role": "r"}, {"key": "2", "role": "nobody"}])
    found = resolved(COMPANIES, PEOPLE, ROLES, stream=stream)
    told = found["stream.orders"].select(["key", "enterprise", "person", "role"]).to_pylist()
    assert told == [
        {"key": "1", "enterprise": 1, "person": 1, "role": 1},
        {"key": "2", "enterprise": None, "person": None, "role": None},
    ]
    assert found["unattached"]["fact"].to_pylist() == ["2"]


def test_a_fact_that_contradicts_itself_is_put_aside() -> None:
    stream = facts(
        [
            {"key": "1", "role": "r", "enterprise": "a"},
            {"key": "2", "role": "r", "enterprise": "b"},
            {"key": "3", "role": "r", "enterprise": "unknown"},
            {"key": "4", "enterprise": "b", "person": "q"},
        ]
    )
    found = resolved(COMPANIES, PEOPLE, ROLES, stream=stream)
    assert found["stream.orders"]["key"].to_pylist() == ["1", "3", "4"]
    assert found["stream.orders"]["enterprise"].to_pylist() == [1, 1, 2]
    (aside,) = found["quarantine"].to_pylist()
    assert aside["place"] == "table row 2"
    assert '"enterprise": "b"' in aside["row"]


def test_facts_of_who_vanished_wait_again() -> None:
    first = resolved(COMPANIES, stream=facts([{"key": "1", "enterprise": "b"}]))
    assert first["stream.orders"]["enterprise"].to_pylist() == [2]
    only_a = subjects("enterprise", [{"key": "a"}])
    later = resolve(
        collected(only_a, stream=facts([{"key": "1", "enterprise": "b"}])), first["alias"], {}
    )
    assert later["stream.orders"]["enterprise"].to_pylist() == [None]
    assert later["unattached"]["key"].to_pylist() == ["b"]


def test_facts_are_by_time_then_key_by_code_points() -> None:
    rows = [
        {"key": key, "enterprise": "a", "at": MOMENT + dt.timedelta(hours=hours)}
        for key, hours in (("é", 0), ("Z", 0), ("a", 0), ("上", -1), ("10", 0), ("9", 0))
    ]
    found = resolved(COMPANIES, stream=facts(rows))
    assert found["stream.orders"]["key"].to_pylist() == ["上", "10", "9", "Z", "a", "é"]


# --- imported lists ---------------------------------------------------------------------------------


def listed(tag: str, values: dict[str, Any], type_: pa.DataType) -> Listed:
    table = pa.table({"key": list(values), "value": pa.array(list(values.values()), type_)})
    return Listed(tag, "enterprise", "crm", table)


def test_imported_values_by_subject() -> None:
    lists = (
        listed("score", {"b": 2.5, "zz": 1.0}, pa.float64()),
        listed("partner", {"a": True, "b": True}, pa.bool_()),
    )
    found = resolved(COMPANIES, lists=lists)
    assert found["imported.enterprise"].to_pylist() == [
        {"id": 1, "score": None, "partner": True},
        {"id": 2, "score": 2.5, "partner": True},
    ]
    assert found["unattached"]["what"].to_pylist() == ["tag.score"]


def test_nothing_at_all() -> None:
    found = resolved(subjects("enterprise", []), stream=facts([]))
    assert all(table.num_rows == 0 for table in found.values())
