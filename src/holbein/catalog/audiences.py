"""The audiences as the files define them now, over what a version holds.

A version is asked long after its run, and audiences may be edited in between. What was edited
counts at once; an audience that does not fit the version is told when it is asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from holbein.catalog.catalogue import bind_audiences
from holbein.catalog.load import load_audiences
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import AudienceSpec, Vocabulary
from holbein.errors import HolbeinError


@dataclass(frozen=True)
class Unfit:
    """Audiences that cannot be asked for, and why."""

    errors: Mapping[str, HolbeinError] = field(default_factory=dict)
    unreadable: HolbeinError | None = None
    """Why the files as a whole cannot be read."""

    def refuse(self, names: Iterable[str], known: Mapping[str, AudienceSpec]) -> None:
        """Raises the error of the first of ``names`` that has one."""
        for name in names:
            if name in self.errors:
                raise self.errors[name]
            if name not in known and self.unreadable is not None:
                raise self.unreadable


def of_version(
    vocabulary: Vocabulary, lists: Mapping[str, SubjectKind]
) -> Mapping[str, AudienceSpec]:
    """A version's own audiences, and the static lists that there are now."""
    dynamic = {n: one for n, one in vocabulary.audiences.items() if one.where is not None}
    static = {n: AudienceSpec(n, kind, None) for n, kind in lists.items() if n not in dynamic}
    return {**static, **dynamic}


def of_now(
    vocabulary: Vocabulary, folder: Path, lists: Mapping[str, SubjectKind]
) -> tuple[Mapping[str, AudienceSpec], Unfit]:
    """The audiences that the workspace defines now, over a version's vocabulary."""
    static = {n: AudienceSpec(n, kind, None) for n, kind in lists.items()}
    base = dataclasses.replace(vocabulary, audiences=MappingProxyType(static))
    try:
        defined = load_audiences(folder)
    except HolbeinError as error:
        return static, Unfit(unreadable=error)
    bound, errors = bind_audiences(defined, base)
    return bound, Unfit(errors)
