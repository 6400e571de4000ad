"""CSV files as rows of texts: UTF-8, commas, quotes that close. Anything else is refused, with the row.

Must not know what cells mean.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from domain.imports.cells import unguard
from domain.imports.events import Media
from projections.sheets.sheets import CELL_CHARS_MAX, UnreadableFile

ENCODING = "utf-8-sig"


class CsvSheet:
    """A CSV file."""

    media: Media = "csv"
    pads = False
    ignored: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(CELL_CHARS_MAX)
        number = 0
        try:
            with self.path.open(encoding=ENCODING, errors="strict", newline="") as file:
                for number, cells in enumerate(csv.reader(file, strict=True), 1):
                    yield number, [unguard(cell) for cell in cells]
        except csv.Error as error:
            raise UnreadableFile(f"{self.path} is no CSV file: row {number + 1}: {error}") from error
        except UnicodeDecodeError:
            raise UnreadableFile(self._where_not_utf8()) from None
        except OSError as error:
            raise UnreadableFile(f"{self.path} cannot be read: {error.strerror}") from error

    def _where_not_utf8(self) -> str:
        """In which row and column the first byte stands that is not UTF-8."""
        header: list[str] = []
        try:
            with self.path.open(encoding=ENCODING, errors="surrogateescape", newline="") as file:
                for number, cells in enumerate(csv.reader(file), 1):
                    header = header or cells
                    for place, cell in enumerate(cells):
                        if (sign := next((s for s in cell if "\udc80" <= s <= "\udcff"), None)) is not None:
                            column = header[place] if place < len(header) and number > 1 else str(place + 1)
                            return (
                                f"{self.path} is not in UTF-8: row {number}, column {column}: byte "
                                f"0x{ord(sign) - 0xDC00:02X}; save it as CSV in UTF-8"
                            )
        except csv.Error:
            pass
        return f"{self.path} is not in UTF-8: save it as CSV in UTF-8"
