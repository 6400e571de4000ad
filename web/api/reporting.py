"""How a pledge goes: progress reports and their corrections, fulfilment, verdicts and replies."""

from __future__ import annotations

from typing import Any

from flask import Response

from domain.pledges import commands
from web.api import orders
from web.api.answers import PledgeAnswer
from web.api.blueprint import ApiBlueprint
from web.api.commanding import build, command, pledge_id
from web.api.files import naming, with_files
from web.api.shapes import WRITTEN

api = ApiBlueprint("reporting", "How a pledge goes")


def _with_evidence(
    kind: type[commands.PledgeCommand], body: dict[str, Any], pledge: str, **known: Any
) -> Response:
    """Carry out a command whose evidence may name files."""
    found = pledge_id(pledge)
    order = build(kind, with_files(body, found), pledge_id=found, **known)
    return command(order, also=naming(order))


@api.writes("/pledges/<pledge:pledge>/progress-reports", orders.ProgressBody, PledgeAnswer, headers=WRITTEN)
def report(body: dict[str, Any], pledge: str) -> Response:
    """Report what was reached by a day."""
    return _with_evidence(commands.ReportProgress, body, pledge)


@api.writes(
    "/pledges/<pledge:pledge>/progress-reports/<position:position>/correction",
    orders.CorrectionBody,
    PledgeAnswer,
    headers=WRITTEN,
)
def correct(body: dict[str, Any], pledge: str, position: int) -> Response:
    """Replace what a report said, and say why. Reports are named by their position in the history."""
    return _with_evidence(commands.CorrectReport, body, pledge, report=position)


@api.writes("/pledges/<pledge:pledge>/fulfilment", orders.FulfilmentBody, PledgeAnswer, headers=WRITTEN)
def declare_fulfilled(body: dict[str, Any], pledge: str) -> Response:
    """Declare the pledge fulfilled."""
    return _with_evidence(commands.DeclareFulfilled, body, pledge)


@api.writes(
    "/pledges/<pledge:pledge>/fulfilment-retraction", orders.RetractionBody, PledgeAnswer, headers=WRITTEN
)
def retract_fulfilment(body: dict[str, Any], pledge: str) -> Response:
    """Take the declaration of fulfilment back."""
    return _with_evidence(commands.RetractFulfilment, body, pledge)


@api.writes("/pledges/<pledge:pledge>/verification", orders.VerdictBody, PledgeAnswer, headers=WRITTEN)
def verify(body: dict[str, Any], pledge: str) -> Response:
    """Say that what was reported was checked; the kind of verdict follows from the role."""
    return _with_evidence(commands.VerifyPledge, body, pledge)


@api.writes("/pledges/<pledge:pledge>/contest", orders.VerdictBody, PledgeAnswer, headers=WRITTEN)
def contest(body: dict[str, Any], pledge: str) -> Response:
    """Contest what was reported."""
    return _with_evidence(commands.ContestPledge, body, pledge)


@api.writes("/pledges/<pledge:pledge>/reply", orders.VerdictBody, PledgeAnswer, headers=WRITTEN)
def reply(body: dict[str, Any], pledge: str) -> Response:
    """Answer a contest, as the owner."""
    return _with_evidence(commands.ReplyToContest, body, pledge)
