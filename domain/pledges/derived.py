"""What follows from a pledge at a moment: overdue, staleness, completeness. Computed when asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from domain.pledges.content import Content
from domain.pledges.measure import counted_parts
from domain.pledges.rules import DESCRIPTION_CHARS_MIN
from domain.pledges.state import LEAD, GivenVerdict, Pledge, Report, day_key
from domain.reference.vocabularies import Outlook
from domain.values import first_day, last_day, remembered

AMBER_AFTER_YEARS, RED_AFTER_YEARS = 1, 2
"""No report for a year is amber, for two years red (as on the United Nations' partnership platform)."""


def years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


@remembered
def _latest_first(pledge: Pledge) -> tuple[Report, ...]:
    """The reports on parts that count; of one day, the one that was recorded last comes first."""
    if not pledge.reports:
        return ()
    counted = counted_parts(pledge) if pledge.partners else (LEAD,)
    said = [report for report in reversed(pledge.reports) if report.part in counted]
    return tuple(sorted(said, key=lambda report: day_key(report.effective_on), reverse=True))


@remembered
def last_report_on(pledge: Pledge) -> str | None:
    """The effective date of the latest report, of any part that counts."""
    latest = _latest_first(pledge)
    return latest[0].effective_on if latest else None


@remembered
def outlook(pledge: Pledge) -> Outlook | None:
    """The outlook last reported, of any part that counts."""
    return next((report.outlook for report in _latest_first(pledge) if report.outlook), None)


def status_note(pledge: Pledge) -> str | None:
    """What the owner's latest report in words says."""
    return next((report.narrative for report in reversed(pledge.reports_of(LEAD)) if report.narrative), None)


@remembered
def due_until(pledge: Pledge) -> date | None:
    """The last day on which the pledge is not yet overdue; None if it cannot become overdue.

    That is the last day that its due date can mean, unless a report is effective on it or later. Only
    closing, fulfilment or a report change that.
    """
    due = pledge.content.due_on
    if due is None or not pledge.is_open:
        return None
    last = last_day(due)
    reported = last_report_on(pledge)
    return None if reported is not None and first_day(reported) >= last else last


@remembered
def stale_since(pledge: Pledge) -> tuple[date, date] | None:
    """From which days an open pledge is amber and red, counted from its last report or its making."""
    if not pledge.is_open:
        return None
    day = first_day(last_report_on(pledge) or pledge.made_on or pledge.recorded_at[:10])
    return years_later(day, AMBER_AFTER_YEARS), years_later(day, RED_AFTER_YEARS)


def is_overdue(until: date | None, today: date) -> bool:
    """Whether a pledge is overdue on a day, given its last due day (see `due_until`)."""
    return until is not None and today > until


def staleness(since: tuple[date, date] | None, today: date) -> str | None:
    """green, amber or red on a day, given `stale_since`; None for a pledge that is not open."""
    if since is None:
        return None
    amber, red = since
    return "red" if today >= red else "amber" if today >= amber else "green"


def completeness(pledge: Pledge) -> tuple[float, list[str]]:
    """How far a pledge is specific, measurable, achievable, relevant and time-bound.

    The share of the five that hold, and what is missing. It advises and never blocks.
    """
    criteria = _criteria(pledge.content)
    missing = [name for criterion in criteria for name, holds in criterion if not holds]
    held = sum(all(holds for _, holds in criterion) for criterion in criteria)
    return held / len(criteria), missing


Criterion = tuple[tuple[str, bool], ...]


def _criteria(content: Content) -> tuple[Criterion, ...]:
    """The five, each with the fields that it asks for and whether they are there."""
    measured = [target for target in content.targets if target.is_measured]
    has_baselines = all(target.baseline is not None for target in measured)
    return (
        (("description", len(content.description or "") >= DESCRIPTION_CHARS_MIN),),
        (("targets", bool(measured)), ("baseline", has_baselines)),
        (
            ("forms", bool(content.forms)),
            ("amount", "financial" not in content.forms or content.amount is not None),
        ),
        (("objectives", bool(content.objectives or content.principles)),),
        (("due_on", content.due_on is not None),),
    )


def open_contests(pledge: Pledge) -> list[GivenVerdict]:
    """The contests that wait for an answer: nobody replied, and what they are about stands as it was."""
    return [
        said
        for said in pledge.verdicts
        if said.kind == "contested" and not said.replies and _still_stands(pledge, said)
    ]


def _still_stands(pledge: Pledge, verdict: GivenVerdict) -> bool:
    if verdict.report is None:
        return pledge.is_fulfilled
    report = pledge.report_at(verdict.report)
    return report is not None and report.version <= verdict.version


def unconfirmed_reports(pledge: Pledge, is_of: Callable[[UUID], bool]) -> list[Report]:
    """The reports of an institution that no validator of it has confirmed in their latest wording.

    `is_of` tells whether an entity is of the institution.
    """
    return [
        report
        for report in pledge.reports
        if (owner := pledge.part_owner(report.part)) is not None
        and is_of(owner)
        and not any(_confirms(said, report) for said in pledge.verdicts)
    ]


def _confirms(verdict: GivenVerdict, report: Report) -> bool:
    return (
        verdict.kind == "confirmed"
        and verdict.report in report.positions
        and verdict.version > report.version
    )
