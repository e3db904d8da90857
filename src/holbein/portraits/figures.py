"""The arithmetic of group portraits: shares and TGI."""

from __future__ import annotations


def share(part: int, whole: int) -> float | None:
    """``part / whole``; None of nothing."""
    return part / whole if whole else None


def tgi(group: int, group_size: int, base: int, base_size: int) -> float | None:
    """The target group index: 100 × (group / group size) / (base / base size).

    100 is the base's own share, 200 twice that. None where the base has no such subject or one of
    the two is empty.
    """
    if not base or not base_size or not group_size:
        return None
    return 100 * (group / group_size) / (base / base_size)
