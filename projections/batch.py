"""Some events in their order, and what they make of pledges, worked out once for all read models.

A pledge is folded from its own events: nothing has to be kept of it between batches, and any position can be
gone on from. Must not know what read models hold.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections.database import places

KEPT_MAX = 8_192

Earlier = Callable[[Connection[Any], list[UUID], int], Iterable[Recorded]]
"""The events of some streams before a position, in order."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an event made of its pledge; the first one finds none."""

    event: Recorded
    before: Pledge | None
    after: Pledge


class Pledges:
    """Pledges as their events made them. Those that were met last are remembered, at their versions.

    What is remembered follows from events that do not change: whatever becomes of a transaction, it stays
    true, and a pledge that is asked for at another version is folded anew.
    """

    def __init__(self, earlier: Earlier = places.read_streams, kept_max: int = KEPT_MAX) -> None:
        self._earlier = earlier
        self._kept_max = kept_max
        self._kept: OrderedDict[UUID, Pledge] = OrderedDict()

    def at(self, connection: Connection[Any], pledges: Iterable[UUID], position: int) -> dict[UUID, Pledge]:
        """Those of some pledges that were there before a position."""
        found: dict[UUID, Pledge] = {}
        wanted = list(pledges)
        for event in self._earlier(connection, wanted, position) if wanted else ():
            found[event.header.stream] = evolve(found.get(event.header.stream), event)
        return found

    def forget(self) -> None:
        """Keep nothing: what was read before words were erased still has them."""
        self._kept.clear()

    def steps(self, connection: Connection[Any], events: Iterable[Recorded]) -> list[Step]:
        """The steps that the events of pledges make."""
        told = [event for event in events if event.header.name.startswith("pledge.")]
        current = self._before(connection, told)
        steps = []
        for event in told:
            before = current.get(event.header.stream)
            after = current[event.header.stream] = evolve(before, event)
            steps.append(Step(event, before, after))
        self._keep(current)
        return steps

    def _before(self, connection: Connection[Any], events: list[Recorded]) -> dict[UUID, Pledge]:
        """The pledges as the first of their events finds them."""
        found: dict[UUID, Pledge] = {}
        versions: dict[UUID, int] = {}
        for event in events:
            versions.setdefault(event.header.stream, event.header.stream_version - 1)
        for stream, version in versions.items():
            kept = self._kept.get(stream)
            if kept is not None and kept.version == version:
                found[stream] = kept
        others = [stream for stream, version in versions.items() if version and stream not in found]
        return found | (self.at(connection, others, events[0].position) if others else {})

    def _keep(self, pledges: dict[UUID, Pledge]) -> None:
        for pledge_id, pledge in pledges.items():
            self._kept[pledge_id] = pledge
            self._kept.move_to_end(pledge_id)
        while len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)


class Batch(list[Recorded]):
    """Some events in the order of their positions, given to each read model."""

    def __init__(self, events: Iterable[Recorded], pledges: Pledges) -> None:
        super().__init__(events)
        self._pledges = pledges
        self._steps: list[Step] | None = None

    def steps(self, connection: Connection[Any]) -> list[Step]:
        """What its events make of pledges, in order."""
        if self._steps is None:
            self._steps = self._pledges.steps(connection, self)
        return self._steps

    def pledges_before(
        self, connection: Connection[Any], pledges: Iterable[UUID], position: int
    ) -> dict[UUID, Pledge]:
        """Those of some pledges that were there before a position of the batch."""
        return self._pledges.at(connection, pledges, position)
