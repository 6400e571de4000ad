"""Pledges to read: the list, one, its history, and the numbers over all of them."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from domain.errors import NotFound
from projections.moments import Moment
from projections.questions import BOARD, HISTORY, INTAKE, PROGRESS
from web import moments
from web.api.answers import History, PledgeAnswer, PledgeList
from web.api.answers_of_register import Intake, Progress
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import etag, runtime
from web.api.queries import AsOf, Effective, IntakeQuery, PledgeQuery, ProgressQuery, filters_of_address
from web.api.shapes import POSITION, READ

api = ApiBlueprint("pledges", "Pledges to read")


def _at(moment: Moment) -> dict[str, str]:
    return {"X-Position": str(moment.position)}


@api.reads("/pledges", PledgeList, query=PledgeQuery, headers=POSITION)
def listed(query: dict[str, Any]) -> Response:
    """Pledges by filters, as of any moment, with the counts of what else could be asked for."""
    moment = moments.asked(query.get("as_of"), of=BOARD, effective_at=query.get("effective_at"))
    found = runtime().questions.pledges(
        filters_of_address(),
        viewer=g.actor,
        moment=moment,
        sort=query.get("sort"),
        limit=query["limit"],
        cursor=query.get("cursor"),
    )
    return as_json(
        {
            "items": found.items,
            "total": found.total,
            "next": found.next,
            "facets": found.facets,
            **moments.told(found.moment),
        },
        headers=_at(found.moment),
    )


@api.reads("/pledges/<pledge:pledge>", PledgeAnswer, query=Effective, headers=READ)
def show(query: dict[str, Any], pledge: str) -> Response:
    """One pledge, as of any moment."""
    moment = moments.asked(query.get("as_of"), of=BOARD, effective_at=query.get("effective_at"))
    found = runtime().questions.pledge(pledge, viewer=g.actor, moment=moment)
    if found is None:
        raise NotFound("There is no such pledge.")
    return as_json(found, headers={**_at(moment), "ETag": etag(found["version"])})


@api.reads("/pledges/<pledge:pledge>/history", History, query=AsOf, headers=POSITION)
def history(query: dict[str, Any], pledge: str) -> Response:
    """All that happened to a pledge, oldest first: who, in which role, when, by what right, and why."""
    moment = moments.asked(query.get("as_of"), of=(*BOARD, *HISTORY))
    questions = runtime().questions
    found = questions.history(pledge, viewer=g.actor, moment=moment)
    if found is None and questions.pledge(pledge, viewer=g.actor, moment=moment) is None:
        raise NotFound("There is no such pledge.")
    return as_json({"items": found or []}, headers=_at(moment))


@api.reads("/progress", Progress, query=ProgressQuery, headers=POSITION)
def progress(query: dict[str, Any]) -> Response:
    """Numbers of pledges by one of their qualities, and how they differ from an earlier moment."""
    moment = moments.asked(query.get("as_of"), of=PROGRESS, effective_at=query.get("effective_at"))
    then = query.get("compare_to")
    before = None if then is None else moments.compared_to(then, moment, of=PROGRESS)
    found = runtime().questions.progress(query["by"], moment=moment, compare_to=before)
    return as_json({**found, **moments.told(moment)}, headers=_at(moment))


@api.reads("/intake", Intake, query=IntakeQuery, headers=POSITION)
def intake(query: dict[str, Any]) -> Response:
    """What was received, by way and outcome; in detail for the Secretariat and auditors."""
    moment = moments.asked(query.get("as_of"), of=INTAKE)
    found = runtime().questions.intake(
        viewer=g.actor, moment=moment, limit=query["limit"], cursor=query.get("cursor")
    )
    return as_json({**found, **moments.told(moment)}, headers=_at(moment))
