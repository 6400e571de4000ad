"""What an event changed in a pledge, in the field names of the contract. Knows no SQL and no names."""

from __future__ import annotations

from typing import Any

from domain.pledges.document import as_it_stands, as_they_differ, partners
from domain.pledges.sight import PUBLIC_PARTNERS
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

Change = dict[str, Any]

_ORDER = {name: place for place, name in enumerate(FIELDS)}


def changes_between(before: Pledge | None, after: Pledge) -> list[Change]:
    """Each field that has another value after than before, in the order of `FIELDS`; not there is null."""
    was, now = (as_they_differ(before, after)) if before else ({}, as_it_stands(after))
    changed = [name for name, new in now.items() if name in _ORDER and was.get(name) != new]
    return [
        {"field": name, "before": was.get(name), "after": now[name]}
        for name in sorted(changed, key=_ORDER.__getitem__)
    ]


def public_partners(pledge: Pledge) -> list[Any]:
    """The partners that the public may know of."""
    return [one for one in partners(pledge) if one["state"] in PUBLIC_PARTNERS] if pledge.partners else []
