"""Given what happened, when a command comes, then these facts follow: how tests of decisions read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from domain.actors import OPERATOR, Actor, Grant
from domain.cycles.state import Cycles
from domain.deciding import Context, Decision
from domain.entities.state import Entity
from domain.log.state import LogState
from domain.pledges.state import Pledge
from domain.recording import Acting, Fact, Recorded, record
from domain.reservations import reservations_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def an_id(number: int) -> UUID:
    """A made-up id that is easy to tell apart in a failing test."""
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number)


SECRETARIAT = Actor(account=an_id(901), grants=(Grant(role="secretariat"),))
ADMINISTRATOR = Actor(account=an_id(902), grants=(Grant(role="administrator"),))
NOBODY = Actor(account=an_id(903))


@dataclass
class FakeWorld:
    """The rest of the register, in memory, with the reservations that its events make."""

    entities: dict[UUID, Entity] = field(default_factory=dict)
    pledges: dict[UUID, Pledge] = field(default_factory=dict)
    known_cycles: Cycles = field(default_factory=Cycles)
    known_log: LogState = field(default_factory=LogState)
    events: dict[int, Recorded] = field(default_factory=dict)
    held: dict[tuple[str, str], UUID] = field(default_factory=dict)

    def entity(self, entity_id: UUID) -> Entity | None:
        return self.entities.get(entity_id)

    def pledge(self, pledge_id: UUID) -> Pledge | None:
        return self.pledges.get(pledge_id)

    def cycles(self) -> Cycles:
        return self.known_cycles

    def log(self) -> LogState:
        return self.known_log

    def event(self, position: int) -> Recorded | None:
        return self.events.get(position)

    def next_number(self, cycle: int) -> int:
        return 1 + sum(1 for kind, key in self.held if kind == "reference" and key.startswith(f"{cycle}-"))

    def offers_by(self, pledge_id: UUID) -> list[UUID]:
        own = ("offer", f"{pledge_id}:")
        return [by for (kind, key), by in self.held.items() if kind == own[0] and key.startswith(own[1])]

    def holder(self, kind: str, key: str) -> UUID | None:
        return self.held.get((kind, key))

    def reserve(self, recorded: Recorded) -> None:
        """As the store does: what another holds already cannot be had."""
        for wanted in reservations_of(recorded):
            holder = self.held.setdefault((wanted.kind, wanted.key), wanted.holder)
            assert holder == wanted.holder, f"{wanted.kind} {wanted.key!r} is held by {holder}"


def context(world: FakeWorld, actor: Actor = OPERATOR, now: datetime = NOW, first_id: int = 1) -> Context:
    """A context in which new ids are counted up from one number."""
    numbers = count(first_id)
    return Context(now=now, actor=actor, world=world, new_id=lambda: an_id(next(numbers)))


def recorded(decision: Decision, version: int = 0, now: datetime = NOW) -> list[Recorded]:
    """The events that record a decision, after a stream's version."""
    assert decision.stream is not None
    return [
        record(
            fact,
            stream=decision.stream,
            version=number,
            acting=decision.acting,
            effective_on=decision.effective_on,
            now=now,
        )
        for number, fact in enumerate(decision.facts, version + 1)
    ]


def folded(evolve: Callable[[Any, Recorded], Any], state: Any, events: Sequence[Recorded]) -> Any:
    """The state after the events."""
    for event in events:
        state = evolve(state, event)
    return state


def happened(fact: Fact, stream: UUID, version: int = 1, effective_on: str = "2026-11-23") -> Recorded:
    """A fact as the operator recorded it."""
    acting = Acting(actor=OPERATOR.account, role="secretariat")
    return record(fact, stream=stream, version=version, acting=acting, effective_on=effective_on, now=NOW)
