"""Looks whether the store, the tree and what was signed still fit together, event by event.

For a register that looks at itself; whoever trusts nobody checks a bundle with `pledges verify`.
Must not know what events mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from domain.errors import UnreadableEvent
from domain.log import merkle
from domain.log.checkpoints import Checkpoint, parse_checkpoint
from domain.log.merkle import TILE_WIDTH, Hashes, leaf_hash
from domain.log.notes import BadNote, Verifier, parse_note, parse_signatures, parse_verifier
from domain.recording import (
    Header,
    broken_header_parts,
    broken_parts,
    canonical,
    log_entry,
    payload_digest,
    read_header,
)
from projections.database.roles import SCHEMA
from projections.log.hashes import MissingHashes, kept_hashes, size
from projections.log.questions import END, keys_up_to

ROWS: LiteralString = f"""
SELECT position, stream, stream_version, name, version, recorded_at, header, header_salt, header_salts,
    header_digest, payload, salts, payload_digest
FROM {SCHEMA}.events WHERE position > %b AND position <= %b ORDER BY position
"""  # noqa: S608
SIGNED: LiteralString = f"SELECT size, root, note FROM {SCHEMA}.checkpoints ORDER BY size"  # noqa: S608
COSIGNED: LiteralString = f"SELECT size, name, line FROM {SCHEMA}.cosignatures ORDER BY size, name"  # noqa: S608
SEEN: LiteralString = f"SELECT coalesce(max(size), 0) FROM {SCHEMA}.log_checks WHERE problem IS NULL"  # noqa: S608
REPEATED = ("position", "stream", "stream_version", "name", "version", "recorded_at")
"""Columns that repeat what the header says."""
ERASURES: LiteralString = f"""
SELECT position, (said ->> 'position')::bigint, said ->> 'part'
FROM {SCHEMA}.events, LATERAL (SELECT convert_from(payload, 'UTF8')::jsonb) AS kept (said)
WHERE name = 'log.field-erased' ORDER BY position
"""  # noqa: S608
Part = tuple[int, str]
"""An event's position and `header.` or `payload.` with a path."""
REMEMBER: LiteralString = f"INSERT INTO {SCHEMA}.log_checks (size, problem) VALUES (%b, %b)"  # noqa: S608
LAST: LiteralString = f"""
SELECT size, problem, checked_at FROM {SCHEMA}.log_checks ORDER BY number DESC LIMIT 1
"""  # noqa: S608


class Mismatch(Exception):
    """Something does not fit; the text says what, where, what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How many events were looked at, when, and what does not fit, if anything."""

    size: int
    problem: str | None
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """A checkpoint that was published, as it lies elsewhere, and the name under which it does."""

    name: str
    note: str


def check(connection: Connection[Any], copy: Copy | None = None) -> str | None:
    """Look at everything, in one view of the database, and remember it; what does not fit, or None."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return look(connection, copy)


def look(connection: Connection[Any], copy: Copy | None = None) -> str | None:
    """Look at everything as the caller's transaction sees it, and remember it; what does not fit, or None.

    `copy` is the latest checkpoint that lies where whoever changes the database does not reach.
    """
    grown = size(connection)
    try:
        _check_events(connection, grown)
        _check_tree(connection, grown)
        _check_checkpoints(connection, grown, copy)
    except (Mismatch, MissingHashes) as found:
        problem: str | None = str(found)
    else:
        problem = None
    connection.execute(REMEMBER, [grown, problem])
    return problem


def last_check(connection: Connection[Any]) -> Checked | None:
    """What was found the last time, if anybody has looked."""
    row = connection.execute(LAST).fetchone()
    return Checked(*row) if row else None


# -- events


def _check_events(connection: Connection[Any], grown: int) -> None:
    hashes, gone = kept_hashes(connection), set[Part]()
    for begin in range(0, grown, TILE_WIDTH):
        end = min(begin + TILE_WIDTH, grown)
        cursor = connection.cursor(row_factory=class_row(_Row), binary=True)
        rows = {row.position: row for row in cursor.execute(ROWS, [begin, end])}
        for position, kept in enumerate(hashes(0, begin, end), begin + 1):
            if position not in rows:
                raise Mismatch(f"The event at position {position} is missing.")
            found = _leaf(rows[position])
            gone.update(_erased(rows[position]))
            if found != kept:
                raise Mismatch(
                    f"The event at position {position} is not the one that the log has: "
                    f"its leaf is {found.hex()}, and {kept.hex()} was recorded."
                )
    _check_erasures(connection, grown, gone)


def _erased(row: _Row) -> Iterator[Part]:
    """The parts of an event whose words are gone: their digests are there, and their salts are not."""
    header = read_header(row.header)
    for whole, digests, salts in (
        ("header", header.word_digests, row.header_salts),
        ("payload", header.digests, row.salts),
    ):
        yield from ((row.position, f"{whole}.{path}") for path in digests if path not in salts)


def _check_erasures(connection: Connection[Any], grown: int, gone: AbstractSet[Part]) -> None:
    """See that exactly those words are gone of which the log says so."""
    rows = connection.execute(ERASURES, binary=True).fetchall()
    said = {(of, part): position for position, of, part in rows if of <= grown}
    for of, part in sorted(gone ^ said.keys()):
        if (of, part) in said:
            raise _mismatch(of, part, f"nothing, as position {said[of, part]} says it was erased", "words")
        raise _mismatch(of, part, "words, since no log.field-erased says that they are erased", "nothing")


@dataclass(frozen=True, slots=True)
class _Row:
    """An event as it is stored."""

    position: int
    stream: UUID
    stream_version: int
    name: str
    version: int
    recorded_at: datetime
    header: bytes
    header_salt: bytes
    header_salts: Mapping[str, str]
    header_digest: bytes
    payload: bytes
    salts: Mapping[str, str]
    payload_digest: bytes


def _leaf(row: _Row) -> bytes:
    """The hash of an event's leaf, from its bytes alone. Raises Mismatch for bytes that disagree."""
    try:
        header = read_header(row.header)
        _check_bytes(row, header)
    except (UnreadableEvent, ValueError, AttributeError, TypeError) as problem:
        raise Mismatch(f"The event at position {row.position} cannot be read: {problem}") from problem
    computed = payload_digest(header.digests)
    if computed != row.payload_digest:
        raise _mismatch(row.position, "payload_digest", computed.hex(), row.payload_digest.hex())
    return leaf_hash(log_entry(row.header_digest, computed))


def _check_bytes(row: _Row, header: Header) -> None:
    for column in REPEATED:
        expected, found = getattr(header, column), getattr(row, column)
        if expected != found:
            raise _mismatch(row.position, column, str(expected), str(found))
    for name, stored in (("header", row.header), ("payload", row.payload)):
        if canonical(msgspec.json.decode(stored)) != stored:
            raise _mismatch(row.position, name, "canonical bytes", "others")
    words = broken_header_parts(row.header, row.header_salt, row.header_digest, row.header_salts)
    _check_parts(row.position, "header", words)
    _check_parts(row.position, "payload", broken_parts(row.payload, row.salts, header.digests))


def _check_parts(position: int, name: str, broken: Sequence[str]) -> None:
    if broken:
        part = f"{name}.{broken[0]}" if broken[0] else name
        raise _mismatch(position, part, "what its digest was made of", "something else")


def _mismatch(position: int, field: str, expected: str, found: str) -> Mismatch:
    return Mismatch(f"The event at position {position}, {field}: expected {expected}, found {found}.")


# -- the tree, and what was signed about it


def _check_tree(connection: Connection[Any], grown: int) -> None:
    """See that what is kept above the leaves follows from them."""
    hashes = kept_hashes(connection)
    for level, begin, expected in merkle.above(hashes, 0, grown):
        kept = hashes(level, begin, begin + len(expected))
        for place, (one, other) in enumerate(zip(expected, kept, strict=True), begin):
            if one != other:
                raise Mismatch(
                    f"Hash {place} of level {level} of the tree: expected {one.hex()}, found {other.hex()}."
                )


def _check_checkpoints(connection: Connection[Any], grown: int, copy: Copy | None) -> None:
    (seen,) = connection.execute(SEEN, binary=True).fetchone() or (0,)
    if seen > grown:
        raise Mismatch(f"An earlier self-check found {seen} events, and the log has {grown}.")
    keys = [parse_verifier(key) for key in keys_up_to(connection, END)]
    hashes = kept_hashes(connection)
    for signed_size, root, note in connection.execute(SIGNED, binary=True).fetchall():
        told = f"The checkpoint of {signed_size} events"
        found = _signed_by_the_log(told, note, keys)
        if (found.size, found.root) != (signed_size, root):
            raise Mismatch(f"{told}: its row says the root {root.hex()}, and another checkpoint was signed.")
        _check_root(told, found, hashes, grown)
    _check_cosignatures(connection)
    if copy is not None:
        told = f"The copy {copy.name} of a checkpoint"
        _check_root(told, _signed_by_the_log(told, copy.note, keys), hashes, grown)


def _check_cosignatures(connection: Connection[Any]) -> None:
    """See that what is kept of witnesses can be read; whether it holds is for whoever has their keys."""
    for signed_size, name, line in connection.execute(COSIGNED, binary=True).fetchall():
        told = f"The signature of the witness {name} under the checkpoint of {signed_size} events"
        try:
            (found,) = parse_signatures(f"{line}\n")
        except ValueError as problem:
            raise Mismatch(f"{told} cannot be read: {problem}.") from problem
        if found.name != name:
            raise Mismatch(f"{told} is one of {found.name}.")


def _signed_by_the_log(told: str, words: str, keys: Sequence[Verifier]) -> Checkpoint:
    """The checkpoint of a note that a key of the log has signed. Raises Mismatch for any other."""
    try:
        note = parse_note(words.encode())
        signed = parse_checkpoint(note.text)
    except BadNote as problem:
        raise Mismatch(f"{told} cannot be read: {problem}.") from problem
    if not any(key.is_by(one) and key.holds(note.text, one) for one in note.signatures for key in keys):
        raise Mismatch(f"{told} is not what was signed: no key of this log has signed it.")
    return signed


def _check_root(told: str, signed: Checkpoint, hashes: Hashes, grown: int) -> None:
    if signed.size > grown:
        raise Mismatch(f"{told} has {signed.size} events, and the log has {grown}.")
    found = merkle.root(hashes, signed.size)
    if found != signed.root:
        raise Mismatch(
            f"{told}: the first {signed.size} events lead to the root {found.hex()}, "
            f"and {signed.root.hex()} was signed."
        )
