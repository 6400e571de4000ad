"""The translations of pages and mail, read from their .po files when first asked for: nothing is compiled.

Must not know which language somebody is told something in.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

ENGLISH = "en"
FOLDER = Path(__file__).parents[1] / "web/translations"
FILE = "LC_MESSAGES/messages.po"


def languages(folder: Path) -> list[str]:
    """The languages that there are translations into."""
    return sorted(path.parents[1].name for path in folder.glob(f"*/{FILE}"))


@cache
def translations(folder: Path, language: str) -> Translations:
    """What is said in a language. What is not translated yet, and a language unknown, is English."""
    path = folder / language / FILE
    if not path.exists():
        return Translations()
    compiled = BytesIO()
    with path.open(encoding="utf-8") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)
