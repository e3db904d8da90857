"""A condition as a sentence in English or Chinese that a business person can check."""

from __future__ import annotations

from holbein.conditions import tree
from holbein.conditions.clauses import Speaker
from holbein.conditions.remarks import remarks
from holbein.conditions.tree import SubjectKind
from holbein.conditions.vocabulary import Language, Vocabulary

__all__ = ["measure_words", "remarks", "sentence", "window_words", "words"]


def words(
    condition: tree.Condition, kind: SubjectKind, vocabulary: Vocabulary, language: Language
) -> str:
    """``condition`` in words: ``industry is Software and employees is at least 50``."""
    speaker = Speaker(kind, vocabulary, language)
    if condition == tree.TRUE:
        return speaker.say("all {kinds}", kinds=speaker.kinds())
    if condition == tree.FALSE:
        return speaker.say("no {kinds} at all", kinds=speaker.kinds())
    return speaker.clause(condition)


def sentence(
    condition: tree.Condition, kind: SubjectKind, vocabulary: Vocabulary, language: Language
) -> str:
    """A whole sentence: ``Enterprises where industry is Software.``"""
    speaker = Speaker(kind, vocabulary, language)
    text = words(condition, kind, vocabulary, language)
    if condition not in (tree.TRUE, tree.FALSE):
        text = speaker.say("{kinds} where {what}", kinds=speaker.kinds(), what=text)
    return speaker.say("{sentence}.", sentence=text[:1].upper() + text[1:])


def measure_words(
    measure: tree.Measure, kind: SubjectKind, vocabulary: Vocabulary, language: Language
) -> str:
    """``measure`` in words: ``total amount of orders in the last 90 days``."""
    return Speaker(kind, vocabulary, language).noun(measure)


def window_words(window: tree.Window, language: Language) -> str:
    """A stretch of time in words: ``90 days``."""
    return Speaker("enterprise", Vocabulary({}, {}), language).length(window)
