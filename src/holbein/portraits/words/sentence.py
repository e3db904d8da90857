"""The sentence: who a subject is, in one line.

It says only what is there. A part that is missing is left out, and what is left still reads as one
sentence; that something is not so is said only where the tag declares words for it.
"""

from __future__ import annotations

from holbein.conditions.vocabulary import Language
from holbein.portraits.words.chinese_sentence import chinese
from holbein.portraits.words.english_sentence import english
from holbein.portraits.words.parts import Parts, with_title


def sentence(parts: Parts, language: Language) -> str:
    """One sentence, of under 60 English words or about 150 Chinese characters; empty of nothing."""
    parts = with_title(parts)
    return english(parts) if language == "en" else chinese(parts)
