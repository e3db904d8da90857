"""The public register: credit codes, capital, addresses, telephones, and who represents whom.

Companies of one group share an address, and young ones that of an incubator: that is as it should
be. Planted are rings: companies of several groups that share now a telephone, now an address, now a
representative, each with the next. Planted is also whom a survey finds content: neither ownership
nor place tells it, but both together do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from holbein.demo.arrow import coded
from holbein.demo.companies import NEVER, PLACES, Companies
from holbein.demo.names import person_names
from holbein.demo.people import Indices
from holbein.demo.segments import OWNERSHIPS, RIVALS
from holbein.refine.codes import code_list

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of credit codes, in the order of what they count (GB 32100-2015)."""
_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)])
_BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
"""Of the organisation's number inside it (GB 11714-1997)."""
_YANGTZE = ("31", "32", "33")
"""The regions of its delta: the vendor's office in Shanghai looks after private companies there."""
_CONTENT, _PROMOTERS = 0.15, 0.7
"""So many of all would recommend the vendor, and of those whom the office looks after."""


@dataclass(frozen=True)
class Register:
    """The table, and what was planted: companies by index."""

    table: pa.Table
    rings: tuple[tuple[int, ...], ...]
    wrong_codes: Indices
    """Whose credit code was mistyped, so that its check digit does not hold."""
    promoters: Indices
    """Private companies in the Yangtze delta."""


def make_register(rng: np.random.Generator, c: Companies) -> Register:
    """company_id, credit_code (Chinese companies), registered_capital (CNY 10,000), address,
    phone, legal_representative; by a survey: rival_products (as typed), would_recommend.
    """
    rings = _rings(rng, c)
    codes, wrong = _codes(rng, c)
    address, phone, person = _contacts(rng, c, rings)
    capital = np.exp(np.log(c.employees + 5) * 0.8 + rng.normal(2.8, 0.9, c.count))
    capital = np.where(capital < 1_000, np.ceil(capital / 50) * 50, np.round(capital, -3))
    there = np.array([code[:2] in _YANGTZE for code in PLACES])[c.place]
    promoters = there & (c.ownership == OWNERSHIPS.index("private"))
    table = pa.table({
        "company_id": pa.array(c.keys, pa.string()),
        "credit_code": codes,
        "registered_capital": pa.array(capital, mask=rng.random(c.count) < 0.08),
        "address": address,
        "phone": phone,
        "legal_representative": person,
        "rival_products": _rivals(rng, c),
        "would_recommend": pa.array(
            rng.random(c.count) < np.where(promoters, _PROMOTERS, _CONTENT),
            mask=rng.random(c.count) < 0.15,
        ),
    })  # fmt: skip
    return Register(table, rings, wrong, np.flatnonzero(promoters))


# --- the unified social credit code ---------------------------------------------------------------


def _codes(rng: np.random.Generator, c: Companies) -> tuple[pa.Array, Indices]:
    region = np.array([code if code.isdigit() else "000000" for code in PLACES], "S6")[c.place]
    digits = region.view("S1").reshape(c.count, 6).astype(np.int64)
    # One number for each company, not in their order.
    number = (rng.permutation(c.count) * 73 + 10_000_019) % 10**8
    body = number[:, np.newaxis] // 10 ** np.arange(7, -1, -1) % 10
    check = 11 - (body @ _BODY_WEIGHTS) % 11
    last = np.where(check == 11, 0, np.where(check == 10, _SIGNS.index("X"), check))
    head = np.tile([9, 1], (c.count, 1))
    places = np.concatenate((head, digits, body, last[:, np.newaxis]), axis=1)
    places = np.concatenate((places, check_places(places)[:, np.newaxis]), axis=1)
    wrong = ~c.western & (rng.random(c.count) < 0.01)
    places[wrong, 17] = (places[wrong, 17] + 1 + rng.integers(0, 30, wrong.sum())) % 31
    signs = np.frombuffer(_SIGNS.encode(), "S1")[places]
    texts = np.ascontiguousarray(signs).view("S18").reshape(c.count).astype("U18")
    missing = c.western | (rng.random(c.count) < 0.06)
    return pa.array(texts.astype(object), pa.string(), mask=missing), np.flatnonzero(
        wrong & ~missing
    )


def check_places(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """What the eighteenth sign counts, by the seventeen before it, row by row."""
    return np.asarray((31 - places @ _WEIGHTS % 31) % 31)


# --- who shares what ------------------------------------------------------------------------------


def _rings(rng: np.random.Generator, c: Companies) -> tuple[tuple[int, ...], ...]:
    """Rings of four to eight, of companies that belong to no group, a ring in one place."""
    alone = np.flatnonzero((c.parent == NEVER) & (np.bincount(c.root, minlength=c.count) == 1))
    alone = rng.permutation(alone[~c.western[alone] & (c.employees[alone] < 300)])
    alone = alone[np.argsort(c.place[alone], kind="stable")]
    sizes = rng.integers(4, 9, max(1, c.count // 250))
    many = len(alone) // 8
    if not many:
        return ()
    begins = 8 * np.sort(rng.permutation(many)[: len(sizes)])
    return tuple(
        tuple(sorted(alone[begin : begin + size].tolist()))
        for begin, size in zip(begins, sizes, strict=False)
    )


def _contacts(
    rng: np.random.Generator, c: Companies, rings: tuple[tuple[int, ...], ...]
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Address, telephone and representative of each company, as numbers of such, then in words."""
    own = np.arange(c.count)
    grouped = rng.random(c.count) < 0.5
    address = np.where(grouped, c.root, own)
    phone = np.where(grouped & (rng.random(c.count) < 0.3), c.root, own)
    person = np.where(grouped & (rng.random(c.count) < 0.3), c.root, own)
    # An incubator: a door for each place, behind which many small companies sit.
    small = (c.employees < 40) & (rng.random(c.count) < 0.06)
    address = np.where(small, c.count + c.place, address)
    for ring in rings:
        for here, there in zip(ring[1:], ring, strict=False):
            kind = (here + there) % 3
            shared = (address, phone, person)[kind]
            shared[here] = shared[there] = there
            if rng.random() < 0.5:
                other = (address, phone, person)[(kind + 1) % 3]
                other[here] = other[there] = there
    return (
        _words(rng, address, _address_texts(rng, c), 0.05),
        _words(rng, phone, _phone_texts(rng, c), 0.1),
        _words(rng, person, _person_texts(rng, c), 0.08),
    )


def _words(rng: np.random.Generator, index: Indices, texts: list[str], gaps: float) -> pa.Array:
    gone = rng.random(len(index)) < gaps
    return coded(np.where(gone, NEVER, index), texts).dictionary_decode()


def _address_texts(rng: np.random.Generator, c: Companies) -> list[str]:
    """One for each company, then one for each place's incubator."""
    roads = ("Harbour Road", "Station Street", "Mill Lane", "Science Avenue", "Park Road")
    roads_zh = ("建设路", "科技大道", "滨河路", "创业路", "人民路", "工业一路")
    road, number = rng.integers(0, 30, c.count), rng.integers(1, 2_000, c.count)
    room = rng.integers(101, 3_000, c.count)
    places = [_place(code) for code in PLACES]
    out = [
        f"unit {room[i]}, {number[i]} {roads[road[i] % 5]}, {places[c.place[i]]}"
        if c.western[i]
        else f"{places[c.place[i]]}{roads_zh[road[i] % 6]}{number[i]}号{room[i]}室"
        for i in range(c.count)
    ]
    doors = ("{}孵化园1号" if code.isdigit() else "1 Incubator Square, {}" for code in PLACES)
    return [*out, *(door.format(place) for door, place in zip(doors, places, strict=True))]


def _place(code: str) -> str:
    """As it stands in an address: ``广东省广州市``."""
    regions = code_list("regions")
    if not code.isdigit():
        return regions.label(code, "en")
    above = regions.parent(code)
    holder = "" if above in (None, "CN") else regions.label(str(above), "zh")
    return holder + regions.label(code, "zh")


def _phone_texts(rng: np.random.Generator, c: Companies) -> list[str]:
    """All different; numbers of subscribers begin with 5550."""
    order = rng.permutation(c.count)
    return [
        f"+44 20 5550 {one:07}" if west else f"+86 10 5550{one:07}"
        for one, west in zip(order.tolist(), c.western.tolist(), strict=True)
    ]


def _person_texts(rng: np.random.Generator, c: Companies) -> list[str]:
    names = person_names(rng, rng.random(c.count) < 0.3, c.western)
    # Of two people with one name the register tells which is meant, as it does: by a number.
    return [f"{name} {i + 1}" for i, name in enumerate(names.tolist())]


# --- competitors' products ------------------------------------------------------------------------


def _rivals(rng: np.random.Generator, c: Companies) -> pa.Array:
    """The one that they use most, and for some another; of a quarter nothing is known."""
    second = np.where(rng.random(c.count) < 0.1, rng.integers(0, len(RIVALS), c.count), c.rival)
    first = np.where(c.rival < 0, second, c.rival)
    none = len(RIVALS)
    pairs = np.where(first < 0, none * none, first * none + second)
    texts = [a if a == b else f"{a}; {b}" for a in RIVALS for b in RIVALS] + ["no other"]
    gone = rng.random(c.count) < 0.15
    return coded(np.where(gone, NEVER, pairs), texts).dictionary_decode()
