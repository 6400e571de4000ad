"""Pledges as files: the columns that an import reads and some more, streamed whatever their number.

CSV that is exported and imported says the same again; no cell of it is calculated by a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import xlsxwriter

from domain.imports.cells import guard
from domain.imports.render import EXPORT_COLUMNS, exported_row
from domain.reference.licence import BOUNDARIES, LICENCE, REGISTER

ROWS_AT_ONCE = 200
CHUNK_BYTES = 64 * 1024
SHEET_ROWS_MAX = 1_048_575  # beside the header
CELL_CHARS_MAX = 32_767
WRITTEN = datetime(1980, 1, 1, tzinfo=UTC)  # as archives write that they do not know
CUT = " … [cut: a cell of Excel holds no more; the CSV has all of it]"
NUMBERS = frozenset({"percent", "version"})

NOTES = (
    ("Names and boundaries", BOUNDARIES),
    ("Licence", f"{LICENCE}."),
    ("To cite", f"{REGISTER}, with the position or the date of this export."),
    ("Lists", "Items are separated by a semicolon and a space. Blank means not known."),
)

Pledges = Iterable[Mapping[str, Any]]


def write_csv(pledges: Pledges) -> Iterator[bytes]:
    """UTF-8 with commas. An apostrophe guards what a spreadsheet would calculate; imports take it off."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(EXPORT_COLUMNS)
    rows = (exported_row(pledge) for pledge in pledges)
    while True:
        some = list(islice(rows, ROWS_AT_ONCE))
        writer.writerows([[_csv_cell(row[column]) for column in EXPORT_COLUMNS] for row in some])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        if len(some) < ROWS_AT_ONCE:
            return


def _csv_cell(value: str | int | None) -> str:
    return guard("" if value is None else str(value))


def write_jsonl(pledges: Pledges) -> Iterator[bytes]:
    """Each pledge whole, as the API shows it, on a line of its own."""
    encoder = msgspec.json.Encoder()
    remaining = iter(pledges)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        yield b"".join(encoder.encode(pledge) + b"\n" for pledge in some)


def write_xlsx(pledges: Pledges) -> Iterator[bytes]:
    """An Excel file with the pledges, and the notes that go with them on a sheet of their own."""
    with tempfile.TemporaryDirectory(prefix="pledges-export-") as folder:
        path = Path(folder) / "pledges.xlsx"
        options = {"constant_memory": True, "tmpdir": folder, "in_memory": False}
        with xlsxwriter.Workbook(path, options) as book:
            # The same pledges are the same bytes, whenever they are written.
            book.set_properties({"created": WRITTEN})
            _write_sheets(book, (exported_row(pledge) for pledge in pledges))
            _write_notes(book)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


def _write_sheets(book: Any, rows: Iterator[Mapping[str, str | int | None]]) -> None:
    number = 1
    while True:
        sheet = book.add_worksheet("Pledges" if number == 1 else f"Pledges {number}")
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(EXPORT_COLUMNS):
            sheet.write_string(0, place, column)
        written = 0
        for written, row in enumerate(islice(rows, SHEET_ROWS_MAX), 1):
            _write_row(sheet, written, row)
        if written < SHEET_ROWS_MAX:
            return
        number += 1


def _write_row(sheet: Any, number: int, row: Mapping[str, str | int | None]) -> None:
    for place, column in enumerate(EXPORT_COLUMNS):
        value = row[column]
        if value is None or value == "":
            continue
        if column in NUMBERS:
            sheet.write_number(number, place, value)
        else:
            sheet.write_string(number, place, _xlsx_text(str(value)))


def _xlsx_text(text: str) -> str:
    return text if len(text) <= CELL_CHARS_MAX else text[: CELL_CHARS_MAX - len(CUT)] + CUT


def _write_notes(book: Any) -> None:
    sheet = book.add_worksheet("Notes")
    for number, (subject, note) in enumerate(NOTES):
        sheet.write_string(number, 0, subject)
        sheet.write_string(number, 1, note)
