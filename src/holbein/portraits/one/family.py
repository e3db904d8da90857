"""The group of companies around an enterprise, and what tags roll up of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holbein.portraits.names import SubjectRef, named

if TYPE_CHECKING:
    from holbein.portraits.one.subject import SubjectPortrait
    from holbein.query import Query

_SHOWN = 100


@dataclass(frozen=True)
class Family:
    """Those above (nearest first), those beside it under the same parent, those directly below."""

    ancestors: tuple[SubjectRef, ...] = ()
    siblings: tuple[SubjectRef, ...] = ()
    subsidiaries: tuple[SubjectRef, ...] = ()
    subsidiary_count: int = 0
    sibling_count: int = 0


def family(query: Query, enterprise: int) -> Family:
    """The group around an enterprise."""
    above, below = query.family(enterprise)
    beside = [one for one in query.family(above[0])[1] if one != enterprise] if above else []
    near, shown = beside[:_SHOWN], below[:_SHOWN]
    refs = named(query, "enterprise", [*above, *near, *shown])
    return Family(
        tuple(refs[one] for one in above),
        tuple(refs[one] for one in near),
        tuple(refs[one] for one in shown),
        len(below),
        len(beside),
    )


@dataclass(frozen=True)
class RolledUp:
    """A tag that adds up over the group: what each member brings to it, readable, by id."""

    title: str
    text: str
    parts: dict[str, str]


def rolled_up(portrait: SubjectPortrait) -> Iterator[RolledUp]:
    """The tags of an enterprise that are rolled up from other enterprises, with several of them."""
    for tag in (one for group in portrait.categories for one in group.tags):
        for figure in tag.evidence.figures:
            if figure.members is None or not any(one.text for one in figure.members.listed):
                continue
            listed = figure.members.listed
            if len(listed) > 1 and all(one.subject.kind == "enterprise" for one in listed):
                yield RolledUp(tag.title, tag.text, {o.subject.id: o.text for o in listed if o.met})
