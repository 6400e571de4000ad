"""One language that a letter can be written in: its sentences, dates and direction.

Must not know any letter.
"""

from __future__ import annotations

from datetime import date
from textwrap import shorten

from babel import Locale
from babel.dates import format_date
from markupsafe import escape

from domain.values import ERASED
from projections.translations import ENGLISH, FOLDER, languages, translations

ISOLATE, LEFT_TO_RIGHT, END_OF_ISOLATE = "\u2068", "\u2066", "\u2069"
DAY = "d MMMM y"
NAME_IN_SUBJECT_CHARS_MAX = 60
"""So much of a title stands in a subject."""


class Speech:
    """Says things in a language; one that nobody translates into is English."""

    def __init__(self, language: str | None) -> None:
        self.language = language if language in languages(FOLDER) else ENGLISH
        self.locale = Locale(self.language)
        self._said = translations(FOLDER, self.language)

    def gettext(self, text: str, **values: object) -> str:
        """A sentence with its places filled in."""
        found: str = self._said.gettext(text)
        return found % values if values else found

    def ngettext(self, one: str, many: str, number: int, **values: object) -> str:
        """A sentence for that number of things."""
        found: str = self._said.ngettext(one, many, number)
        return found % {"num": number, **values}

    def pgettext(self, context: str, text: str) -> str:
        """Words, with a word to the translator on what they are about."""
        return str(self._said.pgettext(context, text))

    def day(self, day: date) -> str:
        """A day."""
        return str(format_date(day, DAY, locale=self.locale))

    def code(self, text: str | None) -> str:
        """A reference, which runs from left to right everywhere."""
        return f"{LEFT_TO_RIGHT}{text}{END_OF_ISOLATE}" if text else ""

    def name(self, text: str | None) -> str:
        """What somebody wrote, kept apart from the sentence around it, whichever way either runs."""
        return _isolated(self.gettext("Erased by law") if text == ERASED else text or "")

    def short_name(self, text: str | None) -> str:
        """The same, as long as it may be in a subject."""
        return self.name(_shortened(text or ""))


def without_name(letter: str, text: str) -> str:
    """A letter, as text or as HTML, with `[erased]` where it names what somebody wrote."""
    for said in {text, _shortened(text)}:
        for form in (_isolated(said), str(escape(_isolated(said)))):
            letter = letter.replace(form, _isolated(ERASED))
    return letter


def _isolated(text: str) -> str:
    return f"{ISOLATE}{' '.join(text.split())}{END_OF_ISOLATE}"


def _shortened(text: str) -> str:
    return shorten(text, NAME_IN_SUBJECT_CHARS_MAX, placeholder="…")
