"""Matching: offering a pledge as the match of another, and what its owner answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, g

from domain.errors import NotFound, invalid
from domain.pledges import commands
from domain.pledges.events import MatchOffered
from domain.pledges.state import Match
from domain.register import Outcome
from projections.questions import BOARD
from web import moments
from web.api import orders
from web.api.answers import MatchAnswer, MatchList, PledgeAnswer
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import aggregate, build, carry_out, command, etag, pledge_id, readable, runtime
from web.api.queries import AsOf
from web.api.shapes import CREATED, WRITTEN

api = ApiBlueprint("matches", "Matching")


@api.reads("/pledges/<pledge:pledge>/matches", MatchList, query=AsOf)
def listed(query: dict[str, Any], pledge: str) -> Response:
    """The matches offered to a pledge, and how each stands."""
    moment = moments.asked(query.get("as_of"), of=BOARD)
    found = runtime().questions.pledge(pledge, viewer=g.actor, moment=moment)
    if found is None:
        raise NotFound("There is no such pledge.")
    items = found["offers"]
    return as_json(
        {"items": items, "total": len(items), "next": None}, headers={"X-Position": str(moment.position)}
    )


@api.writes("/pledges/<pledge:pledge>/matches", orders.MatchBody, MatchAnswer, status=201, headers=CREATED)
def offer(body: dict[str, Any], pledge: str) -> Response:
    """Offer a pledge of one's own as a match. Offering it again answers the same match."""
    found = pledge_id(pledge)
    order = build(
        commands.OfferMatch, {**body, "pledge": None}, pledge_id=found, offering=_offering(body["pledge"])
    )
    outcome = carry_out(order, version_of=found)
    match = _offered(outcome, order.offering)
    headers = {**readable(outcome.position), "ETag": etag(outcome.version)}
    headers["Location"] = f"/api/v1/pledges/{found}/matches"
    return as_json(_shown(match), 201, headers)


def _offering(named: str) -> UUID:
    try:
        return pledge_id(named)
    except NotFound:
        raise invalid("pledge", "is not a known pledge.") from None


def _offered(outcome: Outcome, offering: UUID) -> Match:
    """The match that the command made, or the one that stood already."""
    made = [event.fact.match for event in outcome.events if isinstance(event.fact, MatchOffered)]
    pledge = aggregate(outcome.stream)
    standing = [match for match in pledge.matches if match.pledge == offering] if pledge else []
    return next((match for match in standing if match.id in made), standing[-1])


def _shown(match: Match) -> dict[str, Any]:
    return {
        "id": match.id,
        "pledge": match.pledge,
        "entity": match.entity,
        "amount": match.amount,
        "counted_value": match.counted_value,
        "state": match.state,
    }


def _answer(kind: Any, body: dict[str, Any], pledge: str, match: UUID) -> Response:
    return command(build(kind, body, pledge_id=pledge_id(pledge), match=match))


@api.writes(
    "/pledges/<pledge:pledge>/matches/<id:match>/acceptance", orders.Order, PledgeAnswer, headers=WRITTEN
)
def accept(body: dict[str, Any], pledge: str, match: UUID) -> Response:
    """Accept an offered match, as the owner."""
    return _answer(commands.AcceptMatch, body, pledge, match)


@api.writes(
    "/pledges/<pledge:pledge>/matches/<id:match>/declination", orders.Reasoned, PledgeAnswer, headers=WRITTEN
)
def decline(body: dict[str, Any], pledge: str, match: UUID) -> Response:
    """Decline an offered match, as the owner."""
    return _answer(commands.DeclineMatch, body, pledge, match)


@api.writes(
    "/pledges/<pledge:pledge>/matches/<id:match>/withdrawal", orders.Reasoned, PledgeAnswer, headers=WRITTEN
)
def withdraw(body: dict[str, Any], pledge: str, match: UUID) -> Response:
    """Withdraw a match, as either side."""
    return _answer(commands.WithdrawMatch, body, pledge, match)
