"""The second proof of who somebody is: codes that change every half a minute (RFC 6238), and codes to keep.

Must not know HTTP. Each code is taken once, whoever sends it, however often at the same time.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from psycopg import Connection

from projections.credentials.secrets import digest
from projections.database.pool import Pool

# What all programs on telephones take without being told.
DIGITS, STEP_SECONDS, SECRET_BYTES = 6, 30, 20
STEPS_AROUND = 1
"""Clocks differ, and people type slowly: the code before and the one after are taken too."""
CODES, CODE_BYTES, GROUP = 10, 10, 4

BEGIN: LiteralString = """
INSERT INTO second_factors AS known (account, secret) VALUES (%s, %s)
ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, made_at = clock_timestamp(), last_step = 0
WHERE known.confirmed_at IS NULL
"""
BEGUN: LiteralString = """
SELECT secret FROM second_factors
WHERE account = %s AND confirmed_at IS NULL AND made_at > clock_timestamp() - interval '15 minutes'
"""
KEPT: LiteralString = "SELECT secret FROM second_factors WHERE account = %s AND confirmed_at IS NOT NULL"
CONFIRM: LiteralString = """
UPDATE second_factors SET confirmed_at = clock_timestamp(), last_step = %s
WHERE account = %s AND secret = %s AND confirmed_at IS NULL
"""
# A code of later than can be shown today was taken by a clock that ran ahead and was set back.
TAKE: LiteralString = """
UPDATE second_factors SET last_step = %(step)s
WHERE account = %(account)s AND confirmed_at IS NOT NULL
    AND (last_step < %(step)s OR last_step > %(step)s + %(around)s)
"""
TAKE_RECOVERY: LiteralString = """
UPDATE recovery_codes SET used_at = clock_timestamp()
WHERE code_sha256 = %s AND account = %s AND used_at IS NULL
"""
LEFT: LiteralString = "SELECT count(*) FROM recovery_codes WHERE account = %s AND used_at IS NULL"
NO_CODES: LiteralString = "DELETE FROM recovery_codes WHERE account = %s"
NOT_NEEDED: LiteralString = """
DELETE FROM recovery_codes WHERE account = %(account)s
    AND NOT EXISTS (SELECT FROM passkeys WHERE account = %(account)s)
"""
NEW_CODE: LiteralString = "INSERT INTO recovery_codes (account, code_sha256) VALUES (%s, %s)"
ASKED: LiteralString = """
SELECT EXISTS (SELECT FROM second_factors WHERE account = %(account)s AND confirmed_at IS NOT NULL)
    OR EXISTS (SELECT FROM passkeys WHERE account = %(account)s)
"""
END: LiteralString = "DELETE FROM second_factors WHERE account = %s"


class SecondFactors:
    """The second proofs of all accounts."""

    def __init__(self, pool: Pool, secret_key: str, clock: Callable[[], datetime]) -> None:
        self._pool, self._clock = pool, clock
        key = HKDF(SHA256(), length=32, salt=None, info=b"pledges second factors").derive(secret_key.encode())
        self._safe = Fernet(base64.urlsafe_b64encode(key))

    def is_on(self, account: UUID) -> bool:
        """Whether codes of a telephone are asked for."""
        return self._one(KEPT, account) is not None

    def is_asked(self, account: UUID) -> bool:
        """Whether the password alone does not do when somebody signs in: there are codes, or passkeys."""
        with self._pool.statements() as connection:
            return self.is_asked_in(connection, account)

    @staticmethod
    def is_asked_in(connection: Connection[Any], account: UUID) -> bool:
        """The same, as a transaction of the caller's sees it."""
        return bool(connection.execute(ASKED, {"account": account}).fetchall()[0][0])

    def begin(self, account: UUID) -> None:
        """Make a secret that waits to be confirmed; one that is in use stays."""
        sealed = self._safe.encrypt(secrets.token_bytes(SECRET_BYTES))
        with self._pool.connection() as connection:
            connection.execute(BEGIN, [account, sealed])

    def begun(self, account: UUID, email: str) -> tuple[str, str] | None:
        """The secret that waits to be confirmed, to type and as an address for telephones; None if none."""
        secret = self._opened(self._one(BEGUN, account))
        if secret is None:
            return None
        typed = base64.b32encode(secret).decode()
        groups = " ".join(typed[place : place + GROUP] for place in range(0, len(typed), GROUP))
        return groups, _codes_of(secret).get_provisioning_uri(email, "IMRF pledges")

    def confirm(self, account: UUID, code: str) -> list[str] | None:
        """Begin to ask for codes, if this one is right; the codes to keep, which nobody can show again."""
        sealed = self._one(BEGUN, account)
        step = self._step_of(self._opened(sealed), _plain(code))
        if step is None:
            return None
        with self._pool.connection() as connection:
            if not connection.execute(CONFIRM, [step, account, sealed]).rowcount:
                return None
            return _new_codes_in(connection, account)

    def takes(self, account: UUID, code: str) -> bool:
        """Whether it is a code of the account that was not used yet. From now on it was."""
        plain = _plain(code)
        with self._pool.connection() as connection:
            if len(plain) > DIGITS:
                kept = [_digest(account, plain), account]
                return connection.execute(TAKE_RECOVERY, kept).rowcount > 0
            step = self._step_of(self._opened(self._one(KEPT, account)), plain)
            said = {"account": account, "step": step, "around": 2 * STEPS_AROUND}
            return step is not None and connection.execute(TAKE, said).rowcount > 0

    def recovery_codes_left(self, account: UUID) -> int:
        """How many of the codes to keep were not used."""
        with self._pool.statements() as connection:
            return int(connection.execute(LEFT, [account]).fetchall()[0][0])

    def new_recovery_codes(self, account: UUID) -> list[str]:
        """New codes to keep; those before are worth nothing any more."""
        with self._pool.connection() as connection:
            return _new_codes_in(connection, account)

    @staticmethod
    def end_in(connection: Connection[Any], account: UUID) -> bool:
        """Ask for no code any more, in a transaction of the caller's; whether one was asked for.

        The codes to keep stay for who loses a passkey.
        """
        connection.execute(NOT_NEEDED, {"account": account})
        return connection.execute(END, [account]).rowcount > 0

    def _one(self, question: LiteralString, account: UUID) -> bytes | None:
        with self._pool.statements() as connection:
            found = connection.execute(question, [account]).fetchone()
        return found[0] if found else None

    def _opened(self, sealed: bytes | None) -> bytes | None:
        """A secret as it was before it was sealed; None if the register's secret key is another one today."""
        try:
            return self._safe.decrypt(sealed) if sealed else None
        except InvalidToken:
            return None

    def _step_of(self, secret: bytes | None, code: str) -> int | None:
        """Which half minute around now has this code."""
        if secret is None or len(code) != DIGITS or not code.isascii() or not code.isdigit():
            return None
        now = int(self._clock().timestamp()) // STEP_SECONDS
        codes = _codes_of(secret)
        for step in range(now - STEPS_AROUND, now + STEPS_AROUND + 1):
            if hmac.compare_digest(codes.generate(step * STEP_SECONDS), code.encode()):
                return step
        return None


def _codes_of(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - what the standard says; nothing rests on collisions


def _plain(code: str) -> str:
    """A code without what people put between its groups."""
    return "".join(code.split()).replace("-", "").lower()


def _digest(account: UUID, code: str) -> bytes:
    return digest(f"{account} {code}")


def _new_codes_in(connection: Connection[Any], account: UUID) -> list[str]:
    connection.execute(NO_CODES, [account])
    codes = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower() for _ in range(CODES)]
    for code in codes:
        connection.execute(NEW_CODE, [account, _digest(account, code)])
    return ["-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP)) for code in codes]
