"""The planted kinds of company: where each is found, what it likes, how it behaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holbein.demo.names import DIVISIONS
from holbein.demo.rhythm import Calendar

CATEGORIES = ("Analytics", "Automation", "Integration", "Security", "Services", "Training")
FEATURES = ("dashboard", "report", "export", "alert", "workflow", "connector", "audit", "admin")
OWNERSHIPS = ("private", "state", "foreign", "listed")
RIVALS = (
    "Gantry", "Kestrel", "Tillmaster", "Bastion", "Helix", "Plumbline", "Junction", "Dynamo",
    "Ferula", "Waybill",
)  # fmt: skip
"""Products of made-up competitors."""


@dataclass(frozen=True)
class Segment:
    """A planted kind of company. Without a favourite, feature or rival it has none."""

    name: str
    share: float
    divisions: tuple[str, ...]
    places: tuple[str, ...]  # empty: anywhere
    favourite: str | None = None
    feature: str | None = None
    rival: str | None = None
    ownership: str | None = None
    activity: float = 1.0
    size: float = 4.4  # mean of the logarithm of employees
    late: float = 0.08  # share of late payers
    calendar: Calendar | None = None


SEGMENTS: tuple[Segment, ...] = (
    Segment("digital factories", 0.13, ("34", "35", "36", "38", "39"),
            ("330100", "330200", "320500", "320200", "440300", "441900", "440600"),
            "Automation", "workflow", "Gantry", size=5.4),
    Segment("young software", 0.11, ("65", "64"),
            ("110108", "310115", "440300", "330100", "510100"),
            "Analytics", "dashboard", "Kestrel", activity=1.9, size=3.6),
    Segment("retail chains", 0.09, ("52", "62"), (),
            "Analytics", "report", "Tillmaster", activity=1.1, size=5.0, calendar="retail"),
    Segment("careful finance", 0.07, ("66", "67", "68"),
            ("110105", "310115", "440300", "810000", "GB", "US"),
            "Security", "audit", "Bastion", activity=0.8, size=5.8, late=0.01),
    Segment("western science", 0.08, ("73", "27", "26"), ("US", "GB", "DE", "CH", "SE", "NL"),
            "Integration", "connector", "Helix", activity=0.9, size=4.8, late=0.03),
    Segment("slow builders", 0.07, ("47", "48", "50"), (),
            "Services", "export", "Plumbline", activity=0.6, size=4.9, late=0.45),
    Segment("coastal exporters", 0.08, ("51", "17", "18"),
            ("440100", "441900", "440600", "330200", "350200", "350100", "370200"),
            "Integration", "export", "Junction", size=3.3),
    Segment("state energy", 0.05, ("44",),
            ("150100", "140100", "610100", "620100", "650100", "210100", "230100", "640100"),
            "Security", "alert", "Dynamo", "state", activity=0.7, size=6.6),
    Segment("schools and clinics", 0.07, ("83", "84"), (),
            "Training", "report", "Ferula", activity=0.9, size=4.0),
    Segment("western carriers", 0.06, ("54", "58"), ("DE", "NL", "GB", "FR", "ES", "IT"),
            "Automation", "alert", "Waybill", "listed", size=5.6, late=0.2),
    Segment("others", 0.19, DIVISIONS, ()),
)  # fmt: skip


def draw_ownership(
    rng: np.random.Generator, segment: NDArray[np.int64], western: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Indices into OWNERSHIPS: what is usual where they are, or usual in their segment."""
    count = len(segment)
    usual = np.where(
        western,
        rng.choice(4, count, p=[0.75, 0.02, 0.03, 0.2]),
        rng.choice(4, count, p=[0.62, 0.16, 0.12, 0.1]),
    )
    return _own(rng, segment, [s.ownership for s in SEGMENTS], OWNERSHIPS, 0.8, usual)


def draw_rivals(rng: np.random.Generator, segment: NDArray[np.int64]) -> NDArray[np.int64]:
    """The competitor's product that each company uses, as an index into RIVALS; -1 for none."""
    anything = np.where(
        rng.random(len(segment)) < 0.25, rng.integers(0, len(RIVALS), len(segment)), -1
    )
    return _own(rng, segment, [s.rival for s in SEGMENTS], RIVALS, 0.7, anything)


def draw_features(rng: np.random.Generator, segment: NDArray[np.int64]) -> NDArray[np.int64]:
    """The feature that each company uses most, as an index into FEATURES."""
    anything = rng.integers(0, len(FEATURES), len(segment))
    return _own(rng, segment, [s.feature for s in SEGMENTS], FEATURES, 0.8, anything)


def _own(
    rng: np.random.Generator, segment: NDArray[np.int64], planted: list[str | None],
    labels: tuple[str, ...], share: float, otherwise: NDArray[np.int64],
) -> NDArray[np.int64]:  # fmt: skip
    """What is planted in its segment, for so large a share of the companies."""
    own = np.array([labels.index(one) if one else -1 for one in planted])[segment]
    return np.where((own >= 0) & (rng.random(len(segment)) < share), own, otherwise)
