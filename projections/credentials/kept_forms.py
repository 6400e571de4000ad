"""Forms that were sent when the session had ended, kept an hour for who opened them; encrypted.

Must not know HTTP, nor what a form says.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from projections.credentials.secrets import digest, new_secret
from projections.database.pool import Pool

KEEP: LiteralString = "INSERT INTO kept_forms (secret_sha256, account, path, body) VALUES (%s, %s, %s, %s)"
# As many as somebody may have open in several windows; the oldest make room.
MAKE_ROOM: LiteralString = """
DELETE FROM kept_forms WHERE account = %s AND secret_sha256 NOT IN
    (SELECT secret_sha256 FROM kept_forms WHERE account = %s ORDER BY kept_at DESC LIMIT 10)
"""
GET: LiteralString = """
SELECT path, body FROM kept_forms
WHERE secret_sha256 = %s AND account = %s AND kept_at > clock_timestamp() - interval '1 hour'
"""
FORGET: LiteralString = "DELETE FROM kept_forms WHERE secret_sha256 = %s"
FORGET_OLD: LiteralString = "DELETE FROM kept_forms WHERE kept_at < clock_timestamp() - interval '1 hour'"


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form was sent to, and its body."""

    path: str
    body: str


class KeptForms:
    """All of them."""

    def __init__(self, pool: Pool, secret_key: str) -> None:
        self._pool = pool
        key = HKDF(SHA256(), length=32, salt=None, info=b"pledges kept forms").derive(secret_key.encode())
        self._safe = Fernet(base64.urlsafe_b64encode(key))

    def keep(self, account: UUID, path: str, body: str) -> str:
        """Keep a form of an account's; the secret under which its browser finds it again."""
        secret, sealed = new_secret(), self._safe.encrypt(body.encode())
        with self._pool.connection() as connection:
            connection.execute(KEEP, [digest(secret), account, path, sealed])
            connection.execute(MAKE_ROOM, [account, account])
        return secret

    def get(self, secret: str, account: UUID) -> KeptForm | None:
        """The form, if it is this account's and not too old."""
        with self._pool.connection() as connection:
            found = connection.execute(GET, [digest(secret), account]).fetchone()
        try:
            return KeptForm(found[0], self._safe.decrypt(found[1]).decode()) if found else None
        except InvalidToken:  # the register's key is another one since
            return None

    def forget(self, secret: str) -> None:
        """Forget one."""
        with self._pool.connection() as connection:
            connection.execute(FORGET, [digest(secret)])

    def forget_old(self) -> int:
        """Forget those that nobody came back for; how many."""
        with self._pool.connection() as connection:
            return connection.execute(FORGET_OLD).rowcount
