"""Texts in the reader's language, from the .po files of ``locale/LANGUAGE/LC_MESSAGES``.

The English texts in the source are their own keys, so English needs no files. Each room has a file
of its own, its *domain*: ``conditions.po``. They are read on first use and need no compiling.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import cache
from pathlib import Path

from holbein.errors import HolbeinError

LANGUAGES = ("en", "zh")
LOCALE = Path(__file__).parent / "locale"


def mark(text: str) -> str:
    """A text in a table that is translated where it is used, marked for those who translate."""
    return text


class Catalogue(gettext.NullTranslations):
    """What gettext calls a translation; a text that it does not hold stays English."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__()
        self.single: dict[str, str] = {}
        self._several: dict[str, tuple[Callable[[int], int], dict[int, str]]] = {}
        self._in_context: dict[tuple[str, str], str] = {}
        if files:
            self._read(files)

    def _read(self, files: list[Path]) -> None:
        import polib

        for path in files:
            found = polib.pofile(str(path))
            forms = found.metadata.get("Plural-Forms", "")
            rule = forms.split("plural=")[1].strip(" ;") if "plural=" in forms else "n != 1"
            form: Callable[[int], int] = gettext.c2py(rule)
            for entry in found:
                if not entry.translated():
                    continue
                if entry.msgctxt:
                    key = (entry.msgctxt, entry.msgid)
                    self._in_context.setdefault(key, entry.msgstr)
                elif entry.msgid_plural:
                    forms_of = {int(form): text for form, text in entry.msgstr_plural.items()}
                    self._several.setdefault(entry.msgid, (form, forms_of))
                else:
                    self.single.setdefault(entry.msgid, entry.msgstr)

    def gettext(self, message: str) -> str:
        return self.single.get(message, message)

    def pgettext(self, context: str, message: str) -> str:
        return self._in_context.get((context, message), message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        if msgid1 in self._several:
            form, forms = self._several[msgid1]
            if (found := forms.get(form(n))) is not None:
                return found
        return super().ngettext(msgid1, msgid2, n)


@cache
def translator(language: str, domain: str | None = None) -> gettext.NullTranslations:
    """What says texts in ``language``: of one domain, or of all, the first by name before others.

    Raises HolbeinError for a language that Holbein does not speak.
    """
    if language not in LANGUAGES:
        raise HolbeinError(
            f"Holbein does not speak '{str(language)[:20]}'", hint="use one of en, zh"
        )
    folder = LOCALE / language / "LC_MESSAGES"
    if domain is None:
        return Catalogue(sorted(folder.glob("*.po")))
    path = folder / f"{domain}.po"
    return Catalogue([path] if path.is_file() else [])
