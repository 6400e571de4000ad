"""A workbook to send out: the columns that are read, what goes into each, which values may stand there.

Must not know languages: it is told the words.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

ROWS_TO_FILL = 5_000
WIDTH, WIDTH_OF_WORDS = 22, 90
WRITTEN = datetime(1980, 1, 1, tzinfo=UTC)  # the same words are the same bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; each value with what it means. `is_chosen`: a cell holds one of the values alone."""

    name: str
    called: str
    explained: str
    values: Sequence[tuple[str, str]] = ()
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the sheets are called, and whether their language runs from right to left."""

    pledges: str
    columns: str
    values: str
    runs_left: bool = False


def write_template(columns: Sequence[Column], words: Words) -> bytes:
    """The workbook. Its first sheet is the one that is filled in and read; the others explain it."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        book.set_properties({"created": WRITTEN})
        book.use_zip64()
        sheet = book.add_worksheet(words.pledges)
        explained, values = book.add_worksheet(words.columns), book.add_worksheet(words.values)
        bold = book.add_format({"bold": True})
        # As texts, dates stay as they are typed: 2026-05 is a month and no first day of one.
        as_text = book.add_format({"num_format": "@"})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, WIDTH, as_text)
            sheet.write_string(0, place, column.name, bold)
        sheet.freeze_panes(1, 0)
        _explain(explained, columns, words, book.add_format({"text_wrap": True, "valign": "top"}))
        _list_values(values, sheet, columns, words, bold)
    return written.getvalue()


def _explain(sheet: Any, columns: Sequence[Column], words: Words, wrapped: Any) -> None:
    _turn(sheet, words)
    sheet.set_column(0, 1, WIDTH, wrapped)
    sheet.set_column(2, 2, WIDTH_OF_WORDS, wrapped)
    for row, column in enumerate(columns):
        for place, text in enumerate((column.name, column.called, column.explained)):
            sheet.write_string(row, place, text, wrapped)


def _list_values(values: Any, sheet: Any, columns: Sequence[Column], words: Words, bold: Any) -> None:
    """The values, two columns for each that has any; cells that hold one of them offer them."""
    _turn(values, words)
    place = 0
    for number, column in enumerate(columns):
        if not column.values:
            continue
        values.write_string(0, place, column.name, bold)
        values.set_column(place, place + 1, WIDTH)
        for row, (value, meaning) in enumerate(column.values, 1):
            values.write_string(row, place, value)
            values.write_string(row, place + 1, meaning)
        if column.is_chosen:
            first, last = (_absolute(row, place) for row in (1, len(column.values)))
            offered = f"='{words.values}'!{first}:{last}"
            # A word that is not of the list is told, and may stay: some columns take others.
            rule = {"validate": "list", "source": offered, "error_type": "information"}
            sheet.data_validation(1, number, ROWS_TO_FILL, number, rule)
        place += 2


def _absolute(row: int, column: int) -> str:
    return str(xlsxwriter.utility.xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True))


def _turn(sheet: Any, words: Words) -> None:
    if words.runs_left:
        sheet.right_to_left()
