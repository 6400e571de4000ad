"""What one event says about what came in. Pure: knows no SQL.

A submission waits until it is published, returned, rejected or recalled; all else has its outcome at once.
What became of an imported file's rows is said by the import, but for submissions: they wait like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from domain.imports.events import ImportRowsRecorded, RowOutcome
from domain.pledges import events
from domain.recording import Recorded
from domain.values import Value

IMPORT = "import"
WAITING = "submitted"

_DECISIONS: dict[Any, str] = {
    events.PledgeMade: "made",
    events.PledgeReturned: "returned",
    events.PledgeRejected: "rejected",
    events.PledgeRecalled: "recalled",
}


class Receipt(Value, kw_only=True):
    """One thing that came in at a position (its number there), by a way, and the outcome it has."""

    position: int
    number: int = 0
    way: str
    outcome: str
    received_at: Any
    decided_at: int | None = None
    pledge: UUID | None = None
    entity: UUID | None = None
    file: UUID | None = None
    ref: str | None = None
    problem: str | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.position, self.number


def way_of(event: Recorded) -> str:
    """How it came in: an authority that is cited, else the channel."""
    return event.header.authority.kind if event.header.authority else "unknown"


def receipts(event: Recorded) -> Iterator[Receipt]:
    """What came in with an event."""
    fact = event.fact
    if isinstance(fact, ImportRowsRecorded):
        for number, row in enumerate(fact.rows):
            if row.outcome != WAITING:
                yield _of_row(event, number, row)
    elif isinstance(fact, events.PledgeSubmitted):
        yield _of_pledge(event, WAITING, fact.content.entity)
    elif way_of(event) != IMPORT:
        if isinstance(fact, events.PledgeMade) and fact.content is not None:
            yield _of_pledge(event, "made", fact.content.entity)
        elif isinstance(fact, events.PledgeAmended):
            yield _of_pledge(event, "amended", event.header.on_behalf_of or event.header.entity)


def decision(event: Recorded) -> str | None:
    """What an event decides about the pledge's submission that waits, if one does."""
    return _DECISIONS.get(type(event.fact))


def decided(receipt: Receipt, outcome: str, position: int) -> Receipt:
    return msgspec.structs.replace(receipt, outcome=outcome, decided_at=position)


def _of_pledge(event: Recorded, outcome: str, entity: UUID | None) -> Receipt:
    header = event.header
    return Receipt(
        position=header.position, way=way_of(event), outcome=outcome, received_at=header.recorded_at,
        pledge=header.stream, entity=entity,
        decided_at=None if outcome == WAITING else header.position,
    )  # fmt: skip


def _of_row(event: Recorded, number: int, row: RowOutcome) -> Receipt:
    header = event.header
    return Receipt(
        position=header.position, number=number, way=IMPORT, outcome=row.outcome,
        received_at=header.recorded_at, decided_at=header.position, pledge=row.pledge, file=header.stream,
        ref=row.ref, problem=row.problem,
    )  # fmt: skip
