"""What was true on a day, as far as it is known: the events that had become true by then.

Must not know where events are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from domain.pledges.events import PledgeMade, PledgeSubmitted
from domain.recording import Recorded
from domain.values import first_day


class TrueOn:
    """Leaves out of the events of pledges what became true only later.

    A date known to the month or year is its first day. A pledge whose beginning became true later is left out
    whole. What happened to others than pledges is kept: names have days of their own.
    """

    def __init__(self, day: date) -> None:
        self._day = day
        self._begun: set[UUID] = set()

    def __call__(self, events: Iterable[Recorded]) -> Iterator[Recorded]:
        """Those of some events that had become true; to be asked for events in their order."""
        return (event for event in events if self._is_true(event))

    def _is_true(self, event: Recorded) -> bool:
        header = event.header
        if not header.name.startswith("pledge."):
            return True
        if first_day(header.effective_on) > self._day:
            return False
        if header.stream not in self._begun:
            if not (isinstance(event.fact, PledgeSubmitted | PledgeMade) and event.fact.content):
                return False
            self._begun.add(header.stream)
        return True
