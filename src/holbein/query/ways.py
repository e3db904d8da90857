"""Which way a condition is answered: from the columns of the index, or from facts by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holbein.conditions.tree import Condition, SubjectKind
from holbein.conditions.vocabulary import Language
from holbein.conditions.words import words
from holbein.language import mark, translator

if TYPE_CHECKING:
    from holbein.query.query import Query

_INDEX = mark("This is answered from the index alone.")
_PARTS = mark("The engine reads facts or texts for this part: {parts}. The index answers the rest.")
_ALL = mark("The engine reads facts or texts for this.")
_NONE = mark("This version has no index, so the engine answers; the next run makes one.")


def way(query: Query, condition: Condition, kind: SubjectKind, language: Language) -> str:
    """A sentence on how a bound condition is answered."""
    say = translator(language, "query").gettext
    if query.index is None:
        return say(_NONE)
    asked = query.answered(
        lambda index: index.asked_of_engine(condition, kind), lambda engine: [(condition, kind)]
    )
    if not asked:
        return say(_INDEX)
    if [one for one, _ in asked] == [condition]:
        return say(_ALL)
    parts = (words(one, of, query.vocabulary, language) for one, of in asked)
    return say(_PARTS).format(parts=("；" if language == "zh" else "; ").join(dict.fromkeys(parts)))
