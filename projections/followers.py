"""Who follows what by mail: asked for, confirmed by a mailed link, told of changes, left.

Must not know addresses of pages, nor what a digest says. Addresses of people stand in their own table.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from psycopg import Connection

from projections.database.pool import Pool
from projections.erasure.holding_still import HoldingStill
from projections.letters.rendering import Written
from projections.moments import Moment
from projections.outbox import Outbox

Kind = Literal["pledge", "entity", "objective"]
Rhythm = Literal["day", "week"]
KINDS: tuple[Kind, ...] = ("pledge", "entity", "objective")
RHYTHMS: tuple[Rhythm, ...] = ("day", "week")
CONFIRM_WITHIN = timedelta(days=7)
ASKED_A_DAY_MAX = 10
"""So many letters a day are mailed to an address whose owner did not ask for them, at most."""
DIGEST, CONFIRMATION = "digest", "follow"

ASKED_LATELY: LiteralString = """
SELECT count(*), coalesce(bool_or(kind = %s AND followed = %s AND asked_at > clock_timestamp()
    - interval '1 hour'), false)
FROM followings
WHERE account = %s AND confirmed_at IS NULL AND asked_at > clock_timestamp() - interval '1 day'
"""
ASK: LiteralString = """
INSERT INTO followings (account, kind, followed, rhythm) VALUES (%s, %s, %s, %s)
ON CONFLICT (account, kind, followed) DO UPDATE SET asked_at = clock_timestamp(), rhythm = excluded.rhythm
WHERE followings.confirmed_at IS NULL
RETURNING account
"""
# Whoever asks may be a stranger: what is known of the owner of an address stays.
SPEAKS: LiteralString = "UPDATE people SET language = %s WHERE account = %s AND language IS NULL"
CONFIRM: LiteralString = """
UPDATE followings SET confirmed_at = coalesce(confirmed_at, clock_timestamp())
WHERE account = %s AND kind = %s AND followed = %s RETURNING rhythm
"""
BEGIN: LiteralString = """
INSERT INTO followers (account, rhythm, told_to, told_at, told_on) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (account) DO UPDATE SET rhythm = excluded.rhythm
"""
OF: LiteralString = """
SELECT kind, followed FROM followings WHERE account = %s AND confirmed_at IS NOT NULL ORDER BY kind, followed
"""
ASKED: LiteralString = "SELECT account FROM followings WHERE account = %s AND kind = %s AND followed = %s"
# A day in the future is one of a clock that was set back.
DUE: LiteralString = """
SELECT followers.account, told_to, told_at, language,
    (SELECT array_agg(ARRAY[kind, followed] ORDER BY kind, followed) FROM followings
        WHERE followings.account = followers.account AND confirmed_at IS NOT NULL)
FROM followers JOIN people ON people.account = followers.account
WHERE told_to < %(position)s AND (told_on > %(today)s
    OR told_on <= %(today)s - CASE rhythm WHEN 'day' THEN 1 ELSE 7 END)
ORDER BY followers.account
"""
TELL: LiteralString = """
UPDATE followers SET told_to = %s, told_at = %s, told_on = %s WHERE account = %s AND told_to = %s
RETURNING account
"""
LEAVE: LiteralString = "DELETE FROM followings WHERE account = %s AND (kind || ':' || followed) = ANY(%s)"
LEAVE_ALL: LiteralString = "DELETE FROM followings WHERE account = %s"
# What was written and not sent yet is not sent any more.
UNSENT: LiteralString = """
UPDATE outbox SET ended_at = clock_timestamp(), outcome = 'dropped', problem = 'no longer followed',
    subject = NULL, body = NULL, html = NULL, leave_at = NULL
WHERE account = %s AND about = 'digest' AND ended_at IS NULL AND claimed_at IS NULL
"""
NO_MORE: LiteralString = """
DELETE FROM followers WHERE NOT EXISTS (
    SELECT FROM followings WHERE followings.account = followers.account AND confirmed_at IS NOT NULL
) AND account = ANY(%s)
"""
# An address that was given to follow something, and is no account's, is kept no longer than that.
FORGET_PEOPLE: LiteralString = """
DELETE FROM people WHERE account = ANY(%s)
    AND NOT EXISTS (SELECT FROM followings WHERE followings.account = people.account)
    AND NOT EXISTS (SELECT FROM events WHERE stream = people.account)
"""
FORGET: LiteralString = """
DELETE FROM followings WHERE confirmed_at IS NULL AND asked_at < clock_timestamp() - interval '7 days'
RETURNING account
"""


@dataclass(frozen=True, slots=True)
class Following:
    """What somebody follows."""

    kind: Kind
    followed: str

    @property
    def key(self) -> str:
        """How forms name it."""
        return f"{self.kind}:{self.followed}"


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who is to be told what changed after a position."""

    account: UUID
    told_to: int
    told_at: datetime
    language: str | None
    followings: tuple[Following, ...]


class Followers:
    """All who follow something."""

    def __init__(self, pool: Pool, secret: str, holding_still: HoldingStill) -> None:
        self._pool, self._holding_still = pool, holding_still
        self._confirming = URLSafeTimedSerializer(secret, salt="follow")
        self._leaving = URLSafeSerializer(secret, salt="unfollow")

    # -- the keys of mailed links

    def confirming_key(self, account: UUID, following: Following) -> str:
        """What a link has to confirm that somebody follows something."""
        return str(self._confirming.dumps([str(account), following.kind, following.followed]))

    def leaving_key(self, account: UUID) -> str:
        """What a link has to leave, for as long as somebody follows."""
        return str(self._leaving.dumps(str(account)))

    def to_confirm(self, key: str) -> tuple[UUID, Following] | None:
        """Who wants to follow what, if the link is still good."""
        try:
            account, kind, followed = self._confirming.loads(key, max_age=int(CONFIRM_WITHIN.total_seconds()))
        except (BadSignature, ValueError, TypeError):
            return None
        found = UUID(account), Following(kind, followed)
        with self._pool.statements() as connection:
            return found if connection.execute(ASKED, [found[0], kind, followed]).fetchone() else None

    def leaving(self, key: str) -> UUID | None:
        """Whose link it is to leave."""
        try:
            return UUID(self._leaving.loads(key))
        except (BadSignature, ValueError, TypeError, AttributeError):
            return None

    # -- following and leaving

    @staticmethod
    def ask_in(
        connection: Connection[Any], account: UUID, following: Following, rhythm: Rhythm, language: str
    ) -> bool:
        """Note that whoever has the address may want to follow; whether a link is to be mailed."""
        asked, is_news = connection.execute(
            ASKED_LATELY, [following.kind, following.followed, account]
        ).fetchone() or (0, False)
        if asked >= ASKED_A_DAY_MAX or is_news:
            return False
        connection.execute(SPEAKS, [language, account])
        row = [account, following.kind, following.followed, rhythm]
        return connection.execute(ASK, row).fetchone() is not None

    def confirm(self, account: UUID, following: Following, *, moment: Moment, today: date) -> bool:
        """They follow it from now on; False if they have left meanwhile."""
        with self._pool.connection() as connection:
            found = connection.execute(CONFIRM, [account, following.kind, following.followed]).fetchone()
            if found is None:
                return False
            connection.execute(BEGIN, [account, found[0], moment.position, moment.at, today])
        return True

    def of(self, account: UUID) -> list[Following]:
        """What somebody follows."""
        with self._pool.connection() as connection:
            return [Following(*row) for row in connection.execute(OF, [account])]

    def leave(self, account: UUID, keys: Collection[str] | None = None) -> None:
        """They follow this no more, or nothing; the address is forgotten if it is no account's."""
        with self._pool.connection() as connection:
            if keys is None:
                connection.execute(LEAVE_ALL, [account])
            else:
                connection.execute(LEAVE, [account, list(keys)])
            if connection.execute(NO_MORE, [[account]]).rowcount or keys is None:
                connection.execute(UNSENT, [account])
            connection.execute(FORGET_PEOPLE, [[account]])

    # -- telling

    def due(self, position: int, today: date) -> list[Follower]:
        """Who is to be told what changed up to a position."""
        with self._pool.connection() as connection:
            rows = connection.execute(DUE, {"position": position, "today": today}).fetchall()
        return [
            Follower(account, told_to, told_at, language, tuple(Following(*one) for one in found or ()))
            for account, told_to, told_at, language, found in rows
        ]

    def tell(
        self, follower: Follower, moment: Moment, today: date, letter: UUID, written: Written | None
    ) -> bool:
        """Write the letter, if there is anything to tell, and note in the same transaction what was told.

        False if somebody else told them meanwhile, or they left. WordsErased if words were since that moment.
        """
        row = [moment.position, moment.at, today, follower.account, follower.told_to]
        with self._pool.connection() as connection:
            self._holding_still.since(connection, moment.position)
            if connection.execute(TELL, row).fetchone() is None:
                return False
            if written is not None:
                Outbox.add_in(
                    connection, letter, follower.account, about=DIGEST, subject=written.subject,
                    body=written.body, html=written.html, leave_at=written.leave,
                )  # fmt: skip
        return True

    def forget_old(self) -> int:
        """Forget who asked long ago and never confirmed; how many."""
        with self._pool.connection() as connection:
            gone = [account for (account,) in connection.execute(FORGET)]
            connection.execute(FORGET_PEOPLE, [gone])
        return len(gone)


def kind_of(text: str) -> Kind | None:
    """What can be followed, by its name."""
    return next((kind for kind in KINDS if kind == text), None)
