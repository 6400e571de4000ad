"""Which kind of sheet a file holds, and which file it is. Must not know what cells mean."""

from __future__ import annotations

import hashlib
from pathlib import Path

from projections.sheets.csv_sheet import CsvSheet
from projections.sheets.sheets import Sheet, UnreadableFile
from projections.sheets.xlsx import XlsxSheet

ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
PDF_MAGIC = b"%PDF"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def open_sheet(path: Path) -> Sheet:
    """The sheet in a file. What a file is follows from its first bytes, not from its name."""
    start = _first_bytes(path)
    if start.startswith(ZIP_MAGIC):
        return XlsxSheet(path)
    if start.startswith(OLD_EXCEL_MAGIC):
        raise UnreadableFile(
            f"{path} is an old or encrypted Excel file: save it as .xlsx without a password, or as CSV"
        )
    if start.startswith(PDF_MAGIC):
        raise UnreadableFile(f"{path} is a PDF: what it says has to be in a sheet, .xlsx or CSV in UTF-8")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise UnreadableFile(
            f"{path} is called {path.suffix} but is no such file: it does not begin as a zip archive"
        )
    if start.startswith(UTF_16_MARKS):
        raise UnreadableFile(f"{path} is in UTF-16: save it as CSV in UTF-8")
    return CsvSheet(path)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from error


def digest_of(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file in hex, and its size in bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
