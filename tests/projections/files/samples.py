"""Files of each sort that is taken, as small as they can be and still say what they are."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG_BEGINS = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def png(*, pixels: bytes = zlib.compress(b"\x00\x00"), size: tuple[int, int] = (1, 1)) -> bytes:
    """A picture of one grey dot, unless something else is given."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    return PNG_BEGINS + header + (chunk(b"IDAT", pixels) if pixels else b"") + chunk(b"IEND", b"")


PNG = png()
JPEG_FRAME = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
JPEG_SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x7f\xff\xd9"
JPEG_BEGINS = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(8)
JPEG = JPEG_BEGINS + JPEG_FRAME + JPEG_SCAN
RTF = b"{\\rtf1\\ansi Ten offices are open.}"
CSV = "office,opened\nNaïrobi,2026\n".encode()
MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR_BYTES, ENTRY_BYTES = 512, 128


def zipped(members: Mapping[str, str | bytes], *, packed: int = zipfile.ZIP_STORED) -> bytes:
    """An archive with these members, in this order."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", packed) as archive:
        for name, said in members.items():
            archive.writestr(name, said)
    return into.getvalue()


def open_xml(kind: str) -> bytes:
    """A file of Word, Excel or PowerPoint."""
    types = f'<Types><Override PartName="/main.xml" ContentType="{MAIN.format(kind)}"/></Types>'
    return zipped({"[Content_Types].xml": types, "main.xml": "<main/>"})


def open_document(kind: str) -> bytes:
    """A file of OpenDocument."""
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<content/>"})


def compound(*parts: str) -> bytes:
    """A file as old office programs wrote them; the second sector of its directory comes after a gap."""
    names = ["Root Entry", "One", "Two", "Three", *parts]
    entries = [_entry(name.encode("utf-16-le")) for name in names]
    first, second = (b"".join(entries[at : at + 4]).ljust(SECTOR_BYTES, b"\0") for at in (0, 4))
    table = struct.pack("<128I", TABLE, 3, FREE, END, *[FREE] * 124)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(30, b"\0") + struct.pack("<H", 9)
    header = header.ljust(48, b"\0") + struct.pack("<I", 1)
    header = header.ljust(76, b"\0") + struct.pack("<I", 0)
    return header.ljust(SECTOR_BYTES, b"\0") + table + first + bytes(SECTOR_BYTES) + second


def _entry(name: bytes) -> bytes:
    return (name.ljust(64, b"\0") + struct.pack("<H", len(name) + 2)).ljust(ENTRY_BYTES, b"\0")


TAKEN: Mapping[str, bytes] = {
    "pdf": PDF, "png": PNG, "jpg": JPEG, "rtf": RTF, "csv": CSV, "txt": CSV,
    "docx": open_xml("wordprocessingml.document"), "xlsx": open_xml("spreadsheetml.sheet"),
    "pptx": open_xml("presentationml.presentation"), "odt": open_document("text"),
    "ods": open_document("spreadsheet"), "odp": open_document("presentation"),
    "doc": compound("WordDocument"), "xls": compound("Workbook"), "ppt": compound("PowerPoint Document"),
}  # fmt: skip
"""One of each, by how its name ends."""
