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
from projections.timeline.readable import Reading, Stored, header_as_read, readings, text_of

ROWS: LiteralString = f"""
SELECT position, name, header, header_salt, header_salts, header_digest, payload, salts, payload_digest
FROM {SCHEMA}.events WHERE position > %b AND position <= %b ORDER BY position LIMIT %b
"""  # noqa: S608
AT_ONCE = 500
WHOLE = Reading(header=True, account=True, payload=True)


def lines(connection: Connection[Any], up_to: int, eyes: Eyes) -> Iterator[bytes]:
    """Each event up to a position, in order, as a line; of what those eyes may not read, the digests."""
    after = 0
    while after < up_to:
        with connection.cursor(row_factory=dict_row, binary=True) as cursor:
            rows = cursor.execute(ROWS, [after, up_to, AT_ONCE]).fetchall()
        if not rows:
            return
        found = _readings(connection, rows, eyes)
        for row in rows:
            reading = found[row["position"]]
            # A line is both or digests: a header without its payload is of no use to who folds the events.
            told = _read(row, reading) if reading.payload else _withheld(row)
            yield msgspec.json.encode({"position": row["position"], **told}) + b"\n"
        after = rows[-1]["position"]


def _readings(connection: Connection[Any], rows: Sequence[DictRow], eyes: Eyes) -> dict[int, Reading]:
    if eyes.sees_all:
        return {row["position"]: WHOLE for row in rows}
    stored = [Stored(*(row[column] for column in Stored._fields)) for row in rows]
    return readings(connection, stored, eyes)


def _read(row: DictRow, reading: Reading) -> dict[str, Any]:
    header = {**header_as_read(row, reading), "header_digest": row["header_digest"].hex()}
    return {**header, "payload": text_of(row["payload"]), "salts": row["salts"]}


def _withheld(row: DictRow) -> dict[str, Any]:
    return {"header_digest": row["header_digest"].hex(), "payload_digest": row["payload_digest"].hex()}
