"""What follows from a command about cycles. Only the Secretariat opens and closes them."""

from __future__ import annotations

from uuid import UUID

from domain.cycles.commands import CloseCycle, CycleCommand, DecideOnPledges, OpenCycle
from domain.cycles.events import CycleClosed, CycleOpened, PledgesDecided
from domain.cycles.state import CYCLES_ID, Cycle, Cycles
from domain.deciding import Context, Decision, acting_as
from domain.errors import InvalidInput, Refused, invalid
from domain.recording import Fact
from domain.values import clean_text, first_day, last_day, parse_partial_date

FIRST_YEAR, LAST_YEAR = 2018, 2200
"""The Compact was adopted in 2018; no cycle is older."""
PLEDGES_AT_ONCE_MAX = 200


def decide(command: CycleCommand, cycles: Cycles | None, context: Context) -> Decision:
    """The facts that follow from a command, for the cycles as they are."""
    acting = acting_as(context, "secretariat", authority=command.authority)
    known = cycles or Cycles()
    if isinstance(command, OpenCycle):
        effective_on = context.effective(command.opened_on, "opened_on")
        return Decision(_open(command, known), acting, effective_on, CYCLES_ID)
    if isinstance(command, DecideOnPledges):
        return Decision(_decide_on(command, known, context), acting, context.today(), CYCLES_ID)
    effective_on = context.effective(command.effective_on)
    return Decision(_close(command, known, effective_on), acting, effective_on, CYCLES_ID)


def _open(command: OpenCycle, cycles: Cycles) -> tuple[Fact, ...]:
    _check_dates(command)
    known = cycles.get(command.cycle)
    if known is not None:
        return _opened_before(command, known)
    _check_order(command, cycles)
    return (
        CycleOpened(
            cycle=command.cycle,
            opened_on=command.opened_on,
            forum_from=command.forum_from,
            forum_to=command.forum_to,
            basis=_words(command.basis, "basis"),
        ),
    )


def _opened_before(command: OpenCycle, known: Cycle) -> tuple[Fact, ...]:
    said = (command.opened_on, command.forum_from, command.forum_to)
    if said == (known.opened_on, known.forum_from, known.forum_to):
        return ()
    raise Refused(f"The cycle {known.cycle} was opened on {known.opened_on}.", code="cycle-exists")


def _check_dates(command: OpenCycle) -> None:
    errors: dict[str, list[str]] = {}
    if not FIRST_YEAR <= command.cycle <= LAST_YEAR:
        errors["cycle"] = [f"must be the year of its forum, from {FIRST_YEAR} to {LAST_YEAR}."]
    for field in ("forum_from", "forum_to"):
        try:
            parse_partial_date(getattr(command, field) or command.opened_on)
        except ValueError as problem:
            errors[field] = [str(problem)]
    if not errors and command.forum_to:
        start = command.forum_from
        if start is None or last_day(command.forum_to) < first_day(start):
            errors["forum_to"] = ["must not be before forum_from, which must be given with it."]
    if errors:
        raise InvalidInput(errors)


def _check_order(command: OpenCycle, cycles: Cycles) -> None:
    day = first_day(command.opened_on)
    for known in cycles.all:
        if (known.cycle < command.cycle) != (first_day(known.opened_on) < day):
            raise invalid(
                "opened_on", f"cycles open in the order of their years: {known.cycle} on {known.opened_on}."
            )


def _close(command: CloseCycle, cycles: Cycles, effective_on: str) -> tuple[Fact, ...]:
    known = cycles.get(command.cycle)
    if known is None:
        raise invalid("cycle", f"there is no cycle {command.cycle}.")
    if known.closed_on is not None:
        return ()
    if last_day(effective_on) < first_day(known.opened_on):
        raise invalid("effective_on", f"must not be before {known.opened_on}, when the cycle opened.")
    return (CycleClosed(cycle=command.cycle, reason=_words(command.reason, "reason")),)


def _decide_on(command: DecideOnPledges, cycles: Cycles, context: Context) -> tuple[Fact, ...]:
    """Those that are not open in the cycle any more are left out: somebody decided or closed them before."""
    if cycles.get(command.cycle) is None:
        raise invalid("cycle", f"there is no cycle {command.cycle}.")
    if not cycles.is_closed(command.cycle):
        raise Refused(f"The cycle {command.cycle} is open; close it first.", code="cycle-open")
    reason = _words(command.reason, "reason")
    if not reason:
        raise invalid("reason", "say why.")
    chosen = tuple(dict.fromkeys(command.pledges))
    if not 1 <= len(chosen) <= PLEDGES_AT_ONCE_MAX:
        raise invalid("pledges", f"choose from 1 to {PLEDGES_AT_ONCE_MAX}.")
    left = tuple(one for one in chosen if _is_open_in(one, command.cycle, cycles, context))
    if not left:
        return ()
    fact = PledgesDecided(cycle=command.cycle, outcome=command.outcome, pledges=left, reason=reason)
    return (fact,)


def _is_open_in(pledge_id: UUID, cycle: int, cycles: Cycles, context: Context) -> bool:
    pledge = context.world.pledge(pledge_id)
    if pledge is None or pledge.phase != "public":
        raise invalid("pledges", f"there is no public pledge {pledge_id}.")
    return cycles.is_open_in(cycle, pledge)


def _words(text: str | None, field: str) -> str | None:
    try:
        return clean_text(text) or None if text else None
    except ValueError as problem:
        raise invalid(field, str(problem)) from None
