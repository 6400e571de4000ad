"""Working papers: drafts outside the register's memory, kept as one types, deletable.

Must not know what a paper says, nor who may see it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from domain.errors import StaleVersion
from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.database.pool import Pool

GET: LiteralString = """
SELECT id, entity, account, content, version, created_at, updated_at FROM working_papers WHERE id = %s
"""
OF: LiteralString = """
SELECT id, entity, account, content, version, created_at, updated_at FROM working_papers
WHERE entity = ANY(%s) OR account = %s ORDER BY updated_at DESC, id
"""
BEGIN: LiteralString = """
INSERT INTO working_papers (id, entity, account, content, version) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (id) DO NOTHING
"""
ADD: LiteralString = """
INSERT INTO working_papers (id, entity, account, content, version, created_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING RETURNING id
"""
CHANGE: LiteralString = """
UPDATE working_papers SET entity = %s, content = %s, version = %s, updated_at = %s
WHERE id = %s AND version = %s RETURNING id
"""
DISCARD: LiteralString = "DELETE FROM working_papers WHERE id = %s AND version = %s RETURNING id"

AlsoKeep = Callable[[Connection[Any]], None]
"""Writes something of the caller's in the transaction that changes a paper; what it raises undoes both."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One working paper. `version` rises with each change."""

    id: UUID
    entity: UUID
    account: UUID
    content: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


class WorkingPapers:
    """All working papers."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def get(self, paper_id: UUID) -> Paper | None:
        """One paper."""
        with self._pool.statements() as connection:
            return _paper(connection.execute(GET, [paper_id]).fetchone())

    def of(self, entities: Collection[UUID], account: UUID) -> list[Paper]:
        """The papers of some entities and those that an account began, the latest changed first."""
        with self._pool.connection() as connection:
            return [Paper(*row) for row in connection.execute(OF, [list(entities), account])]

    def begin(
        self, paper_id: UUID, *, entity: UUID, account: UUID, content: dict[str, Any], version: int = 1
    ) -> Paper:
        """A new paper, or the one that has this id already."""
        with self._pool.connection() as connection:
            connection.execute(BEGIN, [paper_id, entity, account, Jsonb(content), version])
            return Paper(*connection.execute(GET, [paper_id]).fetchall()[0])

    def add(self, paper: Paper, *, also: AlsoKeep | None = None) -> bool:
        """Keep a new paper; False if there is one with its id."""
        row = [paper.id, paper.entity, paper.account, Jsonb(paper.content), paper.version]
        return self._write(ADD, [*row, paper.created_at, paper.updated_at], also)

    def change(self, paper: Paper, *, version: int, also: AlsoKeep | None = None) -> bool:
        """Put a paper in the place of its earlier version; False if it is not in that one any more."""
        row = [paper.entity, Jsonb(paper.content), paper.version, paper.updated_at]
        return self._write(CHANGE, [*row, paper.id, version], also)

    def discard(self, paper_id: UUID, *, version: int, also: AlsoKeep | None = None) -> bool:
        """Throw a paper away; False if it is not in that version any more."""
        return self._write(DISCARD, [paper_id, version], also)

    def _write(self, statement: LiteralString, values: Sequence[Any], also: AlsoKeep | None) -> bool:
        with self._pool.connection() as connection:
            done = connection.execute(statement, values).fetchone() is not None
            if done and also is not None:
                also(connection)
        return done

    # -- in the transaction that stores events

    @staticmethod
    def discarding(paper_id: UUID, *, version: int) -> AlsoWrite:
        """The paper goes when the events are stored; if it was changed in between, neither happens."""

        def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
            if connection.execute(DISCARD, [paper_id, version]).fetchone() is None:
                raise StaleVersion("The working paper was changed in between; read it again.")

        return write

    @staticmethod
    def putting_back(paper_id: UUID, *, entity: UUID, account: UUID, content: dict[str, Any]) -> AlsoWrite:
        """What was submitted becomes a working paper again; its versions go on from those of the events."""

        def write(connection: Connection[Any], events: Sequence[Recorded]) -> None:
            version = max((event.header.stream_version for event in events), default=1)
            connection.execute(BEGIN, [paper_id, entity, account, Jsonb(content), version])

        return write


def _paper(row: tuple[Any, ...] | None) -> Paper | None:
    return Paper(*row) if row else None
