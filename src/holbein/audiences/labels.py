"""Values as text, in a language, for files that people read."""

from __future__ import annotations

from holbein.conditions.vocabulary import FieldSpec, Language


def label(spec: FieldSpec, value: str, language: Language) -> str:
    """The title of a value in a language; of a code, its label; of anything else, itself."""
    titles = spec.values.get(value)
    if titles:
        return titles.get(language) or next((one for one in titles.values() if one), value)
    return spec.codes.label(value, language) if spec.codes is not None else value
