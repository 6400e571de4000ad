"""A moment that is asked about: a position in the order of events, and the time that goes with it.

Must not know how people write it, nor what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.values import utc_day


@dataclass(frozen=True, slots=True)
class Moment:
    """What was recorded up to `position`, seen at the time `at`. Position 0 is before everything."""

    position: int
    at: datetime
    is_now: bool = False
    recording_began: datetime | None = None

    @property
    def day(self) -> date:
        """The day in UTC for which overdue, stale and the names of entities are asked."""
        return utc_day(self.at)
