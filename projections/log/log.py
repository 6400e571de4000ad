"""The log's face for web and workers: each question sees one view of the database.

Must not know HTTP, nor any private key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

from psycopg import Connection, errors

from domain.actors import ANYBODY
from domain.errors import NotFound, UnreadableEvent, invalid
from domain.log.checkpoints import InclusionProof
from domain.log.notes import Signature, Verifier, parse_verifier
from domain.log.tiles import Tile
from domain.pledges.sight import Eyes
from domain.register import Register
from projections.database.pool import Pool
from projections.erasure.told import erased_since
from projections.log import checking, questions, stored_lines
from projections.log.checking import Checked, Copy
from projections.log.questions import SignedCheckpoint
from projections.moments import Moment, NotReadYet

VIEW: LiteralString = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Log:
    """Asks the log."""

    def __init__(self, pool: Pool, register: Register) -> None:
        self._pool, self._register = pool, register

    @contextmanager
    def _view(self) -> Iterator[Connection[Any]]:
        """One state of the database for all statements of a question; nothing can be written in it."""
        with self._transaction() as connection:
            connection.execute(VIEW)
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection[Any]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            raise NotReadYet("the log is being built") from error

    def keys(self) -> list[Verifier]:
        """The keys under which the log was signed, the oldest first; none if what says so is broken."""
        try:
            state = self._register.consult(lambda context: context.world.log(), by=ANYBODY)
        except UnreadableEvent:
            return []  # whoever looks into a broken store still needs the rest of the page
        return [parse_verifier(key) for key in state.keys]

    def keys_up_to(self, size: int) -> list[str]:
        """The same as they were known at a size, each as a C2SP verifier key."""
        with self._view() as connection:
            return questions.keys_up_to(connection, size)

    def erased_since(self, size: int, eyes: Eyes) -> list[dict[str, Any]]:
        """What was erased of the events up to a size by later ones, which the size does not vouch for.

        As far as those eyes see it.
        """
        with self._view() as connection:
            return erased_since(connection, size, eyes)

    def latest(self, moment: Moment | None = None) -> SignedCheckpoint | None:
        """The latest checkpoint; of a moment, the latest signed by then that holds nothing after it.

        NotFound if the moment names a checkpoint whose note cannot be read.
        """
        with self._view() as connection:
            return _signed_by(connection, moment)

    def checkpoint(self, size: int) -> SignedCheckpoint | None:
        """The checkpoint of a size, if one was signed. NotFound, saying so, if its note cannot be read."""
        with self._view() as connection:
            return questions.checkpoint_of(connection, size)

    def nearest_size(self, size: int) -> int | None:
        """The size of a checkpoint nearest to a size, if one was signed."""
        with self._view() as connection:
            return questions.nearest_size(connection, size)

    def cosigned_size(self, name: str) -> int:
        """The size of the latest checkpoint that a witness has signed, 0 if none."""
        with self._view() as connection:
            return questions.cosigned_size(connection, name)

    def lines(self, up_to: int, eyes: Eyes) -> Iterator[bytes]:
        """Each event up to a position as a line of JSON: the bytes that are hashed, and their salts.

        Of what those eyes may not read, the digests.
        """
        with self._view() as connection:
            yield from stored_lines.lines(connection, up_to, eyes)

    def keep_cosignature(self, size: int, signature: Signature) -> None:
        """Keep what a witness has signed about a checkpoint."""
        with self._transaction() as connection:
            questions.keep_cosignature(connection, size, signature)

    def check(self, copy: Copy | None = None) -> str | None:
        """Look at every event, the tree and all checkpoints; what does not fit, or None. Takes its time."""
        with self._transaction() as connection:
            connection.execute("SET LOCAL statement_timeout = 0")
            return checking.check(connection, copy)

    def last_check(self) -> Checked | None:
        """What was found the last time, if anybody has looked."""
        with self._view() as connection:
            return checking.last_check(connection)

    def checkpoints(self, *, below: int | None = None, limit: int = 50) -> list[SignedCheckpoint]:
        """Checkpoints, the latest first, but for those whose notes cannot be read."""
        with self._view() as connection:
            return questions.checkpoints(connection, below=below, limit=limit)

    def tile(self, level: int, asked: Tile) -> bytes:
        """The hashes of a tile. NotFound if no checkpoint holds all of them."""
        with self._view() as connection:
            found = questions.tile(connection, level, asked, _signed_size(connection))
        return _there(found, "The log has no such tile under a checkpoint.")

    def entries(self, asked: Tile) -> bytes:
        """The bytes that were hashed, each behind its length. NotFound if no checkpoint holds all of them."""
        with self._view() as connection:
            found = questions.entries(connection, asked, _signed_size(connection))
        return _there(found, "The log has no such entries under a checkpoint.")

    def proof(self, position: int, moment: Moment | None = None) -> tuple[InclusionProof, SignedCheckpoint]:
        """That an event is under the latest checkpoint of now or of a moment. NotFound if it is not."""
        with self._view() as connection:
            signed = _signed_by(connection, moment)
            found = questions.inclusion(connection, position, signed) if signed else None
        if signed is None or found is None:
            size = signed.checkpoint.size if signed else 0
            raise NotFound(f"The event {position} is under no checkpoint: the latest holds {size}.")
        return found, signed

    def consistency(self, old: int, new: int) -> Sequence[bytes]:
        """That the tree of one size begins with that of another, both under the latest checkpoint."""
        with self._view() as connection:
            size = _signed_size(connection)
            if new > size:
                raise invalid("to", f"must not be above {size}, the size of the latest checkpoint.")
            if old > new:
                raise invalid("from", "must not be above `to`.")
            return questions.consistency(connection, old, new)


def _signed_by(connection: Connection[Any], moment: Moment | None) -> SignedCheckpoint | None:
    if moment is None or moment.is_now:
        return questions.latest_checkpoint(connection)
    if moment.checkpoint is not None:
        return questions.checkpoint_of(connection, moment.checkpoint)
    found = questions.checkpoint_at(connection, moment.position, moment.at)
    return questions.checkpoint_of(connection, found.size) if found else None


def _signed_size(connection: Connection[Any]) -> int:
    found = questions.latest_checkpoint(connection)
    return found.checkpoint.size if found else 0


def _there(found: bytes | None, otherwise: str) -> bytes:
    if found is None:
        raise NotFound(otherwise)
    return found
