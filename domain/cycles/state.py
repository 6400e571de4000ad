"""The cycles as their events have made them, and which of them a pledge belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.reference.identifiers import fixed_id
from domain.values import Value, first_day

if TYPE_CHECKING:
    from domain.pledges.state import Pledge

CYCLES_ID = fixed_id("cycles", "all")
"""The one stream that tells of all cycles, the same in every register."""


class Cycle(Value, kw_only=True):
    """One cycle, named after a year."""

    cycle: int
    opened_on: str
    forum_from: str | None = None
    forum_to: str | None = None
    closed_on: str | None = None


class Cycles(Value, kw_only=True):
    """All cycles in the order in which they opened. `version` is the last event's, 0 before the first."""

    version: int = 0
    all: tuple[Cycle, ...] = ()

    def get(self, cycle: int) -> Cycle | None:
        """The cycle named after a year."""
        return next((known for known in self.all if known.cycle == cycle), None)

    def cycle_for(self, made_on: str | None) -> int:
        """The latest cycle opened on or before the day; without a day, or with an earlier one, the first."""
        if not self.all:
            raise LookupError("no cycle was ever opened")
        opened = [known for known in self.all if made_on and first_day(known.opened_on) <= first_day(made_on)]
        return (opened[-1] if opened else self.all[0]).cycle

    def next_after(self, cycle: int) -> int | None:
        """The cycle that opened next after another."""
        return next((known.cycle for known in self.all if known.cycle > cycle), None)

    def is_open_in(self, cycle: int, pledge: Pledge) -> bool:
        """Whether a pledge is open and belongs to a cycle."""
        return pledge.is_open and (pledge.cycle or self.cycle_for(pledge.made_on)) == cycle

    def is_closed(self, cycle: int) -> bool:
        known = self.get(cycle)
        return known is not None and known.closed_on is not None
