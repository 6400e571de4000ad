"""Turns decisions on the open pledges of a closed cycle into commands: facts in, commands out.

Each command has an id that follows from the fact, and goes to a pledge only while it is open in that cycle:
whoever dies between fact and command, or is faster, changes nothing twice. Must not know any page.
"""

from __future__ import annotations

from uuid import UUID, uuid5

import structlog

from domain.actors import Actor, Grant
from domain.cycles.events import PledgesDecided
from domain.cycles.state import CYCLES_ID
from domain.deciding import Context
from domain.errors import Conflict, RegisterError, StaleVersion
from domain.pledges.commands import CarryOverPledge, LapsePledge
from domain.pledges.state import Pledge
from domain.recording import Authority, Recorded
from projections.composition import Runtime
from projections.processes import ENDING_CYCLES

COMMANDS = UUID("3c1f5a0e-6a38-4d3e-9f0b-5f7f1f4f9c11")
"""The name space of the ids of its commands."""

log = structlog.get_logger(__name__)


def end_cycles(runtime: Runtime) -> int:
    """Carry out what was decided and is not carried out yet; how many pledges that changed."""
    changed = 0
    for fact in runtime.processes.ahead(ENDING_CYCLES, stream=CYCLES_ID, name=PledgesDecided.NAME):
        changed += sum(_carry_out(runtime, fact, pledge) for pledge in fact.fact.pledges)
        runtime.processes.finished(ENDING_CYCLES, fact.position)
    return changed


def _carry_out(runtime: Runtime, recorded: Recorded, pledge_id: UUID) -> bool:
    """Whether it changed the pledge. Raises what may pass; then the fact is taken up again."""
    fact: PledgesDecided = recorded.fact
    actor = _who_decided(recorded)
    pledge = runtime.register.consult(lambda context: _waiting(context, fact.cycle, pledge_id), by=actor)
    if pledge is None:
        return False
    command = (LapsePledge if fact.outcome == "lapse" else CarryOverPledge)(
        pledge_id=pledge_id, reason=fact.reason, authority=_cited(recorded)
    )
    command_id = uuid5(COMMANDS, f"{recorded.position} {pledge_id}")
    try:
        outcome = runtime.register.handle(
            command, by=actor, command_id=command_id, expected_version=pledge.version
        )
    except (Conflict, StaleVersion):
        raise
    except RegisterError as refusal:
        log.warning("cycle.refused", pledge=str(pledge_id), code=refusal.code)
        return False
    return bool(outcome.events) and not outcome.repeated


def _waiting(context: Context, cycle: int, pledge_id: UUID) -> Pledge | None:
    """The pledge, if it is still open in the cycle."""
    pledge = context.world.pledge(pledge_id)
    return pledge if pledge and context.world.cycles().is_open_in(cycle, pledge) else None


def _cited(recorded: Recorded) -> Authority | None:
    """The document on which the decision rests, if one was cited."""
    authority = recorded.header.authority
    return authority if authority and authority.reference else None


def _who_decided(recorded: Recorded) -> Actor:
    """Who decided, in the role that they had: if it ended since, what they decided stands."""
    header = recorded.header
    return Actor(
        account=header.actor or UUID(int=0),
        grants=(Grant(role="secretariat"),),
        office=header.office,
        channel=header.authority.kind if header.authority else "form",
        request_id=header.request_id,
    )
