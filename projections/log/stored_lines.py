"""Events as lines of JSON with the very bytes that are hashed, and their salts (docs/log.md, "Bundles").

Must not know by what rule somebody may read them: it asks, some hundreds at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

import msgspec
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.pledges.sight import Eyes
from projections.database.roles import SCHEMA
from projections.timeline.readable import Stored, readings, text_of

ROWS: LiteralString = f"""
SELECT position, name, header, header_salt, header_salts, header_digest, payload, salts, payload_digest
FROM {SCHEMA}.events WHERE position > %b AND position <= %b ORDER BY position LIMIT %b
"""  # noqa: S608
AT_ONCE = 500


def lines(connection: Connection[Any], up_to: int, eyes: Eyes) -> Iterator[bytes]:
    """Each event up to a position, in order, as a line; of what those eyes may not read, the digests."""
    after = 0
    while after < up_to:
        with connection.cursor(row_factory=dict_row, binary=True) as cursor:
            rows = cursor.execute(ROWS, [after, up_to, AT_ONCE]).fetchall()
        if not rows:
            return
        readable = _readable(connection, rows, eyes)
        for row in rows:
            told = _whole(row) if row["position"] in readable else _withheld(row)
            yield msgspec.json.encode({"position": row["position"], **told}) + b"\n"
        after = rows[-1]["position"]


def _readable(connection: Connection[Any], rows: Sequence[DictRow], eyes: Eyes) -> set[int]:
    if eyes.sees_all:
        return {row["position"] for row in rows}
    stored = [Stored(row["position"], row["name"], row["payload"]) for row in rows]
    # A line is whole or it is digests: a header without its payload is of no use to who folds the events.
    return {position for position, one in readings(connection, stored, eyes).items() if one.payload}


def _whole(row: DictRow) -> dict[str, Any]:
    return {
        "header": text_of(row["header"]), "header_salt": row["header_salt"].hex(),
        "header_salts": row["header_salts"], "payload": text_of(row["payload"]), "salts": row["salts"],
    }  # fmt: skip


def _withheld(row: DictRow) -> dict[str, Any]:
    return {"header_digest": row["header_digest"].hex(), "payload_digest": row["payload_digest"].hex()}
