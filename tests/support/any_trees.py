"""Any tree at all, bound to nothing: what text and JSON must carry unchanged."""

from __future__ import annotations

import datetime as dt
from typing import get_args

from hypothesis import strategies as st

from holbein.conditions import tree
from holbein.conditions.functions import AGGREGATES, RELATED_NAMES, WITHOUT_COLUMN

_NAMES = st.one_of(
    st.sampled_from(
        ["industry", "employees", "名称", "date", "in", "count", "Signed up", 'a"b', "x.y"]
    ),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8),
)
_TEXTS = st.one_of(
    st.sampled_from(["'", "''", "\\", "a\nb", "90 days", "--", "/*", "=>", ";", "“”"]),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8),
)
_NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18).map(float), st.floats(allow_nan=False, allow_infinity=False)
)
_WINDOWS = st.builds(tree.Window, st.integers(1, 100), st.sampled_from(get_args(tree.Unit)))
_PATTERNS = _TEXTS.map(lambda text: text.replace("\\", "\\\\") + "%")

literals: st.SearchStrategy[tree.Literal] = st.one_of(
    st.builds(tree.Text, _TEXTS),
    st.builds(tree.Number, _NUMBERS),
    st.builds(tree.Truth, st.booleans()),
    st.builds(tree.Day, st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))),
)
_fields = st.builds(tree.Field, _NAMES)


@st.composite
def _aggregate(draw: st.DrawFn, conditions: st.SearchStrategy[tree.Condition]) -> tree.Aggregate:
    name = draw(st.sampled_from(AGGREGATES))
    window = draw(_WINDOWS) if name == "days_since" else draw(st.none() | _WINDOWS)
    return tree.Aggregate(
        name,
        draw(_NAMES),
        None if name in WITHOUT_COLUMN else draw(_NAMES),
        window,
        draw(st.none() | _WINDOWS),
        draw(st.none() | conditions),
    )


def _larger_measures(
    measures: st.SearchStrategy[tree.Measure], conditions: st.SearchStrategy[tree.Condition]
) -> st.SearchStrategy[tree.Measure]:
    return st.one_of(
        _aggregate(conditions),
        st.builds(
            tree.Elapsed,
            st.sampled_from(["day", "month", "year"]),
            st.sampled_from(["since", "until"]),
            measures,
        ),
        st.builds(tree.Bucket, _TEXTS.filter(bool)),
        st.builds(
            tree.Arithmetic, measures, st.sampled_from(get_args(tree.ArithmeticSign)), measures
        ),
        st.builds(tree.RelatedCount, st.sampled_from(["role", "subsidiary"]), conditions),
        st.builds(tree.RelatedShare, st.just("role"), conditions),
    )


def _larger_conditions(
    conditions: st.SearchStrategy[tree.Condition],
) -> st.SearchStrategy[tree.Condition]:
    few = st.lists(conditions, max_size=3).map(tuple)
    values = st.recursive(
        literals | _fields, lambda inner: _larger_measures(inner, conditions), max_leaves=4
    )
    steps = st.lists(
        st.builds(tree.Step, _NAMES, st.none() | conditions), min_size=2, max_size=3
    ).map(tuple)
    return st.one_of(
        st.builds(tree.And, few),
        st.builds(tree.Or, few),
        st.builds(tree.Not, conditions),
        st.builds(tree.Compare, values, st.sampled_from(get_args(tree.CompareSign)), values),
        st.builds(tree.Between, values, values, values),
        st.builds(tree.In, values, st.lists(literals, min_size=1, max_size=3).map(tuple)),
        st.builds(tree.Like, values, _PATTERNS),
        st.builds(tree.Contains, values, _TEXTS),
        st.builds(tree.Within, values, _TEXTS),
        st.builds(tree.Missing, values),
        st.sampled_from(sorted(RELATED_NAMES)).flatmap(
            lambda pair: st.builds(tree.Related, st.just(pair[0]), st.just(pair[1]), conditions)
        ),
        st.builds(tree.Sequence, steps, st.none() | _WINDOWS),
        st.builds(tree.InAudience, _TEXTS.filter(bool)),
        st.builds(tree.Became, _NAMES, literals, _WINDOWS),
    )


conditions: st.SearchStrategy[tree.Condition] = st.recursive(
    st.one_of(
        st.builds(tree.Compare, _fields, st.sampled_from(["=", "<"]), literals),
        st.builds(tree.Missing, _fields),
        st.sampled_from([tree.TRUE, tree.FALSE]),
    ),
    _larger_conditions,
    max_leaves=6,
)
measures: st.SearchStrategy[tree.Measure] = st.recursive(
    literals | _fields, lambda inner: _larger_measures(inner, conditions), max_leaves=4
)
