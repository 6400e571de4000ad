"""Passkeys of accounts: the public halves, and which challenges were answered already.

Must not know HTTP, nor how an answer is verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from projections.credentials.secrets import digest
from projections.database.pool import Pool

ADD: LiteralString = """
INSERT INTO passkeys (credential, account, label, public_key, signatures) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (credential) DO NOTHING
"""
OF_ACCOUNT: LiteralString = """
SELECT credential, account, label, public_key, signatures, made_at, last_used_at FROM passkeys
WHERE account = %s ORDER BY made_at, credential
"""
KNOWN: LiteralString = """
SELECT credential, account, label, public_key, signatures, made_at, last_used_at FROM passkeys
WHERE credential = %s
"""
USED: LiteralString = """
UPDATE passkeys SET signatures = %s, last_used_at = clock_timestamp() WHERE credential = %s
"""
REMOVE: LiteralString = "DELETE FROM passkeys WHERE account = %s AND credential = %s"
REMOVE_ALL: LiteralString = "DELETE FROM passkeys WHERE account = %s"
ANSWER: LiteralString = """
INSERT INTO answered_challenges (challenge_sha256) VALUES (%s) ON CONFLICT DO NOTHING
"""
FORGET: LiteralString = """
DELETE FROM answered_challenges WHERE answered_at < clock_timestamp() - interval '1 day'
"""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey: its id, whose it is, what it is called, with what its signatures are checked."""

    credential: bytes
    account: UUID
    label: str
    public_key: bytes
    signatures: int
    made_at: datetime
    last_used_at: datetime | None


class Passkeys:
    """All passkeys."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @staticmethod
    def add_in(connection: Connection[Any], passkey: tuple[bytes, UUID, str, bytes, int]) -> bool:
        """Keep id, account, label, public half and count, in the caller's transaction; False if known."""
        return connection.execute(ADD, passkey).rowcount > 0

    def of(self, account: UUID) -> list[Passkey]:
        """The passkeys of an account, the oldest first."""
        with self._pool.statements() as connection:
            return [Passkey(*row) for row in connection.execute(OF_ACCOUNT, [account])]

    def known(self, credential: bytes) -> Passkey | None:
        """The passkey with that id."""
        with self._pool.statements() as connection:
            found = connection.execute(KNOWN, [credential]).fetchone()
        return Passkey(*found) if found else None

    def used(self, credential: bytes, signatures: int) -> None:
        """It proved whose account it is, for the so-manieth time."""
        with self._pool.statements() as connection:
            connection.execute(USED, [signatures, credential])

    def is_first_answer(self, challenge: str) -> bool:
        """Whether nobody has answered this challenge before. From now on somebody has."""
        with self._pool.statements() as connection:
            return connection.execute(ANSWER, [digest(challenge)]).rowcount > 0

    @staticmethod
    def remove_in(connection: Connection[Any], account: UUID, credential: bytes | None = None) -> int:
        """Forget one passkey of an account, or all of them, in a transaction of the caller's; how many."""
        if credential is None:
            return connection.execute(REMOVE_ALL, [account]).rowcount
        return connection.execute(REMOVE, [account, credential]).rowcount

    def forget_old(self) -> int:
        """Forget challenges that are too old to be answered; how many."""
        with self._pool.connection() as connection:
            return connection.execute(FORGET).rowcount
