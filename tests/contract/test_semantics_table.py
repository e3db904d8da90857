"""The worked cases of docs/semantics.md hold in the reference."""

from __future__ import annotations

import pytest

from holbein.conditions import reference
from holbein.conditions.bind import bind
from holbein.conditions.text import parse
from holbein.errors import ConditionError
from tests.support.semantics import Case, Refusal, cases, refusals


def test_there_are_enough_cases_and_no_two_share_an_id() -> None:
    assert len(cases()) >= 100
    ids = [one.id for one in (*cases(), *refusals())]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("case", cases(), ids=lambda one: one.id)
def test_case_holds_in_the_reference(case: Case) -> None:
    found = reference.select(case.bound(), case.kind, case.world, case.as_of, case.vocabulary)
    assert found == case.expected, case.why


@pytest.mark.parametrize("refusal", refusals(), ids=lambda one: one.id)
def test_condition_is_refused(refusal: Refusal) -> None:
    with pytest.raises(ConditionError):
        bind(parse(refusal.condition), refusal.kind, refusal.vocabulary)
