"""One entry of the audit trail for one event: what is said of it, and who may see it. Knows no SQL.

Accounts are left out: an entry tells role, entity and office, never who the person was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import msgspec

from domain.pledges import events
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Fact, Recorded
from projections.timeline.changes import (
    FIELDS,
    Change,
    Shown,
    changes_between,
    public_partners,
    shown,
)

Audience = Literal["public", "parties", "owner", "partner"]
"""Who sees an entry beside the Secretariat and auditors: everybody; the owner and its partners; the owner
alone; the owner and the one partner that the event is about."""

_OF_ONE_PARTNER = (events.PartnerInvited, events.PartnerDeclined, events.PartnerUninvited)
_OF_THE_REVIEW = (events.PledgeReturned, events.PledgeRejected)
_TOLD_ELSEWHERE = frozenset({"content", "changes", "reason", "corrects", "reference", "cycle", "made_on"})


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a pledge from one event to the next."""

    pledge: Pledge
    shown: Shown
    public_partners: list[Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail. `public_changes` is None where the public sees the same ones as everybody."""

    event: Recorded
    kept: Kept
    audience: Audience
    concerns: UUID | None
    said: dict[str, Any]
    changes: list[Change]
    public_changes: list[Change] | None


def entry(before: Kept | None, event: Recorded) -> Entry:
    """What an event adds to the trail of its pledge."""
    pledge = evolve(before.pledge if before else None, event)
    after = shown(pledge)
    anew = before is None or isinstance(event.fact, events.PledgeMade)
    changes = changes_between({} if before is None or anew else before.shown, after)
    audience, partners = _audience(event, pledge, before), before.public_partners if before else None
    public_changes = None
    if audience == "public":
        seen, partners = partners, public_partners(after)
        public_changes = _public_changes(changes, None if anew else seen, partners)
    kept = Kept(pledge=pledge, shown=after, public_partners=partners)
    concerns = event.fact.entity if isinstance(event.fact, _OF_ONE_PARTNER) else None
    return Entry(event, kept, audience, concerns, _said(event.fact), changes, public_changes)


def _audience(event: Recorded, pledge: Pledge, before: Kept | None) -> Audience:
    if isinstance(event.fact, _OF_ONE_PARTNER):
        return "public" if _was_named(event, before) else "partner"
    if isinstance(event.fact, _OF_THE_REVIEW):
        return "owner"
    return "public" if pledge.phase == "public" else "parties"


def _was_named(event: Recorded, before: Kept | None) -> bool:
    """Whether a partner that the public saw, because the source named it, is gone from the pledge."""
    if (
        not isinstance(event.fact, events.PartnerUninvited)
        or before is None
        or before.pledge.phase != "public"
    ):
        return False
    return any(p.entity == event.fact.entity and p.state == "named" for p in before.pledge.partners)


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
