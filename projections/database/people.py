"""People's data, apart from the events so that it can be erased: addresses of accounts, and hashed tokens.

Must not know what an account may do; that follows from its events.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

from psycopg import Connection

from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.database.pool import Pool

# As mail servers everywhere take them: signs of atoms (RFC 5322) alone, and none that a header would decode.
EMAIL = re.compile(
    r"(?!.*=\?)[\w.!#$%&'*+/=?^`{|}~-]+@(?:[a-z\d-]+\.)+[a-z\d-]*[a-z][a-z\d-]*\Z", re.ASCII | re.IGNORECASE
)
EMAIL_CHARS_MAX = 254
TOKEN_PREFIX = "pledges_"  # noqa: S105 - so that a token that leaked can be told from other texts
TOKEN_BYTES = 32

ADD: LiteralString = """
INSERT INTO people (account, email) VALUES (%s, %s) ON CONFLICT (email) DO NOTHING RETURNING account
"""
BY_EMAIL: LiteralString = "SELECT account FROM people WHERE email = %s"
EMAIL_OF: LiteralString = "SELECT email FROM people WHERE account = %s"
SPEAKS: LiteralString = """
UPDATE people SET language = %s WHERE account = %s AND language IS DISTINCT FROM %s
"""
READERS: LiteralString = "SELECT account, language FROM people WHERE account = ANY(%s)"
ALL: LiteralString = "SELECT account, email, created_at FROM people ORDER BY email"
KEPT: LiteralString = """
INSERT INTO tokens (token_sha256, account, id, label, expires_at, roles, reads_only)
VALUES (%s, %s, coalesce(%s, gen_random_uuid()), %s, %s, %s, %s)
"""
OF_ACCOUNT: LiteralString = """
SELECT id, label, created_at, expires_at, revoked_at, last_used_at, roles, reads_only,
    revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
FROM tokens
WHERE account = %s ORDER BY created_at, id
"""
REVOKE: LiteralString = """
UPDATE tokens SET revoked_at = clock_timestamp() WHERE account = %s AND id = %s AND revoked_at IS NULL
"""
# To the hour: whoever asks a hundred times a second writes this down once.
USED: LiteralString = "UPDATE tokens SET last_used_at = clock_timestamp() WHERE token_sha256 = %s"
REVOKE_TOKENS: LiteralString = """
UPDATE tokens SET revoked_at = clock_timestamp() WHERE account = %s AND revoked_at IS NULL
"""
# With what the account's roles follow from: so who asks again is known again, unless something changed.
STANDING: LiteralString = """
SELECT account,
    (SELECT coalesce(max(stream_version), 0) FROM events WHERE stream = tokens.account),
    (SELECT coalesce(max(position), 0) FROM events WHERE name = 'entity.merged'),
    roles, reads_only, coalesce(last_used_at, '-infinity') < clock_timestamp() - interval '1 hour'
FROM tokens
WHERE token_sha256 = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose account it is."""

    account: UUID
    email: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """What is known of a token: never the token. `last_used_at` is told to the hour."""

    id: UUID
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    roles: Sequence[str] | None
    reads_only: bool
    is_good: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token may do of what its account may: in these roles, in all where it is None; read alone."""

    roles: Sequence[str] | None = None
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """An account, how often it was changed, when entities were last merged: what its roles depend on."""

    account: UUID
    version: int
    last_merge: int


def same_address(email: str) -> str:
    """How addresses are told apart: case does not make another one."""
    return email.strip().casefold()


def is_address(email: str) -> bool:
    """Whether it looks like an e-mail address, and one only."""
    return EMAIL.match(email.strip()) is not None and len(email) <= EMAIL_CHARS_MAX


class People:
    """Addresses of accounts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, account: UUID, email: str) -> UUID:
        """Note whose account it is; the account that has this address already, if there is one."""
        with self._pool.connection() as connection:
            return self.add_in(connection, account, email)

    @staticmethod
    def add_in(connection: Connection[Any], account: UUID, email: str) -> UUID:
        """The same in a transaction of the caller's."""
        address = same_address(email)
        if connection.execute(ADD, [account, address]).fetchone():
            return account
        (known,) = connection.execute(BY_EMAIL, [address]).fetchone() or (account,)
        return cast("UUID", known)

    def account_of(self, email: str) -> UUID | None:
        """The account with an address."""
        with self._pool.connection() as connection:
            found = connection.execute(BY_EMAIL, [same_address(email)]).fetchone()
        return found[0] if found else None

    def email_of(self, account: UUID) -> str | None:
        """The address of an account."""
        with self._pool.statements() as connection:
            found = connection.execute(EMAIL_OF, [account]).fetchone()
        return found[0] if found else None

    @staticmethod
    def speaks_in(connection: Connection[Any], account: UUID, language: str) -> None:
        """Note the language in which somebody reads, in a transaction of the caller's."""
        connection.execute(SPEAKS, [language, account, language])

    def languages_of(self, accounts: Collection[UUID]) -> dict[UUID, str | None]:
        """Those of some accounts that can be written to, each with the language in which they read."""
        with self._pool.connection() as connection:
            return dict(connection.execute(READERS, [list(accounts)]).fetchall())

    def all(self) -> list[Person]:
        """Everybody, in the order of their addresses."""
        with self._pool.connection() as connection:
            return [Person(*row) for row in connection.execute(ALL)]


class Tokens:
    """Tokens for programs: shown once, kept as their SHA-256."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def issue(
        self,
        account: UUID,
        *,
        token_id: UUID | None = None,
        label: str = "",
        expires_at: datetime | None = None,
        scope: Scope = Scope(),
    ) -> str:
        """A new token of an account. Nobody can show it again."""
        token = self.new()
        with self._pool.connection() as connection:
            self._keep(connection, token, [account, token_id, label, expires_at], scope)
        return token

    @staticmethod
    def new() -> str:
        """A token that is nobody's yet."""
        return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)

    @classmethod
    def keeping(
        cls,
        token: str,
        account: UUID,
        token_id: UUID,
        *,
        label: str,
        expires_at: datetime,
        scope: Scope,
    ) -> AlsoWrite:
        """A token becomes an account's when it is recorded that it was issued."""

        def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
            cls._keep(connection, token, [account, token_id, label, expires_at], scope)

        return write

    @staticmethod
    def _keep(connection: Connection[Any], token: str, row: Sequence[Any], scope: Scope) -> None:
        roles = None if scope.roles is None else list(scope.roles)
        connection.execute(KEPT, [_sha256(token), *row, roles, scope.reads_only])

    def of(self, account: UUID) -> list[IssuedToken]:
        """The tokens of an account, the oldest first."""
        with self._pool.connection() as connection:
            return [IssuedToken(*row) for row in connection.execute(OF_ACCOUNT, [account])]

    @staticmethod
    def revoking(account: UUID, token_id: UUID) -> AlsoWrite:
        """One token becomes worthless when it is recorded that it was revoked."""

        def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
            connection.execute(REVOKE, [account, token_id])

        return write

    def revoke_all(self, account: UUID) -> int:
        """Make all tokens of an account worthless; how many there were."""
        with self._pool.connection() as connection:
            return connection.execute(REVOKE_TOKENS, [account]).rowcount

    def standing_of(self, token: str) -> tuple[Standing, Scope] | None:
        """Whose token it is and what it may do, if it is good today."""
        with self._pool.statements() as connection:
            found = connection.execute(STANDING, [_sha256(token)]).fetchone()
            if found is None:
                return None
            *standing, roles, reads_only, is_news = found
            if is_news:
                connection.execute(USED, [_sha256(token)])
        return Standing(*standing), Scope(roles, reads_only)


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
