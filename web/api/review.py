"""What the Secretariat decides on a pledge: publish, return, reject, classify, lapse, carry over."""

from __future__ import annotations

from typing import Any

from flask import Response

from domain.pledges import commands
from web.api import orders
from web.api.answers import PledgeAnswer
from web.api.blueprint import ApiBlueprint
from web.api.commanding import build, command, pledge_id
from web.api.content import changes_of
from web.api.shapes import WRITTEN

api = ApiBlueprint("review", "What the Secretariat decides")


@api.writes("/pledges/<pledge:pledge>/publication", orders.MaybeReasoned, PledgeAnswer, headers=WRITTEN)
def publish(body: dict[str, Any], pledge: str) -> Response:
    """Publish exactly what was submitted."""
    return command(build(commands.PublishPledge, body, pledge_id=pledge_id(pledge)))


@api.writes("/pledges/<pledge:pledge>/return", orders.ReviewBody, PledgeAnswer, headers=WRITTEN)
def send_back(body: dict[str, Any], pledge: str) -> Response:
    """Ask for changes before publication, with reasons by field."""
    return command(build(commands.ReturnPledge, body, pledge_id=pledge_id(pledge)))


@api.writes("/pledges/<pledge:pledge>/rejection", orders.ReviewBody, PledgeAnswer, headers=WRITTEN)
def reject(body: dict[str, Any], pledge: str) -> Response:
    """Turn a submission away."""
    return command(build(commands.RejectPledge, body, pledge_id=pledge_id(pledge)))


@api.writes(
    "/pledges/<pledge:pledge>/classification", orders.ClassificationBody, PledgeAnswer, headers=WRITTEN
)
def classify(body: dict[str, Any], pledge: str) -> Response:
    """Classify what the pledger did not state."""
    order = commands.ClassifyPledge(
        pledge_id=pledge_id(pledge), changes=changes_of(body["changes"]), reason=body["reason"]
    )
    return command(order)


@api.writes("/pledges/<pledge:pledge>/lapse", orders.Reasoned, PledgeAnswer, headers=WRITTEN)
def lapse(body: dict[str, Any], pledge: str) -> Response:
    """Record that the pledge lapsed; the reason names the notice that was given."""
    return command(build(commands.LapsePledge, body, pledge_id=pledge_id(pledge)))


@api.writes("/pledges/<pledge:pledge>/carry-over", orders.CarryOverBody, PledgeAnswer, headers=WRITTEN)
def carry_over(body: dict[str, Any], pledge: str) -> Response:
    """Let an open pledge go on in a later cycle."""
    return command(build(commands.CarryOverPledge, body, pledge_id=pledge_id(pledge)))
