"""The small types that definitions are made of: names, titles, columns, texts."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, get_args

import pydantic
from pydantic_core import PydanticCustomError, core_schema

from holbein.conditions.vocabulary import Language
from holbein.errors import near

_NAME = re.compile(r"[^\W\d]\w*")


def wrong(message: str, hint: str | None = None) -> PydanticCustomError:
    """What a validator raises; ``load`` turns it into a DefinitionError with the same words."""
    # Pydantic fills braces from the context, so the words travel in it, whatever they hold.
    return PydanticCustomError("holbein", "{message}", {"message": message, "hint": hint})


def checked_name(name: str) -> str:
    """``name``, refused where it is no name for an attribute, tag, stream or column."""
    if not _NAME.fullmatch(name):
        raise wrong(
            f"{name!r} is not a name",
            "names have letters, digits and _, and begin with a letter",
        )
    if len(name) > 100:
        raise wrong("a name has at most 100 characters", "give a shorter one")
    return name


def _visible(text: str) -> str:
    if not text.strip():
        raise wrong("it is empty", "leave the key out, or say something")
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t\r" for one in text):
        raise wrong("it holds control characters", "remove them")
    return text


def not_empty(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """``values``, refused where there is none; runs after each of them is checked."""
    if values is not None and not values:
        raise wrong("it is empty", "add something, or leave the key out")
    return values


Name = Annotated[str, pydantic.AfterValidator(checked_name)]
Written = Annotated[str, pydantic.AfterValidator(_visible)]
"""Text that says something: a condition, a column, a title."""


def script_of(text: str) -> Language:
    """Tells "zh" for text with Chinese characters, else "en"."""
    return "zh" if re.search("[\u3400-\u4dbf\u4e00-\u9fff]", text) else "en"


def _title(value: Any) -> Any:
    return {script_of(value): value} if isinstance(value, str) else value


def _languages(titles: dict[str, str]) -> dict[str, str]:
    for language in titles:
        if language not in get_args(Language):
            hint = near(language, ("en", "zh")) or "give titles in these two"
            raise wrong(f"{language!r} is none of the languages en, zh", hint)
    return titles


Title = Annotated[
    dict[str, Written],
    pydantic.BeforeValidator(_title),
    pydantic.AfterValidator(_languages),
    pydantic.WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""``{en: …, zh: …}``, or one text, whose script says its language."""


def _many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def one_or_many(what: str) -> Any:
    """The metadata of a tuple of texts that may also be written as one text."""

    def check(values: tuple[str, ...]) -> tuple[str, ...]:
        if not values:
            raise wrong(f"it is empty: give {what}")
        if len(set(values)) < len(values):
            raise wrong("the same column stands twice", "name it once")
        return values

    class _OneOrMany:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            return core_schema.no_info_before_validator_function(
                _many, core_schema.no_info_after_validator_function(check, handler(source))
            )

        @classmethod
        def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
            return {
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}, "minItems": 1},
                ]
            }

    return _OneOrMany


Columns = Annotated[tuple[Written, ...], one_or_many("a column, or a list of them")]
"""One column, or several whose values together are a key, in their order."""
