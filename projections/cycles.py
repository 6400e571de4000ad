"""The cycles of the review forum as of any position, folded from their few events.

Must not know HTTP.
"""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection

from domain.cycles.evolve import evolve
from domain.cycles.state import CYCLES_ID, Cycles
from projections.database.mapper import read_row
from projections.database.roles import SCHEMA

OF_CYCLES: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE stream = %b AND position <= %b ORDER BY position
"""  # noqa: S608


def cycles(connection: Connection[Any], up_to: int) -> Cycles:
    """The cycles that were opened up to a position, with what was known of each."""
    found: Cycles | None = None
    for row in connection.execute(OF_CYCLES, [CYCLES_ID, up_to], binary=True):
        found = evolve(found, read_row(*row))
    return found or Cycles()
