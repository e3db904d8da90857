"""How many meet which of some conditions: masks, numbers and plain Python agree."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from holbein.conditions.tree import TRUE
from holbein.index import Index, masks
from holbein.query import by_columns
from holbein.query.by_columns import crossed


@pytest.mark.parametrize("conditions", [1, 2, 3, 4, 10])
@pytest.mark.parametrize("size", [0, 1, 64, 1000])
def test_combinations_are_counted(
    conditions: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_columns, "_BLOCK", 5)
    draw = np.random.default_rng(size)
    live = draw.random(size) < 0.9
    met = [(draw.random(size) < 0.4) & live for _ in range(conditions)]
    known = {f"condition {n}": masks.pack(one) for n, one in enumerate(met)}
    known[str(TRUE)] = masks.pack(live)
    index = cast(Index, SimpleNamespace(mask=lambda asked, kind: known[str(asked)]))
    asked: Any = [f"condition {n}" for n in range(conditions)]
    rows = crossed(index, "person", asked).to_pylist()
    found = {tuple(row[f"c{n}"] for n in range(conditions)): row["count"] for row in rows}
    told = zip(*(one[live].tolist() for one in met), strict=True)
    assert found == Counter(told)
