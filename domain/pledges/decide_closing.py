"""How a pledge ends and comes back: withdrawn by its owner, lapsed by the Secretariat, carried over, reinstated."""

from __future__ import annotations

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, NotPermitted, Refused
from domain.pledges import commands, doors, events
from domain.pledges.decide_content import require_open
from domain.pledges.decide_submission import check_reason
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
    if not pledge.is_fulfilled or pledge.closed:
        require_open(pledge)
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
    """The Secretariat lets an open pledge go on in a later cycle: the next one, unless another is named."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    check_reason(command.reason)
    require_open(pledge)
    assert pledge.cycle is not None, "a public pledge has a cycle"
    to_cycle = command.to_cycle or pledge.cycle + FORUM_YEARS
    if to_cycle == pledge.cycle:
        return Decision((), acting, context.today())
    if to_cycle < pledge.cycle or (to_cycle - pledge.cycle) % FORUM_YEARS:
        raise InvalidInput(
            {"to_cycle": [f"must be the year of a later forum, such as {pledge.cycle + FORUM_YEARS}."]}
        )
    fact = events.PledgeCarriedOver(from_cycle=pledge.cycle, to_cycle=to_cycle, reason=command.reason)
    return Decision((fact,), acting, context.today())


def reinstate(command: commands.ReinstatePledge, pledge: Pledge | None, context: Context) -> Decision:
    """The owner opens a withdrawn or lapsed pledge again; a lapsed one the Secretariat may open on its own."""
    pledge = doors.known(pledge, context)
    acting = _reinstating(command, pledge, context)
    check_reason(command.reason)
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
