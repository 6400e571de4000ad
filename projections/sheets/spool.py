"""A sheet that was read through once, into a temporary file: nothing is recorded before all was readable.

Must not know formats.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, Self

import msgspec

from projections.sheets.sheets import Sheet, UnreadableFile

REPORT_EVERY_ROWS = 1000

RawRow = tuple[int, list[str]]


class Spool:
    """The header of a sheet, and its rows to be read again."""

    def __init__(self, sheet: Sheet, progress: Callable[[int], None] = lambda _: None) -> None:
        self._sheet, self._progress = sheet, progress
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="pledges-import-")  # noqa: SIM115 - see __exit__
        self.header: list[str] = []
        self.count = 0

    def __enter__(self) -> Self:
        encoder = msgspec.json.Encoder()
        try:
            for number, cells in self._sheet.rows():
                if number == 1:
                    self.header = cells
                elif any(cell.strip() for cell in cells):
                    self._file.write(encoder.encode((number, cells)) + b"\n")
                    self.count += 1
                    if self.count % REPORT_EVERY_ROWS == 0:
                        self._progress(self.count)
        except BaseException:
            self._file.close()
            raise
        if not self.header:
            self._file.close()
            raise UnreadableFile(_without_header(self.count))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def rows(self) -> Iterator[RawRow]:
        """The rows that say anything, in order."""
        self._file.seek(0)
        decoder = msgspec.json.Decoder(RawRow)
        for line in self._file:
            yield decoder.decode(line)


def _without_header(rows: int) -> str:
    return (
        "the first row is empty; it has to name the columns"
        if rows
        else ("the file is empty: its first row has to name the columns")
    )
