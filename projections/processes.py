"""How far processes are, that turn facts into commands, and the facts that are before them.

Must not know which commands follow.
"""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from domain.recording import Recorded
from projections.database.mapper import read_row
from projections.database.pool import Pool
from projections.database.roles import SCHEMA

ENDING_CYCLES = "ending-cycles"
"""Turns decisions on the open pledges of a closed cycle into commands on these."""
NOTICING = "noticing"
"""Tells by letter whom a fact concerns."""

AHEAD: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE stream = %b AND name = %b
    AND position > coalesce((SELECT position FROM {SCHEMA}.processes WHERE processes.name = %b), 0)
ORDER BY position
"""  # noqa: S608
# Never back: a slower one that finishes later has done nothing that was not done.
FINISHED: LiteralString = """
INSERT INTO processes (name, position) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET position = greatest(processes.position, excluded.position)
"""


class Processes:
    """All processes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def ahead(self, process: str, *, stream: UUID, name: str) -> list[Recorded]:
        """The facts of that name in a stream that a process has not finished with, oldest first."""
        with self._pool.connection() as connection:
            rows = connection.execute(AHEAD, [stream, name, process], binary=True).fetchall()
        return [read_row(*row) for row in rows]

    def finished(self, process: str, position: int) -> None:
        """Everything that follows from what was recorded up to a position was commanded."""
        with self._pool.connection() as connection:
            connection.execute(FINISHED, [process, position])
