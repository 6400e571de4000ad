"""What can have happened to cycles. Docstrings are the entries of the event catalogue (docs/events.md)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from domain.recording import Fact, recorded_as

CycleOutcome = Literal["lapse", "carry-over"]


@recorded_as("cycle.opened")
class CycleOpened(Fact):
    """A cycle began to take pledges on a day.

    `cycle` is the year it is named after, `forum_from` and `forum_to` the first and last day of its review
    forum, and `basis` what these dates rest on.
    """

    cycle: int
    opened_on: str
    forum_from: str | None = None
    forum_to: str | None = None
    basis: str | None = None


@recorded_as("cycle.closed")
class CycleClosed(Fact):
    """A cycle ended on the effective date: pledges of it may lapse or be carried over."""

    cycle: int
    reason: str | None = None


@recorded_as("cycle.pledges-decided")
class PledgesDecided(Fact):
    """The Secretariat decided what becomes of pledges that were open when their cycle was closed.

    `outcome` is `lapse` or `carry-over`. What follows is recorded of each pledge that is still open in the
    cycle then, with the same reason.
    """

    cycle: int
    outcome: CycleOutcome
    pledges: tuple[UUID, ...]
    reason: str
