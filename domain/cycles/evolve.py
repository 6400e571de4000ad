"""How events change the cycles. Takes every event as it is stored; refuses nothing."""

from __future__ import annotations

import msgspec

from domain.cycles.events import CycleClosed, CycleOpened, PledgesDecided
from domain.cycles.state import Cycle, Cycles
from domain.errors import UnreadableEvent
from domain.recording import Recorded


def evolve(cycles: Cycles | None, recorded: Recorded) -> Cycles:
    """The cycles after an event."""
    known = cycles.all if cycles else ()
    return Cycles(version=recorded.header.stream_version, all=_after(known, recorded))


def _after(known: tuple[Cycle, ...], recorded: Recorded) -> tuple[Cycle, ...]:
    match recorded.fact:
        case CycleOpened() as fact:
            opened = Cycle(
                cycle=fact.cycle,
                opened_on=fact.opened_on,
                forum_from=fact.forum_from,
                forum_to=fact.forum_to,
            )
            return tuple(sorted((*known, opened), key=lambda cycle: cycle.cycle))
        case CycleClosed(cycle=closed):
            return tuple(_closed(cycle, recorded) if cycle.cycle == closed else cycle for cycle in known)
        case PledgesDecided():
            return known  # what follows is told by the pledges themselves
    raise UnreadableEvent(f"{recorded.header.name} is nothing that happens to cycles.")


def _closed(cycle: Cycle, recorded: Recorded) -> Cycle:
    return msgspec.structs.replace(cycle, closed_on=recorded.header.effective_on)
