"""Letters that follow from facts: written in one transaction with how far the facts were looked at.

Must not know whom a fact is told, nor what a letter says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID, uuid5

from domain.recording import Recorded
from projections.database.mapper import read_row
from projections.database.pool import Pool
from projections.database.roles import SCHEMA
from projections.letters.rendering import Written
from projections.outbox import Outbox
from projections.processes import NOTICING

LETTERS = UUID("5b1d7f44-6f0e-4a5c-8d3e-0c2b9d9a7e15")
"""The name space of the ids of letters."""
AT_ONCE_MAX = 200

AHEAD: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE name = ANY(%b) AND position <= %b
    AND position > coalesce((SELECT position FROM {SCHEMA}.processes WHERE processes.name = %b), 0)
ORDER BY position LIMIT {AT_ONCE_MAX}
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


class Notices:
    """All letters that follow from facts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def ahead(self, names: Collection[str], up_to: int) -> list[Recorded]:
        """The next facts with these names, up to a position, that nobody was told of: so many at once."""
        with self._pool.connection() as connection:
            rows = connection.execute(AHEAD, [list(names), up_to, NOTICING], binary=True).fetchall()
        return [read_row(*row) for row in rows]

    def write(self, position: int, notices: Sequence[Notice]) -> int:
        """Write the letters of the fact at a position, unless somebody was there before; how many."""
        with self._pool.connection() as connection:
            if connection.execute(ADVANCE, {"position": position, "name": NOTICING}).rowcount == 0:
                return 0
            for one in notices:
                Outbox.add_in(
                    connection, uuid5(LETTERS, f"{position} {one.to} {one.entity}"), one.to, about=one.about,
                    subject=one.written.subject, body=one.written.body, html=one.written.html,
                    pledge=one.pledge, is_held=one.is_held,
                )  # fmt: skip
        return len(notices)

    def pass_by(self, position: int) -> None:
        """Whatever was recorded up to a position is told nobody any more."""
        self.write(position, ())
