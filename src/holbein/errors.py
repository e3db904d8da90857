"""What Holbein says when something is wrong: one clear line, with the place and what to do.

The command line prints ``str(error)`` and exits with 1; a traceback is a bug.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HolbeinError(Exception):
    """The user's input, data or machine is at fault, and the message says how to mend it.

    ``place`` says where (a file and line, a position in a condition, a table and row);
    ``hint`` says what to do next.
    """

    def __init__(self, message: str, *, place: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} ({self.hint})" if self.hint else text

    def at(self, place: str) -> HolbeinError:
        """The same error, found at ``place``; an inner place is kept behind the outer one."""
        inner = f"{place}, {self.place}" if self.place else place
        return type(self)(self.message, place=inner, hint=self.hint)


class HolbeinWarning(UserWarning):
    """Something is wrong, and the answer is right all the same."""


class ConditionError(HolbeinError):
    """A condition that cannot be read, or that does not fit the catalogue."""


class DefinitionError(HolbeinError):
    """A definition file that cannot be read, or that contradicts another."""


class SourceError(HolbeinError):
    """A source that cannot be opened, or that lacks what its mapping names."""


class StoreError(HolbeinError):
    """A version that cannot be read, written or found."""


class BusyError(StoreError):
    """Another process is writing to this workspace."""


class TagError(HolbeinError):
    """A tag of the workspace's own SQL or Python that failed within itself."""


class NotFoundError(HolbeinError):
    """A subject, tag, audience or version that does not exist."""


class MissingExtraError(HolbeinError):
    """A part that is not installed; the hint names the extra that brings it."""


def near(name: str, known: Iterable[str]) -> str | None:
    """A hint naming what ``name`` may have meant, or None where nothing is close.

    Case and the difference between ``_`` and ``-`` do not count as distance. Of several, only
    those are named that are about as close as the closest.
    """
    by_folded = {one.lower().replace("-", "_"): one for one in known}
    folded = name.lower().replace("-", "_")
    found = difflib.get_close_matches(folded, by_folded, n=3, cutoff=0.6)
    if not found:
        return None
    closeness = [difflib.SequenceMatcher(None, one, folded).ratio() for one in found]
    names = [
        by_folded[one]
        for one, close in zip(found, closeness, strict=True)
        if close > closeness[0] - 0.1
    ]
    return "did you mean " + " or ".join(names) + "?"
