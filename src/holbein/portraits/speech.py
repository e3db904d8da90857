"""Values, titles and dates as a reader of one language sees them."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from holbein.catalog.names import value_titles
from holbein.catalog.standard import STANDARD_TITLES
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec, Language, Titles, Vocabulary
from holbein.errors import NotFoundError
from holbein.language import mark, translator

LONGEST = 120
"""Characters of a name or label shown in running text; the rest is an ellipsis."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

CATEGORIES = (
    "Profile", "Family", "Means", "Group", "Relationship", "Lifecycle", "Value", "Orders",
    "Preference", "Preferences", "Behaviour", "Activity", "People", "Career", "Marketing",
    "Service", "Risk",
)  # fmt: skip
"""The commonest words of categories: they have a translation, and come in this order."""

_KINDS = {"enterprise": mark("Enterprise"), "person": mark("Person"), "role": mark("Role")}
_TYPES = {
    "boolean": mark("boolean"),
    "category": mark("category"),
    "categories": mark("categories"),
    "number": mark("number"),
    "date": mark("date"),
}


def clean(text: str, longest: int = LONGEST) -> str:
    """One line of text: no control characters, no doubled spaces, no more than ``longest``."""
    kept = "".join(
        " " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one
        for one in text[: 4 * longest]
        # What has no shape goes: overrides of the writing direction could make the rest of the line
        # read backwards. Joiners stay, which some scripts need within a word; halves of a pair go.
        if one in "\u200c\u200d" or unicodedata.category(one) not in ("Cf", "Cs")
    )
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


@dataclass(frozen=True)
class Speech:
    """One language, and the titles that the vocabulary gives in it."""

    language: Language
    vocabulary: Vocabulary

    @property
    def t(self) -> Callable[[str], str]:
        """The translation of one of this room's own texts."""
        return translator(self.language, "portraits").gettext

    # --- names of things ---------------------------------------------------------------------

    def title(self, titles: Titles, name: str) -> str:
        """The title in this language; failing that in another; failing that the name."""
        found = titles.get(self.language) or next((one for one in titles.values() if one), "")
        return clean(found) or _readable(name)

    def field(self, kind: SubjectKind, name: str) -> FieldSpec:
        return self.vocabulary.fields[kind][name]

    def field_title(self, spec: FieldSpec) -> str:
        """The declared title, else the standard one of such names, as it heads a line."""
        standard = STANDARD_TITLES.get(spec.name.lower(), {}).get(self.language)
        if standard and not spec.titles.get(self.language):
            return self.heading(standard)
        return self.heading(self.title(spec.titles, spec.name))

    def heading(self, title: str) -> str:
        """A title with a capital letter, if it begins with a word that may have one."""
        first = title.split(" ", 1)[0]
        if self.language == "en" and first.isascii() and first.islower():
            return title[:1].upper() + title[1:]
        return title

    def stream_title(self, stream: str, event: str | None = None) -> str:
        if event is not None:
            return self.heading(self.title(self.vocabulary.events.get(event, {}), event))
        spec = self.vocabulary.streams.get(stream)
        return self.heading(self.title(spec.titles if spec else {}, stream))

    def category(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The path of a tag's category, readable; the commonest words are translated."""
        say = translator(self.language, "portraits").pgettext
        return tuple(say("category", _readable(clean(one))) for one in path)

    def subject_kind(self, kind: SubjectKind) -> str:
        return self.t(_KINDS[kind])

    def type(self, name: str) -> str:
        return self.t(_TYPES.get(name, name))

    # --- values ------------------------------------------------------------------------------

    def label(self, spec: FieldSpec, value: str) -> str:
        """A value of a category: its declared title, its code's label, or itself."""
        titles = value_titles(spec, value)
        if not titles:
            return clean(value)
        return clean(titles.get(self.language) or next(iter(titles.values())))

    def is_declared(self, spec: FieldSpec, value: str) -> bool:
        """True where the value has a title of its own, and so is more than a raw label."""
        return spec.codes is None and value_titles(spec, value) is not None

    def value(self, spec: FieldSpec, value: object) -> str:
        """Any value of a field as text; the empty text for a missing one."""
        if value is None:
            return ""
        if isinstance(value, bool):
            declared = spec.values.get("true" if value else "false")
            return self.title(declared, "") if declared else self.yes_no(value)
        if isinstance(value, str):
            return self.label(spec, value)
        if isinstance(value, list | tuple):
            return ("、" if self.language == "zh" else ", ").join(
                self.label(spec, str(one)) for one in value
            )
        if isinstance(value, dt.date):
            return self.day(value)
        if _is_year(spec, value):
            return str(int(float(str(value))))
        return self.number(value)

    def plain(self, value: object) -> str:
        """A value whose field is not known."""
        if isinstance(value, list | tuple):
            return ("、" if self.language == "zh" else ", ").join(self.plain(v) for v in value)
        if isinstance(value, bool):
            return self.yes_no(value)
        if isinstance(value, int | float):
            return self.number(value)
        if isinstance(value, dt.date):
            return self.day(value)
        return "" if value is None else clean(str(value))

    def yes_no(self, value: bool) -> str:
        return self.t("Yes") if value else self.t("No")

    def number(self, value: object) -> str:
        """``1234.5`` as 1,234.5: whole numbers whole, others to at most three decimals."""
        number = float(str(value))
        if not math.isfinite(number):
            return ""
        if abs(number) >= 1e15:
            return f"{number:.3g}"
        if number == int(number):
            return f"{int(number):,}"
        if abs(number) < 0.001:
            return f"{number:.2g}"
        decimals = 2 if abs(number) >= 1 else 3
        return f"{number:,.{decimals}f}".rstrip("0").rstrip(".")

    def quantity(self, value: float | dt.date | None) -> str:
        """A number or a day; a dash where there is none."""
        if value is None:
            return "–"
        return self.day(value) if isinstance(value, dt.date) else self.number(value)

    def share(self, value: float | None) -> str:
        """A share of 1 as a percentage."""
        if value is None:
            return "–"
        percent = 100 * value
        if 0 < percent < 0.1:
            return "<0.1%"
        if 99 < percent < 100:
            return f"{min(percent, 99.9):.1f}%"
        text = f"{percent:.0f}" if percent >= 10 else f"{percent:.1f}".removesuffix(".0")
        return f"{text}%"

    def day(self, value: dt.date) -> str:
        """5 March 2021, 2021年3月5日."""
        if self.language == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"

    def span(self, first: dt.date, last: dt.date) -> str:
        """From one day to another, or the one day."""
        if first == last:
            return self.day(first)
        sign = "至" if self.language == "zh" else " to "
        return self.day(first) + sign + self.day(last)


def category_order(path: tuple[str, ...]) -> tuple[object, ...]:
    """By which categories are sorted, alike in every language: the commonest first, none last."""
    words = [_readable(one) for one in path]
    ranks = [CATEGORIES.index(one) if one in CATEGORIES else len(CATEGORIES) for one in words]
    return (not path, *zip(ranks, words, strict=True))


def _is_year(spec: FieldSpec, value: object) -> bool:
    """Whether a number is the number of a year, which has no separator."""
    words = spec.name.casefold().split("_")
    if "year" not in words and "founded" not in words:
        return False
    return isinstance(value, int | float) and value == int(value) and 1000 <= value < 3000


def _readable(name: str) -> str:
    """``annual_revenue`` as Annual revenue."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def language_of(text: str) -> Language:
    """The language that a caller asked for. Raises NotFoundError."""
    if text == "en":
        return "en"
    if text == "zh":
        return "zh"
    raise NotFoundError(f"there is no language {clean(str(text), 20)!r}", hint="use en or zh")


def score(z: float) -> str:
    """A z score, with one decimal and a true minus."""
    return f"{z:.1f}".replace("-", "−")
