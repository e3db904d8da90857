"""How often something happened to a subject: its facts by stream and month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from holbein.portraits.speech import Speech

_MONTHS = 24
_FEWEST = 6
"""A picture of less than half a year would say little more than the list below it."""


@dataclass(frozen=True)
class Lane:
    """One stream, the count of its facts in each month."""

    stream: str
    title: str
    months: tuple[int, ...]

    @property
    def total(self) -> int:
        """All facts that are shown."""
        return sum(self.months)


@dataclass(frozen=True)
class Rhythm:
    """The last months, up to and with that of as-of, and what happened in them. ``earlier`` is how
    many facts are older than the first month."""

    months: tuple[dt.date, ...]
    """Their first days."""
    lanes: tuple[Lane, ...]
    earlier: int


def rhythm(
    speech: Speech, happened: Iterable[tuple[str, dt.date]], as_of: dt.date
) -> Rhythm | None:
    """From the stream and day of every fact; None where none is recent enough to be shown."""
    counts = Counter((stream, day.replace(day=1)) for stream, day in happened)
    if not counts:
        return None
    reach = _index(as_of) - min(_index(month) for _, month in counts) + 1
    shown = min(max(reach, _FEWEST), _MONTHS)
    months = [_month(_index(as_of) - back) for back in reversed(range(shown))]
    earlier = sum(count for (_, month), count in counts.items() if month < months[0])
    lanes = [
        Lane(name, speech.stream_title(name), tuple(counts[name, one] for one in months))
        for name in dict.fromkeys(name for name, _ in counts)
    ]
    lanes = sorted((one for one in lanes if one.total), key=lambda one: (-one.total, one.stream))
    return Rhythm(tuple(months), tuple(lanes), earlier) if lanes else None


def _index(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _month(index: int) -> dt.date:
    return dt.date(index // 12, index % 12 + 1, 1)
