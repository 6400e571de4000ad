"""The one rule of status and percent (design section 3, "Status and percent come from one rule").

Nothing else in the register computes either; board, pages and API show what these functions answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from domain.pledges.state import Pledge
from domain.reference.vocabularies import Status


def whole_percent(mean: Decimal) -> int:
    """A mean as the register shows it: floored, and at least 1 if above 0."""
    return max(int(mean), 1) if mean > 0 else 0


def _mean(values: Iterable[int | Decimal]) -> int | None:
    listed = [Decimal(value) for value in values]
    return whole_percent(sum(listed, Decimal(0)) / len(listed)) if listed else None


def target_values(pledge: Pledge, part: int) -> dict[str, str]:
    """The value that counts for each target of a part: that of the report with the latest effective date."""
    return {
        measure.target: measure.value for report in pledge.reports_of(part) for measure in report.measures
    }


def part_percent(pledge: Pledge, part: int) -> int | None:
    """The percent of one part. None: it reported in words alone ("reported, not measured")."""
    reports = pledge.reports_of(part)
    if not reports:
        return 0
    declared = [report.percent for report in reports if report.percent is not None]
    if not declared and not any(report.measures for report in reports):
        return None
    measured = [target for target in pledge.targets_of(part) if target.is_measured]
    if not measured:
        return declared[-1] if declared else None
    values = target_values(pledge, part)
    return _mean(target.percent_at(values.get(target.id)) for target in measured)


def counted_parts(pledge: Pledge) -> list[int]:
    """The parts that count: the lead's and those of joined partners."""
    return [0, *(n for n, partner in enumerate(pledge.partners, 1) if partner.state == "joined")]


def measured_percent(pledge: Pledge) -> int | None:
    """The mean over the counted parts that are measured, or None if none is."""
    return _mean(p for n in counted_parts(pledge) if (p := part_percent(pledge, n)) is not None)


def all_parts_complete(pledge: Pledge) -> bool:
    """Whether every counted part stands at 100."""
    return all(part_percent(pledge, n) == 100 for n in counted_parts(pledge))


def status(pledge: Pledge) -> Status:
    """The status of a pledge: by its phase, how it was closed, what was declared, and what is measured."""
    if pledge.phase != "public":
        return pledge.phase
    if pledge.closed:
        return pledge.closed
    if pledge.is_fulfilled:
        return "fulfilled"
    if measured_percent(pledge):
        return "partially_fulfilled"
    return "matched" if pledge.is_matched else "made"


def percent(pledge: Pledge) -> int | None:
    """The percent to show: 100 once declared fulfilled, else what is measured."""
    return 100 if pledge.is_fulfilled and not pledge.closed else measured_percent(pledge)


def terms_are_met(pledge: Pledge) -> bool:
    """Whether the accepted matches meet the terms. Amounts add in the currency of the terms only; terms in words
    alone are met by the first match that the owner accepts."""
    terms = pledge.content.terms
    accepted = [match for match in pledge.matches if match.state == "accepted"]
    if terms is None or not accepted:
        return False
    if terms.amount is None:
        return len(accepted) >= (terms.count or 1)
    counted = (match.counted_value or match.amount for match in accepted)
    total = sum((m.amount for m in counted if m and m.currency == terms.amount.currency), Decimal(0))
    return total >= terms.amount.amount
