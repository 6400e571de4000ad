"""The texts that cells of an Excel file share, kept in a temporary file: memory holds where each begins.

Must not know cells.
"""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from array import array
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from xml.parsers import expat

from projections.sheets.archive import parse
from projections.sheets.sheets import CELL_CHARS_MAX, UnreadableFile

RECENT = 4096

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A text with the signs that Excel writes as `_x000A_`. Half a sign of UTF-16 is none."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).encode("utf-8", "replace").decode()


class SharedStrings:
    """The shared texts of one file, by their numbers."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, part: str | None) -> None:
        self._path, self._archive, self._part = path, archive, part
        self._offsets = array("Q", [0])
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="pledges-import-")  # noqa: SIM115 - see __exit__
        self._end = 0
        self._pieces: list[str] | None = None
        self._takes = False
        self._size = 0
        self._read = lru_cache(RECENT)(self._from_file)

    def __enter__(self) -> Self:
        try:
            if self._part is not None:
                for _ in parse(self._path, self._archive, self._part, self._parser()):
                    pass
            self._file.flush()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._offsets) - 1:
            raise UnreadableFile(f"{self._path} is a broken .xlsx file: there is no shared text {number}")
        return self._read(number)

    def _from_file(self, number: int) -> str:
        start, end = self._offsets[number], self._offsets[number + 1]
        return os.pread(self._file.fileno(), end - start, start).decode()

    # -- reading the part

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._finish
        parser.CharacterDataHandler = self._characters
        return parser

    def _start(self, name: str, _: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "si":
            self._pieces, self._size = [], 0
        elif name == "t":
            self._takes = True
        elif name == "rPh":  # how the text is pronounced
            self._pieces, self._kept = None, self._pieces

    def _characters(self, text: str) -> None:
        if self._takes and self._pieces is not None:
            self._size += len(text)
            if self._size > CELL_CHARS_MAX:
                raise UnreadableFile(f"{self._path} has a text of more than {CELL_CHARS_MAX:,} characters")
            self._pieces.append(text)

    def _finish(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "t":
            self._takes = False
        elif name == "rPh":
            self._pieces = self._kept
        elif name == "si":
            self._append(unescaped("".join(self._pieces or ())))

    def _append(self, text: str) -> None:
        encoded = text.encode("utf-8", "replace")
        self._file.write(encoded)
        self._end += len(encoded)
        self._offsets.append(self._end)
