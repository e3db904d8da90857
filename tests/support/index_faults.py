"""Faults to put into the index, each a small slip that someone could make.

The tests of the index have to notice every one of them (``tests/soak/test_index_faults.py``).
"""

from __future__ import annotations

from tests.support.faults import Fault


def _fault(name: str, file: str, old: str, new: str) -> Fault:
    return Fault(name, file, old, new, folder="index")


INDEX_FAULTS = (
    # --- bounds ---
    _fault("less is at most", "leaves.py",
           "return -math.inf, math.nextafter(bound, -math.inf)", "return -math.inf, bound"),
    _fault("more is at least", "leaves.py",
           "return math.nextafter(bound, math.inf), math.inf", "return bound, math.inf"),
    _fault("a number on the left is one on the right", "leaves.py",
           "sign = _FLIPPED[sign]", "sign = sign"),
    _fault("since is until", "leaves.py",
           'if direction == "since":', 'if direction == "until":'),
    _fault("the last day is left out", "leaves.py",
           "return float(first + 1 - _FIRST), float(last - _FIRST)",
           "return float(first + 1 - _FIRST), float(last - 1 - _FIRST)"),
    _fault("what is infinite is known", "leaves.py",
           "return codes_in(held, [0, *range(held.finite + 1, held.distinct + 1)])",
           "return codes_in(held, [0])"),
    _fault("infinity is more than any number", "plan.py",
           "held = column.numbers[: column.finite]", "held = column.numbers"),
    _fault("the first code is missed", "plan.py",
           'low = int(np.searchsorted(held, least, side="left")) + 1',
           'low = int(np.searchsorted(held, least, side="right")) + 1'),
    _fault("the sketch's last part is sure", "plan.py", "        high - 1,\n", "        high,\n"),
    _fault("infinities stand in the sketch", "encode.py",
           "    known = np.isfinite(found)\n    numbers", "    known = ~np.isnan(found)\n    numbers"),
    # --- codes ---
    _fault("bitmaps of others are those", "plan.py",
           "return Except(found) if others else found", "return found"),
    _fault("ranges of codes end early", "plan.py",
           "lows, highs = places[np.append(0, breaks + 1)], places[np.append(breaks, len(places) - 1)]",
           "lows, highs = places[np.append(0, breaks + 1)], places[np.append(breaks, len(places) - 2)]"),
    _fault("255 values and none are one byte", "encode.py",
           "    width = np.uint8 if distinct < 1 << 8 else np.uint16\n",
           "    width = np.uint8 if distinct <= 1 << 8 else np.uint16\n"),
    _fault("texts as they come", "encode.py",
           "order = pc.sort_indices(dictionary).to_numpy()", "order = np.arange(len(dictionary))"),
    _fault("whoever has a label twice counts twice", "encode.py",
           "once = np.unique(owners.astype(np.int64) * (distinct + 1) + codes)",
           "once = owners.astype(np.int64) * (distinct + 1) + codes"),
    _fault("the owner of an entry is the one before", "leaves.py",
           'entries, side="right") - 1', 'entries, side="left") - 1'),
    # --- who is there ---
    _fault("everyone is there, holes too", "evaluate.py",
           "live = self.data.live(kind) if within is None else within", "live = within"),
    _fault("not takes holes in", "evaluate.py",
           "base = self.everyone(kind) if within is None else within\n                return base & ~",
           "base = masks.full(self.data.size(kind))\n                return base & ~"),
    _fault("roles that are gone count", "building.py",
           'found = {**found, "begun": found["begun"] & live, "current": found["current"] & live}',
           "pass"),
    _fault("beyond the last there are more", "masks.py",
           "out[-1] = np.uint64((1 << size % WORD) - 1)", "out[-1] = out[-1]"),
    _fault("new ones push the others aside", "building.py",
           "every = np.concatenate([before, new])", "every = np.union1d(ids, before[1:])"),
    # --- relations ---
    _fault("all of nobody is true", "related.py",
           "return masks.pack(having) & ~failing", "return ~failing"),
    _fault("those to come have begun", "related.py",
           '"begun" if condition.relation == "role_ever" else "current"', '"begun"'),
    _fault("a role's end still counts", "relations.py",
           "pc.greater(until, day)", "pc.greater_equal(until, day)"),
    _fault("the nearest above is the root", "relations.py",
           'upwards = np.argsort(distance, kind="stable")',
           'upwards = np.argsort(-distance, kind="stable")'),
    _fault("a share of none is none", "related.py",
           "shares: NDArray[np.float64] = met / roles",
           "shares: NDArray[np.float64] = met / np.maximum(roles, 1)"),
    # --- joining ---
    _fault("who is in already is left out", "evaluate.py",
           "found = found | self.mask(one, kind, left & ~found)",
           "found = self.mask(one, kind, left & ~found)"),
    _fault("what the engine says is taken as it is", "evaluate.py",
           "return found if within is None else found & within", "return found"),
    _fault("arithmetic may be infinite", "vectors.py",
           "return np.where(np.isfinite(found), found, np.nan)", "return found"),
    _fault("missing labels are alike", "vectors.py",
           "same: Flags = (theirs == left.codes) & (theirs != 0)",
           "same: Flags = theirs == left.codes"),
    # --- overlays ---
    _fault("an overlay forgets who is gone", "overlay.py", "(live | there) & ~left", "live | there"),
    _fault("old bitmaps stay", "overlay.py", "return (out & ~changed) |", "return out |"),
    # --- kernels ---
    _fault("the kernel counts beyond the last", "kernels.py",
           "if (start + words) * 64 > size:", "if False:"),
    _fault("the kernel trusts the sketch's ends", "kernels.py",
           "if least <= number and number <= most:", "if True:"),
    _fault("the kernel's blocks begin at the first", "kernels.py",
           "codes, span = column + start * 64 * bytes_, high - low",
           "codes, span = column, high - low"),
    _fault("the kernel counts codes that are not there", "counting.py",
           "code & bit == 0 and code | bit < len(counts)", "code & bit == 0"),
    # --- counting ---
    _fault("a twin's ranges leave their end out", "twins.py",
           "(column >= step.low) & (column <= step.high)", "(column >= step.low) & (column < step.high)"),
)  # fmt: skip
