"""The worked values of tags in docs/semantics.md hold on every engine, in runs and in features."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sqlglot import exp

from holbein.catalog import meaning
from holbein.catalog.definitions import TagDefinition
from holbein.catalog.kinds import Definition
from holbein.catalog.problems import Problems
from holbein.catalog.rfm import CELLS
from holbein.catalog.taginfo import TagInfo, as_dicts, tag_infos
from holbein.conditions.instants import AsOf
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Vocabulary
from holbein.engine.base import Engine, column, table
from holbein.engine.compile import Compiler, Layout, Scope
from holbein.tags.expression import computing, expression
from tests.support.asking import ASKED
from tests.support.semantics import PAGE, TagCase, tag_cases
from tests.support.tables import load

WORLDS = [list(group) for _, group in groupby(tag_cases(), key=lambda one: one.world_name)]
worlds = pytest.mark.parametrize("together", WORLDS, ids=lambda group: group[0].world_name)

TOGETHER = 4
"""So many tags are asked for in one query: Spark takes long over large ones."""

Defined = Mapping[tuple[SubjectKind, str], Definition]


def defined(case: TagCase) -> tuple[Defined, Vocabulary]:
    """The tags of a world, bound, and a vocabulary that has them."""
    vocabulary = case.vocabulary
    fields = {kind: dict(held) for kind, held in vocabulary.fields.items()}
    vocabulary = replace(vocabulary, fields=fields)
    made: dict[tuple[SubjectKind, str], Definition] = {}
    for one in case.tags:
        tag = TagDefinition.model_validate(one)
        problems = Problems()
        parsed = meaning.parts_of(tag, problems)
        found = parsed and meaning.check(tag, parsed, vocabulary, problems, Path())
        problems.raise_any()
        assert found
        made[tag.on, tag.tag] = found.definition
        fields[tag.on][tag.tag] = FieldSpec(
            tag.tag, found.type, values=found.values or {}, codes=found.codes, is_tag=True
        )
    return made, vocabulary


def shown(value: Any) -> str:
    """A value as the page writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def wrong(rows: pa.Table, case: TagCase, ids: Collection[int]) -> list[str]:
    """What ``rows`` (of one instant) say of a case, if it is not what the page says of ``ids``."""
    found = {
        row["id"]: shown(row[case.tag]) for row in rows.to_pylist() if row[case.tag] is not None
    }
    expected = {id_: value for id_, value in case.expected.items() if id_ in ids}
    if found == expected:
        return []
    return [f"{case.tag} as of {case.as_of.day}: {found} is not {expected}: {case.why}"]


def prepared(engine: Engine, together: list[TagCase]) -> tuple[Defined, Layout]:
    """The world of these cases, in the engine."""
    made, vocabulary = defined(together[0])
    layout = load(engine, together[0].world, together[0].vocabulary)
    return made, replace(layout, vocabulary=vocabulary, tag=computing(made))


def asked_of(engine: Engine, scope: Scope, made: Defined, cases: list[TagCase]) -> pa.Table:
    """The tags of these cases, in one query."""
    names = dict.fromkeys(case.tag for case in cases)
    columns = {name: expression(name, made[scope.kind, name], scope) for name in names}
    return engine.query(scope.compiler.finish(scope.select(columns)))


@worlds
def test_in_a_run(engine: Engine, together: list[TagCase]) -> None:
    made, layout = prepared(engine, together)
    mistakes = []
    for kind, as_of in dict.fromkeys((case.kind, case.as_of) for case in together):
        cases = [case for case in together if (case.kind, case.as_of) == (kind, as_of)]
        for some in (cases[n : n + TOGETHER] for n in range(0, len(cases), TOGETHER)):
            rows = asked_of(engine, Compiler(layout).everyone(kind, as_of), made, some)
            for case in some:
                mistakes += wrong(rows, case, case.expected)
    assert not mistakes, "\n".join(mistakes)


@worlds
def test_where_every_row_has_its_own_as_of(engine: Engine, together: list[TagCase]) -> None:
    """Everyone at all instants of a world at once, and then one subject alone at one of them."""
    if engine.dialect.name == "spark":
        together = together[:3]  # the SQL is the same but for the words, which the other test tries
    made, layout = prepared(engine, together)
    mistakes = []
    for kind in dict.fromkeys(case.kind for case in together):
        cases = [case for case in together if case.kind == kind]
        ids = sorted(together[0].world.states[kind])
        instants = list(dict.fromkeys(case.as_of for case in cases))
        one = min(cases[0].expected)
        for pairs in ([(id_, at) for id_ in ids for at in instants], [(one, cases[0].as_of)]):
            rows = asked_of(engine, scope_of(engine, layout, kind, pairs), made, cases)
            assert rows.num_rows == len(pairs)
            for case in cases:
                among = [id_ for id_, at in pairs if at == case.as_of]
                then = rows.filter(pc.equal(rows["instant"], case.as_of.instant))
                mistakes += wrong(then, case, among)
    assert not mistakes, "\n".join(mistakes)


def scope_of(
    engine: Engine, layout: Layout, kind: SubjectKind, pairs: list[tuple[int, AsOf]]
) -> Scope:
    columns = {
        "id": pa.array([id_ for id_, _ in pairs], pa.int64()),
        "instant": pa.array([at.instant for _, at in pairs], pa.timestamp("us")),
        "day": pa.array([at.day for _, at in pairs], pa.date32()),
    }
    engine.load(ASKED, pa.table(columns))
    chosen = exp.select(*(column(one) for one in columns)).from_(table(ASKED))
    return Compiler(layout).pairs(kind, chosen)


@worlds
def test_a_manifest_holds_them(together: list[TagCase]) -> None:
    made, _ = defined(together[0])
    infos = [TagInfo(name, kind, definition) for (kind, name), definition in made.items()]
    again = tag_infos(as_dicts(infos))
    assert {key: one.definition for key, one in again.items()} == made


def test_every_tag_of_the_page_has_a_case_and_every_segment_its_cells() -> None:
    for together in WORLDS:
        asked = {case.tag for case in together}
        assert asked >= {str(one["tag"]) for one in together[0].tags} - {"spent"}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index("| recency | 1 | 2 | 3 | 4 | 5 |") + 2
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines[start : start + 5]
    ]
    assert {int(row[0]): tuple(row[1:]) for row in rows} == dict(enumerate(CELLS, start=1))
