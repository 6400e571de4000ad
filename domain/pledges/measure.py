"""The one rule of status and percent (design section 3, "Status and percent come from one rule").

Nothing else in the register computes either; board, pages and API show what these functions answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from domain.pledges.content import Target
from domain.pledges.state import LEAD, Pledge, Report
from domain.reference.vocabularies import Status
from domain.values import remembered

COMPLETE = 100


def whole_percent(mean: Fraction | int) -> int:
    """A mean as the register shows it: floored, and at least 1 if above 0."""
    return max(int(mean), 1) if mean > 0 else 0


def _mean(values: Sequence[Fraction | int]) -> int | None:
    if not values:
        return None
    first, *rest = values
    total = sum(rest, first)
    return max(int(total // len(values)), 1) if total > 0 else 0


def _values(reports: Iterable[Report]) -> dict[str, str]:
    return {measure.target: measure.value for report in reports for measure in report.measures}


def target_values(pledge: Pledge, part: int) -> dict[str, str]:
    """The value that counts for each target of a part: that of the report with the latest effective date."""
    return _values(pledge.reports_of(part))


def part_percent(pledge: Pledge, part: int) -> int | None:
    """The percent of one part. None: it reported in words alone ("reported, not measured")."""
    reports = pledge.reports_of(part)
    return _percent_of(reports, pledge.targets_of(part)) if reports else 0


def _percent_of(reports: Sequence[Report], targets: Iterable[Target]) -> int | None:
    declared = [report.percent for report in reports if report.percent is not None]
    if not declared and not any(report.measures for report in reports):
        return None
    measured = [target for target in targets if target.is_measured]
    if not measured:
        return declared[-1] if declared else None
    values = _values(reports)
    return _mean([target.percent_at(values.get(target.id)) for target in measured])


def counted_parts(pledge: Pledge) -> list[int]:
    """The parts that count: the lead's and those of joined partners."""
    return [LEAD, *pledge.joined_parts()]


@remembered
def part_percents(pledge: Pledge) -> dict[int, int | None]:
    """The percent of each part that counts."""
    return {number: part_percent(pledge, number) for number in counted_parts(pledge)}


@remembered
def measured_percent(pledge: Pledge) -> int | None:
    """The mean over the counted parts that are measured, or None if none is."""
    return mean_percent(part_percents(pledge)) if pledge.reports else 0


def mean_percent(percents: Mapping[int, int | None]) -> int | None:
    """The mean of the percents of parts, leaving out those that have none."""
    return _mean([percent for percent in percents.values() if percent is not None])


def all_parts_complete(pledge: Pledge) -> bool:
    """Whether every counted part stands at 100."""
    return all(percent == COMPLETE for percent in part_percents(pledge).values())


def status(pledge: Pledge) -> Status:
    """The status of a pledge: by its phase, how it was closed, what was declared, and what is measured."""
    return status_measured(pledge, measured_percent(pledge) if pledge.is_open else None)


def status_measured(pledge: Pledge, measured: int | None) -> Status:
    """The status of a pledge whose measured percent is known."""
    if pledge.phase != "public":
        return pledge.phase
    if pledge.closed:
        return pledge.closed
    if pledge.is_fulfilled:
        return "fulfilled"
    if measured:
        return "partially_fulfilled"
    return "matched" if pledge.is_matched else "made"


def percent(pledge: Pledge) -> int | None:
    """The percent to show: 100 once declared fulfilled, else what is measured."""
    return percent_measured(pledge, measured_percent(pledge))


def percent_measured(pledge: Pledge, measured: int | None) -> int | None:
    """The percent to show of a pledge whose measured percent is known."""
    return COMPLETE if pledge.is_fulfilled and not pledge.closed else measured


def terms_are_met(pledge: Pledge) -> bool:
    """Whether the accepted matches meet the terms.

    Amounts add in the currency of the terms only; terms in words alone are met by the first match that the
    owner accepts.
    """
    terms = pledge.content.terms
    accepted = [match for match in pledge.matches if match.state == "accepted"]
    if terms is None or not accepted:
        return False
    if terms.amount is None:
        return len(accepted) >= (terms.count or 1)
    counted = (match.counted_value or match.amount for match in accepted)
    total = sum((m.amount for m in counted if m and m.currency == terms.amount.currency), Decimal(0))
    return total >= terms.amount.amount
