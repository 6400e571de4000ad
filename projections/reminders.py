"""Reminders that were written: of a pledge or a part of it, of one kind, for one day, once for ever.

Must not know what is due, nor what a reminder says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from projections.board.due import Due, due
from projections.database.pool import Pool
from projections.erasure.holding_still import HoldingStill
from projections.letters.rendering import Written
from projections.outbox import Outbox, RemindsOf

# The id of nobody stands for the owner, so that the row has a key.
NOBODY: LiteralString = "'00000000-0000-0000-0000-000000000000'::uuid"
KNOWN: LiteralString = f"""
SELECT pledge, nullif(partner, {NOBODY}), kind, day FROM reminders WHERE pledge = ANY(%s)
"""  # noqa: S608
WRITE: LiteralString = f"""
INSERT INTO reminders (pledge, partner, kind, day) VALUES (%s, coalesce(%s::uuid, {NOBODY}), %s, %s)
ON CONFLICT DO NOTHING RETURNING pledge
"""  # noqa: S608


def key(one: Due) -> RemindsOf:
    """What a reminder of something is known by."""
    return one.pledge, one.partner, one.kind, one.day


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter and to whom."""

    id: UUID
    account: UUID
    written: Written


class Reminders:
    """All reminders."""

    def __init__(self, pool: Pool, holding_still: HoldingStill) -> None:
        self._pool, self._holding_still = pool, holding_still

    def due(self, today: date) -> list[Due]:
        """All that is due on a day."""
        with self._pool.connection() as connection:
            return due(connection, today)

    def unwritten(self, found: Collection[Due]) -> list[Due]:
        """Those of which nobody was reminded yet."""
        pledges = list({one.pledge for one in found})
        with self._pool.connection() as connection:
            known = set(connection.execute(KNOWN, [pledges]).fetchall())
        return [one for one in found if key(one) not in known]

    def write(
        self,
        one: Due,
        letters: Sequence[Addressed],
        *,
        read_to: int,
        is_held: bool,
        says_too: Collection[Due] = (),
    ) -> bool:
        """Write the letters, unless somebody reminded of it before; whether this one did.

        What they say too is not reminded of by itself any more. They say what was read up to a position:
        WordsErased if some of it was erased since.
        """
        with self._pool.connection() as connection:
            self._holding_still.since(connection, read_to)
            if connection.execute(WRITE, key(one)).fetchone() is None:
                return False
            for other in says_too:
                connection.execute(WRITE, key(other))
            for letter in letters:
                written = letter.written
                Outbox.add_in(
                    connection, letter.id, letter.account, about=one.kind, subject=written.subject,
                    body=written.body, html=written.html,
                    pledge=one.pledge, partner=one.partner, day=one.day, is_held=is_held,
                )  # fmt: skip
        return True
