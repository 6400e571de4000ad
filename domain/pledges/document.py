"""A pledge as the plain document that read models store and the contract shows ("A pledge").

Entities and matched pledges stand as ids here: their names depend on the moment, so readers fill them in. What depends on
the day (overdue, staleness) is left as the days on which it turns.
"""

from __future__ import annotations

from typing import Any

import msgspec

from domain.pledges import derived, measure
from domain.pledges.content import Part, Target
from domain.pledges.state import GivenVerdict, Match, Partner, Pledge

PUBLIC_PARTNERS = frozenset({"named", "joined", "left"})
"""A partner that has not consented is not shown in public, a declination never. Named ones are in a public source."""


def document(pledge: Pledge) -> dict[str, Any]:
    """The pledge as JSON values, in the field names of the contract."""
    content = pledge.content
    score, missing = derived.completeness(pledge)
    due_until, stale = derived.due_until(pledge), derived.stale_since(pledge)
    return {
        "id": str(pledge.id), "reference": pledge.reference, "version": pledge.version,
        "status": measure.status(pledge), "percent": measure.percent(pledge),
        "measured_percent": measure.measured_percent(pledge), "own_percent": measure.part_percent(pledge, 0),
        **_said(pledge),
        "entity": str(content.entity), "cycle": pledge.cycle or content.cycle,
        "partners": [_partner(pledge, n, partner) for n, partner in enumerate(pledge.partners, 1)],
        "targets": _targets(content.targets, measure.target_values(pledge, 0)),
        "money": [_money(pledge, report.part, money) for report in pledge.reports for money in report.money],
        "matches": str(content.matches) if content.matches else None,
        "offers": [_match(match) for match in pledge.matches],
        "verdicts": [_verdict(verdict) for verdict in pledge.verdicts],
        "made_on": pledge.made_on or content.made_on, "recorded_at": pledge.recorded_at, "updated_at": pledge.updated_at,
        "last_report_on": derived.last_report_on(pledge), "status_note": derived.status_note(pledge),
        "outlook": derived.outlook(pledge),
        "due_until": due_until.isoformat() if due_until else None,
        "stale_since": [day.isoformat() for day in stale] if stale else None,
        "completeness": {"score": score, "missing": missing},
        "returned": {"reason": pledge.return_reason, "fields": pledge.return_fields} if pledge.return_reason else None,
        "classified": list(pledge.classified),
    }  # fmt: skip


_PLAIN = (
    "title", "description", "language", "type", "objectives_basis", "seeking", "scope_in_words", "through", "to_mptf",
    "matches_elsewhere", "champion", "mirror", "due_on", "due_is_firm",
)  # fmt: skip
_LISTS = ("forms", "objectives", "principles", "actions", "frameworks", "levels", "countries", "regions")
_SHAPES = ("amount", "terms", "source")


def _said(pledge: Pledge) -> dict[str, Any]:
    content = pledge.content
    said: dict[str, Any] = {name: getattr(content, name) for name in _PLAIN}
    said |= {name: list(getattr(content, name)) for name in _LISTS}
    said |= {name: _full(getattr(content, name)) for name in _SHAPES}
    return said


def _full(shape: Any) -> Any:
    """A shape with its unknown fields as null, so that every document has every field."""
    if not isinstance(shape, msgspec.Struct):
        return shape
    return {name: _full(getattr(shape, name)) for name in shape.__struct_fields__}


def _targets(targets: tuple[Target, ...], values: dict[str, str]) -> list[dict[str, Any]]:
    return [{**_full(target), "value": values.get(target.id)} for target in targets]


def _part(part: Part, values: dict[str, str]) -> dict[str, Any]:
    return {
        "description": part.description, "forms": list(part.forms), "amount": _full(part.amount),
        "due_on": part.due_on, "targets": _targets(part.targets, values),
    }  # fmt: skip


def _partner(pledge: Pledge, number: int, partner: Partner) -> dict[str, Any]:
    joined = partner.state == "joined"
    return {
        "entity": str(partner.entity), "state": partner.state, "number": number,
        "part": _part(partner.part, measure.target_values(pledge, number)),
        "percent": measure.part_percent(pledge, number) if joined else None,
    }  # fmt: skip


def _money(pledge: Pledge, part: int, money: Any) -> dict[str, Any]:
    owner = pledge.part_owner(part)
    return {**_full(money), "part": part, "entity": str(owner) if owner else None}


def _match(match: Match) -> dict[str, Any]:
    return {
        "id": str(match.id), "pledge": str(match.pledge), "entity": str(match.entity), "state": match.state,
        "amount": _full(match.amount), "counted_value": _full(match.counted_value),
    }  # fmt: skip


def _verdict(verdict: GivenVerdict) -> dict[str, Any]:
    return {
        "kind": verdict.kind, "position": verdict.position, "effective_on": verdict.effective_on,
        "role": verdict.role, "entity": str(verdict.entity) if verdict.entity else None, "report": verdict.report,
        "reason": verdict.reason, "replies": list(verdict.replies),
    }  # fmt: skip


def public_document(full: dict[str, Any]) -> dict[str, Any]:
    """What the public sees of a document: no partner that has not consented, no reasons for returning it."""
    partners = [partner for partner in full["partners"] if partner["state"] in PUBLIC_PARTNERS]
    return {**full, "partners": partners, "returned": None}
