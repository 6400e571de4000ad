"""Whether what begins like a picture is one: parts that follow one another, one with a size, one with pixels.

Pictures are not decoded. Must not know what else files may be.
"""

from __future__ import annotations

from typing import IO

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
PARTS_MAX = 10_000
PNG_LENGTH_BYTES, PNG_SUM_BYTES, PNG_HEADER_BYTES = 4, 4, 13
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""The markers of a JPEG that say how large it is (ISO/IEC 10918-1, table B.1)."""
BARE = frozenset({0x01, *range(0xD0, 0xD8)})
SCAN, END = 0xDA, 0xD9
LENGTH_BYTES = 2


def is_png(file: IO[bytes]) -> bool:
    """Whether chunks lead from a header with a size over pixels to the end."""
    file.seek(len(PNG))
    has_pixels = False
    for number in range(PARTS_MAX):
        length = int.from_bytes(file.read(PNG_LENGTH_BYTES), "big")
        kind = file.read(4)
        if number == 0 and (kind != b"IHDR" or length != PNG_HEADER_BYTES or not _has_size(file, 4)):
            return False
        if kind == b"IEND" or len(kind) < PNG_LENGTH_BYTES:
            return has_pixels and kind == b"IEND"
        has_pixels = has_pixels or (kind == b"IDAT" and length > 0)
        file.seek(length + PNG_SUM_BYTES, 1)
    return False


def is_jpeg(file: IO[bytes]) -> bool:
    """Whether segments lead from the beginning over a frame with a size to a scan that is not empty."""
    file.seek(2)
    has_frame = False
    for _ in range(PARTS_MAX):
        marker = _marker(file)
        if marker is None or marker == END:
            return False
        if marker in BARE:
            continue
        length = int.from_bytes(file.read(LENGTH_BYTES), "big")
        if length < LENGTH_BYTES:
            return False
        if marker == SCAN:
            file.seek(length - LENGTH_BYTES, 1)
            return has_frame and bool(file.read(1))
        if marker in FRAMES:
            file.seek(1, 1)
            has_frame = _has_size(file, 2)
            file.seek(-1, 1)
        file.seek(length - LENGTH_BYTES, 1)
    return False


def _marker(file: IO[bytes]) -> int | None:
    """The next marker; None where none follows. Any number of FF may stand before it."""
    if file.read(1) != b"\xff":
        return None
    found = file.read(1)
    while found == b"\xff":
        found = file.read(1)
    return found[0] if found and found[0] else None


def _has_size(file: IO[bytes], number_bytes: int) -> bool:
    """Whether two numbers follow, neither 0. The place in the file stays."""
    here = file.tell()
    first, second = (int.from_bytes(file.read(number_bytes), "big") for _ in range(2))
    file.seek(here)
    return first > 0 and second > 0
