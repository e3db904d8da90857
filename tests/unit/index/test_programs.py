"""Programs: the kernels do what their twins do, and both what numpy says, of any plan."""

from __future__ import annotations

import gc
import importlib
import os
import queue
import signal
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from holbein.index import encode, masks, plan
from holbein.index.columns import Column
from holbein.index.cores import helpers
from holbein.index.index import fast
from holbein.index.plan import EVERYONE, NOBODY, All, Except, Plan, Some
from holbein.index.program import Counting, Program
from tests.support.fast import either

BOTH = either("kernels")
SIZES = st.sampled_from([0, 1, 2, 63, 64, 65, 128, 1000, 16_383, 16_384, 16_385, 40_000])
Flags = NDArray[np.bool_]


def drawn_mask(rng: np.random.Generator, size: int) -> Flags:
    """Of nobody, few, half, nearly all or everyone, in words that are full or empty, too."""
    share = rng.choice([0.0, 0.001, 0.5, 0.999, 1.0])
    flags: Flags = rng.random(size) < share
    for _ in range(int(rng.integers(3))):
        start = int(rng.integers(size + 1))
        flags[start : start + 4096] = rng.random() < 0.5
    return flags


def column(rng: np.random.Generator, size: int) -> tuple[Column, NDArray[np.float64]]:
    """Numbers in some layout, and as such."""
    most = int(rng.choice([1, 3, 40, 300, 70_000]))
    values = rng.integers(0, most, size) * float(rng.choice([1.0, 0.1, 1e300, 5e-324]))
    values[rng.random(size) < rng.choice([0.0, 0.1, 1.0])] = np.nan
    values[rng.random(size) < 0.01] = np.inf
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode, "MOST_LABELS", int(rng.choice([20, 1000])))
        made = encode.encode(pa.array(values, mask=np.isnan(values)), "number")
    return made, np.where(np.isfinite(values), values, np.nan)


def grown(rng: np.random.Generator, size: int, depth: int) -> tuple[Plan, Flags]:
    """A plan, and who meets it."""
    draw = rng.random()
    if depth == 0 or draw < 0.15:
        return _leaf(rng, size)
    if draw < 0.3:
        part, flags = grown(rng, size, depth - 1)
        return Except(part), ~flags
    parts = [grown(rng, size, depth - 1) for _ in range(int(rng.integers(1, 4)))]
    held = tuple(one for one, _ in parts)
    if draw < 0.65:
        return All(held), np.all([flags for _, flags in parts], axis=0)
    return Some(held), np.any([flags for _, flags in parts], axis=0)


def _leaf(rng: np.random.Generator, size: int) -> tuple[Plan, Flags]:
    draw = rng.random()
    if draw < 0.1:
        return (
            (EVERYONE, np.ones(size, np.bool_))
            if draw < 0.05
            else (NOBODY, np.zeros(size, np.bool_))
        )
    if draw < 0.4:
        flags = drawn_mask(rng, size)
        return plan.bits(masks.pack(flags), float(rng.random())), flags
    made, values = column(rng, size)
    known = values[~np.isnan(values)]
    ends = rng.choice(known, 2) if len(known) else np.array([0.0, 1.0])
    if draw < 0.7 or made.layout == "numbers":
        low, high = np.sort(ends) if rng.random() < 0.9 else ends
        low = low if rng.random() < 0.7 else np.nextafter(low, rng.choice([-np.inf, np.inf]))
        high = high if rng.random() < 0.7 else np.inf
        return plan.numbers_in(made, float(low), float(high)), (values >= low) & (values <= high)
    wanted = rng.random(made.distinct + 1) < rng.choice([0.1, 0.5, 0.9])
    if draw < 0.9:  # a few ranges of codes, often of those who have none, too
        edges = np.sort(rng.integers(0, made.distinct + 2, 2))
        wanted[:] = False
        wanted[edges[0] : edges[1]] = True
        wanted[0] = rng.random() < 0.5
    codes = np.flatnonzero(wanted).tolist()
    return plan.codes_in(made, codes), np.isin(made.codes[:size], codes)


@BOTH
@settings(max_examples=max(300, settings.default.max_examples))
@given(size=SIZES, seed=st.integers(0, 1 << 30))
def test_any_plan(kernels: ModuleType, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    some, flags = grown(rng, size, 3)
    live = drawn_mask(rng, size) if rng.random() < 0.5 else None
    made = Program(size, None if live is None else masks.pack(live))
    plan.compiled(some, made)
    for _ in range(2):
        made.count(made.answer)
    expected = masks.pack(flags if live is None else flags & live)
    counts, found = kernels.run(made)
    assert found is not None
    assert (found == expected).all()
    assert counts.tolist() == [masks.count(expected)] * 2
    counts, found = kernels.run(made, wanted=False)
    assert found is None
    assert counts.tolist() == [masks.count(expected)] * 2


@BOTH
def test_ranges_of_wide_codes_over_several_blocks(kernels: ModuleType) -> None:
    """Those that begin with who has none are compared by two bytes; others have a sketch."""
    rng = np.random.default_rng(1)
    values = rng.integers(0, 3_000, 40_000).astype(np.float64)
    made = encode.encode(pa.array(values, mask=rng.random(40_000) < 0.1), "number")
    codes = made.codes[:40_000]
    assert codes.dtype == np.uint16
    for low, high in ((0, 0), (0, 1_500), (0, 3_000), (1, 1), (1, 3_000), (7, 300), (2_999, 3_000)):
        program = Program(40_000)
        plan.compiled(plan.codes_in(made, range(low, high + 1)), program)
        _, found = kernels.run(program)
        assert (found == masks.pack((codes >= low) & (codes <= high))).all()


class Eager:
    """A helper that is done before whoever asked begins."""

    def submit(self, work: Callable[..., None], *given: object) -> Future[None]:
        work(*given)
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()
        done.set_result(None)
        return done


@pytest.mark.numba
@pytest.mark.parametrize("eager", [False, True])
def test_a_program_that_cores_share(monkeypatch: pytest.MonkeyPatch, *, eager: bool) -> None:
    """Three threads take turns, a few words each; what they count is added up."""
    kernels, compiled = fast(), importlib.import_module("holbein.index.compiled")
    for name, value in (("_WORTH", 1), ("_LEAST", 100), ("CORES", 3)):
        monkeypatch.setattr(compiled, name, value)
    if eager:
        monkeypatch.setattr(compiled, "helpers", Eager)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        size = int(rng.integers(1, 130_000))
        some, flags = grown(rng, size, 2)
        made = Program(size)
        plan.compiled(some, made)
        made.count(made.answer)
        counts, found = kernels.run(made)
        assert (found == masks.pack(flags)).all()
        assert counts.tolist() == [flags.sum()]
        check_relations(kernels, rng, size)
        check_counting(kernels, rng, size)


# --- what is no program ---------------------------------------------------------------------------


@BOTH
@given(size=SIZES, seed=st.integers(0, 1 << 30))
def test_places_relations_and_counts(kernels: ModuleType, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_relations(kernels, rng, size)
    check_counting(kernels, rng, size)


def check_relations(kernels: ModuleType, rng: np.random.Generator, size: int) -> None:
    others = int(rng.choice([0, 1, 64, 100, 5_000]))
    flags, theirs = drawn_mask(rng, size), drawn_mask(rng, others)
    mask, other = masks.pack(flags), masks.pack(theirs)
    targets = np.full(masks.padded(size), 0xFFFF_FFFF, np.uint32)
    linked = rng.random(size) < 0.8 if others else np.zeros(size, np.bool_)
    targets[:size][linked] = rng.integers(0, max(1, others), int(linked.sum()))
    places = np.flatnonzero(flags)
    assert kernels.places_of(mask, size).tolist() == places.tolist()
    reached = targets[places][linked[places]].astype(np.int64)
    counts = np.bincount(reached, minlength=others)
    most = int(counts.max(initial=0))
    tallied = kernels.tally(mask, targets, size, others, most)
    assert tallied.tolist() == counts.tolist()
    assert (kernels.scatter(mask, targets, size, others) == masks.pack(counts > 0)).all()
    gathered = np.zeros(size, np.bool_)
    gathered[linked] = theirs[targets[:size][linked]]
    assert (kernels.gather(other, targets, size, others) == masks.pack(gathered)).all()
    order = np.argsort(targets[:size][linked], kind="stable")
    members = np.flatnonzero(linked)[order].astype(np.uint32)
    lengths = np.bincount(targets[:size][linked].astype(np.int64), minlength=others)
    offsets = np.append(0, np.cumsum(lengths)).astype(np.uint32)
    walked = kernels.walk(np.flatnonzero(theirs), offsets, members, mask)
    met = np.bincount(targets[:size][linked & flags].astype(np.int64), minlength=others)
    assert walked.tolist() == met[theirs].tolist()


def check_counting(kernels: ModuleType, rng: np.random.Generator, size: int) -> None:
    """Several columns at once, each counted in its own way."""
    flags = drawn_mask(rng, size)
    asked: list[Counting] = []
    expected: list[list[int]] = []
    for distinct in rng.choice(
        [0, 1, 3, 4, 15, 16, 31, 32, 40, 47, 63, 255, 256, 3000], 3
    ).tolist():
        width = np.uint8 if distinct < 256 else np.uint16
        codes: NDArray[Any] = np.zeros(masks.padded(size), width)
        codes[:size] = rng.integers(0, distinct + 1, size)
        counts = np.bincount(codes[:size][flags], minlength=distinct + 1).tolist()
        slices = [masks.pack(codes[:size] >> one & 1) for one in range(distinct.bit_length())]
        maps = [masks.pack(codes[:size] == one) for one in range(1, min(distinct, 40) + 1)]
        asked.append(Counting(distinct, codes=codes))
        expected.append(counts)
        if 3 <= distinct <= 63:
            asked.append(Counting(distinct, slices=tuple(slices)))
            expected.append(counts)
        if maps:
            asked.append(Counting(distinct, bits=tuple(maps)))
            expected.append(counts[1 : len(maps) + 1])
    found = kernels.counted(asked, masks.pack(flags), size)
    assert [one.tolist() for one in found] == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_child_has_threads_of_its_own() -> None:
    """Those of the parent do not come along: a child that counted on them would wait for ever."""
    assert [*helpers().map(abs, [-1] * 99)] == [1] * 99  # every thread has begun
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os._exit([*helpers().map(abs, [-1])] != [1])
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.numba
def test_who_asked_is_interrupted_while_another_helps() -> None:
    """What is read is kept until all are done: freed, it would end the process."""
    compiled = importlib.import_module("holbein.index.compiled")
    came, go, seen = threading.Event(), threading.Event(), queue.SimpleQueue[bool]()
    mask = masks.full(64)
    there = weakref.ref(mask)

    def kernel(turn: NDArray[np.int64], out: str) -> None:
        if out == "asker":
            assert came.wait(20)
            raise KeyboardInterrupt
        came.set()
        assert go.wait(20)
        seen.put(there() is not None)

    with suppress(KeyboardInterrupt):
        compiled.together(kernel, 1, (), ["asker", "helper"], mask)
    del mask
    gc.collect()
    go.set()
    assert seen.get(timeout=20)
