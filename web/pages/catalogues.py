"""The translations of the pages, read from their .po files when first asked for: nothing has to be compiled.

Must not know which language a page is in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask_babel import Domain

FILE = "LC_MESSAGES/messages.po"


def languages(folder: Path) -> list[str]:
    """The languages that there are translations into."""
    return sorted(path.parents[1].name for path in folder.glob(f"*/{FILE}"))


@cache
def translations(folder: Path, language: str) -> Translations:
    """What the pages say in a language. What is not translated yet, and a language unknown, is English."""
    path = folder / language / FILE
    if not path.exists():
        return Translations()
    compiled = BytesIO()
    with path.open(encoding="utf-8") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


class Catalogues(Domain):  # type: ignore[misc]  # flask-babel has no types
    """Gives flask-babel the translations of a folder into the language that is asked for."""

    def __init__(self, folder: Path, language: Callable[[], str]) -> None:
        super().__init__()
        self._folder, self._language = folder, language

    def get_translations(self) -> Translations:
        return translations(self._folder, self._language())
