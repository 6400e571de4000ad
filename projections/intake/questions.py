"""What may be asked about what came in: totals for all, each thing for those who answer for the register.

Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from domain.pledges.sight import Eyes
from domain.values import rfc3339

LIMIT_MAX = 200

# An outcome that nothing has any more stays, with 0.
TOTALS = "SELECT way, outcome, number FROM intake_totals WHERE number > 0 ORDER BY way, outcome"
PAGE = """
SELECT * FROM intake_receipts
WHERE (%(entities)s::uuid[] IS NULL OR entity = ANY(%(entities)s))
  AND (%(position)s::bigint IS NULL OR (position, number) < (%(position)s, %(number)s::integer))
ORDER BY position DESC, number DESC LIMIT %(limit)s
"""
FILES = "SELECT * FROM intake_files ORDER BY started_position DESC LIMIT %s"


def intake(
    connection: Connection[Any],
    *,
    eyes: Eyes,
    limit: int = 50,
    after: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """How many things came in by which way to which outcome; the things themselves, latest first; the files.

    Things and files are None for who may not see them. An auditor of one State sees what that State sent.
    `after` is the `next` of the page before.
    """
    totals = [
        {"way": way, "outcome": outcome, "number": number}
        for way, outcome, number in connection.execute(TOTALS)
    ]
    told = {"totals": totals, "received": sum(total["number"] for total in totals)}
    if not (eyes.sees_all or eyes.audited):
        return {**told, "items": None, "next": None, "files": None}
    scope = None if eyes.sees_all else sorted(eyes.audited)
    limit = min(limit, LIMIT_MAX)
    position, number = after or (None, None)
    asked = {"entities": scope, "position": position, "number": number, "limit": limit + 1}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(PAGE, asked).fetchall()
        files = cursor.execute(FILES, [LIMIT_MAX]).fetchall() if scope is None else None
    following = (rows[limit - 1]["position"], rows[limit - 1]["number"]) if len(rows) > limit else None
    items = [_plain(row) for row in rows[:limit]]
    return {**told, "items": items, "next": following, "files": files and [_plain(row) for row in files]}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items() if name != "number"}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value) if isinstance(value, UUID) else value
