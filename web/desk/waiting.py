"""The first page of the desk: what waits for me, by what I may do."""

from __future__ import annotations

from typing import Any

from flask import Response, g, make_response, render_template

from domain.actors import Actor
from projections.board.filters import PledgeFilters
from projections.questions import BOARD
from web.desk.blueprint import desk
from web.pages.blueprint import asked_moment, runtime

SHOWN_MAX = 50
OWN = ("draft", "returned", "submitted", "made", "matched", "partially_fulfilled", "fulfilled")


@desk.get("/desk", endpoint="desk")
def waiting() -> Response:
    """What waits for whoever is signed in."""
    actor: Actor = g.actor
    lists = [(status, _pledges(status)) for status in OWN] if actor.has("pledger") else []
    reviews = _pledges("submitted") if actor.has("secretariat") else None
    said = render_template(
        "desk/waiting.html", moment=asked_moment(BOARD), own=lists, reviews=reviews, forms={}
    )
    return make_response(said, {"Cache-Control": "no-store"})


def _pledges(status: str) -> Any:
    moment = runtime().questions.moment(of=BOARD)
    return runtime().questions.pledges(
        PledgeFilters(status=(status,)), viewer=g.actor, moment=moment, sort="-updated_at", limit=SHOWN_MAX,
        with_facets=False,
    )  # fmt: skip
