"""How cells are written: lists, the word for clearing, signs that a spreadsheet would calculate with.

Each way of writing has its way of reading back, so that an export that is imported says the same again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from domain.values import clean_text

CLEARS = "(none)"
"""What a cell says to clear its field; a blank one leaves it as it is."""

_CLEARS = re.compile(r"\(+none\)+\Z", re.IGNORECASE)
_SEPARATOR = re.compile(r"(?<!;)((?:;;)*);(?:\s+|\Z)")
_TO_DOUBLE = re.compile(r";+(?=\s|\Z)")
_CALCULATED = re.compile(r"'*[=+\-@\t\r]")


def clean(cell: str) -> str:
    """The cell's text as it is kept; ValueError names the sign that no text may hold."""
    return clean_text(cell)


def clears(cell: str) -> bool:
    """Whether a cell asks to clear its field."""
    return cell.strip().casefold() == CLEARS


def write_text(text: str) -> str:
    """A text as a cell. A text that would read as the word for clearing gets one more pair of brackets."""
    return f"({text})" if _CLEARS.match(text) else text


def read_text(cell: str) -> str:
    """The text that a cell holds."""
    return cell[1:-1] if _CLEARS.match(cell) and not clears(cell) else cell


# -- lists


def write_list(items: Iterable[str]) -> str:
    """Items as one cell, separated by `; `. A semicolon of an item's own that would end it is doubled."""
    return write_text("; ".join(_TO_DOUBLE.sub(lambda found: found[0] * 2, item) for item in items))


def read_list(cell: str) -> list[str]:
    """The items of a cell, without the blank ones."""
    return [item for item in map(str.strip, _split(read_text(cell))) if item]


def _split(cell: str) -> Iterator[str]:
    start = 0
    for found in _SEPARATOR.finditer(cell):
        yield _undoubled(cell[start : found.start()] + found[1])
        start = found.end()
    yield _undoubled(cell[start:])


def _undoubled(item: str) -> str:
    return _TO_DOUBLE.sub(lambda found: ";" * ((len(found[0]) + 1) // 2), item)


def read_codes(cell: str) -> list[str]:
    """The items of a list of codes, which have no semicolons of their own: `15;16` is two of them."""
    return [item.strip() for item in cell.split(";") if item.strip()]


# -- spreadsheets


def guard(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula: the apostrophe marks it as text."""
    return f"'{cell}" if _CALCULATED.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell without the apostrophe that guards it."""
    return cell[1:] if cell.startswith("'") and _CALCULATED.match(cell) else cell
