"""Joint pledges: inviting partners, and what partners answer."""

from __future__ import annotations

from typing import Any

from flask import Response

from domain.pledges import commands
from web.api import drafts, orders
from web.api.answers import PledgeAnswer
from web.api.blueprint import ApiBlueprint
from web.api.commanding import build, command, pledge_id
from web.api.entities import entity_id
from web.api.shapes import WRITTEN

api = ApiBlueprint("partners", "Joint pledges")


def _answer(kind: Any, body: dict[str, Any], pledge: str, entity: str) -> Response:
    return command(build(kind, body, pledge_id=pledge_id(pledge), entity=entity_id(entity)))


@api.writes("/pledges/<pledge:pledge>/partners", orders.InvitationBody, PledgeAnswer, headers=WRITTEN)
def invite(body: dict[str, Any], pledge: str) -> Response:
    """Ask an entity to take part. In a working paper it is noted, and invited at submission."""
    found = pledge_id(pledge)
    paper = drafts.to_change(found, body.get("authority"))
    if paper is not None:
        return drafts.note_partner(paper, body["entity"])
    return command(build(commands.InvitePartner, body, pledge_id=found))


@api.writes(
    "/pledges/<pledge:pledge>/partners/<entity:entity>/acceptance",
    orders.AcceptanceBody,
    PledgeAnswer,
    headers=WRITTEN,
)
def accept(body: dict[str, Any], pledge: str, entity: str) -> Response:
    """Take part, with a part of one's own."""
    return _answer(commands.AcceptInvitation, body, pledge, entity)


@api.writes(
    "/pledges/<pledge:pledge>/partners/<entity:entity>/declination",
    orders.MaybeReasoned,
    PledgeAnswer,
    headers=WRITTEN,
)
def decline(body: dict[str, Any], pledge: str, entity: str) -> Response:
    """Answer an invitation with no."""
    return _answer(commands.DeclineInvitation, body, pledge, entity)


@api.writes(
    "/pledges/<pledge:pledge>/partners/<entity:entity>/departure",
    orders.Reasoned,
    PledgeAnswer,
    headers=WRITTEN,
)
def leave(body: dict[str, Any], pledge: str, entity: str) -> Response:
    """Stop taking part."""
    return _answer(commands.LeavePledge, body, pledge, entity)


@api.writes(
    "/pledges/<pledge:pledge>/partners/<entity:entity>/cancellation",
    orders.MaybeReasoned,
    PledgeAnswer,
    headers=WRITTEN,
)
def cancel(body: dict[str, Any], pledge: str, entity: str) -> Response:
    """Take back an invitation that was not answered; in a working paper, strike the partner out."""
    found = pledge_id(pledge)
    paper = drafts.to_change(found, body.get("authority"))
    if paper is not None:
        return drafts.strike_partner(paper, entity_id(entity))
    return _answer(commands.CancelInvitation, body, pledge, entity)
