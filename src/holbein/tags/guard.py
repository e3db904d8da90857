"""What a tag's values do from one run to the next: what is told of it, and what is held back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from holbein.catalog.kinds import Guard
from holbein.catalog.profiles import Profile, TagProfile, psi
from holbein.conditions.tree import SubjectKind

NOTICED = Guard(coverage=0.1, psi=0.25)
"""What a run tells of any tag: coverage changed by more than ten points, or a PSI above what
Siddiqi calls a shift."""


def breach(guard: Guard, before: Profile | None, now: Profile) -> str | None:
    """Why a tag's new values must be held back, in words; None where they may pass.

    ``before`` is the profile of the tag a run ago, where it meant the same: the first values pass.
    """
    if before is None:
        return None
    reasons = [
        f"{said}, and its guard allows {limit}" for said, limit in _beyond(guard, before, now)
    ]
    return "; ".join(reasons) or None


def shifts(
    profiles: Iterable[TagProfile], before: Mapping[tuple[SubjectKind, str], TagProfile]
) -> Iterator[str]:
    """What a reader of the run should be told of its tags, a line each.

    ``before`` are the profiles a run ago of the tags that mean the same still.
    """
    for one in profiles:
        if (earlier := before.get((one.on, one.tag))) is not None:
            of = "" if one.on == "enterprise" else f" on {one.on}"
            for said, _ in _beyond(NOTICED, earlier.profile, one.profile):
                yield f"tag {one.tag}{of}: {said}"


def _beyond(guard: Guard, before: Profile, now: Profile) -> Iterator[tuple[str, str]]:
    """What lies beyond ``guard``, and the limit that it sets."""
    change = now.coverage - before.coverage
    if guard.coverage is not None and abs(change) > guard.coverage:
        verb = "rose" if change > 0 else "fell"
        shares = f"from {before.coverage:.0%} to {now.coverage:.0%}"
        yield f"coverage {verb} {shares}", f"{100 * guard.coverage:g} points"
    if guard.psi is not None and (index := psi(before, now)) > guard.psi:
        yield f"distribution shifted (PSI {index:.2f})", f"{guard.psi:g}"
