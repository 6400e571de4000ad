"""Excel files (.xlsx) as rows of texts, read as they inflate: memory does not grow with the sheet.

Must not know what cells mean. (Libraries that were measured hold the whole sheet: 400 MB for 200,000 rows.)
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

from domain.imports.events import Media
from projections.sheets.archive import opened, parse
from projections.sheets.sheets import CELL_CHARS_MAX, UnreadableFile
from projections.sheets.xlsx_strings import SharedStrings, unescaped
from projections.sheets.xlsx_values import DateFormat, date_format, number_text, serial_text

WORKBOOK = "xl/workbook.xml"
COLUMNS_MAX = 16_384
UNCALCULATED = "#UNCALCULATED!"

_CELL = re.compile(r"([A-Z]{1,3})(\d+)\Z")


class XlsxSheet:
    """The first visible sheet of an Excel file."""

    media: Media = "xlsx"
    pads = True

    def __init__(self, path: Path) -> None:
        self.path = path
        with opened(path) as archive:
            self._book = _Workbook(path, archive)
        self.ignored = tuple(f"sheet {name}" for name in self._book.other_sheets)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        with opened(self.path) as archive, SharedStrings(self.path, archive, self._book.strings) as strings:
            reader = _SheetReader(strings, self._book)
            for _ in parse(self.path, archive, self._book.sheet, reader.parser):
                yield from reader.take()


class _Workbook:
    """Which part holds the sheet, the strings and the formats, and from which day dates count."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.dates_from_1904 = False
        self.formats: dict[int, str] = {}
        self.styles: list[DateFormat | None] = []
        self._sheets: list[tuple[str, str, str]] = []
        self._targets: dict[str, tuple[str, str]] = {}
        _collect(path, archive, WORKBOOK, {"workbookPr": self._properties, "sheet": self._sheet})
        _collect(path, archive, "xl/_rels/workbook.xml.rels", {"Relationship": self._relationship})
        visible = [
            (name, part) for name, state, part in self._sheets if state == "visible" and part in self._targets
        ]
        if not visible:
            raise UnreadableFile(f"{path} has no visible sheet")
        self.sheet = self._targets[visible[0][1]][1]
        self.other_sheets = [name for name, _, _ in self._sheets if name != visible[0][0]]
        kinds = dict(self._targets.values())
        self.strings = kinds.get("sharedStrings")
        if "styles" in kinds:
            self._read_styles(path, archive, kinds["styles"])

    def _properties(self, attributes: Mapping[str, str]) -> None:
        self.dates_from_1904 = attributes.get("date1904") in ("1", "true")

    def _sheet(self, attributes: Mapping[str, str]) -> None:
        part = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
        self._sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), part))

    def _relationship(self, attributes: Mapping[str, str]) -> None:
        target = attributes.get("Target", "")
        whole = (
            target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        )
        self._targets[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], whole)

    def _read_styles(self, path: Path, archive: zipfile.ZipFile, part: str) -> None:
        inside = [False]

        def number_format(attributes: Mapping[str, str]) -> None:
            self.formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")

        def style(attributes: Mapping[str, str]) -> None:
            if inside[0]:
                number = int(attributes.get("numFmtId", "0"))
                self.styles.append(date_format(number, self.formats.get(number)))

        def enter(_: Mapping[str, str]) -> None:
            inside[0] = True

        def leave(_: Mapping[str, str]) -> None:
            inside[0] = False

        _collect(
            path, archive, part,
            {"numFmt": number_format, "cellXfs": enter, "xf": style, "cellStyles": leave, "dxfs": leave},
        )  # fmt: skip


def _collect(
    path: Path, archive: zipfile.ZipFile, part: str, takers: Mapping[str, Callable[[Mapping[str, str]], None]]
) -> None:
    """Hand the attributes of some elements to whoever wants them."""
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        taker = takers.get(name.rpartition(":")[2])
        if taker is not None:
            taker(attributes)

    parser.StartElementHandler = start
    for _ in parse(path, archive, part, parser):
        pass


class _SheetReader:
    """Turns the elements of a sheet into rows of texts."""

    def __init__(self, strings: SharedStrings, book: _Workbook) -> None:
        self._strings, self._book = strings, book
        self._rows: list[tuple[int, list[str]]] = []
        self._number, self._cells, self._column = 0, [""], 0
        self._type, self._style, self._formula = "n", 0, False
        self._text: list[str] | None = None
        self._value, self._size = "", 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def take(self) -> list[tuple[int, list[str]]]:
        """The rows that are complete by now."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2] if ":" in name else name
        if name in ("v", "t"):
            self._text = []
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells, self._column = [], -1
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._type = "phonetic"

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._column = column_number(attributes["r"]) if "r" in attributes else self._column + 1
        self._type, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
        self._value, self._size, self._formula = "", 0, False

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._size += len(text)
            if self._size > CELL_CHARS_MAX:
                raise UnreadableFile(
                    f"row {self._number} has a cell of more than {CELL_CHARS_MAX:,} characters"
                )
            self._text.append(text)

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2] if ":" in name else name
        if name in ("v", "t"):
            if self._type != "phonetic":
                self._value += "".join(self._text or ())
            self._text = None
        elif name == "rPh":
            self._type = "inlineStr"
        elif name == "c":
            self._end_cell()
        elif name == "row" and any(self._cells):
            self._rows.append((self._number, self._cells))

    def _end_cell(self) -> None:
        text = self._cell_text()
        if text and 0 <= self._column < COLUMNS_MAX:
            self._cells.extend([""] * (self._column + 1 - len(self._cells)))
            self._cells[self._column] = text

    def _cell_text(self) -> str:
        value = self._value
        if not value:
            return UNCALCULATED if self._formula else ""
        match self._type:
            case "s":
                return self._strings[int(value)]
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n":
                return self._number_text(value)
            case "str" | "inlineStr":
                return unescaped(value)
            case _:
                return value

    def _number_text(self, value: str) -> str:
        styles = self._book.styles
        shown = styles[self._style] if self._style < len(styles) else None
        return serial_text(value, shown, self._book.dates_from_1904) if shown else number_text(value)


def column_number(cell: str) -> int:
    """The number of a cell's column, from 0: C7 is 2."""
    found = _CELL.match(cell)
    if found is None:
        raise UnreadableFile(f"“{cell[:20]}” names no cell")
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
