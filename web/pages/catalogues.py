"""The translations of the pages, for flask-babel. Must not know which language a page is in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from babel.support import Translations
from flask_babel import Domain

from projections.translations import translations


class Catalogues(Domain):  # type: ignore[misc]  # flask-babel has no types
    """Gives flask-babel the translations of a folder into the language that is asked for."""

    def __init__(self, folder: Path, language: Callable[[], str]) -> None:
        super().__init__()
        self._folder, self._language = folder, language

    def get_translations(self) -> Translations:
        return translations(self._folder, self._language())
