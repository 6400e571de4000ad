"""Sessions of browsers: who is signed in where, until when. The cookie holds a secret, the table its digest.

Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.credentials.secrets import digest, new_secret
from projections.database.people import Standing
from projections.database.pool import Pool

DEVICE_CHARS_MAX = 200

BEGIN: LiteralString = "INSERT INTO web_sessions (secret_sha256, account, device) VALUES (%s, %s, %s)"
# What was begun or used by a clock that ran ahead would be good for longer than it is meant to be.
AHEAD: LiteralString = "greatest(began_at, last_used_at) > clock_timestamp() + interval '5 minutes'"
# With what the account's roles follow from, as for tokens.
STANDING: LiteralString = f"""
SELECT id, account,
    (SELECT coalesce(max(stream_version), 0) FROM events WHERE stream = open_web_sessions.account),
    (SELECT coalesce(max(position), 0) FROM events WHERE name = 'entity.merged'),
    last_used_at < clock_timestamp() - interval '1 minute'
FROM open_web_sessions WHERE secret_sha256 = %s AND NOT {AHEAD}
"""  # noqa: S608
USED: LiteralString = "UPDATE web_sessions SET last_used_at = clock_timestamp() WHERE id = %s"
END: LiteralString = """
UPDATE web_sessions SET ended_at = clock_timestamp() WHERE account = %s AND id = %s AND ended_at IS NULL
"""
END_ALL: LiteralString = """
UPDATE web_sessions SET ended_at = clock_timestamp()
WHERE account = %s AND ended_at IS NULL AND id IS DISTINCT FROM %s
"""
OPEN: LiteralString = f"""
SELECT id, device, began_at, last_used_at FROM open_web_sessions WHERE account = %s AND NOT {AHEAD}
ORDER BY began_at DESC
"""  # noqa: S608
FORGET: LiteralString = f"""
DELETE FROM web_sessions WHERE began_at < clock_timestamp() - interval '30 days' OR {AHEAD}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class WebSession:
    """A session that is open: from which browser, since when, last used when (to the minute)."""

    id: UUID
    device: str
    began_at: datetime
    last_used_at: datetime


class WebSessions:
    """All sessions."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @staticmethod
    def begin_in(connection: Connection[Any], account: UUID, device: str) -> str:
        """Begin a session, in a transaction of the caller's; the secret that its cookie holds."""
        secret = new_secret()
        connection.execute(BEGIN, [digest(secret), account, device[:DEVICE_CHARS_MAX]])
        return secret

    def standing_of(self, secret: str) -> tuple[UUID, Standing] | None:
        """The session of a secret and whose it is, if it is still good; it then goes on for longer."""
        with self._pool.statements() as connection:
            found = connection.execute(STANDING, [digest(secret)]).fetchone()
            if found is None:
                return None
            session, *standing, is_news = found
            if is_news:
                connection.execute(USED, [session])
        return session, Standing(*standing)

    def open(self, account: UUID) -> list[WebSession]:
        """Where an account is signed in, the latest first."""
        with self._pool.connection() as connection:
            return [WebSession(*row) for row in connection.execute(OPEN, [account])]

    def end(self, account: UUID, session: UUID) -> bool:
        """End one session of an account; whether it was open."""
        with self._pool.connection() as connection:
            return connection.execute(END, [account, session]).rowcount > 0

    @staticmethod
    def end_all_in(connection: Connection[Any], account: UUID, *, but: UUID | None = None) -> int:
        """End all sessions of an account but one, in a transaction of the caller's; how many."""
        return connection.execute(END_ALL, [account, but]).rowcount

    @staticmethod
    def ending_all(account: UUID) -> AlsoWrite:
        """All sessions of an account end when something is recorded of it."""

        def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
            WebSessions.end_all_in(connection, account)

        return write

    def forget_old(self) -> int:
        """Forget sessions that ended long ago, or were begun by a clock that ran ahead; how many."""
        with self._pool.connection() as connection:
            return connection.execute(FORGET).rowcount
