"""Reminders that were written: of a pledge, of one kind, for one day, once for ever.

Must not know what is due, nor what a reminder says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from projections.board.due import due
from projections.database.pool import Pool
from projections.letters.rendering import Written
from projections.outbox import Outbox

KNOWN: LiteralString = """
SELECT pledge, kind, day FROM reminders WHERE pledge = ANY(%s)
"""
WRITE: LiteralString = """
INSERT INTO reminders (pledge, kind, day) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING pledge
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Something of a pledge that is due, or was, on a day; `entity` stands for its owner."""

    pledge: UUID
    entity: UUID
    kind: str
    day: date

    @property
    def key(self) -> tuple[UUID, str, date]:
        """What a reminder of it is known by."""
        return self.pledge, self.kind, self.day


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter and to whom."""

    id: UUID
    account: UUID
    written: Written


class Reminders:
    """All reminders."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def due(self, today: date) -> list[Due]:
        """All that is due on a day."""
        with self._pool.connection() as connection:
            return [Due(*row) for row in due(connection, today)]

    def unwritten(self, found: Collection[Due]) -> list[Due]:
        """Those of which nobody was reminded yet."""
        pledges = list({one.pledge for one in found})
        with self._pool.connection() as connection:
            known = set(connection.execute(KNOWN, [pledges]).fetchall())
        return [one for one in found if one.key not in known]

    def write(self, one: Due, letters: Sequence[Addressed], *, is_held: bool) -> bool:
        """Write the letters, unless somebody reminded of it before; whether this one did."""
        with self._pool.connection() as connection:
            if connection.execute(WRITE, one.key).fetchone() is None:
                return False
            for letter in letters:
                written = letter.written
                Outbox.add_in(
                    connection, letter.id, letter.account, about=one.kind, subject=written.subject,
                    body=written.body, html=written.html,
                    pledge=one.pledge, day=one.day, is_held=is_held,
                )  # fmt: skip
        return True
