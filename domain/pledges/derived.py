"""What follows from a pledge at a moment: overdue, staleness, completeness. Computed when asked, never stored as status."""

from __future__ import annotations

from datetime import date

from domain.pledges.measure import status
from domain.pledges.rules import DESCRIPTION_CHARS_MIN
from domain.pledges.state import Pledge
from domain.reference.vocabularies import OPEN
from domain.values import first_day, last_day

AMBER_AFTER_YEARS, RED_AFTER_YEARS = 1, 2
"""No report for a year is amber, for two years red (as on the United Nations' partnership platform)."""


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def last_report_on(pledge: Pledge) -> str | None:
    """The effective date of the latest report, of any part."""
    latest = max(
        pledge.reports, key=lambda report: (first_day(report.effective_on), report.position), default=None
    )
    return latest.effective_on if latest else None


def due_until(pledge: Pledge) -> date | None:
    """The last day on which the pledge is not yet overdue: the last that its due date can mean, unless a report is
    effective after it. None: it cannot become overdue. (Only closing, fulfilment or a later report change that.)"""
    due, reported = pledge.content.due_on, last_report_on(pledge)
    if due is None or status(pledge) not in OPEN:
        return None
    if reported is not None and first_day(reported) > last_day(due):
        return None
    return last_day(due)


def stale_since(pledge: Pledge) -> tuple[date, date] | None:
    """From which days an open pledge is amber and red: a year and two after its last report, or after it was made."""
    since = last_report_on(pledge) or pledge.made_on or pledge.recorded_at[:10]
    if status(pledge) not in OPEN:
        return None
    day = first_day(since)
    return _years_later(day, AMBER_AFTER_YEARS), _years_later(day, RED_AFTER_YEARS)


def is_overdue(until: date | None, today: date) -> bool:
    """Whether a pledge is overdue on a day, given its last due day (see `due_until`)."""
    return until is not None and today > until


def staleness(since: tuple[date, date] | None, today: date) -> str | None:
    """green, amber or red on a day, given `stale_since`; None for a pledge that is not open."""
    if since is None:
        return None
    amber, red = since
    return "red" if today >= red else "amber" if today >= amber else "green"


def outlook(pledge: Pledge) -> str | None:
    """The outlook last reported, of any part."""
    said = sorted(
        (r for r in pledge.reports if r.outlook), key=lambda r: (first_day(r.effective_on), r.position)
    )
    return said[-1].outlook if said else None


def status_note(pledge: Pledge) -> str | None:
    """What the owner's latest report in words says."""
    return next((report.narrative for report in reversed(pledge.reports_of(0)) if report.narrative), None)


def completeness(pledge: Pledge) -> tuple[float, list[str]]:
    """How far a pledge is specific, measurable, achievable, relevant and time-bound: the share of the five that hold,
    and what is missing. It advises and never blocks."""
    content = pledge.content
    measured = [target for target in content.targets if target.is_measured]
    criteria: list[dict[str, bool]] = [
        {"description": len(content.description or "") >= DESCRIPTION_CHARS_MIN},
        {
            "targets": bool(measured),
            "baseline": not measured or all(target.baseline is not None for target in measured),
        },
        {
            "forms": bool(content.forms),
            "amount": "financial" not in content.forms or content.amount is not None,
        },
        {"objectives": bool(content.objectives or content.principles)},
        {"due_on": content.due_on is not None},
    ]
    missing = [name for criterion in criteria for name, holds in criterion.items() if not holds]
    return sum(all(criterion.values()) for criterion in criteria) / len(criteria), missing
