"""Passwords: what makes one good enough, and whether one is right.

The rules are those of NIST SP 800-63B, section 3.1.1.2: a length, no common ones, no other demands.
"""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg import Connection
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from projections.database.pool import Pool

CHARS_MIN, CHARS_MAX = 12, 200
OWN_WORD_CHARS_MIN = 4
COMMON = frozenset(FREQUENCY_LISTS["passwords"])

HASH: LiteralString = "SELECT hash FROM passwords WHERE account = %s"
SET: LiteralString = """
INSERT INTO passwords (account, hash) VALUES (%s, %s)
ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, changed_at = clock_timestamp()
"""
REHASHED: LiteralString = "UPDATE passwords SET hash = %s WHERE account = %s AND hash = %s"

_hasher = PasswordHasher()
_NOBODYS = _hasher.hash("the password of nobody")


def problems_of(password: str, email: str) -> list[str]:
    """What is wrong with a new password of whoever has that address; nothing if it may be used."""
    if len(password) < CHARS_MIN:
        return [f"must have at least {CHARS_MIN} characters; a few words together are good."]
    if len(password) > CHARS_MAX:
        return [f"must have at most {CHARS_MAX} characters."]
    if _is_common(password.casefold()):
        return ["is too easy to guess: it is, or repeats, one of the most used passwords."]
    own = [word for word in email.casefold().split("@") if len(word) >= OWN_WORD_CHARS_MIN]
    if any(word in password.casefold() for word in own):
        return ["must not hold your e-mail address."]
    return []


def _is_common(password: str) -> bool:
    """Whether it is a common password, one said twice or more, or one with digits and signs around it."""
    core = password.strip("0123456789!?.*#$-_@ ")
    return (
        not core
        or password in COMMON
        or core in COMMON
        or _repeated(password) in COMMON
        or len(set(password)) < CHARS_MIN // 2
    )


def _repeated(text: str) -> str:
    """The shortest text that the text repeats."""
    period = (text + text).find(text, 1)
    return text[:period]


class Passwords:
    """The passwords of all accounts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @staticmethod
    def set_in(connection: Connection[Any], account: UUID, password: str) -> None:
        """Keep a password, in a transaction of the caller's."""
        connection.execute(SET, [account, _hasher.hash(password)])

    def is_set(self, account: UUID) -> bool:
        """Whether somebody has chosen a password."""
        return self._kept(account) is not None

    def is_right(self, account: UUID | None, password: str) -> bool:
        """Whether it is the account's password. For nobody's account it takes as long to say no."""
        kept = self._kept(account) if account else None
        try:
            _hasher.verify(kept or _NOBODYS, password[: CHARS_MAX + 1])
        except (VerificationError, InvalidHashError):
            return False
        if kept is None or account is None:
            return False
        if _hasher.check_needs_rehash(kept):
            with self._pool.connection() as connection:
                connection.execute(REHASHED, [_hasher.hash(password), account, kept])
        return True

    def _kept(self, account: UUID) -> str | None:
        with self._pool.statements() as connection:
            found = connection.execute(HASH, [account]).fetchone()
        return str(found[0]) if found else None
