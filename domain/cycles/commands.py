"""What can be asked for about cycles."""

from __future__ import annotations

from uuid import UUID

from domain.cycles.events import CycleOutcome
from domain.recording import Authority
from domain.values import Value


class OpenCycle(Value, kw_only=True):
    """Open a cycle on a day, with the days of its forum and what they rest on."""

    cycle: int
    opened_on: str
    forum_from: str | None = None
    forum_to: str | None = None
    basis: str | None = None
    authority: Authority | None = None


class CloseCycle(Value, kw_only=True):
    """Close a cycle, as of a day or today."""

    cycle: int
    effective_on: str | None = None
    reason: str | None = None
    authority: Authority | None = None


class DecideOnPledges(Value, kw_only=True):
    """Decide what becomes of pledges that are open though their cycle is closed: several at once."""

    cycle: int
    outcome: CycleOutcome
    pledges: tuple[UUID, ...]
    reason: str
    authority: Authority | None = None


CycleCommand = OpenCycle | CloseCycle | DecideOnPledges
