"""Why a tag says what it says: its definition in words, the figures, and the facts behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from holbein.conditions.tree import (
    Aggregate,
    Field,
    Measure,
    SubjectKind,
)
from holbein.conditions.vocabulary import FieldSpec
from holbein.conditions.words import measure_words
from holbein.portraits.speech import Speech

if TYPE_CHECKING:
    from holbein.query import Query

_MOST = 12
"""Figures of one tag: a rule with more cases than that says enough with these."""


@dataclass(frozen=True)
class Figure:
    """A measure that a tag's definition speaks of, and its value for the subject."""

    words: str
    value: object
    text: str
    facts: int | None = None
    """How many facts the measure looks at; None where it looks at none of a stream's."""
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class Evidence:
    """The definition in the reader's language, and the figures in it."""

    definition: str
    figures: tuple[Figure, ...] = ()


def evidence(
    query: Query, speech: Speech, kind: SubjectKind, id: int, wanted: Mapping[str, str]
) -> dict[str, Evidence]:
    """The evidence of each tag in ``wanted`` (tag to its definition in words): one question to
    the query for all of them together."""
    used: dict[Measure, int] = {}
    for name in wanted:
        for measure in _of(query, kind, name):
            used.setdefault(measure, len(used))
    row = _ask(query, kind, id, used)
    return {
        name: Evidence(
            words,
            tuple(_figure(query, speech, kind, m, used[m], row) for m in _of(query, kind, name)),
        )
        for name, words in wanted.items()
    }


def _of(query: Query, kind: SubjectKind, name: str) -> Sequence[Measure]:
    return query.tags[kind, name].figures[:_MOST]


def _ask(
    query: Query, kind: SubjectKind, id: int, used: Mapping[Measure, int]
) -> Mapping[str, object]:
    asked: dict[str, Measure] = {}
    for measure, number in used.items():
        asked[f"value_{number}"] = measure
        if isinstance(measure, Aggregate):
            within = (measure.window, measure.before, measure.where)
            asked[f"facts_{number}"] = Aggregate("count", measure.stream, None, *within)
            asked[f"first_{number}"] = Aggregate("min", measure.stream, "at", *within)
            asked[f"last_{number}"] = Aggregate("max", measure.stream, "at", *within)
    if not asked:
        return {}
    rows = query.measures(kind, asked, pa.array([id], pa.int64())).to_pylist()
    return rows[0] if rows else {}


def _figure(
    query: Query,
    speech: Speech,
    kind: SubjectKind,
    measure: Measure,
    number: int,
    row: Mapping[str, object],
) -> Figure:
    value = row.get(f"value_{number}")
    if isinstance(measure, Field):
        words = speech.field_title(speech.field(kind, measure.name))
    else:
        words = speech.heading(measure_words(measure, kind, query.vocabulary, speech.language))
    spec = _spec(query, kind, measure)
    text = speech.value(spec, value) if spec else speech.plain(value)
    facts = row.get(f"facts_{number}")
    first, last = row.get(f"first_{number}"), row.get(f"last_{number}")
    return Figure(
        words,
        value,
        text or speech.t("missing"),
        int(facts) if isinstance(facts, int | float) else None,
        first if isinstance(first, dt.date) else None,
        last if isinstance(last, dt.date) else None,
    )


def _spec(query: Query, kind: SubjectKind, measure: Measure) -> FieldSpec | None:
    if isinstance(measure, Field):
        return query.vocabulary.fields[kind].get(measure.name)
    if isinstance(measure, Aggregate) and measure.name in ("first", "last", "min", "max"):
        found = query.vocabulary.source(measure.stream)
        return found[0].columns.get(measure.column or "") if found else None
    return None
