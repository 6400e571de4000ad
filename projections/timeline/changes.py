"""What an event changed in a pledge, in the field names of the contract. Knows no SQL and no names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.pledges.document import PUBLIC_PARTNERS, as_it_stands
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
    full = as_it_stands(pledge)
    return {name: full[name] for name in FIELDS}


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
