"""Mail to be sent: written in the transaction of what it is about, claimed before sending, sent at most once.

Must not know how mail is sent, nor addresses: they are people's data and looked up when it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg import Connection

from projections.database.pool import Pool

Outcome = Literal["sent", "refused", "unknown"]
BACKOFF_FIRST, BACKOFF_MAX = timedelta(minutes=1), timedelta(hours=6)
TRIES_MAX = 20
"""With the pauses between them about three days."""

ADD: LiteralString = "INSERT INTO outbox (id, account, about, subject, body) VALUES (%s, %s, %s, %s, %s)"
CLAIM: LiteralString = """
UPDATE outbox SET claimed_at = clock_timestamp(), tries = tries + 1
WHERE id = (
    SELECT id FROM outbox WHERE ended_at IS NULL AND claimed_at IS NULL AND due_at <= clock_timestamp()
    ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT 1
)
RETURNING id, account, about, subject, body, tries,
    (SELECT email FROM people WHERE people.account = outbox.account)
"""
END: LiteralString = """
UPDATE outbox SET ended_at = clock_timestamp(), outcome = %s, problem = %s, subject = NULL, body = NULL
WHERE id = %s AND ended_at IS NULL
"""
PUT_OFF: LiteralString = """
UPDATE outbox SET claimed_at = NULL, due_at = clock_timestamp() + %s, problem = %s
WHERE id = %s AND ended_at IS NULL
"""
# Nobody sends for that long: whoever claimed it died, before or after it was sent.
CUT_SHORT: LiteralString = """
UPDATE outbox SET ended_at = clock_timestamp(), outcome = 'unknown', subject = NULL, body = NULL,
    problem = 'sending was cut short: it may have arrived'
WHERE ended_at IS NULL AND claimed_at < clock_timestamp() - interval '10 minutes'
"""
LATEST: LiteralString = """
SELECT id, account, about, made_at, due_at, tries, ended_at, outcome, problem FROM outbox
ORDER BY made_at DESC, id LIMIT %s
"""
FORGET: LiteralString = "DELETE FROM outbox WHERE ended_at < clock_timestamp() - interval '90 days'"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that was claimed, to be sent now. `address` is None where the person was erased meanwhile."""

    id: UUID
    account: UUID
    about: str
    subject: str
    body: str
    tries: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a mail: never its words."""

    id: UUID
    account: UUID
    about: str
    made_at: datetime
    due_at: datetime
    tries: int
    ended_at: datetime | None
    outcome: Outcome | None
    problem: str | None


class Outbox:
    """All mail."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @staticmethod
    def add_in(
        connection: Connection[Any], letter: UUID, account: UUID, *, about: str, subject: str, body: str
    ) -> None:
        """Write a mail in the transaction of what it is about."""
        connection.execute(ADD, [letter, account, about, subject, body])

    def claim(self) -> Letter | None:
        """The next mail that is due; nobody else sends it from now on."""
        with self._pool.connection() as connection:
            found = connection.execute(CLAIM).fetchone()
        return Letter(*found) if found else None

    def end(self, letter: UUID, outcome: Outcome, problem: str | None = None) -> None:
        """It was sent or refused, or nobody knows; its words are forgotten."""
        with self._pool.connection() as connection:
            connection.execute(END, [outcome, problem, letter])

    def put_off(self, letter: Letter, problem: str) -> None:
        """It was certainly not sent: try again later, each time after twice as long; at last give up."""
        if letter.tries >= TRIES_MAX:
            self.end(letter.id, "refused", problem)
            return
        pause = min(BACKOFF_FIRST * 2 ** (letter.tries - 1), BACKOFF_MAX)
        with self._pool.connection() as connection:
            connection.execute(PUT_OFF, [pause, problem, letter.id])

    def end_what_was_cut_short(self) -> int:
        """Say of mail whose sending was cut short that nobody knows; how many."""
        with self._pool.connection() as connection:
            return connection.execute(CUT_SHORT).rowcount

    def latest(self, limit: int) -> list[Posted]:
        """What became of the latest mail, the latest first."""
        with self._pool.connection() as connection:
            return [Posted(*row) for row in connection.execute(LATEST, [limit])]

    def forget_old(self) -> int:
        """Forget what ended long ago; how many."""
        with self._pool.connection() as connection:
            return connection.execute(FORGET).rowcount
