"""One entry of the audit trail for one event: what is said of it, and who may see it. Knows no SQL.

Accounts are left out: an entry tells role, entity and office, never who the person was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from domain.pledges import events
from domain.pledges.sight import Audience, asked_of, audience_of, concerned_by
from domain.pledges.state import Pledge
from domain.recording import Fact, Recorded
from projections.batch import Step
from projections.timeline.changes import (
    FIELDS,
    Change,
    changes_between,
    public_partners,
)

_TOLD_ELSEWHERE = frozenset(
    {"content", "published", "number", "changes", "reason", "corrects", "reference", "cycle", "made_on"}
)


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose a pledge is, who is asked to take part or does, and what the public last saw of its partners."""

    owner: UUID
    asked: tuple[UUID, ...] = ()
    seen: list[Any] = []


def alone(pledge: Pledge) -> Standing:
    """The standing of a pledge that had no partners yet."""
    return Standing(pledge.owner)


def _standing(pledge: Pledge, seen: list[Any]) -> Standing:
    return Standing(pledge.owner, asked_of(pledge), seen)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail. `public_changes` is None where the public sees the same ones as everybody."""

    event: Recorded
    pledge: Pledge
    standing: Standing
    audience: Audience
    concerns: UUID | None
    said: dict[str, Any]
    changes: list[Change]
    public_changes: list[Change] | None


def entry(step: Step, seen: list[Any]) -> Entry:
    """What an event adds to the trail of its pledge, of whose partners the public last saw those."""
    event, before, pledge = step.event, step.before, step.after
    anew = before is None or isinstance(event.fact, events.PledgeMade)
    changes = changes_between(None if anew else before, pledge)
    audience = audience_of(event.fact, before, pledge)
    public_changes = None
    if audience == "public":
        last_seen, seen = seen, public_partners(pledge)
        public_changes = _public_changes(changes, None if anew else last_seen, seen)
    concerns = concerned_by(event.fact)
    return Entry(
        event, pledge, _standing(pledge, seen), audience, concerns, _said(event.fact), changes, public_changes
    )


def _public_changes(
    changes: list[Change], seen: list[Any] | None, partners: list[Any]
) -> list[Change] | None:
    """The changes with those partners alone that the public knows of, told from when it last saw them."""
    told = [] if seen == partners else [{"field": "partners", "before": seen, "after": partners}]
    if told == [change for change in changes if change["field"] == "partners"]:
        return None
    others = [change for change in changes if change["field"] != "partners"]
    return sorted(others + told, key=lambda change: FIELDS.index(change["field"]))


def _said(fact: Fact) -> dict[str, Any]:
    """The rest of what was said: narrative, evidence, the report or match that is meant."""
    payload: dict[str, Any] = msgspec.to_builtins(fact)
    return {name: value for name, value in payload.items() if name not in _TOLD_ELSEWHERE}
