"""Groups of companies, against climbing one by one."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from holbein.identity.groups import DEEPEST, ancestors, in_a_circle, too_deep

LINKS = st.dictionaries(st.integers(1, 9), st.integers(1, 9), max_size=9)


def arrays(links: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(list(links), np.int64), np.array(list(links.values()), np.int64)


def leads_back(links: dict[int, int], start: int) -> bool:
    above = links.get(start)
    for _ in range(20):
        if above is None or above == start:
            return above == start
        above = links.get(above)
    return False


@given(LINKS)
def test_circles_are_found_and_nothing_else(links: dict[int, int]) -> None:
    children, parents = arrays(links)
    found = in_a_circle(children, parents)
    assert found.tolist() == [leads_back(links, one) for one in links]


@given(LINKS)
def test_ancestors_are_those_met_when_climbing(links: dict[int, int]) -> None:
    children, parents = arrays(links)
    sound = ~in_a_circle(children, parents)
    rows = ancestors(children[sound], parents[sound]).to_pylist()
    tree = dict(zip(children[sound].tolist(), parents[sound].tolist(), strict=True))
    expected = []
    for one in sorted(tree):
        above, distance = tree.get(one), 1
        while above is not None:
            expected.append({"enterprise": one, "ancestor": above, "distance": distance})
            above, distance = tree.get(above), distance + 1
    assert rows == expected


def test_a_long_chain() -> None:
    chain = np.arange(1, 2000, dtype=np.int64)
    assert not in_a_circle(chain, chain + 1).any()
    # 2000 is the top; 1900 has a hundred above it, 1899 one more.
    deep = too_deep(chain, chain + 1)
    assert chain[~deep].min() == 2000 - DEEPEST
    sound = ~deep
    assert ancestors(chain[sound], chain[sound] + 1).num_rows == DEEPEST * (DEEPEST + 1) // 2
    assert in_a_circle(np.append(chain, 2000), np.append(chain + 1, 1)).all()
