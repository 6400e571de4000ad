"""The kept hashes of the tree, as the tree's functions ask for them.

Must not know what is made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection

from domain.log.merkle import Hashes

HASHES: LiteralString = """
SELECT hash FROM log_hashes WHERE level = %b AND index >= %b AND index < %b ORDER BY index
"""
IS_KEPT: LiteralString = "SELECT to_regclass('log_hashes') IS NOT NULL"
LEAVES: LiteralString = "SELECT index + 1, hash FROM log_hashes WHERE level = 0 AND index = ANY(%b::bigint[])"
SIZE: LiteralString = "SELECT coalesce(max(index) + 1, 0) FROM log_hashes WHERE level = 0"


class MissingHashes(LookupError):
    """The tree has not grown so far, or its rows were tampered with."""


def kept_hashes(connection: Connection[Any]) -> Hashes:
    """Reads hashes where the search path finds the log's tables."""

    def hashes(level: int, begin: int, end: int) -> list[bytes]:
        rows = connection.execute(HASHES, [level, begin, end], binary=True).fetchall()
        if len(rows) != end - begin:
            raise MissingHashes(
                f"of level {level} the hashes {begin} to {end - 1} are asked for, {len(rows)} are kept"
            )
        return [value for (value,) in rows]

    return hashes


def kept_leaves(connection: Connection[Any], positions: Sequence[int]) -> dict[int, bytes]:
    """The hashes of the leaves of events, of those that the tree holds already."""
    row = connection.execute(IS_KEPT).fetchone()
    if not (row and row[0]):  # a register whose log is still being built answers all the same
        return {}
    return dict(
        connection.execute(LEAVES, [[position - 1 for position in positions]], binary=True).fetchall()
    )


def size(connection: Connection[Any]) -> int:
    """How many leaves the tree has."""
    row = connection.execute(SIZE).fetchone()
    return row[0] if row else 0
