"""A vocabulary as plain JSON data and back, for the manifest of a version.

Code lists go by name, conditions in their JSON form. What is empty is left out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from holbein.conditions.json_form import from_json, to_json
from holbein.conditions.later import Later
from holbein.conditions.tree import SUBJECT_KINDS
from holbein.conditions.vocabulary import (
    AudienceSpec,
    CodeList,
    FieldSpec,
    StreamSpec,
    Titles,
    Vocabulary,
)
from holbein.errors import HolbeinError, StoreError
from holbein.refine.codes import code_list

FORMAT = 1


def dump(vocabulary: Vocabulary) -> dict[str, Any]:
    """``vocabulary`` as dicts, lists and texts, in the order that it has."""
    return {
        "format": FORMAT,
        "fields": {
            kind: [_field(one) for one in vocabulary.fields.get(kind, {}).values()]
            for kind in SUBJECT_KINDS
        },
        "streams": [
            {
                "name": one.name,
                "bears": sorted(one.bears),
                "columns": [_field(column) for column in one.columns.values()],
                "titles": dict(one.titles),
            }
            for one in vocabulary.streams.values()
        ],
        "events": {name: dict(titles) for name, titles in vocabulary.events.items()},
        "audiences": [
            {
                "name": one.name,
                "kind": one.kind,
                "where": None if one.where is None else to_json(one.where),
                "titles": dict(one.titles),
            }
            for one in vocabulary.audiences.values()
        ],
    }


def _field(one: FieldSpec) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.name, "type": one.type, "titles": dict(one.titles)}
    if one.values:
        # A list of pairs keeps the order of the values through any JSON library.
        made["values"] = [[value, dict(titles)] for value, titles in one.values.items()]
    if one.codes is not None:
        made["codes"] = one.codes.name
    if one.is_tag:
        made["is_tag"] = True
    return made


def load(data: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary that ``dump`` wrote.

    Raises:
        StoreError: the data is not what ``dump`` writes, or of a later format.
    """
    found = data.get("format")
    if found != FORMAT:
        raise StoreError(
            f"the vocabulary has the format {found!r}, and this Holbein reads {FORMAT}",
            hint="run `holbein run` to write a version of the present format",
        )
    with _reading():
        return _vocabulary(data)


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, HolbeinError) as error:
        raise StoreError(
            f"the vocabulary of the version cannot be read: {type(error).__name__}",
            hint="run `holbein run` to write the version anew",
        ) from None


def _vocabulary(data: Mapping[str, Any]) -> Vocabulary:
    return Vocabulary(
        fields=MappingProxyType(
            {kind: _fields(data["fields"].get(kind, ())) for kind in SUBJECT_KINDS}
        ),
        streams=MappingProxyType(
            {
                one["name"]: StreamSpec(
                    one["name"],
                    frozenset(one["bears"]),
                    _fields(one["columns"]),
                    _titles(one["titles"]),
                )
                for one in data["streams"]
            }
        ),
        events=MappingProxyType({name: _titles(one) for name, one in data["events"].items()}),
        audiences=Later(lambda: _audiences(data["audiences"])),
    )


def _audiences(listed: Any) -> Mapping[str, AudienceSpec]:
    with _reading():
        return {
            one["name"]: AudienceSpec(
                one["name"],
                one["kind"],
                None if one["where"] is None else from_json(one["where"]),
                _titles(one["titles"]),
            )
            for one in listed
        }


def _titles(data: Mapping[str, str]) -> Titles:
    return MappingProxyType(dict(data))


def _fields(listed: Any) -> Mapping[str, FieldSpec]:
    return MappingProxyType({one["name"]: _read(one) for one in listed})


def _read(one: Mapping[str, Any]) -> FieldSpec:
    codes: CodeList | None = code_list(one["codes"]) if "codes" in one else None
    return FieldSpec(
        one["name"],
        one["type"],
        _titles(one["titles"]),
        MappingProxyType({value: _titles(titles) for value, titles in one.get("values", ())}),
        codes,
        one.get("is_tag", False),
    )
