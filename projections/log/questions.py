"""What can be asked of the log in one view of the database: checkpoints, tiles, entries, proofs.

Must not know HTTP, nor any private key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, LiteralString

from psycopg import Connection

from domain.errors import NotFound
from domain.log import merkle
from domain.log.checkpoints import Checkpoint, InclusionProof, parse_checkpoint
from domain.log.notes import BadNote, Note, Signature, parse_note, parse_signatures
from domain.log.tiles import Tile, bundle
from domain.recording import log_entry
from projections.database.mapper import read_row
from projections.database.roles import SCHEMA
from projections.log.hashes import kept_hashes

OF_SIZE: LiteralString = "SELECT size, note, signed_at FROM checkpoints WHERE size = %b"
SIGNED_BY: LiteralString = """
SELECT size, note, signed_at FROM checkpoints WHERE size < %b AND signed_at <= %b ORDER BY size DESC LIMIT %b
"""
GREATEST: LiteralString = "SELECT max(size) FROM checkpoints"
NEAREST: LiteralString = "SELECT size FROM checkpoints ORDER BY abs(size - %b), size LIMIT 1"
KEYS: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE name = 'log.key-adopted' AND position <= %b ORDER BY position
"""  # noqa: S608
COSIGNATURES: LiteralString = "SELECT line FROM cosignatures WHERE size = %b ORDER BY name"
COSIGNED: LiteralString = "SELECT coalesce(max(size), 0) FROM cosignatures WHERE name = %b"
KEEP_COSIGNATURE: LiteralString = """
INSERT INTO cosignatures (size, name, line) VALUES (%b, %b, %b) ON CONFLICT DO NOTHING
"""
ENTRIES: LiteralString = f"""
SELECT header_digest, payload_digest FROM {SCHEMA}.events
WHERE position > %b AND position <= %b ORDER BY position
"""  # noqa: S608
END = 1 << 62
EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with everybody's signatures, and when the log signed it."""

    checkpoint: Checkpoint
    note: Note
    signed_at: datetime


def latest_checkpoint(connection: Connection[Any]) -> SignedCheckpoint | None:
    """The checkpoint of the greatest size whose note can be read, if there is one."""
    return next(iter(checkpoints(connection, limit=1)), None)


def checkpoint_of(connection: Connection[Any], size: int) -> SignedCheckpoint | None:
    """The checkpoint of a size, if one was signed. NotFound, saying so, if its note cannot be read."""
    row = connection.execute(OF_SIZE, [size]).fetchone()
    if row is None:
        return None
    found = _signed(row)
    if found is None:
        raise NotFound(
            f"The checkpoint of {size} events cannot be read any more: the self-check of the log says why."
        )
    return _with_cosignatures(connection, found)


def checkpoint_at(connection: Connection[Any], position: int, at: datetime) -> Checkpoint | None:
    """The latest checkpoint that was signed by a time and holds nothing after a position."""
    found = next(_readable(connection, position + 1, at, 1), None)
    return found.checkpoint if found else None


def checkpoints(
    connection: Connection[Any], *, below: int | None = None, limit: int = 50
) -> list[SignedCheckpoint]:
    """Checkpoints, the latest first, but for those whose notes cannot be read."""
    found = _readable(connection, END if below is None else below, EVER, limit)
    return [_with_cosignatures(connection, one) for one in islice(found, limit)]


def greatest_size(connection: Connection[Any]) -> int:
    """The size of the latest checkpoint, whether its note can be read or not; 0 if none was signed."""
    row = connection.execute(GREATEST).fetchone()
    return (row and row[0]) or 0


def nearest_size(connection: Connection[Any], size: int) -> int | None:
    """The size of a checkpoint nearest to a size; None if none was signed."""
    row = connection.execute(NEAREST, [size]).fetchone()
    return row[0] if row else None


def keys_up_to(connection: Connection[Any], size: int) -> list[str]:
    """The keys that the first events adopt, the oldest first."""
    return [read_row(*row).fact.key for row in connection.execute(KEYS, [size], binary=True)]


def cosigned_size(connection: Connection[Any], name: str) -> int:
    """The size of the latest checkpoint that a witness has signed, 0 if none."""
    row = connection.execute(COSIGNED, [name]).fetchone()
    return row[0] if row else 0


def keep_cosignature(connection: Connection[Any], size: int, signature: Signature) -> None:
    """Keep what a witness has signed about a checkpoint, once."""
    connection.execute(KEEP_COSIGNATURE, [size, signature.name, str(signature)])


def _readable(
    connection: Connection[Any], below: int, at: datetime, at_once: int
) -> Iterator[SignedCheckpoint]:
    """The log's own part of checkpoints below a size, signed by a time, the latest first.

    One whose note was tampered with so that it cannot be read is passed over: the self-check names it.
    """
    while rows := connection.execute(SIGNED_BY, [below, at, at_once]).fetchall():
        yield from filter(None, map(_signed, rows))
        below = rows[-1][0]


def _signed(row: Any) -> SignedCheckpoint | None:
    """What a row says; None if its note is none, or that of another size."""
    size, words, signed_at = row
    try:
        note = parse_note(words.encode())
        found = parse_checkpoint(note.text)
    except BadNote:
        return None
    return SignedCheckpoint(found, note, signed_at) if found.size == size else None


def _with_cosignatures(connection: Connection[Any], signed: SignedCheckpoint) -> SignedCheckpoint:
    rows = connection.execute(COSIGNATURES, [signed.checkpoint.size]).fetchall()
    more = [one for (line,) in rows for one in _cosignatures(line)]
    return replace(signed, note=Note(signed.note.text, (*signed.note.signatures, *more)))


def _cosignatures(line: str) -> Sequence[Signature]:
    """A witness's signature, or nothing if it cannot be read."""
    try:
        return parse_signatures(f"{line}\n")
    except BadNote:
        return ()


def tile(connection: Connection[Any], level: int, asked: Tile, size: int) -> bytes | None:
    """The hashes of a tile in the tree of a size; None if that tree has none such."""
    if asked.end > size >> (merkle.TILE_HEIGHT * level):
        return None
    return b"".join(kept_hashes(connection)(level, asked.begin, asked.end))


def entries(connection: Connection[Any], asked: Tile, size: int) -> bytes | None:
    """The bytes that were hashed, of the events of a tile; None if the tree of a size has them not."""
    if asked.end > size:
        return None
    rows = connection.execute(ENTRIES, [asked.begin, asked.end], binary=True)
    return bundle(log_entry(header, payload) for header, payload in rows)


def leaf_hash(connection: Connection[Any], position: int) -> bytes:
    """The hash of an event's leaf. MissingHashes if the tree has not grown so far."""
    (found,) = kept_hashes(connection)(0, position - 1, position)
    return found


def inclusion(connection: Connection[Any], position: int, signed: SignedCheckpoint) -> InclusionProof | None:
    """That an event is under a checkpoint; None if it is not."""
    size = signed.checkpoint.size
    if not 0 < position <= size:
        return None
    hashes = merkle.inclusion_proof(kept_hashes(connection), position - 1, size)
    return InclusionProof(position - 1, hashes, signed.note)


def consistency(connection: Connection[Any], old: int, new: int) -> Sequence[bytes]:
    """That the tree of a size begins with that of an earlier one. ValueError if it is not earlier."""
    return merkle.consistency_proof(kept_hashes(connection), old, new)
