"""Progress and fulfilment: each part is reported by whoever answers for it, and a wrong report is corrected, not rewritten."""

from __future__ import annotations

from urllib.parse import urlsplit

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, NotFound, Refused
from domain.pledges import commands, doors, events
from domain.pledges.content import Target
from domain.pledges.decide_content import require_open
from domain.pledges.decide_submission import check_reason
from domain.pledges.measure import all_parts_complete, measured_percent
from domain.pledges.rules import DESCRIPTION_CHARS_MAX, Findings, check_text
from domain.pledges.state import Pledge, Report
from domain.recording import Acting
from domain.values import duplicates, first_day, parse_money, parse_number, parse_partial_date, utc_day

URL_CHARS_MAX = 2000
SHOWN_KINDS_OF_LINK = ("http", "https")


def report(command: commands.ReportProgress, pledge: Pledge | None, context: Context) -> Decision:
    """The owner, or a joined partner for its own part, reports. A report already made in these figures says nothing new."""
    pledge = doors.known(pledge, context)
    part, acting = _part_and_door(command, pledge, context)
    effective = _check_report(command, pledge, part, context)
    require_open(pledge)
    if _is_repeated(command, pledge, part):
        return Decision((), acting, effective)
    return Decision((events.ProgressReported(part=part, **_said(command)),), acting, effective)


def _part_and_door(command: commands.ReportProgress, pledge: Pledge, context: Context) -> tuple[int, Acting]:
    """The part that is reported on and the role to do so; nobody reports on another's part."""
    number = command.part
    if number is None:
        own = (pledge.part_number(entity) for entity in sorted(context.actor.own_entities))
        number = min((n for n in own if n is not None), default=0)
    owner = pledge.part_owner(number)
    if owner is None:
        raise InvalidInput({"part": ["is not a part of a partner that has joined (0 is the lead's)."]})
    return number, doors.as_entity(command, owner, context)


def _said(command: commands.ReportProgress) -> dict[str, object]:
    return {
        name: getattr(command, name)
        for name in ("narrative", "percent", "measures", "money", "outlook", "evidence")
    }


def _is_repeated(command: commands.ReportProgress, pledge: Pledge, part: int) -> bool:
    if command.narrative or command.evidence:
        return False
    figures = (command.effective_on, command.percent, command.measures, command.money, command.outlook)
    return any(
        (r.effective_on, r.percent, r.measures, r.money, r.outlook) == figures
        for r in pledge.reports_of(part)
    )


def _check_report(command: commands.ReportProgress, pledge: Pledge, part: int, context: Context) -> str:
    """The effective date, after every rule of a report held."""
    found = Findings()
    if command.narrative is None and command.percent is None and not command.measures:
        for field in ("narrative", "percent", "measures"):
            found.say(field, "a report needs a narrative, a percent or measures.")
    check_text(command.narrative, "narrative", DESCRIPTION_CHARS_MAX, found)
    if command.percent is not None and not 0 <= command.percent <= 100:
        found.say("percent", "must be from 0 to 100.")
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
        found.attempt(f"measures.{index}.value", lambda value=measure.value: parse_number(value))  # type: ignore[misc]


def _check_money(command: commands.ReportProgress, context: Context, found: Findings) -> None:
    for index, money in enumerate(command.money):
        amount = money.amount
        found.attempt(
            f"money.{index}.amount", lambda amount=amount: parse_money(amount.value, amount.currency)
        )  # type: ignore[misc]
        held = found.attempt(f"money.{index}.date", lambda day=money.date: parse_partial_date(day))  # type: ignore[misc]
        if held and first_day(money.date) > utc_day(context.now):
            found.say(f"money.{index}.date", "must not lie in the future.")


def check_evidence(evidence: tuple[events.Evidence, ...], found: Findings) -> None:
    """Evidence is a titled link to the web."""
    for index, link in enumerate(evidence):
        check_text(link.title, f"evidence.{index}.title", 300, found)
        if not link.title:
            found.say(f"evidence.{index}.title", "must be given.")
        if not _is_web_address(link.url):
            found.say(
                f"evidence.{index}.url",
                f"must be a web address (http or https) of at most {URL_CHARS_MAX} characters.",
            )


def _is_web_address(url: str) -> bool:
    if len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in SHOWN_KINDS_OF_LINK and bool(parts.hostname)
    except ValueError:
        return False


def correct(command: commands.CorrectReport, pledge: Pledge | None, context: Context) -> Decision:
    """Whoever answers for the part replaces what a report said, and says why."""
    pledge = doors.known(pledge, context)
    wrong = the_report(pledge, command.report)
    owner = pledge.part_owner(wrong.part)
    if owner is None:
        raise Refused("The partner whose report this is has left the pledge.", code="partner-left")
    acting = doors.as_entity(command, owner, context)
    if command.part not in (None, wrong.part):
        raise InvalidInput({"part": [f"the report at {wrong.position} is about part {wrong.part}."]})
    check_reason(command.reason)
    effective = _check_report(command, pledge, wrong.part, context)
    require_open(pledge)
    before = (wrong.effective_on, wrong.percent, wrong.measures, wrong.money, wrong.outlook)
    same = before == (effective, command.percent, command.measures, command.money, command.outlook)
    if same and wrong.corrected_at is not None and not command.evidence:
        return Decision((), acting, effective)
    fact = events.ProgressCorrected(
        part=wrong.part, corrects=wrong.position, reason=command.reason, **_said(command)
    )
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
    if pledge.is_fulfilled and not pledge.closed:
        return Decision((), acting, effective)
    require_open(pledge)
    _check_declaration(command, all_parts_complete(pledge))
    fact = events.PledgeFulfilled(
        narrative=command.narrative, reason=command.reason, evidence=command.evidence,
        measured_percent=measured_percent(pledge),
    )  # fmt: skip
    return Decision((fact,), acting, effective)


def _check_declaration(command: commands.DeclareFulfilled, complete: bool) -> None:
    found = Findings()
    if not complete and not command.narrative and not command.reason:
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
    if pledge.is_open:
        return Decision((), acting, effective)
    if not pledge.is_fulfilled or pledge.closed:
        raise Refused("The pledge is not declared fulfilled.", code="not-fulfilled")
    return Decision(
        (events.FulfilmentRetracted(reason=command.reason, evidence=command.evidence),), acting, effective
    )
