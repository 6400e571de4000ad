"""What a file is, by what is in it: its name is only held against that. Nothing in it is run or unpacked.

Must not know where files are kept, nor for what.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Literal

from domain.pledges.evidence import FILE_BYTES_MAX, MEDIA_TYPES
from projections.files.pictures import JPEG, PNG, is_jpeg, is_png

Trouble = Literal["empty", "too-large", "unknown", "otherwise", "broken", "macros", "bomb"]
"""Why a file is not taken. `otherwise`: it is something else than its name or its sender says."""

HEAD_BYTES = 4096
CHUNK_BYTES = 1 << 18
OFFICE_BYTES_MAX = 1_000_000
"""As much of a member that says what an archive is as is read, however much it would become."""
MEMBERS_MAX = 10_000
DIRECTORY_BYTES_MAX = 2_000_000
INFLATED_BYTES_MAX = 500_000_000
INFLATED_BYTES_FREE, INFLATED_TIMES_MAX = 50_000_000, 100
"""Above so much an archive may become so many times its size. Office programs pack 20 or 30 to one."""
ARCHIVE_END, END_BYTES, COMMENT_BYTES_MAX = b"PK\x05\x06", 22, 65_535
LARGE_ARCHIVE_END = b"PK\x06\x07"
CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f\x1b"))
"""What no text holds. An escape sign is part of some encodings of East Asia."""
BROAD_TEXTS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
MARKUP = re.compile(rb"<[!?a-z]|#!|GIF8|%PDF-|\{\\rtf", re.IGNORECASE)
"""How texts begin that something would run, or show as something else than text."""
BLANK = b" \t\r\n\f\xef\xbb\xbf"
"""What may stand before that: white space, and the mark of UTF-8."""
PAGE = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|object|embed)\b", re.IGNORECASE)
PAGE_BYTES_MAX = 10
"""The longest of these, so that none is cut in two."""
PDF_WITHIN = 1024
"""So far into a file readers look for the beginning of a PDF."""
OFFICE = re.compile(
    rb"application/vnd\.openxmlformats-officedocument\."
    rb"(wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation)\.main\+xml"
)
WITH_MACROS = re.compile(rb"macroEnabled|vnd\.ms-office\.vbaProject", re.IGNORECASE)
OLD_OFFICE = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
OTHER_ENDINGS = {"jpeg": "jpg", "text": "txt"}


class NotTaken(ValueError):
    """A file that is not taken, and why."""

    def __init__(self, trouble: Trouble, *, found: str = "", said: str = "") -> None:
        self.trouble, self.found, self.said = trouble, found, said
        super().__init__(_in_words(trouble, found, said))


def _in_words(trouble: Trouble, found: str, said: str) -> str:
    taken = ", ".join(MEDIA_TYPES.values())
    return {
        "empty": "is empty.",
        "too-large": f"is too large: {FILE_BYTES_MAX:,} bytes are the most.",
        "unknown": f"is none of the files that are taken: {taken}.",
        "otherwise": f"is said to be {said}, but what is in it is {found}.",
        "broken": "is broken: it cannot be read to its end.",
        "macros": "holds macros: save it without them.",
        "bomb": "would become too large when it is unpacked.",
    }[trouble]


def media_type_of(file: IO[bytes], *, name: str = "", said: str = "") -> str:
    """What the file is. NotTaken if that is not taken, or not what its name ends in or its sender says."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise NotTaken("empty")
    found = _by_signature(head) or _picture(head, file) or _by_parts(head, file) or _text(head, file)
    if found is None:
        raise NotTaken("unknown")
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return _held_against(found, OTHER_ENDINGS.get(ending, ending), said)


def _held_against(found: str, ending: str, said: str) -> str:
    """What was found; of texts, the sort that name or sender say."""
    own = MEDIA_TYPES[found]
    claims = [claim for claim in (ending, MEDIA_TYPES.get(said, said)) if claim]
    for claim in claims:
        if claim != own and not (own == "txt" and claim == "csv"):
            raise NotTaken("otherwise", found=own, said=claim[:20])
    return "text/csv" if "csv" in claims else found


def _by_signature(head: bytes) -> str | None:
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return "application/rtf" if head.startswith(b"{\\rtf") else None


def _picture(head: bytes, file: IO[bytes]) -> str | None:
    if head.startswith(PNG):
        if not is_png(file):
            raise NotTaken("broken")
        return "image/png"
    if head.startswith(JPEG):
        if not is_jpeg(file):
            raise NotTaken("broken")
        return "image/jpeg"
    return None


def _by_parts(head: bytes, file: IO[bytes]) -> str | None:
    """What an archive or a compound file is, by the parts that say so."""
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        names = set(_compound_parts(file))
        if "EncryptedPackage" in names:
            raise NotTaken("unknown")
        return next((kind for name, kind in OLD_OFFICE.items() if name in names), None)
    if not head.startswith(b"PK\x03\x04"):
        return None
    _refuse_huge_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            return _office(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, NotTaken):
            raise
        raise NotTaken("broken") from None


# -- archives


def _refuse_huge_directory(file: IO[bytes]) -> None:
    """Refuse what would fill the memory before any of its parts is looked at."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END_BYTES - COMMENT_BYTES_MAX))
    tail = file.read()
    start = tail.rfind(ARCHIVE_END)
    if start < 0 or len(tail) - start < END_BYTES:
        raise NotTaken("broken")
    count = int.from_bytes(tail[start + 10 : start + 12], "little")
    directory_bytes = int.from_bytes(tail[start + 12 : start + 16], "little")
    is_large = tail[max(0, start - 20) : start].startswith(LARGE_ARCHIVE_END)
    if is_large or count > MEMBERS_MAX or directory_bytes > DIRECTORY_BYTES_MAX:
        raise NotTaken("bomb")


def _office(archive: zipfile.ZipFile) -> str | None:
    members = archive.infolist()
    inflated, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    too_much = INFLATED_BYTES_MAX if inflated <= INFLATED_TIMES_MAX * packed else INFLATED_BYTES_FREE
    if len(members) > MEMBERS_MAX or inflated > too_much:
        raise NotTaken("bomb")
    names = archive.NameToInfo
    if "[Content_Types].xml" in names:
        return _open_xml(_beginning(archive, "[Content_Types].xml"))
    if members and members[0].filename == "mimetype":
        said = _beginning(archive, "mimetype").decode("ascii", "replace").strip()
        if any(name.startswith("Basic/") for name in names):
            raise NotTaken("macros")
        return said if said.startswith("application/vnd.oasis") and said in MEDIA_TYPES else None
    return None


def _open_xml(said: bytes) -> str | None:
    if WITH_MACROS.search(said):
        raise NotTaken("macros")
    found = {kind.decode() for kind in OFFICE.findall(said)}
    if len(found) != 1:
        return None
    return f"application/vnd.openxmlformats-officedocument.{found.pop()}"


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        said = member.read(OFFICE_BYTES_MAX + 1)
    if len(said) > OFFICE_BYTES_MAX:
        raise NotTaken("bomb")
    return said


# -- compound files, as [MS-CFB] has them: a chain of sectors names the parts

HEADER_BYTES, ENTRY_BYTES, NAME_BYTES = 512, 128, 64
SECTOR_SHIFTS = (9, 12)
HEADER_TABLES = 109
CHAIN_MAX = 1000


def _compound_parts(file: IO[bytes]) -> Iterator[str]:
    """The names of the parts of a compound file, as far as its directory can be followed."""
    file.seek(0)
    header = file.read(HEADER_BYTES)
    shift = int.from_bytes(header[30:32], "little")
    if shift not in SECTOR_SHIFTS:
        raise NotTaken("broken")
    sector = int.from_bytes(header[48:52], "little")
    for _ in range(CHAIN_MAX):
        entries = _sector(file, sector, shift)
        for start in range(0, len(entries), ENTRY_BYTES):
            entry = entries[start : start + ENTRY_BYTES]
            length = int.from_bytes(entry[NAME_BYTES : NAME_BYTES + 2], "little")
            if 1 < length <= NAME_BYTES:
                yield entry[: length - 2].decode("utf-16-le", "replace")
        per_table = (1 << shift) // 4
        if len(entries) < 1 << shift or sector // per_table >= HEADER_TABLES:
            return
        place = 76 + 4 * (sector // per_table)
        table = _sector(file, int.from_bytes(header[place : place + 4], "little"), shift)
        at = 4 * (sector % per_table)
        sector = int.from_bytes(table[at : at + 4], "little")


def _sector(file: IO[bytes], number: int, shift: int) -> bytes:
    """A sector; nothing where there is none, or the number marks an end."""
    file.seek((number + 1) << shift)
    return file.read(1 << shift)


# -- texts


def _text(head: bytes, file: IO[bytes]) -> str | None:
    """Plain text, in whatever encoding, which nobody would take for a page or a program."""
    file.seek(0)
    encoding = BROAD_TEXTS.get(head[:2])
    if encoding:
        return _broad_text(file)
    before, begun = b"", False
    while chunk := file.read(CHUNK_BYTES):
        if len(chunk.translate(None, CONTROLS)) != len(chunk) or PAGE.search(before + chunk):
            return None
        if not begun and (rest := chunk.lstrip(BLANK)):
            begun = True
            if MARKUP.match(rest):
                return None
        before = chunk[-PAGE_BYTES_MAX:]
    return None if b"%PDF-" in head[:PDF_WITHIN] else "text/plain"


def _broad_text(file: IO[bytes]) -> str | None:
    """The same in UTF-16, as spreadsheets save tables."""
    said = file.read(HEAD_BYTES).decode("utf-16", "replace")
    narrow = said.encode("utf-8", "replace")
    if MARKUP.match(narrow.lstrip(BLANK)) or PAGE.search(narrow) or "\ufffd" in said[:-1]:
        return None
    return "text/plain" if len(narrow.translate(None, CONTROLS)) == len(narrow) else None
