"""Related subjects: what a condition on roles, companies or kin means for those who have them.

A mask of the related is carried over along arrays of places: gathered where each subject has one of
them, scattered where it may have several. Where few are in question, their roles are walked.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from holbein.conditions import tree
from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import Condition, SubjectKind
from holbein.index import masks
from holbein.index.data import Data
from holbein.index.masks import Mask
from holbein.index.relations import GROUP, LINKS, ROLES

_FEW = 16
"""Where so many times fewer are in question than have such a role, their roles are walked."""

Ask = Callable[[Condition, SubjectKind, Mask | None], Mask]
"""Who of some, or of all, meets a condition."""


def reached(data: Data, ask: Ask, condition: tree.Related, kind: SubjectKind, base: Mask) -> Mask:
    """Who of ``base`` is related as the condition says."""
    relation, where = condition.relation, condition.where
    if relation in ("role", "role_ever"):
        return base & _by_roles(data, ask, condition, kind, base)
    found = ask(where, TARGETS[kind, relation], None)
    size, others = data.size(kind), data.size(TARGETS[kind, relation])
    kernels = data.kernels(kind)
    out: Mask
    match relation:
        case "person" | "enterprise" if kind == "role":
            out = kernels.gather(found, data.structure("role", LINKS)[relation], size, others)
        case "enterprise":
            links, roles = data.structure("role", LINKS), data.size("role")
            held = data.kernels("role").gather(found, links["enterprise"], roles, others)
            held &= _living(data, links["current"])
            out = data.kernels("role").scatter(held, links["person"], roles, size)
        case "parent" | "root":
            out = kernels.gather(found, data.structure(kind, GROUP)[relation], size, others)
        case "subsidiary":
            out = kernels.scatter(found, data.structure(kind, GROUP)["parent"], size, size)
        case _:  # descendant
            group = data.structure(kind, GROUP)
            out = masks.from_places(group["above"][masks.holds(found, group["below"])], size)
    return base & out


def counted(
    data: Data, ask: Ask, measure: tree.RelatedCount | tree.RelatedShare, kind: SubjectKind
) -> NDArray[np.float64]:
    """How many of each subject's related ones meet a condition, or which share of them."""
    if measure.relation == "subsidiary":
        found = ask(measure.where, "enterprise", None)
        parents = data.structure(kind, GROUP)["parent"]
        return _tallied(data, "enterprise", found, parents, kind, data.size(kind))
    links = data.structure("role", LINKS)
    found = ask(measure.where, "role", _living(data, links["current"]))
    held = data.structure(kind, ROLES)
    met = _tallied(data, "role", found, links[kind], kind, int(held["most"][0]))
    if isinstance(measure, tree.RelatedCount):
        return met
    roles = np.diff(held["offsets"])
    with np.errstate(all="ignore"):
        shares: NDArray[np.float64] = met / roles  # of none, 0 / 0 is missing
    return shares


def _tallied(
    data: Data,
    of: SubjectKind,
    mask: Mask,
    targets: NDArray[np.uint32],
    kind: SubjectKind,
    most: int,
) -> NDArray[np.float64]:
    found = data.kernels(of).tally(mask, targets, data.size(of), data.size(kind), most)
    return np.asarray(found, np.float64)


def _living(data: Data, roles: Mask) -> Mask:
    live = data.live("role")
    return roles if live is None else roles & live


def _by_roles(data: Data, ask: Ask, condition: tree.Related, kind: SubjectKind, base: Mask) -> Mask:
    """Who has a role that meets it, or none, or only such."""
    links = data.structure("role", LINKS)
    valid = _living(data, links["begun" if condition.relation == "role_ever" else "current"])
    met = ask(condition.where, "role", valid)
    if condition.quantifier == "all":
        failing = _holders(data, valid & ~met, kind, base)
        having = np.diff(data.structure(kind, ROLES)["offsets"].astype(np.int64)) > 0
        return masks.pack(having) & ~failing
    if condition.relation == "role_ever":
        found: Mask = _scattered(data, met, kind)
    else:
        found = _holders(data, met, kind, base)
    return found if condition.quantifier == "any" else ~found


def _holders(data: Data, roles: Mask, kind: SubjectKind, base: Mask) -> Mask:
    """Whose current roles these are, at least of those in question."""
    if masks.count(base) * _FEW >= masks.count(roles):
        return _scattered(data, roles, kind)
    held = data.structure(kind, ROLES)
    places = data.kernels(kind).places_of(base, data.size(kind))
    met = data.kernels("role").walk(places, held["offsets"], held["members"], roles)
    return masks.from_places(places[met > 0], data.size(kind))


def _scattered(data: Data, roles: Mask, kind: SubjectKind) -> Mask:
    targets = data.structure("role", LINKS)[kind]
    found: Mask = data.kernels("role").scatter(roles, targets, data.size("role"), data.size(kind))
    return found
