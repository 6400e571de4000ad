"""Files that were uploaded: who sent which, whether an event names it. Their bytes are in the storage.

Must not know what the events say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.errors import NotFound, Refused
from domain.pledges.evidence import FILE_BYTES_MAX
from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.database.pool import Pool
from projections.files.recognising import NotTaken, media_type_of
from projections.files.storage import CHUNK_BYTES, Storage

WAITING_BYTES_MAX = 20 * FILE_BYTES_MAX
"""What one account may have uploaded that no event names yet."""
FORGOTTEN_AFTER_DAYS = 30

# Whoever keeps or forgets a file waits for whoever does so with the same one.
ALONE: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('uploads ' || %s, 0))"
WAITING: LiteralString = """
SELECT coalesce(sum(bytes), 0)::bigint FROM uploads WHERE account = %s AND NOT is_named AND sha256 <> %s
"""
KEEP: LiteralString = """
INSERT INTO uploads (sha256, account, bytes, media_type) VALUES (%s, %s, %s, %s)
ON CONFLICT (sha256, account) DO UPDATE SET uploaded_at = clock_timestamp(), media_type = excluded.media_type
RETURNING (xmax = 0)
"""
OF: LiteralString = """
SELECT sha256, bytes, media_type FROM uploads WHERE account = %s AND sha256 = ANY(%s)
"""
NAME: LiteralString = "UPDATE uploads SET is_named = true WHERE sha256 = ANY(%s) RETURNING sha256"
OLD: LiteralString = """
SELECT DISTINCT sha256 FROM uploads
WHERE NOT is_named AND uploaded_at < clock_timestamp() - make_interval(days => %s)
"""
FORGET: LiteralString = """
DELETE FROM uploads
WHERE sha256 = %s AND NOT is_named AND uploaded_at < clock_timestamp() - make_interval(days => %s)
"""
IS_KEPT: LiteralString = "SELECT FROM uploads WHERE sha256 = %s"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that an account sent."""

    sha256: str
    bytes: int
    media_type: str


class Files:
    """All files of evidence."""

    def __init__(self, pool: Pool, storage: Storage) -> None:
        self._pool, self._storage = pool, storage

    def keep(self, file: IO[bytes], account: UUID, *, name: str = "", said: str = "") -> tuple[Upload, bool]:
        """Keep what an account sent, and whether the account had not sent it before.

        NotTaken says what is wrong with it. `name` and `said`, the media type that its sender gives, are held
        against what it is. The same bytes are kept once, whoever sends them.
        """
        sha256, size = _digest(file)
        media_type = media_type_of(file, name=name, said=said)
        with self._pool.connection() as connection:
            connection.execute(ALONE, [sha256])
            _refuse_too_much(connection, account, sha256, size)
            is_new = connection.execute(KEEP, [sha256, account, size, media_type]).fetchall()[0][0]
            self._storage.put(sha256, file)
        return Upload(sha256, size, media_type), bool(is_new)

    def of(self, account: UUID, digests: Collection[str]) -> dict[str, Upload]:
        """What an account sent, of some digests."""
        with self._pool.connection() as connection:
            rows = connection.execute(OF, [account, list(digests)]).fetchall()
        return {row[0]: Upload(*row) for row in rows}

    def require(self) -> None:
        """StorageAway if the storage does not answer."""
        self._storage.require()

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a file. FileMissing if they are not there; StorageAway if nobody can say."""
        return self._storage.read(sha256)

    def forget_old(self) -> int:
        """Remove what was sent long ago and no event names; how many files."""
        with self._pool.connection() as connection:
            digests = [row[0] for row in connection.execute(OLD, [FORGOTTEN_AFTER_DAYS])]
        return sum(map(self._forget, digests))

    def _forget(self, sha256: str) -> bool:
        with self._pool.connection() as connection:
            connection.execute(ALONE, [sha256])
            connection.execute(FORGET, [sha256, FORGOTTEN_AFTER_DAYS])
            if connection.execute(IS_KEPT, [sha256]).fetchone() is not None:
                return False
            self._storage.remove(sha256)
        return True

    # -- in the transaction that stores events

    @staticmethod
    def naming(digests: Iterable[str]) -> Sequence[AlsoWrite]:
        """The files are named when the events are stored. If one was forgotten meanwhile, neither happens."""
        named = sorted(set(digests))

        def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
            known = {row[0] for row in connection.execute(NAME, [named])}
            if missing := [sha256 for sha256 in named if sha256 not in known]:
                raise NotFound(f"The file {missing[0]} is not kept any more; upload it again.")

        return [write] if named else []


def _digest(file: IO[bytes]) -> tuple[str, int]:
    """The digest and the size. NotTaken if it is empty or too large."""
    file.seek(0)
    found, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK_BYTES):
        found.update(chunk)
        size += len(chunk)
        if size > FILE_BYTES_MAX:
            raise NotTaken("too-large")
    if not size:
        raise NotTaken("empty")
    return found.hexdigest(), size


def _refuse_too_much(connection: Connection[Any], account: UUID, sha256: str, size: int) -> None:
    waiting = connection.execute(WAITING, [account, sha256]).fetchall()[0][0]
    if waiting + size > WAITING_BYTES_MAX:
        raise Refused(
            "Too many of your files wait to be named in a report: name those first, or wait until they are "
            f"forgotten after {FORGOTTEN_AFTER_DAYS} days.",
            code="files-wait",
        )
