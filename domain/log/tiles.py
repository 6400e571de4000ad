"""Where the hashes and entries of a log are served (C2SP tlog-tiles): paths, widths, bundles.

Must not know where hashes are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.log.merkle import TILE_HEIGHT, TILE_WIDTH

LEVEL_MAX = 63
_PATH = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LEVEL = re.compile(r"0|[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Tile:
    """The hashes of a level (or, of level 0, the entries) from `begin` up to before `end`."""

    index: int
    width: int = TILE_WIDTH

    @property
    def begin(self) -> int:
        return self.index * TILE_WIDTH

    @property
    def end(self) -> int:
        return self.begin + self.width

    @property
    def path(self) -> str:
        """Three digits a step, all but the last behind an x; then the width, if it is not whole."""
        digits = f"{self.index:d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        steps = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join([*(f"x{step}" for step in steps[:-1]), steps[-1]])
        return path if self.width == TILE_WIDTH else f"{path}.p/{self.width}"


def parse_tile(path: str) -> Tile | None:
    """The tile at a path, or None if it is not written as the one way to write it."""
    found = _PATH.fullmatch(path)
    if not found:
        return None
    width = int(found[2] or TILE_WIDTH)
    tile = Tile(int(found[1].replace("/", "").replace("x", "")), width)
    return tile if width <= TILE_WIDTH and tile.path == path else None


def parse_level(words: str) -> int | None:
    """A level of tiles, or None."""
    return int(words) if _LEVEL.fullmatch(words) and int(words) <= LEVEL_MAX else None


def tiles_of(size: int, level: int = 0) -> Iterable[Tile]:
    """All tiles of a level in a tree of a size, the last of them perhaps partial."""
    whole, partial = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
    yield from (Tile(index) for index in range(whole))
    if partial:
        yield Tile(whole, partial)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one behind the other, each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
