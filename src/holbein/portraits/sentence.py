"""The sentence: who a subject is, in one line.

It says only what is there. A part that is missing is left out, and what is left still reads as one
sentence; that something is not so is said only where the tag declares words for it.
"""

from __future__ import annotations

from holbein.conditions.vocabulary import Language
from holbein.portraits.chinese import chinese
from holbein.portraits.english import english
from holbein.portraits.parts import Parts


def sentence(parts: Parts, language: Language) -> str:
    """One sentence, of under 60 English words or about 120 Chinese characters; empty of nothing."""
    return english(parts) if language == "en" else chinese(parts)
