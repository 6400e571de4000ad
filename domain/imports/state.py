"""An import as its events have made it: which file, and how many rows had which outcome so far."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.imports.events import Mode
from domain.values import Value


class Import(Value, kw_only=True):
    """One import. `last_row` is the last row that was dealt with; rows are dealt with in order."""

    id: UUID
    version: int
    sha256: str
    mode: Mode
    rows: int
    account: UUID | None
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    last_row: int = 1
    finished: bool = False

    @property
    def dealt_with(self) -> int:
        return sum(self.counts.values())
