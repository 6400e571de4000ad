"""What every decision is given and gives: context in, facts with their header's particulars out.

Decisions are functions of their arguments alone; what they need of the rest of the register is in `World`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from domain.actors import Actor, Role
from domain.entities.state import Entity, survivor
from domain.errors import NotPermitted, invalid
from domain.recording import Acting, Authority, Fact, Recorded
from domain.values import first_day, parse_partial_date, utc_day

if TYPE_CHECKING:
    from domain.cycles.state import Cycles
    from domain.log.state import LogState
    from domain.pledges.state import Pledge


class World(Protocol):
    """The other aggregates that a decision may ask for, as they are when it decides."""

    def entity(self, entity_id: UUID) -> Entity | None: ...
    def pledge(self, pledge_id: UUID) -> Pledge | None: ...
    def cycles(self) -> Cycles: ...
    def log(self) -> LogState: ...
    def event(self, position: int) -> Recorded | None:
        """What is recorded at a position."""
        ...

    def next_number(self, cycle: int) -> int:
        """The next running number for a reference in that cycle (`2022-0042`), never used before."""
        ...

    def offers_by(self, pledge_id: UUID) -> list[UUID]:
        """The pledges to which this one was ever offered as a match (reservations of kind "offer")."""
        ...

    def holder(self, kind: str, key: str) -> UUID | None:
        """Who holds a reservation (domain/reservations.py), for instance an entity's name."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The clock, the actor, new ids and the rest of the register, handed to a decision."""

    now: datetime
    actor: Actor
    world: World
    new_id: Callable[[], UUID]
    command_id: UUID | None = None

    def today(self) -> str:
        return utc_day(self.now).isoformat()

    def lasting(self, entity_id: UUID) -> UUID:
        """The id that stands for an entity now: its own, or that of the one it was merged into."""
        entity = self.world.entity(entity_id)
        return entity_id if entity is None else survivor(entity, self.world.entity).id

    def effective(self, given: str | None, field_name: str = "effective_on") -> str:
        """The effective date as given, or today. Refused if it lies in the future."""
        if given is None:
            return self.today()
        try:
            parse_partial_date(given)
        except ValueError as problem:
            raise invalid(field_name, str(problem)) from None
        if first_day(given) > utc_day(self.now):
            raise invalid(field_name, f"must not lie in the future (today is {self.today()} in UTC).")
        return given


@dataclass(frozen=True, slots=True)
class Decision:
    """The facts that follow from a command, and what their headers say. None: there was nothing to say."""

    facts: tuple[Fact, ...]
    acting: Acting
    effective_on: str
    stream: UUID | None = field(default=None)


def acting_as(context: Context, role: Role, *, authority: Authority | None = None) -> Acting:
    """What headers say of an actor in a role of the register's own. Refused if the role is not theirs."""
    if not context.actor.has(role):
        raise NotPermitted(f"Only the role {role} may do this.")
    return Acting(
        actor=context.actor.account,
        role=role,
        office=context.actor.office,
        authority=authority or Authority(kind=context.actor.channel),
        request_id=context.actor.request_id,
        command_id=context.command_id,
    )
