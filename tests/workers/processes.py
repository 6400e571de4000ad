"""A register in which processes have something to do, with strangers around it; what all events say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.actors import OPERATOR, Authority
from domain.log.state import LOG_ID
from domain.pledges import commands
from domain.pledges.content import Content, Part, Terms
from domain.pledges.state import Pledge
from domain.reference.states import state_id
from domain.register import Register
from projections.composition import Runtime, build
from projections.database.roles import urls_of
from projections.settings import read_settings

LETTER = Authority(kind="email", reference="letter 7")
WHY = "Another government"
KENYA, UGANDA, RWANDA, MALI, GHANA = (state_id(code) for code in ("KEN", "UGA", "RWA", "MLI", "GHA"))
THEN = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""When all of it was said."""
PASSED, TO_COME = "2026-01-31", "2090-06-30"
WORDS = "What will be done, where, by whom and with what means. " * 6

Event = tuple[UUID, str]
"""A stream, and what happened to it."""


def at(moment: datetime) -> Runtime:
    """The register as somebody has it whose clock says so."""
    settings = read_settings()
    assert settings.database_url is not None
    return build(settings, urls_of(settings.database_url), clock=lambda: moment)


def happened(runtime: Runtime) -> list[Event]:
    """Everything that is recorded, in its order, whoever it is about, but for what the log says of itself."""
    question = "SELECT stream, name FROM events WHERE stream <> %s ORDER BY position"
    with runtime.pool.connection() as connection:
        found = connection.execute(question, [LOG_ID]).fetchall()
    return [(stream, name.removeprefix("pledge.")) for stream, name in found]


def since(runtime: Runtime, before: list[Event]) -> list[Event]:
    """What was recorded since, by anybody, about anything."""
    now = happened(runtime)
    assert now[: len(before)] == before
    return now[len(before) :]


def pledge(runtime: Runtime, pledge_id: UUID) -> Pledge:
    found = runtime.register.consult(lambda context: context.world.pledge(pledge_id), by=OPERATOR)
    assert found is not None
    return found


@dataclass(frozen=True)
class World:
    """One pledge that asks for a match and has it, of `offering`; two whose deadlines have passed.

    `stranger` was offered to all three, and nobody answered. The joint pledge invites Uganda, and Mali has
    joined and reported 50 percent. Of two submissions one answers what the first asks for.
    """

    runtime: Runtime
    asking: UUID
    expiring: tuple[UUID, UUID]
    offering: UUID
    stranger: UUID
    joint: UUID
    answering: UUID
    other: UUID

    def says(self, command: type[commands.PledgeCommand], about: UUID, **said: Any) -> Any:
        """A command in somebody's place, carried out."""
        return says(self.runtime.register, command, about, **said)

    def states(self, about: UUID) -> list[str]:
        """How the offers on a pledge stand."""
        return [match.state for match in pledge(self.runtime, about).matches]


def says(register: Register, command: type[commands.PledgeCommand], about: UUID, **said: Any) -> Any:
    return register.handle(command(pledge_id=about, authority=LETTER, **said), by=OPERATOR)


def a_world(runtime: Runtime) -> World:
    """All of it, said in January 2026."""
    earlier = at(THEN)
    try:
        return replace(_said(earlier), runtime=runtime)
    finally:
        earlier.close()


def _said(runtime: Runtime) -> World:
    def do(command: type[commands.PledgeCommand], about: UUID, **said: Any) -> Any:
        return says(runtime.register, command, about, **said)

    def recorded(entity: UUID, **said: Any) -> UUID:
        content = Content(**{"title": "Schools", "entity": entity, "type": "matching", **said})
        return UUID(str(do(commands.RecordPledge, runtime.new_id(), content=content).stream))

    def asks(entity: UUID, deadline: str) -> UUID:
        terms = Terms(kind="technical", deadline=deadline, condition="help", count=1)
        return recorded(entity, terms=terms)

    asking, *expiring = asks(KENYA, TO_COME), asks(GHANA, PASSED), asks(MALI, PASSED)
    offering, stranger = recorded(UGANDA, matches_elsewhere="P-7"), recorded(RWANDA, matches_elsewhere="P-8")
    (offer,) = do(commands.OfferMatch, asking, offering=offering).events
    do(commands.AcceptMatch, asking, match=offer.fact.match)
    for one in (asking, *expiring):
        do(commands.OfferMatch, one, offering=stranger)
    joint = recorded(KENYA, type="partnership", partners=(UGANDA, MALI))
    do(commands.AcceptInvitation, joint, entity=MALI, part=Part(description="Ours"))
    do(commands.ReportProgress, joint, part=0, narrative="Begun", effective_on="2026-01-02")
    do(commands.ReportProgress, joint, part=2, percent=50, effective_on="2026-01-02")
    return World(
        runtime, asking, (expiring[0], expiring[1]), offering, stranger, joint,
        _submitted(do, runtime, matches=asking), _submitted(do, runtime, matches_elsewhere="P-9"),
    )  # fmt: skip


def _submitted(do: Callable[..., Any], runtime: Runtime, **said: Any) -> UUID:
    content = Content(
        title="Teachers", entity=RWANDA, type="matching", description=WORDS, forms=("other",),
        objectives=(15,), due_on="2090", **said,
    )  # fmt: skip
    return UUID(str(do(commands.SubmitPledge, runtime.new_id(), content=content).stream))
