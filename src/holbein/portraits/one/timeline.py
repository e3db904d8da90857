"""What happened, newest first, readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holbein.portraits.one.subject import Happening
from holbein.portraits.speech import Speech, clean

if TYPE_CHECKING:
    from holbein.query.facts_of import OwnFact
    from holbein.query.own import Own


def timeline(own: Own, speech: Speech, limit: int) -> tuple[Happening, ...]:
    """The newest facts of a subject."""
    return tuple(happening(one, speech) for one in own.newest(limit))


def happening(one: OwnFact, speech: Speech) -> Happening:
    """A fact with its columns, titled."""
    values = dict(one.fact.values)
    event = values.pop("name", None) if one.stream == "event" else None
    spec = speech.vocabulary.streams[one.stream]
    said = []
    for name, value in values.items():
        column = spec.columns[name]
        if text := speech.value(column, value):
            title = speech.field_title(column)
            said.append(f"{title}{'：' if speech.language == 'zh' else ': '}{text}")
    title = speech.stream_title(one.stream, event if isinstance(event, str) else None)
    return Happening(one.day, one.stream, clean(one.fact.key), title, " · ".join(said))
