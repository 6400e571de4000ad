"""How a pledge ends and comes back: withdrawn by its owner, lapsed, carried over, reinstated."""

from __future__ import annotations

from domain.cycles.state import Cycles
from domain.deciding import Context, Decision
from domain.errors import NotPermitted, Refused, invalid
from domain.pledges import commands, doors, events
from domain.pledges.decide_content import require_not_closed, require_open, require_public
from domain.pledges.findings import check_reason
from domain.pledges.state import Pledge
from domain.recording import Acting

FORUM_YEARS = 4
"""The International Migration Review Forum takes place every four years (resolution 73/195, paragraph 49)."""


def withdraw(command: commands.WithdrawPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The owner withdraws an open or fulfilled pledge."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    check_reason(command.reason)
    if pledge.closed == "withdrawn":
        return Decision((), acting, context.today())
    require_not_closed(pledge)
    return Decision((events.PledgeWithdrawn(reason=command.reason),), acting, context.today())


def lapse(command: commands.LapsePledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat records that an open pledge lapsed; the reason names the notice that was given."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    if pledge.closed == "lapsed":
        return Decision((), acting, context.today())
    require_open(pledge)
    return Decision((events.PledgeLapsed(reason=command.reason),), acting, context.today())


def carry_over(command: commands.CarryOverPledge, pledge: Pledge | None, context: Context) -> Decision:
    """The Secretariat lets an open pledge go on in the next cycle, or in a later one that has opened."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    require_open(pledge)
    cycles = context.world.cycles()
    from_cycle = pledge.cycle or cycles.cycle_for(pledge.made_on)
    to_cycle = command.to_cycle or _next(from_cycle, pledge, cycles)
    if to_cycle == from_cycle:
        return Decision((), acting, context.today())
    _check_cycle(from_cycle, to_cycle, cycles)
    fact = events.PledgeCarriedOver(from_cycle=from_cycle, to_cycle=to_cycle, reason=command.reason)
    return Decision((fact,), acting, context.today())


def _next(cycle: int, pledge: Pledge, cycles: Cycles) -> int:
    """The cycle that opened next, or else the one to come; what was carried there already stays."""
    opened = cycles.next_after(cycle)
    if opened is not None:
        return opened
    stays = pledge.carried_over and not cycles.is_closed(cycle)
    return cycle if stays else cycle + FORUM_YEARS


def _check_cycle(from_cycle: int, to_cycle: int, cycles: Cycles) -> None:
    if to_cycle < from_cycle:
        raise invalid("to_cycle", f"must be later than {from_cycle}.")
    if cycles.get(to_cycle) is None and to_cycle != from_cycle + FORUM_YEARS:
        raise invalid(
            "to_cycle", f"must be a cycle that was opened, or the next, {from_cycle + FORUM_YEARS}."
        )


def reinstate(command: commands.ReinstatePledge, pledge: Pledge | None, context: Context) -> Decision:
    """The owner opens a closed pledge again; a lapsed one the Secretariat may open on its own."""
    pledge = doors.known(pledge, context)
    acting = _reinstating(command, pledge, context)
    check_reason(command.reason)
    require_public(pledge)
    if pledge.is_open:
        return Decision((), acting, context.today())
    if not pledge.closed:
        raise Refused("Only a withdrawn or lapsed pledge can be reinstated.", code="not-closed")
    return Decision((events.PledgeReinstated(reason=command.reason),), acting, context.today())


def _reinstating(command: commands.ReinstatePledge, pledge: Pledge, context: Context) -> Acting:
    try:
        return doors.as_owner(command, pledge, context)
    except NotPermitted:
        if pledge.closed != "lapsed":
            raise
        return doors.as_secretariat(command, context)
