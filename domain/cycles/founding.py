"""The cycle that is there from the start, as a fact that the register records once."""

from __future__ import annotations

from uuid import UUID

from domain.cycles.events import CycleOpened
from domain.cycles.state import CYCLES_ID
from domain.recording import Fact


def founding_facts() -> list[tuple[UUID, Fact]]:
    """The first fact of the cycles' stream. Later cycles are entered by the Secretariat."""
    first = CycleOpened(
        cycle=2022,
        opened_on="2021-12-17",
        forum_from="2022-05-17",
        forum_to="2022-05-20",
        basis="Reference data",
    )
    return [(CYCLES_ID, first)]
