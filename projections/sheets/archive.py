"""Zip archives that may be out to do harm: what would inflate beyond measure is refused before it does.

Must not know what the archive holds.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from projections.sheets.sheets import UnreadableFile

MEMBERS_MAX = 10_000
INFLATED_BYTES_MAX = 2 * 1024**3
RATIO_MAX = 300
RATIO_COUNTS_FROM_BYTES = 10 * 1024**2
CHUNK_BYTES = 256 * 1024
# A name, an attribute or a comment is held until it ends, and looked at anew with each chunk.
UNENDED_BYTES_MAX = 1024**2


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, if what it declares is within measure. Inflating stops at what is declared."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(path, archive)
            yield archive
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"{path} is a broken .xlsx file: {error}") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}") from error


def _refuse_bomb(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    inflated = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > MEMBERS_MAX:
        raise UnreadableFile(f"{path} has {len(members)} parts; {MEMBERS_MAX} is the most")
    if inflated > INFLATED_BYTES_MAX:
        raise UnreadableFile(
            f"{path} would inflate to {inflated:,} bytes; {INFLATED_BYTES_MAX:,} is the most"
        )
    if inflated > RATIO_COUNTS_FROM_BYTES and inflated > RATIO_MAX * packed:
        raise UnreadableFile(
            f"{path} would inflate {inflated // packed} times; {RATIO_MAX} times is the most"
        )


def parse(path: Path, archive: zipfile.ZipFile, member: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Feed a part of the archive to a parser, chunk by chunk; yields after each."""

    def refuse(*_: object) -> None:
        raise UnreadableFile(f"{path} declares a document type, which no spreadsheet program writes")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    if member not in archive.NameToInfo:
        raise UnreadableFile(f"{path} is no Excel file: it has no part {member}")
    fed = 0
    try:
        with archive.open(member) as part:
            while chunk := part.read(CHUNK_BYTES):
                parser.Parse(chunk, False)  # noqa: FBT003
                fed += len(chunk)
                _refuse_unended(fed - parser.CurrentByteIndex)
                yield
            parser.Parse(b"", True)  # noqa: FBT003
            yield
    except (expat.ExpatError, zlib.error, KeyError, ValueError) as error:
        raise UnreadableFile(f"{path} is a broken .xlsx file: {member}: {error}") from error


def _refuse_unended(waiting: int) -> None:
    if waiting > UNENDED_BYTES_MAX:
        raise ValueError(f"a piece of more than {UNENDED_BYTES_MAX:,} bytes that does not end")
