"""How often somebody may guess: counted by address and browser, so that nobody can lock another out.

Whoever signed in from a browser before has a count of their own there; strangers share one for the address.
"""

from __future__ import annotations

import hashlib
from typing import LiteralString

from projections.database.pool import Pool

TRIES_MAX = 10
"""Guesses in an hour, before one has to wait. A right one starts anew."""

# Counted before it is looked at, so that guesses at the same time count too. The hour begins with the first.
# An hour that has not begun yet is one of a clock that ran ahead and was set back.
TRY: LiteralString = """
INSERT INTO failed_tries AS known (whose, failures) VALUES (%s, 1)
ON CONFLICT (whose) DO UPDATE SET
    failures = CASE WHEN known.since BETWEEN excluded.since - interval '1 hour'
        AND excluded.since + interval '5 minutes' THEN known.failures + 1 ELSE 1 END,
    since = CASE WHEN known.since BETWEEN excluded.since - interval '1 hour'
        AND excluded.since + interval '5 minutes' THEN known.since ELSE excluded.since END
RETURNING failures, ceil(extract(epoch FROM since + interval '1 hour' - clock_timestamp()))::integer
"""
SUCCEEDED: LiteralString = "DELETE FROM failed_tries WHERE whose = %s"
FORGET: LiteralString = """
DELETE FROM failed_tries WHERE since NOT BETWEEN clock_timestamp() - interval '1 hour'
    AND clock_timestamp() + interval '5 minutes'
"""


def whose(address: str, browser: str | None) -> bytes:
    """What a guess counts against: the address, from a browser that is known for it or from any other."""
    return hashlib.sha256(f"{browser or ''}\n{address}".encode("utf-8", "replace")).digest()


class Tries:
    """The guesses of the last hour that were not right."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def seconds_to_wait(self, who: bytes) -> int:
        """Count a guess: 0 if it may be made, else how long until the next one may."""
        with self._pool.statements() as connection:
            failures, seconds = connection.execute(TRY, [who]).fetchall()[0]
        return max(1, seconds) if failures > TRIES_MAX else 0

    def succeeded(self, who: bytes) -> None:
        """The guess was right: those before it are forgotten."""
        with self._pool.statements() as connection:
            connection.execute(SUCCEEDED, [who])

    def forget_old(self) -> int:
        """Forget what counts no more; how many."""
        with self._pool.connection() as connection:
            return connection.execute(FORGET).rowcount
