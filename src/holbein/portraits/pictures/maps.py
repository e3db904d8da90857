"""Maps of China and of the world, shaded by the share of the group; with a list that says the same.

The outlines are made when Holbein is built (``hatch_build.py``). Where they are not there, the list
stands alone and says so.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from holbein.portraits.group.areas import Area, Areas
from holbein.portraits.html import Html, el
from holbein.portraits.pictures.svg import drawing, n, tip
from holbein.portraits.sheet import own, percent, section
from holbein.portraits.speech import Speech

_STEPS = (0.0, 0.02, 0.05, 0.1, 0.2)
"""A shade is of shares above this and up to the next."""
_LISTED = 12
_TINY = 14
"""Units of a drawing: what is smaller gets a ring, or nobody would see its shade."""


@cache
def outlines() -> dict[str, Any] | None:
    """Both maps, or None where the build made none."""
    file = resources.files("holbein.portraits").joinpath("pictures", "maps.json")
    if not file.is_file():
        return None
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def regions(speech: Speech, found: Areas) -> list[Html]:
    """The sections of a page: the provinces of China, and the countries, where there are any."""
    t = speech.t
    china = next((one for one in found.tops if one.code == "CN"), None)
    out = []
    if china is not None and any(one.group for one in china.inside):
        out.append(_map(speech, "china", t("Provinces of China"), found.title, china.inside))
    if any(one.code != "CN" and one.group for one in found.tops):
        out.append(_map(speech, "world", t("Countries"), found.title, found.tops))
    return out


def _map(speech: Speech, name: str, title: str, small: str, found: tuple[Area, ...]) -> Html:
    t = speech.t
    made = outlines()
    places = {one.code: one for one in found}
    found = tuple(one for one in found if one.group)
    listed = el("ul", [_row(speech, one) for one in found[:_LISTED]], class_="bars places")
    more = None
    if len(found) > _LISTED:
        count = len(found) - _LISTED
        more = el("p", t("and {count} more").format(count=speech.number(count)), class_="note")
    if made is None:
        note = el("p", t("This build of Holbein has no maps."), class_="note")
        return section(title, listed, more, note, small=small)
    shape = made[name]
    absent = [one.text for one in found if one.code not in shape["units"]]
    missing: Html | None = None
    if absent:
        names = ("、" if speech.language == "zh" else ", ").join(absent)
        missing = el("p", own(t("Not on this map: {names}").format(names=names)), class_="note")
    told = "; ".join(f"{one.text} {speech.share(one.share)}" for one in found[:_LISTED])
    drawn = drawing(
        *shape["size"],
        [_unit(speech, code, path, places.get(code)) for code, path in shape["units"].items()],
        [_ring(speech, places[code], *shape["middles"][code])
         for code in places if code in shape["middles"]],
        _south_sea(speech, shape, places) if name == "china" else None,
        label=f"{title}: {told}",
        name="map",
    )  # fmt: skip
    where = el("div", el("div", drawn, _legend(speech)), el("div", listed, more), class_="where")
    return section(title, where, missing, small=small)


def _shade(one: Area | None) -> str:
    """The name of its shade: none, or that of a step."""
    if one is None or not one.share:
        return "s0"
    return f"s{sum(one.share > step for step in _STEPS)}"


def _unit(speech: Speech, code: str, path: str, one: Area | None) -> Html:
    return el("path", _title(speech, one), d=path, class_=_shade(one), data_code=code)


def _title(speech: Speech, one: Area | None) -> Html | None:
    if one is None:
        return None
    return tip(one.text, f"{speech.share(one.share)} ({speech.number(one.group)})")


def _ring(speech: Speech, one: Area, x: int, y: int, size: int) -> Html | None:
    if size >= _TINY:
        return None
    name = f"{_shade(one)} ring"
    return el("circle", _title(speech, one), cx=str(x), cy=str(y), r="5", class_=name)


def _south_sea(speech: Speech, shape: dict[str, Any], places: dict[str, Area]) -> list[Html]:
    """The inset in the corner of China's map, with the dashes of the line."""
    inset = shape["inset"]
    wide, high = inset["size"]
    across, up = inset["drawn"]
    x, y = shape["size"][0] - across - 2, shape["size"][1] - up - 2
    frame = {"x": n(x), "y": n(y), "width": n(across), "height": n(up)}
    units = [
        el("path", d=path, class_=_shade(places.get(code)), data_code=f"{code}-inset")
        for code, path in inset["units"].items()
    ]
    hainan = _shade(places.get("460000"))
    reefs = [
        el("circle", cx=str(a), cy=str(b), r="2", class_=f"reef {hainan}")
        for a, b in inset["reefs"]
    ]
    dashes = [el("path", d=one, class_="dash") for one in inset["dashes"]]
    return [
        el("rect", class_="sea", **frame),
        el(
            "svg", units, reefs, dashes, viewBox=f"0 0 {n(wide)} {n(high)}", class_="inset", **frame
        ),
        el("rect", class_="frame-line", **frame),
    ]


def _legend(speech: Speech) -> Html:
    bounds = [*(speech.share(one) for one in _STEPS[1:]), ""]
    items = [el("li", el("i", class_="s0"), speech.t("nobody"))]
    for at, upper in enumerate(bounds, 1):
        lower = speech.share(_STEPS[at - 1]) if at > 1 else "0"
        items.append(
            el("li", el("i", class_=f"s{at}"), f"{lower}–{upper}" if upper else f">{lower}")
        )
    title = el("span", speech.t("Share of the group"))
    return el("div", title, el("ul", items), class_="shades")


def _row(speech: Speech, one: Area) -> Html:
    index = "–" if one.tgi is None else speech.number(round(one.tgi))
    return el(
        "li",
        el(
            "div",
            el("span", own(one.text)),
            el("span", el("b", speech.share(one.share)), f" · TGI {index}"),
            class_="row",
        ),
        el(
            "div",
            el(
                "div",
                style=f"width:{percent(one.share)}",
                class_="bar" if one.share else "bar none",
            ),
            el("div", style=f"width:{percent(one.base_share)}", class_="bar base"),
            aria_hidden="true",
        ),
    )
