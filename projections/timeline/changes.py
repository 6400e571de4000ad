"""What an event changed in a pledge, in the field names of the contract. Knows no SQL and no names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.pledges import derived, measure
from domain.pledges.document import PUBLIC_PARTNERS, document
from domain.pledges.state import Pledge

FIELDS = (
    "reference", "status", "percent", "measured_percent", "own_percent",
    "title", "description", "language", "type", "forms", "objectives", "objectives_basis", "principles",
    "regions", "actions", "frameworks", "seeking", "levels", "scope_in_words", "countries", "cycle",
    "entity", "through", "partners", "targets", "amount", "to_mptf", "money", "terms", "matches",
    "matches_elsewhere", "champion", "mirror", "verdicts", "made_on", "due_on", "due_is_firm",
    "last_report_on", "outlook", "source",
)  # fmt: skip
"""The fields whose changes are told. What depends on the day (overdue, staleness) changes without an event;
version and times are those of the entry itself."""

Shown = dict[str, Any]
Change = dict[str, Any]


def shown(pledge: Pledge) -> Shown:
    """The fields of a pledge whose changes are told."""
    full = document(pledge)
    return {name: full[name] for name in FIELDS}


def shown_after(was: Pledge, before: Shown, now: Pledge) -> Shown:
    """The same as `shown(now)`, building again only what can have changed since `was`."""
    if _is_rebuilt(was, now):
        return shown(now)
    after = {**before, "reference": now.reference, "cycle": now.cycle or now.content.cycle}
    after["made_on"] = now.made_on or now.content.made_on
    after["status"], after["percent"] = measure.status(now), measure.percent(now)
    if was.reports is not now.reports:
        after |= _as_reported(before, now)
    return after


def _is_rebuilt(was: Pledge, now: Pledge) -> bool:
    """Whether anything changed that is not told by a few fields. States share what did not change."""
    if was.content is not now.content or was.partners is not now.partners or was.verdicts is not now.verdicts:
        return True
    of_parts_or_money = now.partners or any(report.money for report in (*was.reports, *now.reports))
    return was.reports is not now.reports and bool(of_parts_or_money)


def _as_reported(before: Shown, now: Pledge) -> Shown:
    values = measure.target_values(now, 0)
    return {
        "measured_percent": measure.measured_percent(now),
        "own_percent": measure.part_percent(now, 0),
        "targets": [{**target, "value": values.get(target["id"])} for target in before["targets"]],
        "last_report_on": derived.last_report_on(now),
        "outlook": derived.outlook(now),
    }


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Each field that has another value after than before, in the order of `FIELDS`; not there is null."""
    return [
        {"field": name, "before": old, "after": new}
        for name in FIELDS
        if (old := before.get(name)) != (new := after.get(name))
    ]


def public_partners(fields: Shown) -> list[Any]:
    """The partners that the public may know of."""
    return [partner for partner in fields["partners"] if partner["state"] in PUBLIC_PARTNERS]
