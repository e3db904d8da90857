"""Values as text, in a language, for files that people read."""

from __future__ import annotations

from holbein.catalog.names import value_titles
from holbein.conditions.vocabulary import FieldSpec, Language


def label(spec: FieldSpec, value: str, language: Language) -> str:
    """The title of a value in a language; of a code, its label; of anything else, itself."""
    titles = value_titles(spec, value)
    return (titles.get(language) or next(iter(titles.values()))) if titles else value
