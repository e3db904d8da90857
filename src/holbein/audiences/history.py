"""How an audience went from run to run: its size, who entered it and who left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from holbein.conditions.tree import InAudience, SubjectKind
from holbein.errors import HolbeinError
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query


@dataclass(frozen=True)
class Stand:
    """An audience as a run found it. ``entered`` and ``left`` are ids, against the run before that
    had it; None in the first. ``redefined``: its own condition was another one there (those of the
    audiences and tags that it asks for are not compared).
    """

    run: int
    as_of: dt.date
    size: int
    entered: tuple[int, ...] | None
    left: tuple[int, ...] | None
    redefined: bool


@dataclass(frozen=True)
class AudienceHistory:
    """An audience over the runs whose versions are kept, in their order."""

    name: str
    kind: SubjectKind
    stands: tuple[Stand, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data; subjects as they are written elsewhere, such as E17."""

        def written(ids: tuple[int, ...] | None) -> list[str] | None:
            return None if ids is None else [format_id(self.kind, one) for one in ids]

        return {
            "audience": self.name,
            "on": self.kind,
            "runs": [
                {
                    "run": one.run,
                    "as_of": str(one.as_of),
                    "size": one.size,
                    "entered": written(one.entered),
                    "left": written(one.left),
                    "redefined": one.redefined,
                }
                for one in self.stands
            ],
        }


def history(
    name: str, query: Query, runs: Iterable[int], at: Callable[[int], Query]
) -> AudienceHistory:
    """The audience in each run, by the condition that it had then; runs without it are left out.

    ``query`` asks the version in force, ``at`` that of a run. Raises NotFoundError for an unknown
    audience, HolbeinError for a static list, which no run changes.
    """
    spec = query.audience(name)
    if spec.where is None:
        raise HolbeinError(
            f"{name} is a static list, and no run changes it",
            hint="`holbein audience overlap` compares it with another audience",
        )
    stands: list[Stand] = []
    before: np.ndarray | None = None
    meant = None
    for run in runs:
        with closing(at(run)) as then:
            known = then.vocabulary.audiences.get(name)
            if known is None or known.where is None or known.kind != spec.kind:
                continue
            day = then.as_of.day
            ids = then.ids(then.bind(InAudience(name), spec.kind), spec.kind).to_numpy()
        stands.append(
            Stand(
                run,
                day,
                len(ids),
                None if before is None else tuple(np.setdiff1d(ids, before).tolist()),
                None if before is None else tuple(np.setdiff1d(before, ids).tolist()),
                before is not None and known.where != meant,
            )
        )
        before, meant = ids, known.where
    return AudienceHistory(name, spec.kind, tuple(stands))
