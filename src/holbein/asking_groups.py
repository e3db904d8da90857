"""The part of the facade that portrays groups: against a base, against each other, over time."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import TYPE_CHECKING

from holbein.asking import Asking, day_of
from holbein.conditions.tree import TRUE, Condition, SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.errors import NotFoundError

if TYPE_CHECKING:
    from holbein.portraits import Comparison, Drift, GroupPortrait, Through


class Groups(Asking):
    """Groups of subjects, given by conditions, or as audiences by name."""

    def group_portrait(
        self,
        condition: str | Condition,
        on: SubjectKind = "enterprise",
        base: str | Condition | None = None,
        lang: Language = "en",
        run: int | None = None,
        cross: tuple[str, str] | None = None,
    ) -> GroupPortrait:
        """What tells the subjects that meet a condition from those of a base (default: all).

        ``cross`` are two attributes or tags, all of whose combinations are to be given.
        """
        from holbein.portraits import group_portrait

        query = self._of(run)
        bound = query.bind(TRUE if base is None else base, on)
        return group_portrait(query, query.bind(condition, on), on, bound, lang, cross=cross)

    def audience_portrait(
        self,
        name: str,
        base: str | None = None,
        lang: Language = "en",
        run: int | None = None,
        cross: tuple[str, str] | None = None,
    ) -> GroupPortrait:
        """The portrait of an audience, against another one of the same kind or against all."""
        from holbein.portraits import group_portrait

        query = self._of(run)
        kind, condition = self._audience(query, name)
        against = TRUE if base is None else self._same_kind(query, name, base)
        titles = query.vocabulary.audiences[name].titles
        title = titles.get(lang) or titles.get("en") or name
        return group_portrait(query, condition, kind, against, lang, title=title, cross=cross)

    def through_roles(
        self,
        condition: str | Condition,
        on: SubjectKind = "person",
        base: str | Condition | None = None,
        lang: Language = "en",
        run: int | None = None,
    ) -> Through:
        """The enterprises of the people who meet a condition, by their tags; or, ``on``
        enterprises, their people. Counted are current roles.
        """
        from holbein.portraits import through_roles

        return through_roles(self._of(run), condition, on, TRUE if base is None else base, lang)

    def audience_through_roles(
        self, name: str, base: str | None = None, lang: Language = "en", run: int | None = None
    ) -> Through:
        """The same of an audience, against another one of the same kind or against all."""
        from holbein.portraits import through_roles

        query = self._of(run)
        kind, condition = self._audience(query, name)
        against = TRUE if base is None else self._same_kind(query, name, base)
        titles = query.vocabulary.audiences[name].titles
        title = titles.get(lang) or titles.get("en") or name
        return through_roles(query, condition, kind, against, lang, title)

    def compare(
        self,
        first: str | Condition,
        second: str | Condition,
        on: SubjectKind = "enterprise",
        lang: Language = "en",
        run: int | None = None,
    ) -> Comparison:
        """What tells the subjects that meet one condition from those that meet another.

        Those who meet both are counted, and left out on either side.
        """
        from holbein.portraits import compare

        return compare(self._of(run), first, second, on, lang)

    def compare_audiences(
        self, first: str, second: str, lang: Language = "en", run: int | None = None
    ) -> Comparison:
        """What tells the members of one audience from those of another of the same kind."""
        from holbein.portraits import compare

        query = self._of(run)
        kind, condition = self._audience(query, first)
        return compare(query, condition, self._same_kind(query, first, second), kind, lang)

    def drift(
        self,
        name: str,
        since: int | dt.date | str,
        lang: Language = "en",
        run: int | None = None,
    ) -> Drift:
        """How an audience's make-up changed since an earlier run: its number, or a day (a date, or
        a text YYYY-MM-DD), which means the last run that was as of that day or before.
        """
        from holbein.portraits import drift

        earlier = since if isinstance(since, int) else self._last_run(since)
        with closing(self.at(earlier)) as then:
            return drift(then, self._of(run), name, lang)

    def _last_run(self, day: dt.date | str) -> int:
        """The last run as of a day or before."""
        limit = day_of(day) if isinstance(day, str) else day
        kept = self.store.versions()
        before = [(one.as_of, one.number) for one in kept if one.as_of.day <= limit]
        if not before:
            first = min((one.as_of.day for one in kept), default=None)
            raise NotFoundError(
                f"no run is kept that was as of {limit} or before",
                hint=f"the earliest is as of {first}" if first else "run `holbein run` first",
            )
        return max(before)[1]
