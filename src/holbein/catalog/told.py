"""Turns what the models object to into errors with place, words and hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pydantic

from holbein.catalog.located import Located, LocatedList, Model
from holbein.catalog.mappings import ColumnMapping
from holbein.errors import DefinitionError, near

_WHAT: Mapping[str, tuple[str, str | None]] = {
    "string_type": ("must be text", None),
    "int_type": ("must be a whole number", None),
    "int_from_float": ("must be a whole number", None),
    "float_type": ("must be a number", None),
    "finite_number": ("must be a number that is not infinite", None),
    "too_short": ("is empty", "add something, or leave the key out"),
    "dict_type": ("must be a mapping", "write it as {key: value}"),
    "model_type": ("must be a mapping", "write it as {key: value}"),
    "model_attributes_type": ("must be a mapping", "write it as {key: value}"),
    "tuple_type": ("must be a list", "write it as [one, another]"),
    "string_pattern_mismatch": ("must be three capital letters", "as CNY, EUR or USD"),
}


def tell(
    error: pydantic.ValidationError, model: type[Model], data: Located, label: str
) -> Iterator[DefinitionError]:
    """One error per objection, in the order of the file. ``label`` names the definition."""
    found = [(one, _written(one["loc"], data)) for one in error.errors(include_url=False)]
    unknown = [path for one, path in found if one["type"] == "extra_forbidden"]
    told = []
    for one, path in found:
        if one["type"] == "missing" and any(
            path[:-1] == other[:-1] and near(str(other[-1]), [str(path[-1])]) for other in unknown
        ):
            continue  # it is there, misspelt, and that is told
        message, hint = _words(one, path, model, data)
        key = ".".join(str(step) for step in path if isinstance(step, str))
        if one["type"] in ("extra_forbidden", "missing"):
            key = key.rpartition(".")[0]
        before = ", ".join(part for part in (label, key) if part)
        # The words of our own validators are whole sentences; the others go on from the key.
        whole = one["type"] in ("holbein", "extra_forbidden", "missing", "literal_error")
        line = int(data.place(*path).rpartition(":")[2])
        text = f"{before}: {message}" if whole and before else f"{before} {message}".strip()
        told.append((line, DefinitionError(text, place=data.place(*path), hint=hint)))
    told.sort(key=lambda pair: pair[0])
    yield from (one for _, one in told)


def _written(loc: tuple[int | str, ...], data: Located) -> tuple[int | str, ...]:
    """The keys as they are written: without the steps that only the models know."""
    path: list[int | str] = []
    value: Any = data
    for place, step in enumerate(loc):
        last = place == len(loc) - 1
        if step == "[key]":
            continue
        if step in ("columns", "person") and path and path[-1] == "person" and loc[0] == "roles":
            continue
        if isinstance(value, Located | LocatedList) and step in value.lines:
            value = value[step]  # type: ignore[index]
            path.append(step)
        elif isinstance(step, str) and last:
            path.append(step)
    return tuple(path)


def _words(
    one: Any, path: tuple[int | str, ...], model: type[Model], data: Located
) -> tuple[str, str | None]:
    kind, given, context = one["type"], one["input"], one.get("ctx", {})
    key = path[-1] if path else ""
    if kind == "holbein":
        return context["message"], context["hint"]
    if kind == "extra_forbidden":
        known = _keys(model, path[:-1])
        return f"unknown key {key!r}", near(str(key), known) or "its keys: " + ", ".join(known)
    if kind == "missing":
        return f"{key} is missing", f"add {key}:"
    if kind == "literal_error":
        choices = [word.strip("' ") for word in context["expected"].replace(" or ", ",").split(",")]
        hint = near(given, choices) if isinstance(given, str) else None
        return f"{_shown(given)} is none of {', '.join(choices)}", hint
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        word = "at least" if kind.startswith("greater") else "at most"
        return f"must be {word} {bound}", None
    message, hint = _WHAT.get(kind, (str(one["msg"]), None))
    if kind == "string_type" and isinstance(given, bool | int | float):
        hint = f'put it in quotes: "{_shown(given)}"'
    elif kind in ("int_type", "float_type") and isinstance(given, str):
        message, hint = f"{message}, and it is {_shown(given)}", "write a number, without quotes"
    elif isinstance(given, bool | int | float | str):
        message += f", and it is {_shown(given)}"
    return message, hint


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "…")
    return repr(value) if isinstance(value, int | float) else "this"


def _keys(model: type[Model], path: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand in the mapping at ``path``."""
    models = [model]
    for step in path:
        for one in models:
            fields = {field.alias or name: field for name, field in one.model_fields.items()}
            if step in fields:
                models = _inner(fields[str(step)].annotation)
                break
            if one.model_config.get("extra") == "allow" and isinstance(step, str):
                models = [ColumnMapping]
                break
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _inner(annotation: Any) -> list[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return [annotation]
    return [model for part in get_args(annotation) for model in _inner(part)]
