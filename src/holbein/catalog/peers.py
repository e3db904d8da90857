"""Who is whose peer: those of a kind that have the values of some fields in common.

These are the fields by which a ranking tag compares subjects; where no tag says so, the industry of
enterprises. A run keeps the tags of peers together, under the key that ``peer_key`` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from holbein.catalog.kinds import Ranking
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import FieldSpec


def peer_fields(
    infos: Iterable[TagInfo], kind: SubjectKind, fields: Mapping[str, FieldSpec]
) -> tuple[str, ...]:
    """The categories that peers of a kind share; empty where nothing says who they are."""
    for info in infos:
        if info.on == kind and isinstance(info.definition, Ranking) and info.definition.among:
            among = info.definition.among
            known = all(one in fields and fields[one].type == "category" for one in among)
            return among if known else ()
    return ("industry",) if kind == "enterprise" and "industry" in fields else ()


def peer_key(values: Sequence[str]) -> str:
    """The values of the fields as one text, which no other values give."""
    return "".join(f"{len(one)}:{one}" for one in values)
