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
from projections.database.roles import SCHEMA
from projections.intake.read_model import IntakeModel
from projections.intake.receipts import WAITING
from projections.moments import Moment

LIMIT_MAX = 200

# An outcome that nothing has any more stays, with 0.
TOTALS = "SELECT way, outcome, number FROM intake_totals WHERE number > 0 ORDER BY way, outcome"
STANDS_AT = """
SELECT EXISTS (
    SELECT FROM read_models WHERE name = 'intake' AND version = %(version)s AND position = %(at)s
)
"""
# A thing is decided once: before its decision it waited.
TOTALS_THEN = f"""
SELECT way, CASE WHEN decided_at <= %(at)s THEN outcome ELSE '{WAITING}' END AS then, count(*)
FROM intake_receipts WHERE position <= %(at)s GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608
PAGE = f"""
SELECT position, number, way, CASE WHEN decided_at <= %(at)s THEN outcome ELSE '{WAITING}' END AS outcome,
    received_at, CASE WHEN decided_at <= %(at)s THEN decided_at END AS decided_at, pledge, entity, file, ref,
    problem
FROM intake_receipts
WHERE position <= %(at)s
  AND (%(entities)s::uuid[] IS NULL OR entity = ANY(%(entities)s))
  AND (%(position)s::bigint IS NULL OR (position, number) < (%(position)s, %(number)s::integer))
ORDER BY position DESC, number DESC LIMIT %(limit)s
"""  # noqa: S608
FILES = f"""
SELECT id, started_position, started_at,
    CASE WHEN finished_at <= (
        SELECT recorded_at FROM {SCHEMA}.events WHERE position <= %(at)s ORDER BY position DESC LIMIT 1
    ) THEN finished_at END AS finished_at,
    sha256, media, mode, rows, is_sample
FROM intake_files WHERE started_position <= %(at)s ORDER BY started_position DESC LIMIT %(limit)s
"""  # noqa: S608


def intake(
    connection: Connection[Any],
    *,
    eyes: Eyes,
    moment: Moment,
    limit: int = 50,
    after: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """How many things came in by which way to which outcome; the things themselves, latest first; the files.

    All of it as it was at the moment. Things and files are None for who may not see them. An auditor of one
    State sees what that State sent.
    `after` is the `next` of the page before.
    """
    at = {"at": moment.position}
    totals = _totals(connection, at)
    told = {"totals": totals, "received": sum(total["number"] for total in totals)}
    if not (eyes.sees_all or eyes.audited):
        return {**told, "items": None, "next": None, "files": None}
    scope = None if eyes.sees_all else sorted(eyes.audited)
    limit = min(limit, LIMIT_MAX)
    position, number = after or (None, None)
    asked = {**at, "entities": scope, "position": position, "number": number, "limit": limit + 1}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(PAGE, asked).fetchall()
        files = cursor.execute(FILES, {**at, "limit": LIMIT_MAX}).fetchall() if scope is None else None
    following = (rows[limit - 1]["position"], rows[limit - 1]["number"]) if len(rows) > limit else None
    items = [_plain(row) for row in rows[:limit]]
    return {**told, "items": items, "next": following, "files": files and [_plain(row) for row in files]}


def _totals(connection: Connection[Any], at: Mapping[str, int]) -> list[dict[str, Any]]:
    """Those that are kept are of where the read model stands; of any other position they are counted."""
    stands_there = connection.execute(STANDS_AT, {**at, "version": IntakeModel.version}).fetchone()
    found = connection.execute(TOTALS if stands_there == (True,) else TOTALS_THEN, at)
    return [{"way": way, "outcome": outcome, "number": number} for way, outcome, number in found]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items() if name != "number"}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value) if isinstance(value, UUID) else value
