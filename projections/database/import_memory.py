"""What was last imported under each reference of a source, and which files came in.

Must not know what cells mean. Names of files stay here, outside the log: they may name people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.imports.decide import SAMPLE
from domain.imports.plan import SOURCE, Remembered
from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.database.pool import Pool

KNOWN: LiteralString = "SELECT ref, pledge, cells::text FROM import_memory WHERE ref = ANY (%b::text[])"
REMEMBER: LiteralString = """
INSERT INTO import_memory (ref, pledge, cells, position)
SELECT ref, pledge, cells::jsonb, %b
FROM unnest(%b::text[], %b::uuid[], %b::text[]) AS said (ref, pledge, cells)
ON CONFLICT (ref) DO UPDATE SET pledge = excluded.pledge, cells = excluded.cells, position = excluded.position
"""
FILE_STARTED: LiteralString = """
INSERT INTO import_files (id, account, filename) VALUES (%b, %b, %b) ON CONFLICT DO NOTHING
"""
FILE_FINISHED: LiteralString = "UPDATE import_files SET finished_at = clock_timestamp() WHERE id = %b"
HOLDERS: LiteralString = "SELECT key, holder FROM reservations WHERE kind = %b AND key = ANY (%b::text[])"
HELD: LiteralString = "SELECT count(*) FROM reservations WHERE kind = %b AND key = ANY (%b::text[])"
ANY_PLEDGE: LiteralString = """
SELECT EXISTS (SELECT FROM events WHERE name IN ('pledge.made', 'pledge.submitted'))
"""


class ImportMemory:
    """The cells of every row as they were last imported."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def known(self, refs: Sequence[str]) -> dict[str, Remembered]:
        """What some references became, and with which cells."""
        with self._pool.connection() as connection:
            rows = connection.execute(KNOWN, [list(refs)]).fetchall()
        return {ref: Remembered(pledge, msgspec.json.decode(cells)) for ref, pledge, cells in rows}

    def holders(self, kind: str, keys: Sequence[str]) -> dict[str, UUID]:
        """Who holds some reservations, where anybody does."""
        with self._pool.connection() as connection:
            return dict(connection.execute(HOLDERS, [kind, list(keys)]).fetchall())

    def has_pledges(self) -> bool:
        """Whether any pledge was ever recorded."""
        with self._pool.connection() as connection:
            row = connection.execute(ANY_PLEDGE).fetchone()
        return bool(row and row[0])

    def shows_samples(self) -> bool:
        """Whether the demonstration data was loaded into this register."""
        return self._held(SAMPLE, [SAMPLE]) > 0

    def has_sources(self, refs: Sequence[str]) -> bool:
        """Whether each of these references is the source of a pledge."""
        return self._held(SOURCE, refs) == len(set(refs))

    def _held(self, kind: str, keys: Sequence[str]) -> int:
        with self._pool.connection() as connection:
            row = connection.execute(HELD, [kind, list(keys)]).fetchone()
        return row[0] if row else 0


def remembering(said: Mapping[str, Remembered]) -> AlsoWrite:
    """Remembers the cells of some rows in the transaction that records what became of them."""

    def write(connection: Connection[Any], events: Sequence[Recorded]) -> None:
        if said:
            pledges = [remembered.pledge for remembered in said.values()]
            cells = [msgspec.json.encode(dict(remembered.cells)).decode() for remembered in said.values()]
            connection.execute(REMEMBER, [events[-1].position, list(said), pledges, cells])

    return write


def noting_file(import_id: UUID, account: UUID, filename: str) -> AlsoWrite:
    """Notes that a file came in, in the transaction that says so."""

    def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
        connection.execute(FILE_STARTED, [import_id, account, filename])

    return write


def noting_end(import_id: UUID) -> AlsoWrite:
    """Notes that a file was dealt with, in the transaction that says so."""

    def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
        connection.execute(FILE_FINISHED, [import_id])

    return write
