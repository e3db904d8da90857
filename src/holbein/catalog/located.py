"""Values that know where they stand in a file, and models that remember it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pydantic

Path = tuple[str | int, ...]


class Located(dict[str, Any]):
    """A mapping read from a file: ``lines`` holds the line of each key, ``line`` its own."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: dict[str | int, int] = {}

    def place(self, *path: str | int) -> str:
        """``file:line`` of what lies at ``path``, or of the nearest thing that holds it."""
        line = self.line
        value: Any = self
        for step in path:
            if not isinstance(value, Located | LocatedList) or step not in value.lines:
                break
            line, value = value.lines[step], value[step]  # type: ignore[index]
        return f"{self.file}:{line}"


class LocatedList(list[Any]):
    """A list read from a file: ``lines`` holds the line of each item."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: dict[str | int, int] = {}


class Model(pydantic.BaseModel):
    """A part of a definition: frozen, without unknown keys, and with the place it was read from."""

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, str_strip_whitespace=False
    )

    _written: Located | None = pydantic.PrivateAttr(None)

    @pydantic.model_validator(mode="wrap")
    @classmethod
    def _remember(cls, data: Any, handler: Callable[[Any], Self]) -> Self:
        if not isinstance(data, Located):
            return handler(data)
        # A key without a value, as is left when all below it is commented out, is no key.
        known = {field.alias or name for name, field in cls.model_fields.items()}
        given = {key: one for key, one in data.items() if one is not None or key not in known}
        made = handler(given)
        made._written = data
        return made

    @property
    def place(self) -> str:
        """``tags/value.yaml:3``, or empty for what was not read from a file."""
        return self.place_of()

    def place_of(self, *path: str | int) -> str:
        """The place of the written key at ``path`` inside: ``tag.place_of("band", "of")``."""
        return self._written.place(*path) if self._written is not None else ""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash(self.model_dump_json(by_alias=True))
