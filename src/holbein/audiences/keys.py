"""By what subjects can be found: ids, keys of the sources, and attributes that tell them apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec
from holbein.store.ids import format_id

if TYPE_CHECKING:
    from holbein.query import Query

Ids = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

NOBODY = -1
SEVERAL = -2

_DISTINCT = 0.5
"""An attribute tells subjects apart if so many of its values are of one subject only."""

_SEVERAL_KEYS = "; "
"""Between the keys in one cell, as the writer puts them there."""

_FEW = 10
"""One cell in so many may be another's key by chance."""

_OWN_NAMES = frozenset({"id", "key", "keys", "holbein id"})
# Spaces of all sorts, and signs that nobody sees.
_UNSEEN = r"[\s\p{Z}\p{Cf}\x{FEFF}]+"
# 00123 and 123.0, in which other programs write the number 123.
_NUMBER = r"^(.*:)?0*(\d+?)(\.0+)?$"
_TELEPHONE = r"^\+?[\d().\-/]{7,24}$"
_DIGITS = r"^\d{7,15}$"
# China's own numbers are written with its prefix, and without.
_CHINA = r"^0*86(0?[1-9]\d{9,10})$"


@dataclass(frozen=True)
class Found:
    """Who each text means: an id, NOBODY or SEVERAL; ``mended``: found in another spelling."""

    ids: Ids
    mended: Mask


def mask_of(values: pa.ChunkedArray) -> Mask:
    """A boolean column as a mask; missing is False."""
    return np.asarray(pc.fill_null(values, False).to_numpy(), dtype=bool)


class _Table:
    """Texts and whom they mean; a text of several subjects means SEVERAL."""

    def __init__(self, texts: pa.ChunkedArray, ids: pa.ChunkedArray) -> None:
        every = pa.table({"text": texts, "id": ids}).filter(pc.not_equal(texts, ""))
        grouped = every.group_by("text").aggregate([("id", "min"), ("id", "max")])
        least, most = (grouped[f"id_{one}"].to_numpy() for one in ("min", "max"))
        self.texts = grouped["text"].combine_chunks()
        self.ids = np.where(least == most, least, SEVERAL)

    def find(self, texts: pa.ChunkedArray) -> Ids:
        places = pc.fill_null(pc.index_in(texts, value_set=self.texts), -1).to_numpy()
        out = np.full(len(texts), NOBODY, np.int64)
        out[places >= 0] = self.ids[places[places >= 0]]
        return out

    @property
    def share_of_one(self) -> float:
        """How many of the texts are of one subject only."""
        return float((self.ids >= 0).mean()) if len(self.ids) else 0.0


class Way:
    """One sort of key: of an attribute, or (``field`` None) ids and keys of the sources."""

    def __init__(
        self,
        field: FieldSpec | None,
        texts: pa.ChunkedArray,
        ids: pa.ChunkedArray,
        names: frozenset[str],
        full: tuple[pa.ChunkedArray, pa.ChunkedArray] | None = None,
        prefixes: str = "",
    ) -> None:
        """``full`` are the ids and ``source:key`` among own keys, ``prefixes`` tells them."""
        self.field = field
        self._names = names
        self._prefixes = prefixes
        self._exact = _Table(texts, ids)
        self._full = None if full is None else _Table(*full)

    @property
    def name(self) -> str | None:
        """The attribute's name; None of ids and keys of the sources."""
        return None if self.field is None else self.field.name

    @property
    def is_own(self) -> bool:
        """Whether these are ids and keys of the sources."""
        return self.field is None

    @property
    def tells_apart(self) -> bool:
        """Whether most of its keys are of one subject only."""
        return self._exact.share_of_one >= _DISTINCT

    @cached_property
    def _loose(self) -> _Table:
        spelled = self._loosened(pa.chunked_array([self._exact.texts]))
        return _Table(spelled, pa.chunked_array([self._exact.ids]))

    def _loosened(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        """Texts in the spelling in which they are compared if they are not found as they are."""
        plain = pc.utf8_normalize(texts, form="NFKC")
        plain = pc.replace_substring_regex(plain, _UNSEEN, "")
        if self.is_own:  # in which case matters
            return pc.replace_substring_regex(plain, _NUMBER, r"\1\2")
        plain = pc.utf8_lower(plain)
        number = pc.replace_substring_regex(plain, r"\D", "")
        number = pc.replace_substring_regex(number, _CHINA, r"\1")
        is_number = pc.and_(
            pc.match_substring_regex(plain, _TELEPHONE), pc.match_substring_regex(number, _DIGITS)
        )
        number = pc.replace_substring_regex(number, "^0+", "")
        spelled = pc.if_else(is_number, number, plain)
        return pc.replace_substring_regex(spelled, _NUMBER, r"\1\2")

    def exact(self, texts: pa.ChunkedArray) -> Ids:
        """Whom each of the texts means, as it is spelled."""
        return self._exact.find(texts)

    def of_column(self, texts: pa.ChunkedArray) -> Found:
        """``find`` for a whole column: where its cells are ids and ``source:key``, and a few of
        them also happen to be keys of others, those are ids and ``source:key`` too."""
        found = self.find(texts)
        several, known = found.ids == SEVERAL, found.ids >= 0
        if self._full is not None and 0 < _FEW * several.sum() <= known.sum():
            full = self._full.find(texts)
            if (full[known & ~found.mended] == found.ids[known & ~found.mended]).all():
                found.ids[several] = full[several]
        return found

    def find(self, texts: pa.ChunkedArray) -> Found:
        """Whom each of the texts means."""
        ids = self._exact.find(texts)
        mended = np.zeros(len(texts), bool)
        rest = np.flatnonzero((ids == NOBODY) & mask_of(pc.not_equal(texts, "")))
        if len(rest):
            others = texts.take(pa.array(rest))
            found = self._loose.find(self._loosened(others))
            if self.is_own:
                self._of_several_keys(others, found)
            ids[rest] = found
            mended[rest] = found >= 0
        return Found(ids, mended)

    def _of_several_keys(self, texts: pa.ChunkedArray, ids: Ids) -> None:
        """Cells with all keys of a subject: it is meant if those that are known agree."""
        listed = np.flatnonzero(mask_of(pc.match_substring(texts, _SEVERAL_KEYS)))
        listed = listed[ids[listed] == NOBODY]
        if not len(listed):
            return
        cells = [one.split(_SEVERAL_KEYS) for one in texts.take(pa.array(listed)).to_pylist()]
        flat = pa.chunked_array([[key.strip() for cell in cells for key in cell]], pa.string())
        ends = np.cumsum([len(one) for one in cells])[:-1]
        for row, found in zip(listed, np.split(self._exact.find(flat), ends), strict=True):
            known = np.unique(found[found != NOBODY])
            if len(known):
                ids[row] = known[0] if len(known) == 1 else SEVERAL

    def qualified(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        """Which texts can only be ids or ``source:key``."""
        return pc.match_substring_regex(texts, self._prefixes)

    def is_named(self, title: str) -> bool:
        """Whether a column with this title says that such keys stand in it."""
        return title.strip().casefold() in self._names


def ways(query: Query, kind: SubjectKind) -> Iterator[Way]:
    """All sorts of keys of a kind, Holbein's and the sources' first."""
    fields = [
        one
        for one in query.vocabulary.fields[kind].values()
        if one.type == "category" and one.codes is None and not one.values and not one.is_tag
    ]
    values = query.values(kind, [one.name for one in fields])
    yield _own(query, kind, values["id"])
    for field in fields:
        texts = pc.fill_null(pc.utf8_trim_whitespace(values[field.name]), "")
        names = frozenset(one.casefold() for one in (field.name, *field.titles.values()))
        way = Way(field, texts, values["id"], names)
        if way.tells_apart:
            yield way


def _own(query: Query, kind: SubjectKind, alive: pa.ChunkedArray) -> Way:
    letter = format_id(kind, 1)[0]
    aliases = query.aliases(kind)
    aliases = aliases.filter(pc.is_in(aliases["id"], value_set=alive.combine_chunks()))
    full = pc.binary_join_element_wise(aliases["source"], aliases["key"], ":")
    ids = pc.binary_join_element_wise(letter, alive.cast(pa.string()), "")
    sources = sorted(pc.unique(aliases["source"]).to_pylist())
    marks = "|".join(f"\\Q{one}\\E:" for one in sources)
    return Way(
        None,
        _one_after_another(aliases["key"], full, ids),
        _one_after_another(aliases["id"], aliases["id"], alive),
        _OWN_NAMES | {f"{before}{one}".casefold() for one in sources for before in ("", "key.")},
        (_one_after_another(full, ids), _one_after_another(aliases["id"], alive)),
        f"^({marks}{'|' if marks else ''}{letter}[1-9][0-9]*$)",
    )


def _one_after_another(*columns: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([chunk for one in columns for chunk in one.chunks], columns[0].type)
