"""How names are put for searching and sorting: without accents, case, hyphens or marks. Knows no SQL."""

from __future__ import annotations

import unicodedata

from domain.reservations import name_key


def plain_key(text: str) -> str:
    """A name without case and accents; the signs between its letters stay."""
    letters = unicodedata.normalize("NFKD", name_key(text))
    return "".join(sign for sign in letters if not unicodedata.combining(sign))


def search_key(text: str) -> str:
    """The words of a text in small plain letters, with one blank between them."""
    kept = (sign if sign.isalnum() else " " for sign in plain_key(text))
    return " ".join("".join(kept).split())


def is_text(key: str) -> bool:
    """Whether a database can hold it: no NUL, no half of a surrogate pair."""
    return "\x00" not in key and key.isprintable()
