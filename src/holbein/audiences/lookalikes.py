"""Look-alikes of an audience: who else is like them, and by which tags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.audiences.features import Features
from holbein.audiences.labels import label
from holbein.audiences.lists import check_name
from holbein.audiences.resemblance import Feature, Flags, Resemblance, resemblance
from holbein.conditions.tree import TRUE, Condition, InAudience, Or, SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language
from holbein.errors import HolbeinError
from holbein.query.comparing import comparable
from holbein.store.lists import Lists

if TYPE_CHECKING:
    from holbein.query import Query
    from holbein.query.some import Some

FEWEST = 10
"""A smaller seed says more of its members than of what they have in common."""


@dataclass(frozen=True)
class Trait:
    """A tag that made the resemblance: its part in it, and the value that adds most to it, which so
    much of those found and of the rest have.
    """

    name: str
    title: str
    part: float
    text: str
    share: float
    rest_share: float


@dataclass(frozen=True)
class LookAlikes:
    """Those found, the most alike first, without the seed. ``found`` has ``id`` and ``score``: the
    sum of what their values weigh, which can be compared within one search.
    """

    kind: SubjectKind
    seed: int
    others: int
    """Of how many they were chosen."""
    found: pa.Table
    traits: tuple[Trait, ...]


def look_alikes(
    query: Query,
    seed: str | Condition,
    kind: SubjectKind,
    size: int | None = None,
    base: str | Condition = TRUE,
    language: Language = "en",
) -> LookAlikes:
    """The ``size`` subjects of ``base`` who most resemble those that meet ``seed``; by default as
    many as these. The seed itself may lie outside of the base: customers, say, among prospects.

    Raises HolbeinError for a seed of fewer than ten, or one that no tag sets apart; where ``base``
    holds nobody else; and for a size below 1.
    """
    if size is not None and size < 1:
        raise HolbeinError(f"nobody is asked for: size {size}", hint="give a size of 1 or more")
    bound, against = query.bind(seed, kind), query.bind(base, kind)
    names = comparable(query.vocabulary, kind)
    members = query.ids(bound, kind).to_numpy()

    def find(some: Some) -> LookAlikes:
        specs = {name: query.spec(kind, name) for name in names}
        return _found(some, specs, members, size, kind, language)

    return query.with_columns(kind, names, Or((against, bound)), find)


def _found(
    some: Some,
    specs: dict[str, FieldSpec],
    members: NDArray[np.int64],
    size: int | None,
    kind: SubjectKind,
    language: Language,
) -> LookAlikes:
    ids = some.ids
    chosen: Flags = np.isin(ids, members)
    seeds, others = int(chosen.sum()), int((~chosen).sum())
    if seeds < FEWEST:
        raise HolbeinError(
            f"{seeds} subjects are too few to look for others like them",
            hint=f"take an audience of {FEWEST} or more",
        )
    if not others:
        raise HolbeinError("there is nobody else to look among", hint="take a wider base")
    wanted = size or seeds
    if wanted >= others:
        raise HolbeinError(
            f"there are {others:,} others, so that all of them would be taken",
            hint=f"give a size below {others}",
        )
    held = Features(some.places, some.column)
    features = [feature for spec in specs.values() for feature in held.of(spec)]
    found = resemblance(features, chosen, wanted)
    if not found.weights:
        raise HolbeinError(
            "no tag sets these subjects apart from the rest",
            hint="`holbein portrait audience` shows what is known of them",
        )
    scores = np.where(chosen, -np.inf, found.scores)
    best = np.lexsort((ids, -scores))[:wanted]
    like = np.zeros(len(ids), dtype=bool)
    like[best] = True
    traits = tuple(_traits(specs, features, found, like, ~like & ~chosen, language))
    table = pa.table({"id": ids[best], "score": scores[best]})
    return LookAlikes(kind, seeds, others, table, traits)


def find_alike(
    query: Query,
    lists: Lists,
    name: str,
    new: str,
    size: int | None = None,
    base: str | None = None,
    language: Language = "en",
) -> LookAlikes:
    """Keep the look-alikes of the audience ``name`` as the static list ``new``.

    ``base`` is an audience to look among. Raises as ``look_alikes`` and ``freeze`` do, and where
    the audiences are of different kinds.
    """
    kind = query.audience(name).kind
    check_name(query, lists, kind, new)
    among: Condition = TRUE
    if base is not None:
        if query.audience(base).kind != kind:
            raise HolbeinError(
                f"{name} lists the kind {kind}, and {base} does not",
                hint="look among an audience of the same kind",
            )
        among = InAudience(base)
    found = look_alikes(query, InAudience(name), kind, size, among, language)
    day = query.as_of.day.isoformat()
    ids = found.found["id"].combine_chunks().sort()
    lists.write(new, kind, ids, title=new, made_from=f"like audience {name} as of {day}")
    return found


# --- what made the resemblance --------------------------------------------------------------------


def _traits(
    specs: dict[str, FieldSpec],
    features: list[Feature],
    found: Resemblance,
    like: Flags,
    rest: Flags,
    language: Language,
) -> list[Trait]:
    """By their part: how much a tag adds to those found, above what it adds to the rest."""
    out: dict[str, Trait] = {}
    strongest: dict[str, float] = {}
    for place, weights in found.weights.items():
        one = features[place]
        codes, kinds = one.codes(slice(None)), len(one.values)
        mine = np.bincount(codes[like], minlength=kinds) / max(1, like.sum())
        theirs = np.bincount(codes[rest], minlength=kinds) / max(1, rest.sum())
        adds = (mine - theirs) * weights
        top = int(np.where(mine > theirs, adds, -np.inf).argmax())
        spec = specs[one.name]
        title = spec.titles.get(language) or next(iter(spec.titles.values()), spec.name)
        text = _text(spec, one, top, language)
        part = float(adds.sum())
        new = Trait(spec.name, title, part, text, float(mine[top]), float(theirs[top]))
        old = out.get(spec.name)
        if old is not None:  # another label of the same tag: the strongest is shown
            shown = new if part > strongest[spec.name] else old
            new = replace(shown, part=old.part + part)
        out[spec.name] = new
        strongest[spec.name] = max(part, strongest.get(spec.name, part))
    found_by = [one for one in out.values() if one.part > 0]
    total = sum(one.part for one in found_by)
    shares = (replace(one, part=one.part / total) for one in found_by)
    return sorted(shares, key=lambda one: (-one.part, one.name))


def _text(spec: FieldSpec, feature: Feature, place: int, language: Language) -> str:
    value = feature.values[place]
    if value is None:
        return {"en": "missing", "zh": "缺失"}[language]
    if feature.label is not None:
        named = label(spec, feature.label, language)
        return named if value else {"en": f"not {named}", "zh": f"非{named}"}[language]
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[language][value]
    if isinstance(value, tuple):
        low, high = value
        return _range(low, high, language)
    return label(spec, str(value), language)


def _range(low: object, high: object, language: Language) -> str:
    def shown(end: object) -> str:
        return f"{end:,.2f}".removesuffix(".00") if isinstance(end, float) else str(end)

    if low is None and high is None:
        return {"en": "any", "zh": "任意"}[language]
    least = {"en": f"{shown(low)} or more", "zh": f"不低于{shown(low)}"}[language]
    below = {"en": f"below {shown(high)}", "zh": f"低于{shown(high)}"}[language]
    if low is None:
        return below
    return least if high is None else least + {"en": ", ", "zh": "，"}[language] + below
