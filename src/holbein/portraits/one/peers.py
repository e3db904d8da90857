"""How a subject stands among its peers, and which of them it resembles, by what.

Peers are the subjects that are alike in the fields by which a ranking tag compares them; where no
tag says so, the enterprises of the same industry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.catalog.peers import peer_fields
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec
from holbein.portraits.names import SubjectRef, named
from holbein.portraits.speech import Speech
from holbein.query.comparing import SMALL

if TYPE_CHECKING:
    from holbein.query import Query

_RESEMBLING = 5
_REASONS = 3
_OWN = ("public", "internal")
"""Classes of tags by which subjects may be said to be alike; those of persons are their own."""


@dataclass(frozen=True)
class PeerLine:
    """A tag among the peers: of a number or date the share of peers whose value is smaller, those
    with the same counted half; else the share with the same value. ``known`` peers have a value.
    """

    tag: str
    is_rank: bool
    share: float
    known: int
    text: str


@dataclass(frozen=True)
class Alike:
    """A peer that it resembles, and the values that few share which they have in common."""

    subject: SubjectRef
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Peers:
    """``words`` says who they are; ``size`` counts them without the subject. Of fewer than five
    nothing is told."""

    words: str
    size: int
    is_small: bool
    lines: tuple[PeerLine, ...] = ()
    alike: tuple[Alike, ...] = ()

    def line(self, tag: str) -> str:
        """Where a tag stands among the peers, in words; empty where nothing is told."""
        return next((one.text for one in self.lines if one.tag == tag), "")


def peers(
    query: Query, speech: Speech, kind: SubjectKind, id: int, values: Mapping[str, Any]
) -> Peers | None:
    """The peers of a subject; None where nothing says who they are."""
    among = peer_fields(query.tags.values(), kind, query.vocabulary.fields[kind])
    if not among or any(not isinstance(values.get(one), str) for one in among):
        return None
    fields = query.vocabulary.fields[kind]
    tags = [
        name
        for name, spec in fields.items()
        if spec.is_tag and values.get(name) is not None and name not in among
        and (kind, name) in query.tags and query.tags[kind, name].is_sound
    ]  # fmt: skip
    table = query.peers(kind, tags, {one: values[one] for one in among})
    table = table.filter(pc.not_equal(table["id"], id))
    said = (_said(speech, fields[one], values[one]) for one in among)
    words = (", " if speech.language == "en" else "，").join(said)
    size = table.num_rows
    if size < SMALL:
        return Peers(words, size, True)
    lines = [_line(speech, fields[one].type, one, values[one], table[one]) for one in tags]
    return Peers(
        words,
        size,
        False,
        tuple(one for one in lines if one is not None),
        _alike(query, speech, kind, tags, values, table),
    )


def _line(
    speech: Speech, type_: str, name: str, value: Any, column: pa.ChunkedArray
) -> PeerLine | None:
    column = column.drop_null()
    known = len(column)
    if known < SMALL:
        return None
    if type_ in ("number", "date"):
        less = pc.sum(pc.less(column, pa.scalar(value, column.type))).as_py() or 0
        equal = pc.sum(pc.equal(column, pa.scalar(value, column.type))).as_py() or 0
        share = (less + equal / 2) / known
        text = speech.t("above {share} of {count} peers")
    else:
        share = float(_has(column, value).sum()) / known
        text = speech.t("the same as {share} of {count} peers")
    text = text.format(share=speech.share(share), count=f"{known:,}")
    return PeerLine(name, type_ in ("number", "date"), share, known, text)


def _has(column: pa.ChunkedArray | pa.Array, value: Any) -> np.ndarray:
    """Which values are this one; of several labels, which are all the same ones."""
    if isinstance(value, list):
        column = column.combine_chunks()
        same = pc.fill_null(pc.equal(pc.list_value_length(column), len(value)), False)
        met = np.asarray(same.to_numpy(zero_copy_only=False), bool)
        for label in value:
            met = met & _labelled(column, label)
        return met
    met = pc.fill_null(pc.equal(column, pa.scalar(value, column.type)), False)
    return np.asarray(met.to_numpy(zero_copy_only=False), bool)


def _alike(
    query: Query,
    speech: Speech,
    kind: SubjectKind,
    tags: Sequence[str],
    values: Mapping[str, Any],
    table: pa.Table,
) -> tuple[Alike, ...]:
    """Those with whom it shares most: each value in common weighs the more the fewer have it."""
    fields = query.vocabulary.fields[kind]
    shared: list[tuple[str, float, np.ndarray]] = []
    for name in tags:
        value, several = values[name], fields[name].type == "categories"
        if fields[name].type in ("number", "date") or value is False:
            continue
        if query.tags[kind, name].sensitivity not in _OWN:
            continue
        column = table[name].combine_chunks()
        for label in value if several else [value]:
            has = _labelled(column, label) if several else _has(column, label)
            share = has.sum() / len(has)
            if 0 < share < 1:
                text = _said(speech, fields[name], [label] if several else label)
                shared.append((text, -math.log(share), has))
    if not shared:
        return ()
    scores = np.sum([weight * has for _, weight, has in shared], axis=0)
    shared.sort(key=lambda one: -one[1])
    best = [int(one) for one in np.argsort(-scores, kind="stable")[:_RESEMBLING] if scores[one] > 0]
    ids = [table["id"][one].as_py() for one in best]
    names = named(query, kind, ids)
    return tuple(
        Alike(names[id], tuple(text for text, _, has in shared if has[place])[:_REASONS])
        for place, id in zip(best, ids, strict=True)
    )


def _said(speech: Speech, spec: FieldSpec, value: Any) -> str:
    colon = "：" if speech.language == "zh" else ": "
    return f"{speech.field_title(spec)}{colon}{speech.value(spec, value)}"


def _labelled(lists: pa.Array, label: str) -> np.ndarray:
    """Which lists hold a label: their labels are distinct."""
    found = np.zeros(len(lists), bool)
    holds = pc.equal(pc.list_flatten(lists), label)
    found[pc.list_parent_indices(lists).filter(holds).to_numpy()] = True
    return found
