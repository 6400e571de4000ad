"""A pledge as the plain document that read models store and the contract shows ("A pledge").

Entities and matched pledges stand as ids here: their names depend on the moment, so readers fill them in.
What depends on the day (overdue, staleness) is left as the days on which it turns.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from domain.pledges import derived, measure
from domain.pledges.content import Content, Part, Source, Target, Terms
from domain.pledges.events import MoneyReport
from domain.pledges.sight import PUBLIC_PARTNERS
from domain.pledges.state import LEAD, GivenVerdict, Match, Partner, Pledge
from domain.values import Money

Plain = dict[str, Any]


def document(pledge: Pledge) -> Plain:
    """The pledge as JSON values, in the field names of the contract."""
    return {**as_it_stands(pledge), **_derived(pledge)}


def as_it_stands(pledge: Pledge) -> Plain:
    """The document without what turns with the day or only advises: what an event changes."""
    found: Plain = {}
    for _, part in _PARTS:
        found.update(part(pledge))
    return found


def as_they_differ(before: Pledge, after: Pledge) -> tuple[Plain, Plain]:
    """Of both documents as they stand the fields that may differ.

    An event leaves what it does not change as it is: where all that a part is made of is the very same, so
    is the part.
    """
    was, now = attrgetter(*_MADE_OF)(before), attrgetter(*_MADE_OF)(after)
    changed = {name for name, old, new in zip(_MADE_OF, was, now, strict=True) if old is not new}
    parts = [part for made_of, part in _PARTS if not changed.isdisjoint(made_of)]
    first: Plain = {}
    then: Plain = {}
    for part in parts:
        first.update(part(before))
        then.update(part(after))
    return first, then


def _measured(pledge: Pledge) -> Plain:
    measured = measure.measured_percent(pledge)
    return {
        "status": measure.status_measured(pledge, measured),
        "percent": measure.percent_measured(pledge, measured), "measured_percent": measured,
        "own_percent": measure.part_percents(pledge)[LEAD],
    }  # fmt: skip


def _settled(pledge: Pledge) -> Plain:
    content = pledge.content
    return {
        "reference": pledge.reference, "entity": str(content.entity),
        "cycle": pledge.cycle or content.cycle, "made_on": pledge.made_on or content.made_on,
        "matches": str(content.matches) if content.matches else None,
        "classified": list(pledge.classified),
        "returned": _returned(pledge) if pledge.return_reason else None,
    }  # fmt: skip


def _reported(pledge: Pledge) -> Plain:
    money = [_money(pledge, report.part, money) for report in pledge.reports for money in report.money]
    last_report_on, outlook = derived.last_report_on(pledge), derived.outlook(pledge)
    return {"money": money, "last_report_on": last_report_on, "outlook": outlook}


def _versioned(pledge: Pledge) -> Plain:
    return {
        "id": str(pledge.id), "version": pledge.version, "recorded_at": pledge.recorded_at,
        "updated_at": pledge.updated_at,
    }  # fmt: skip


def partners(pledge: Pledge) -> list[Plain]:
    """All partners of a pledge, whoever may know of them."""
    if not pledge.partners:
        return []
    percents = measure.part_percents(pledge)
    return [_partner(pledge, n, p, percents.get(n)) for n, p in enumerate(pledge.partners, 1)]


def public_document(full: Plain) -> Plain:
    """What the public sees of a document: no partner that has not consented, no reasons for returning it."""
    seen = [partner for partner in full["partners"] if partner["state"] in PUBLIC_PARTNERS]
    return {**full, "partners": seen, "returned": None}


# -- what was said


def _getters(*names: str) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    return names, attrgetter(*names)


_PLAIN, _plain_of = _getters(
    "title", "description", "language", "type", "objectives_basis", "seeking", "scope_in_words", "through",
    "to_mptf", "matches_elsewhere", "champion", "mirror", "due_on", "due_is_firm",
)  # fmt: skip
_LISTS, _lists_of = _getters(
    "forms", "objectives", "principles", "actions", "frameworks", "levels", "countries", "regions"
)


def _said(content: Content) -> Plain:
    said: Plain = dict(zip(_PLAIN, _plain_of(content), strict=True))
    said.update(zip(_LISTS, map(list, _lists_of(content)), strict=True))
    said["amount"] = _amount(content.amount)
    said["terms"] = _terms(content.terms) if content.terms else None
    said["source"] = _source(content.source) if content.source else None
    return said


def _amount(amount: Money | None) -> Plain | None:
    return {"value": amount.value, "currency": amount.currency} if amount else None


def _terms(terms: Terms) -> Plain:
    return {**msgspec.structs.asdict(terms), "amount": _amount(terms.amount)}


def _source(source: Source) -> Plain:
    return {"ref": source.ref, "kept": dict(source.kept)}


# -- parts


def _own_targets(pledge: Pledge) -> list[Plain]:
    targets = pledge.content.targets
    if not targets:
        return []
    values = measure.target_values(pledge, LEAD)
    originals = {target.id: target for target in pledge.originals.get(LEAD, ())}
    return [_target(target, values.get(target.id), originals.get(target.id)) for target in targets]


def _target(target: Target, value: str | None, original: Target | None) -> Plain:
    told: Plain = {**msgspec.structs.asdict(target), "value": value}
    told["original"] = _original(original, value) if _was_moved(target, original) else None
    return told


def _was_moved(target: Target, original: Target | None) -> bool:
    """Whether the number to reach was another when the pledge was published."""
    if original is None or original is target or original.target is None:
        return False
    return (original.unit, original.baseline, original.target) != (
        target.unit,
        target.baseline,
        target.target,
    )


def _original(target: Target | None, value: str | None) -> Plain | None:
    if target is None:
        return None
    percent = measure.whole_percent(target.percent_at(value))
    return {"unit": target.unit, "baseline": target.baseline, "target": target.target, "percent": percent}


def _partner(pledge: Pledge, number: int, partner: Partner, percent: int | None) -> Plain:
    return {
        "entity": str(partner.entity), "state": partner.state, "number": number,
        "part": _part(partner.part, measure.target_values(pledge, number)),
        "percent": percent,
    }  # fmt: skip


def _part(part: Part, values: dict[str, str]) -> Plain:
    return {
        "description": part.description, "forms": list(part.forms), "amount": _amount(part.amount),
        "due_on": part.due_on,
        "targets": [_target(target, values.get(target.id), None) for target in part.targets],
    }  # fmt: skip


# -- what was reported, offered and judged


def _money(pledge: Pledge, part: int, money: MoneyReport) -> Plain:
    owner = pledge.part_owner(part)
    return {
        "stage": money.stage, "amount": _amount(money.amount), "date": money.date, "part": part,
        "entity": str(owner) if owner else None,
    }  # fmt: skip


def _match(match: Match) -> Plain:
    return {
        "id": str(match.id), "pledge": str(match.pledge), "entity": str(match.entity), "state": match.state,
        "amount": _amount(match.amount), "counted_value": _amount(match.counted_value),
    }  # fmt: skip


def _verdict(pledge: Pledge, verdict: GivenVerdict) -> Plain:
    report = pledge.report_at(verdict.report) if verdict.report else None
    return {
        "kind": verdict.kind, "position": verdict.position, "effective_on": verdict.effective_on,
        "role": verdict.role, "entity": str(verdict.entity) if verdict.entity else None,
        "report": verdict.report,
        "reason": verdict.reason, "replies": list(verdict.replies),
        "before_correction": report is not None and report.version > verdict.version,
    }  # fmt: skip


def _returned(pledge: Pledge) -> Plain:
    return {"reason": pledge.return_reason, "fields": pledge.return_fields, "code": pledge.rejection_code}


# -- what follows


def _derived(pledge: Pledge) -> Plain:
    score, missing = derived.completeness(pledge)
    due_until, stale = derived.due_until(pledge), derived.stale_since(pledge)
    return {
        "status_note": derived.status_note(pledge),
        "due_until": due_until.isoformat() if due_until else None,
        "stale_since": [day.isoformat() for day in stale] if stale else None,
        "completeness": {"score": score, "missing": missing},
    }  # fmt: skip


# -- of what the parts of a document are made

_REVIEW = ("return_reason", "return_fields", "rejection_code")
_PARTS: tuple[tuple[tuple[str, ...], Callable[[Pledge], Plain]], ...] = (
    (("version",), _versioned),
    (("content", "reference", "cycle", "made_on", "classified", *_REVIEW), _settled),
    (("content", "partners", "reports", "phase", "closed", "is_fulfilled", "is_matched"), _measured),
    (("content",), lambda pledge: _said(pledge.content)),
    (("content", "partners", "reports"), lambda pledge: {"partners": partners(pledge)}),
    (("content", "originals", "reports"), lambda pledge: {"targets": _own_targets(pledge)}),
    (("content", "partners", "reports"), _reported),
    (("matches",), lambda pledge: {"offers": [_match(match) for match in pledge.matches]}),
    (("verdicts", "reports"), lambda pledge: {"verdicts": [_verdict(pledge, v) for v in pledge.verdicts]}),
)
_MADE_OF = tuple({name for made_of, _ in _PARTS for name in made_of})
