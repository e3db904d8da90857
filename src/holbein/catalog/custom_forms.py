"""The forms of the tags that a workspace computes by code of its own: SQL and Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Literal

import pydantic

from holbein.catalog.kinds import Limits
from holbein.catalog.located import Model
from holbein.catalog.parts import Name, Written, checked_name, one_or_many, wrong

CUSTOM = ("sql", "python")
"""The keys of these forms."""

_SECONDS: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3600}
_BYTES: Mapping[str, int] = {"MB": 10**6, "GB": 10**9}
_MOST_SECONDS = 24 * 3600
_LEAST_BYTES, _MOST_BYTES = 64 * 10**6, 1000 * 10**9


def seconds(text: str) -> int:
    """``2 minutes`` as seconds; refused where it is none, or no sensible limit."""
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*(second|minute|hour)s?\s*", text)
    if found is None:
        raise wrong(f"{text[:40]!r} is no limit of time", "write for example 2 minutes")
    made = int(found[1]) * _SECONDS[found[2]]
    if not 1 <= made <= _MOST_SECONDS:
        raise wrong(f"a limit of {text.strip()} is out of range", "write 1 second to 24 hours")
    return made


def memory(text: str) -> int:
    """``512 MB`` as bytes; refused where it is none, or no sensible limit."""
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*(MB|GB)\s*", text)
    if found is None:
        raise wrong(f"{text[:40]!r} is no limit of memory", "write for example 512 MB, or 2 GB")
    made = int(found[1]) * _BYTES[found[2]]
    if not _LEAST_BYTES <= made <= _MOST_BYTES:
        raise wrong(f"a limit of {text.strip()} is out of range", "write 64 MB to 1000 GB")
    return made


def _time(text: str) -> str:
    seconds(text)
    return text


def _memory(text: str) -> str:
    memory(text)
    return text


def _inside(file: str) -> str:
    """A path that can only lead below the workspace, on any system."""
    path = PurePosixPath(file)
    parts = (*path.parts, *PureWindowsPath(file).parts)
    if path.is_absolute() or PureWindowsPath(file).anchor or "\\" in file or ".." in parts:
        raise wrong(
            f"{file[:80]!r} does not lie inside the workspace",
            "name a file below the workspace's folder, with / between folders",
        )
    if path.suffix != ".py":
        raise wrong(f"{file[:80]!r} is no Python file", "name a file that ends in .py")
    return file


def _reading(one: str) -> str:
    """``TAG`` or ``KIND.TAG``."""
    for part in one.split(".", 1):
        checked_name(part)
    return one


Time = Annotated[str, pydantic.AfterValidator(_time)]
Memory = Annotated[str, pydantic.AfterValidator(_memory)]


class _Limited(Model):
    time: Time = "60 seconds"
    memory: Memory = "1 GB"

    @property
    def limits(self) -> Limits:
        """Both limits as numbers."""
        return Limits(seconds(self.time), memory(self.memory))


class SqlForm(_Limited):
    """``sql: {dialect: duckdb, query: "SELECT enterprise AS id, … AS value FROM orders …"}``.

    ``reads`` names the tags, as TAG or KIND.TAG, that the tables tags_KIND have.
    """

    dialect: Literal["duckdb"]
    query: Written
    reads: Annotated[
        tuple[Annotated[str, pydantic.AfterValidator(_reading)], ...],
        one_or_many("a tag, or a list of them"),
    ] = ()


class PythonForm(_Limited):
    """``python: {file: scores.py, function: score, reads: [revenue_90d, industry]}``."""

    file: Annotated[Written, pydantic.AfterValidator(_inside)]
    function: Name
    reads: Annotated[tuple[Name, ...], one_or_many("an attribute or a tag, or a list of them")]
