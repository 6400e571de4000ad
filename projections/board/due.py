"""What is due of the pledges on the board: by dates, by silence, and of those who take part.

Must not know who is reminded of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.pledges.asked_of_parties import SOON_DAYS, DueKind, asked_of_parties
from domain.pledges.state import Pledge
from projections.board.codes import TYPE

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
WITH_PARTIES: LiteralString = """
SELECT board.entity, states.state
FROM board JOIN board_states AS states
    ON states.pledge_id = board.pledge_id AND states.from_position = board.state_position
WHERE board.to_position IS NULL AND (board.invited IS NOT NULL OR (board.public AND board.type = %b))
ORDER BY board.pledge_id
"""
SINCE: LiteralString = """
SELECT DISTINCT ON (pledge, concerns) pledge, concerns, recorded_at
FROM timeline_entries
WHERE pledge = ANY(%s) AND name IN ('pledge.partner-invited', 'pledge.partner-joined')
ORDER BY pledge, concerns, position DESC
"""

_decoder = msgspec.msgpack.Decoder(Pledge)


@dataclass(frozen=True, slots=True)
class Due:
    """Something of a pledge that is due, or was, on a day.

    `entity` is of whom: who stands for the owner, or else the `partner`.
    """

    pledge: UUID
    entity: UUID
    kind: DueKind
    day: date
    partner: UUID | None = None


def due(connection: Connection[Any], today: date) -> list[Due]:
    """What is due today. Needs the timeline."""
    soon = date.fromordinal(today.toordinal() + SOON_DAYS)
    rows = connection.execute(DUE, {"today": today, "soon": soon}).fetchall()
    return [*(Due(*row) for row in rows), *_of_parties(connection, today)]


def _of_parties(connection: Connection[Any], today: date) -> Iterator[Due]:
    rows = connection.execute(WITH_PARTIES, [TYPE.number("matching")], binary=True).fetchall()
    pledges = [(owner, _decoder.decode(state)) for owner, state in rows]
    since: dict[UUID, dict[UUID, date]] = defaultdict(dict)
    for pledge_id, partner, at in connection.execute(SINCE, [[one.id for _, one in pledges]]):
        since[pledge_id][partner] = at.date()
    for owner, pledge in pledges:
        for asked in asked_of_parties(pledge, since[pledge.id], today):
            yield Due(pledge.id, asked.partner or owner, asked.kind, asked.day, asked.partner)
