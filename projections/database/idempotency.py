"""Requests and what was answered to them, so that the same request gets the same answer.

Must not know HTTP beyond that an answer has a status, headers and a body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from projections.database.pool import Pool

KEPT_FOR = timedelta(days=30)
# Whoever has not answered by now has most likely died. If not, both carry out the same command id, which the
# register does once.
ABANDONED_AFTER = timedelta(seconds=3)

# A claim need not wait for the disk: what is carried out under it is stored behind it, so a crash that takes
# the claim back takes that back too.
# The times are the database's alone: the clocks of those who ask may differ.
# The row is ours if we made it, if it expired, or if its maker left it unanswered for too long.
CLAIM: LiteralString = """
WITH soon AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO idempotent_requests AS known (account, method, path, key, request_digest, command_id)
SELECT %(account)s, %(method)s, %(path)s, %(key)s, %(request_digest)s, %(command_id)s FROM soon
ON CONFLICT (account, method, path, key) DO UPDATE SET
    claimed_at = clock_timestamp(), request_digest = EXCLUDED.request_digest,
    status = NULL, headers = NULL, body = NULL,
    command_id = CASE WHEN known.created_at < now() - %(kept_for)s
        THEN EXCLUDED.command_id ELSE known.command_id END,
    created_at = CASE WHEN known.created_at < now() - %(kept_for)s
        THEN clock_timestamp() ELSE known.created_at END
WHERE known.created_at < now() - %(kept_for)s
    OR (known.status IS NULL AND known.request_digest IN (EXCLUDED.request_digest, '')
        AND known.claimed_at < clock_timestamp() - %(abandoned_after)s)
RETURNING command_id
"""
FIND: LiteralString = """
SELECT request_digest, command_id, status, headers, body FROM idempotent_requests
WHERE account = %(account)s AND method = %(method)s AND path = %(path)s AND key = %(key)s
"""
KEEP: LiteralString = """
UPDATE idempotent_requests SET status = %(status)s, headers = %(headers)s, body = %(body)s
WHERE account = %(account)s AND method = %(method)s AND path = %(path)s AND key = %(key)s
    AND command_id = %(command_id)s AND status IS NULL
"""
RELEASE: LiteralString = """
UPDATE idempotent_requests SET claimed_at = '-infinity'
WHERE account = %(account)s AND method = %(method)s AND path = %(path)s AND key = %(key)s AND status IS NULL
"""
FORGET: LiteralString = "DELETE FROM idempotent_requests WHERE created_at < clock_timestamp() - %s"


class AnsweredMeanwhile(Exception):
    """Somebody else carried the same request out and kept an answer to it."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request under its key: ours to carry out, somebody else's, or answered already."""

    account: UUID
    method: str
    path: str
    key: str
    request_digest: bytes
    command_id: UUID
    is_ours: bool
    answer: KeptAnswer | None = None

    def is_of(self, request_digest: bytes) -> bool:
        """Whether it is the request of a digest. Those of before digests had a key may be any."""
        return self.request_digest in (request_digest, b"")

    @property
    def named(self) -> dict[str, Any]:
        """The request, for statements."""
        return {"account": self.account, "method": self.method, "path": self.path, "key": self.key}


class Idempotency:
    """The requests of the last 30 days that came with a key."""

    def __init__(self, pool: Pool, new_id: Callable[[], UUID]) -> None:
        self._pool, self._new_id = pool, new_id

    def claim(self, *, account: UUID, method: str, path: str, key: str, request_digest: bytes) -> Claim:
        """Ask to carry a request out. Of several that ask at once, one may."""
        asked = Claim(
            account=account, method=method, path=path, key=key, request_digest=request_digest,
            command_id=self._new_id(), is_ours=False,
        )  # fmt: skip
        said = {"request_digest": request_digest, "command_id": asked.command_id, **asked.named}
        times = {"kept_for": KEPT_FOR, "abandoned_after": ABANDONED_AFTER}
        with self._pool.statements() as connection:
            ours = connection.execute(CLAIM, {**said, **times}).fetchone()
            if ours is not None:
                return replace(asked, command_id=ours[0], is_ours=True)
            found = connection.execute(FIND, asked.named).fetchone()
        # What was forgotten in between is there to be claimed at the next attempt.
        return asked if found is None else _claimed(asked, found)

    def keep(self, claim: Claim, answer: KeptAnswer) -> bool:
        """Remember what is answered to the request; False if an answer is remembered already."""
        with self._pool.statements() as connection:
            return connection.execute(KEEP, _kept(claim, answer)).rowcount > 0

    @staticmethod
    def keep_in(connection: Connection[Any], claim: Claim, answer: KeptAnswer) -> None:
        """The same in the transaction that makes the answer true. AnsweredMeanwhile if there is one."""
        if connection.execute(KEEP, _kept(claim, answer)).rowcount == 0:
            raise AnsweredMeanwhile

    def release(self, claim: Claim) -> None:
        """Let the next attempt carry the request out at once: this one came to nothing that could be kept."""
        with self._pool.statements() as connection:
            connection.execute(RELEASE, claim.named)

    def forget_old(self) -> int:
        """Forget what was asked more than 30 days ago; how many that was."""
        with self._pool.statements() as connection:
            return connection.execute(FORGET, [KEPT_FOR]).rowcount


def _kept(claim: Claim, answer: KeptAnswer) -> dict[str, Any]:
    headers = Jsonb([list(header) for header in answer.headers])
    said = {"status": answer.status, "headers": headers, "body": answer.body}
    return {**claim.named, "command_id": claim.command_id, **said}


def _claimed(asked: Claim, row: tuple[Any, ...]) -> Claim:
    """Somebody else's claim, with the answer if there is one."""
    digest, command_id, status, headers, body = row
    kept = None
    if status is not None:
        kept = KeptAnswer(status, [(name, value) for name, value in headers], bytes(body or b""))
    return replace(asked, request_digest=bytes(digest), command_id=command_id, answer=kept)
