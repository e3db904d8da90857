"""What is told of a tag that moved, and what is held back."""

from __future__ import annotations

import pytest

from holbein.catalog.kinds import Guard
from holbein.catalog.profiles import Profile, TagProfile
from holbein.conditions.tree import SubjectKind
from holbein.tags.guard import breach, shifts


def of(high: int, low: int, missing: int = 0) -> Profile:
    return Profile(high + low + missing, high + low, {"high": high, "low": low}, distinct=2)


@pytest.mark.parametrize(
    ("guard", "before", "now", "reason"),
    [
        (Guard(coverage=0.2), of(46, 46, 8), of(20, 21, 59),
         "coverage fell from 92% to 41%, and its guard allows 20 points"),
        (Guard(coverage=0.2), of(20, 21, 59), of(46, 46, 8),
         "coverage rose from 41% to 92%, and its guard allows 20 points"),
        (Guard(coverage=0.6), of(46, 46, 8), of(20, 21, 59), None),
        (Guard(psi=0.25), of(50, 50), of(80, 20),
         "distribution shifted (PSI 0.42), and its guard allows 0.25"),
        (Guard(psi=0.5), of(50, 50), of(80, 20), None),
        (Guard(coverage=0.1), of(50, 50), of(80, 20), None),
        (Guard(coverage=0.1, psi=0.1), of(50, 50), of(20, 40, 40),
         "coverage fell from 100% to 60%, and its guard allows 10 points; "
         "distribution shifted (PSI 2.03), and its guard allows 0.1"),
        (Guard(coverage=0.1, psi=0.1), None, of(0, 0, 9), None),
    ],
)  # fmt: skip
def test_a_guard(guard: Guard, before: Profile | None, now: Profile, reason: str | None) -> None:
    assert breach(guard, before, now) == reason


def test_what_a_run_tells() -> None:
    def told(before: Profile, now: Profile, kind: SubjectKind = "enterprise") -> list[str]:
        earlier = {(kind, "tier"): TagProfile("tier", kind, before)}
        listed = [TagProfile("tier", kind, now), TagProfile("new", kind, of(1, 0, 99))]
        return [*shifts(listed, earlier)]

    assert told(of(50, 50), of(50, 50)) == []
    assert told(of(46, 46, 8), of(42, 42, 16)) == []
    assert told(of(46, 46, 8), of(40, 40, 20)) == ["tag tier: coverage fell from 92% to 80%"]
    assert told(of(50, 50), of(80, 20)) == ["tag tier: distribution shifted (PSI 0.42)"]
    assert told(of(50, 50), of(80, 20), "role") == [
        "tag tier on role: distribution shifted (PSI 0.42)"
    ]
    assert told(of(46, 46, 8), of(20, 21, 59)) == [
        "tag tier: coverage fell from 92% to 41%",
        "tag tier: distribution shifted (PSI 1.43)",
    ]
