"""Keeps the hashes of the Merkle tree over all events, a leaf an event in the order of positions.

Leaves, and whole subtrees of 256, 256 * 256 and so on of them, as they are served in tiles. Must not know who
asks, nor what is signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection

from domain.log.merkle import TILE_WIDTH, above
from domain.recording import ENTRY_PREFIX, Recorded
from projections.database.roles import SCHEMA
from projections.log.hashes import kept_hashes

CREATE: LiteralString = """
CREATE TABLE log_hashes (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, index)
)
"""
# The one read model that rests on the events' bytes and not on what they say. The database hashes what it
# has: nothing of it has to come and go.
ADD_LEAVES: LiteralString = f"""
INSERT INTO log_hashes (level, index, hash)
SELECT 0, position - 1, sha256('\\x00'::bytea || %b || header_digest || payload_digest)
FROM {SCHEMA}.events WHERE position BETWEEN %b AND %b
"""  # noqa: S608
ADD_NODES: LiteralString = """
INSERT INTO log_hashes (level, index, hash)
SELECT %b, %b + number - 1, hash FROM unnest(%b::bytea[]) WITH ORDINALITY AS added (hash, number)
"""


class LogModel:
    """The read model of the tree."""

    name = "log"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(CREATE)

    def apply(self, connection: Connection[Any], batch: Sequence[Recorded]) -> None:
        if not batch:
            return
        first, last = batch[0].position, batch[-1].position
        connection.execute(ADD_LEAVES, [ENTRY_PREFIX, first, last])
        if (first - 1) // TILE_WIDTH < last // TILE_WIDTH:
            for level, begin, hashes in above(kept_hashes(connection), first - 1, last):
                connection.execute(ADD_NODES, [level, begin, hashes])
