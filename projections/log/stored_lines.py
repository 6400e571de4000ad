"""Events as lines of JSON with the very bytes that are hashed, and their salts (docs/log.md, "Bundles").

Must not know who asks: it tells all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import msgspec
from psycopg import Connection

from projections.database.roles import SCHEMA

ROWS: LiteralString = f"""
SELECT position, header, header_salt, header_salts, payload, salts
FROM {SCHEMA}.events WHERE position > %b AND position <= %b ORDER BY position LIMIT %b
"""  # noqa: S608
AT_ONCE = 500


def lines(connection: Connection[Any], up_to: int) -> Iterator[bytes]:
    """Each event up to a position, in order, as a line."""
    after = 0
    while after < up_to:
        rows = connection.execute(ROWS, [after, up_to, AT_ONCE], binary=True).fetchall()
        if not rows:
            return
        for position, header, header_salt, header_salts, payload, salts in rows:
            yield msgspec.json.encode(
                {
                    "position": position, "header": header.decode(), "header_salt": header_salt.hex(),
                    "header_salts": header_salts, "payload": payload.decode(), "salts": salts,
                }
            ) + b"\n"  # fmt: skip
        after = rows[-1][0]
