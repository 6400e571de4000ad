"""Whose deadlines the calendar has to look at.

Must not know what follows from a deadline; that is decided, like everything, by the register.
"""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from projections.database.pool import Pool

OFFERED: LiteralString = "SELECT DISTINCT holder FROM reservations WHERE kind = 'offer' ORDER BY holder"


def pledges_with_offers(pool: Pool) -> list[UUID]:
    """The pledges to which a match was ever offered."""
    with pool.connection() as connection:
        return [holder for (holder,) in connection.execute(OFFERED)]
