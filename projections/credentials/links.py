"""Links that are mailed: an invitation, a way to a new password. Each is good once, and for a while.

Must not know addresses of pages, nor how mail is sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg import Connection

from projections.credentials.secrets import digest, new_secret
from projections.database.pool import Pool

Purpose = Literal["invitation", "reset"]
GOOD_FOR: dict[Purpose, timedelta] = {"invitation": timedelta(days=14), "reset": timedelta(hours=1)}

RESETS_AN_HOUR_MAX = 3
"""Whoever knows an address can ask for links to it. More than these are not mailed."""

SPEND: LiteralString = """
UPDATE mailed_links SET used_at = clock_timestamp() WHERE account = %s AND purpose = %s AND used_at IS NULL
"""
MADE_LATELY: LiteralString = """
SELECT count(*) FROM mailed_links WHERE account = %s AND purpose = 'reset'
    AND made_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp() + interval '5 minutes'
"""
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('reset:' || %s, 0))"
MAKE: LiteralString = """
INSERT INTO mailed_links (secret_sha256, account, purpose, expires_at)
VALUES (%s, %s, %s, clock_timestamp() + %s)
"""
# One that was made by a clock that ran ahead would be good for longer than it is meant to be.
AHEAD: LiteralString = "made_at > clock_timestamp() + interval '5 minutes'"
GOOD: LiteralString = f"purpose = %s AND used_at IS NULL AND expires_at > clock_timestamp() AND NOT {AHEAD}"
LOOK: LiteralString = f"SELECT account FROM mailed_links WHERE secret_sha256 = %s AND {GOOD}"  # noqa: S608
USE: LiteralString = f"""
UPDATE mailed_links SET used_at = clock_timestamp() WHERE secret_sha256 = %s AND {GOOD} RETURNING account
"""  # noqa: S608
OPEN_UNTIL: LiteralString = f"SELECT max(expires_at) FROM mailed_links WHERE account = %s AND {GOOD}"  # noqa: S608
FORGET: LiteralString = f"""
DELETE FROM mailed_links WHERE expires_at < clock_timestamp() - interval '30 days'
    OR purpose = 'reset' AND {AHEAD}
"""  # noqa: S608


class MailedLinks:
    """All links."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @staticmethod
    def invite_in(connection: Connection[Any], account: UUID) -> str:
        """A new invitation, in the transaction that also mails it; its secret. Those before are spent."""
        connection.execute(SPEND, [account, "invitation"])
        return _made(connection, account, "invitation")

    @staticmethod
    def reset_in(connection: Connection[Any], account: UUID) -> str | None:
        """A new way to a new password, likewise; None where enough were mailed within the hour.

        Those before stay good until one is used: a stranger who asks for one takes none from its owner.
        """
        connection.execute(LOCK, [str(account)])
        (made,) = connection.execute(MADE_LATELY, [account]).fetchone() or (0,)
        return _made(connection, account, "reset") if made < RESETS_AN_HOUR_MAX else None

    def account_of(self, secret: str, purpose: Purpose) -> UUID | None:
        """Whose link it is, if it is still good. Nothing happens: programs that scan mail look, too."""
        with self._pool.statements() as connection:
            found = connection.execute(LOOK, [digest(secret), purpose]).fetchone()
        return found[0] if found else None

    @staticmethod
    def use_in(connection: Connection[Any], secret: str, purpose: Purpose) -> UUID | None:
        """Use a link, in the transaction that does what it is for; whose it was, or None if it is no good.

        Others of the same purpose are spent with it.
        """
        found = connection.execute(USE, [digest(secret), purpose]).fetchone()
        if found:
            connection.execute(SPEND, [found[0], purpose])
        return found[0] if found else None

    def good_until(self, account: UUID, purpose: Purpose) -> datetime | None:
        """Until when somebody has a link that is still good; None if they have none."""
        with self._pool.statements() as connection:
            found = connection.execute(OPEN_UNTIL, [account, purpose]).fetchone()
        return found[0] if found else None

    def forget_old(self) -> int:
        """Forget links that ran out long ago; how many."""
        with self._pool.connection() as connection:
            return connection.execute(FORGET).rowcount


def _made(connection: Connection[Any], account: UUID, purpose: Purpose) -> str:
    secret = new_secret()
    connection.execute(MAKE, [digest(secret), account, purpose, GOOD_FOR[purpose]])
    return secret
