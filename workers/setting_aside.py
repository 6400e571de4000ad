"""Sets things aside by partition in temporary files, and brings those of a partition together, in order.

Memory stays flat however many there are. Must not know what is set aside.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Aside:
    """Where some things are: in which file, from where, and how many bytes of each partition in a row."""

    path: str
    begin: int
    lengths: array[int]


def set_aside(folder: Path, partitions: int, things: Mapping[int, list[Any]]) -> Aside:
    """Write things by partition to this process's own file."""
    path = folder / str(os.getpid())
    blobs = [_encode(things[number]) if number in things else b"" for number in range(partitions)]
    with path.open("ab") as file:
        begin = file.tell()
        file.write(b"".join(blobs))
    return Aside(str(path), begin, array("Q", map(len, blobs)))


@dataclass
class Shelf:
    """All that was set aside, in the order in which it was added."""

    partitions: int
    pieces: list[Aside] = field(default_factory=list)

    def add(self, aside: Aside) -> None:
        self.pieces.append(aside)

    def places(self, partition: int) -> list[tuple[str, int, int]]:
        """Where a partition's things are: file, from where, how many bytes."""
        return [
            (piece.path, piece.begin + sum(piece.lengths[:partition]), piece.lengths[partition])
            for piece in self.pieces
            if piece.lengths[partition]
        ]


def brought_together(places: Iterable[tuple[str, int, int]], kind: Any) -> list[Any]:
    """A partition's things, each of a kind, in the order in which they were added."""
    decode, found = msgspec.msgpack.Decoder(list[kind]).decode, []
    files: dict[str, int] = {}
    try:
        for path, begin, length in places:
            if path not in files:
                files[path] = os.open(path, os.O_RDONLY)
            found += decode(os.pread(files[path], length, begin))
    finally:
        for descriptor in files.values():
            os.close(descriptor)
    return found
