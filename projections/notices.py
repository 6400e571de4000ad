"""Letters that follow from facts: written in one transaction with how far the facts were looked at.

Must not know whom a fact is told, nor what a letter says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID, uuid5

from domain.cycles.events import CycleClosed, CycleOpened
from domain.pledges.concerned import CONCERNED
from domain.recording import Recorded
from projections.database.mapper import read_row
from projections.database.places import END
from projections.database.pool import Pool
from projections.database.roles import SCHEMA
from projections.erasure.holding_still import HoldingStill
from projections.letters.rendering import Written
from projections.outbox import Outbox
from projections.processes import NOTICING

LETTERS = UUID("5b1d7f44-6f0e-4a5c-8d3e-0c2b9d9a7e15")
"""The name space of the ids of letters."""
AT_ONCE_MAX = 200
FACTS = [*CONCERNED, CycleOpened.NAME, CycleClosed.NAME]
"""The names of the facts of which anybody is told."""
LATE = timedelta(minutes=5)
"""What waits longer is held up: letters are written every few seconds."""

AHEAD: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE name = ANY(%b) AND position <= %b
    AND position > coalesce((SELECT position FROM {SCHEMA}.processes WHERE processes.name = %b), 0)
ORDER BY position LIMIT {AT_ONCE_MAX}
"""  # noqa: S608
WAITING: LiteralString = f"""
SELECT count(*) FROM {SCHEMA}.events WHERE name = ANY(%b)
    AND position > coalesce((SELECT position FROM {SCHEMA}.processes WHERE processes.name = %b), 0)
"""  # noqa: S608
# Only onwards: of two who do so at the same time the second finds it done.
ADVANCE: LiteralString = """
INSERT INTO processes (name, position) VALUES (%(name)s, %(position)s)
ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE processes.position < excluded.position
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter, to whom, and what it is about. `entity` is in whose place they are told."""

    to: UUID
    written: Written
    about: str
    entity: UUID | None = None
    pledge: UUID | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """The facts that nobody was told of yet: how many, and when the first was recorded."""

    facts: int
    since: datetime | None


class Notices:
    """All letters that follow from facts."""

    def __init__(self, pool: Pool, holding_still: HoldingStill) -> None:
        self._pool, self._holding_still = pool, holding_still

    def ahead(self, up_to: int) -> list[Recorded]:
        """The next facts, up to a position, that nobody was told of: so many at once."""
        with self._pool.connection() as connection:
            rows = connection.execute(AHEAD, [FACTS, up_to, NOTICING], binary=True).fetchall()
        return [read_row(*row) for row in rows]

    def waiting(self) -> Waiting:
        """How many facts nobody was told of yet, and since when the first of them waits."""
        with self._pool.connection() as connection:
            ((facts,),) = connection.execute(WAITING, [FACTS, NOTICING], binary=True).fetchall()
        ahead = self.ahead(END) if facts else []
        return Waiting(facts, ahead[0].header.recorded_at if ahead else None)

    def write(self, position: int, notices: Sequence[Notice], *, read_to: int) -> int:
        """Write the letters of the fact at a position, unless somebody was there before; how many.

        They say what was read up to another position. WordsErased if some of it was erased since.
        """
        with self._pool.connection() as connection:
            if notices:
                self._holding_still.since(connection, read_to)
            if connection.execute(ADVANCE, {"position": position, "name": NOTICING}).rowcount == 0:
                return 0
            for one in notices:
                Outbox.add_in(
                    connection, uuid5(LETTERS, f"{position} {one.to} {one.entity}"), one.to, about=one.about,
                    subject=one.written.subject, body=one.written.body, html=one.written.html,
                    pledge=one.pledge, partner=one.entity, is_held=one.is_held,
                )  # fmt: skip
        return len(notices)

    def pass_by(self, position: int) -> bool:
        """Whatever was recorded up to a position is told nobody any more; whether there was something."""
        with self._pool.connection() as connection:
            return connection.execute(ADVANCE, {"position": position, "name": NOTICING}).rowcount > 0
