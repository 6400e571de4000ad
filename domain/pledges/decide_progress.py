"""Progress: whoever answers for a part reports on it; a wrong report is corrected, not rewritten."""

from __future__ import annotations

from typing import get_args

from domain.deciding import Context, Decision
from domain.errors import NotFound, Refused, invalid
from domain.pledges import commands, doors, events
from domain.pledges.content import Target
from domain.pledges.decide_content import require_not_closed, require_open
from domain.pledges.evidence import check_evidence
from domain.pledges.findings import Findings, check_reason, check_text
from domain.pledges.measure import COMPLETE, all_parts_complete, counted_parts, measured_percent
from domain.pledges.rules import DESCRIPTION_CHARS_MAX, LIST_ITEMS_MAX, check_amount
from domain.pledges.state import LEAD, Pledge, Report
from domain.recording import Acting
from domain.reference.vocabularies import MoneyStage, Outlook
from domain.values import duplicates, first_day, parse_number, parse_partial_date, utc_day


def report(command: commands.ReportProgress, pledge: Pledge | None, context: Context) -> Decision:
    """The owner, or a joined partner for its own part, reports. The same again says nothing new."""
    pledge = doors.known(pledge, context)
    part, acting = _part_and_door(command, pledge, context)
    effective = _check_report(command, pledge, part, context)
    require_open(pledge)
    if any(_says_the_same(command, said) for said in pledge.reports_of(part)):
        return Decision((), acting, effective)
    fact = events.ProgressReported(
        part=part, narrative=command.narrative, percent=command.percent, measures=command.measures,
        money=command.money, outlook=command.outlook, evidence=command.evidence,
    )  # fmt: skip
    return Decision((fact,), acting, effective)


def _part_and_door(command: commands.ReportProgress, pledge: Pledge, context: Context) -> tuple[int, Acting]:
    """The part that is reported on and the role to do so; nobody reports on another's part."""
    number = _own_part(pledge, context) if command.part is None else command.part
    owner = pledge.part_owner(number)
    if owner is None:
        raise invalid("part", "is not a part of a partner that has joined (0 is the lead's).")
    return number, doors.as_entity(command, owner, context)


def _own_part(pledge: Pledge, context: Context) -> int:
    """The first part that the actor answers for; the lead's if there is none."""
    own = (n for n in counted_parts(pledge) if doors.speaks_for(pledge.part_owner(n), context))
    return next(own, LEAD)


def _says_the_same(command: commands.ReportProgress, said: Report) -> bool:
    return (
        said.effective_on == command.effective_on
        and said.narrative == command.narrative
        and said.percent == command.percent
        and said.measures == command.measures
        and said.money == command.money
        and said.outlook == command.outlook
        and said.evidence == command.evidence
    )


def _check_report(command: commands.ReportProgress, pledge: Pledge, part: int, context: Context) -> str:
    """The effective date, after every rule of a report held."""
    found = Findings()
    if command.narrative is None and command.percent is None and not command.measures:
        for field in ("narrative", "percent", "measures"):
            found.say(field, "a report needs a narrative, a percent or measures.")
    check_text(command.narrative, "narrative", DESCRIPTION_CHARS_MAX, found)
    if command.percent is not None and not 0 <= command.percent <= COMPLETE:
        found.say("percent", "must be from 0 to 100.")
    if command.outlook is not None and command.outlook not in get_args(Outlook):
        found.say("outlook", f"must be one of {', '.join(get_args(Outlook))}.")
    _check_measures(command, {target.id: target for target in pledge.targets_of(part)}, found)
    _check_money(command, context, found)
    check_evidence(command.evidence, found)
    found.raise_if_any()
    return context.effective(command.effective_on)


def _check_measures(command: commands.ReportProgress, targets: dict[str, Target], found: Findings) -> None:
    if again := duplicates(measure.target for measure in command.measures):
        found.say("measures", f"must hold one value for each target ({again[0]} has two).")
    for index, measure in enumerate(command.measures):
        target = targets.get(measure.target)
        if target is None or target.retired:
            found.say(f"measures.{index}.target", "is not a target of this part of the pledge.")
        elif target.target is None:
            found.say(
                f"measures.{index}.target", "is a target without a number; report on it in the narrative."
            )
        found.attempt(f"measures.{index}.value", parse_number, measure.value)


def _check_money(command: commands.ReportProgress, context: Context, found: Findings) -> None:
    if duplicates(command.money):
        found.say("money", "must hold no duplicates.")
    if len(command.money) > LIST_ITEMS_MAX:
        found.say("money", f"must hold at most {LIST_ITEMS_MAX} items.")
    for index, money in enumerate(command.money):
        if money.stage not in get_args(MoneyStage):
            found.say(f"money.{index}.stage", f"must be {' or '.join(get_args(MoneyStage))}.")
        check_amount(money.amount, f"money.{index}.amount", found)
        held = found.attempt(f"money.{index}.date", parse_partial_date, money.date)
        if held and first_day(money.date) > utc_day(context.now):
            found.say(f"money.{index}.date", "must not lie in the future.")


def correct(command: commands.CorrectReport, pledge: Pledge | None, context: Context) -> Decision:
    """Whoever answers for the part replaces what a report said, and says why."""
    pledge = doors.known(pledge, context)
    wrong = the_report(pledge, command.report)
    owner = pledge.part_owner(wrong.part)
    if owner is None:
        raise Refused("The partner whose report this is has left the pledge.", code="partner-left")
    acting = doors.as_entity(command, owner, context)
    if command.part not in (None, wrong.part):
        raise invalid("part", f"the report at {wrong.position} is about part {wrong.part}.")
    check_reason(command.reason)
    effective = _check_report(command, pledge, wrong.part, context)
    require_open(pledge)
    if _says_the_same(command, wrong):
        return Decision((), acting, effective)
    fact = events.ProgressCorrected(
        part=wrong.part, corrects=wrong.position, reason=command.reason, narrative=command.narrative,
        percent=command.percent, measures=command.measures, money=command.money, outlook=command.outlook,
        evidence=command.evidence,
    )  # fmt: skip
    return Decision((fact,), acting, effective)


def the_report(pledge: Pledge, position: int) -> Report:
    """The report recorded at a position, or NotFound."""
    found = pledge.report_at(position)
    if found is None:
        raise NotFound(f"There is no progress report of this pledge at position {position}.")
    return found


def declare_fulfilled(
    command: commands.DeclareFulfilled, pledge: Pledge | None, context: Context
) -> Decision:
    """The owner declares it: with all parts at 100, or with a reason why it is fulfilled all the same."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    effective = context.effective(command.effective_on)
    require_not_closed(pledge)
    if pledge.is_fulfilled:
        return Decision((), acting, effective)
    _check_declaration(command, pledge)
    fact = events.PledgeFulfilled(
        narrative=command.narrative, reason=command.reason, evidence=command.evidence,
        measured_percent=measured_percent(pledge),
    )  # fmt: skip
    return Decision((fact,), acting, effective)


def _check_declaration(command: commands.DeclareFulfilled, pledge: Pledge) -> None:
    found = Findings()
    if not command.narrative and not command.reason and not all_parts_complete(pledge):
        for field in ("narrative", "reason"):
            found.say(field, "not every part stands at 100 percent: say why the pledge is fulfilled.")
    check_text(command.narrative, "narrative", DESCRIPTION_CHARS_MAX, found)
    check_text(command.reason, "reason", DESCRIPTION_CHARS_MAX, found)
    check_evidence(command.evidence, found)
    found.raise_if_any()


def retract_fulfilment(
    command: commands.RetractFulfilment, pledge: Pledge | None, context: Context
) -> Decision:
    """The owner takes the declaration back; the status is as measured again."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    effective = context.effective(command.effective_on)
    check_reason(command.reason)
    found = Findings()
    check_evidence(command.evidence, found)
    found.raise_if_any()
    require_not_closed(pledge)
    if not pledge.is_fulfilled:
        return Decision((), acting, effective)
    fact = events.FulfilmentRetracted(reason=command.reason, evidence=command.evidence)
    return Decision((fact,), acting, effective)
