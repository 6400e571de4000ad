"""What is due of the pledges on the board: by their dates, and by how long nobody reported on them.

Must not know who is reminded of it.
"""

from __future__ import annotations

from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

SOON_DAYS = 30
# At most one by the date and one by the last report: of those that a clock jumped over only the latest.
DUE: LiteralString = """
WITH standing AS (
    SELECT pledge_id, due_until AS day,
        CASE WHEN due_until < %(today)s THEN 'overdue' WHEN due_until = %(today)s THEN 'due-today'
            ELSE 'due-soon' END AS kind
    FROM board_today WHERE public AND due_until <= %(soon)s
    UNION ALL
    SELECT pledge_id, CASE WHEN red_on <= %(today)s THEN red_on ELSE amber_on END,
        CASE WHEN red_on <= %(today)s THEN 'report-red' ELSE 'report-amber' END
    FROM board_today WHERE public AND amber_on <= %(today)s
)
SELECT pledge_id, board.entity, standing.kind, standing.day
FROM standing JOIN board USING (pledge_id) WHERE board.to_position IS NULL
ORDER BY standing.day, pledge_id, standing.kind
"""


def due(connection: Connection[Any], today: date) -> list[tuple[UUID, UUID, str, date]]:
    """What is due today: pledge, the entity that stands for its owner, kind, and since or until which day."""
    soon = date.fromordinal(today.toordinal() + SOON_DAYS)
    return connection.execute(DUE, {"today": today, "soon": soon}).fetchall()
