"""The cycles of the review forum: listed for all, opened by the Secretariat."""

from __future__ import annotations

from typing import Any

from flask import Response

from domain.cycles import commands
from domain.cycles.state import Cycle
from projections.moments import Moment
from web import moments
from web.api import orders
from web.api.answers_of_register import CycleAnswer, CycleList
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import build, carry_out, etag, readable, runtime
from web.api.queries import AsOf
from web.api.shapes import CREATED, POSITION

api = ApiBlueprint("cycles", "Cycles of the review forum")


@api.reads("/cycles", CycleList, query=AsOf, headers=POSITION)
def listed(query: dict[str, Any]) -> Response:
    """The cycles in the order in which they opened, as of any moment."""
    moment = moments.asked(query.get("as_of"), of=())
    items = all_cycles(moment)
    answer = {"items": items, "total": len(items), "next": None, **moments.told(moment)}
    return as_json(answer, headers={"X-Position": str(moment.position)})


def all_cycles(moment: Moment) -> list[dict[str, Any]]:
    """Every cycle, with what is not known as null."""
    return [shown(cycle) for cycle in runtime().questions.cycles(moment=moment).all]


def shown(cycle: Cycle) -> dict[str, Any]:
    """A cycle as it is answered."""
    return {name: getattr(cycle, name) for name in cycle.__struct_fields__}


@api.writes("/cycles", orders.NewCycle, CycleAnswer, status=201, headers=CREATED)
def open_cycle(body: dict[str, Any]) -> Response:
    """Open a cycle."""
    outcome = carry_out(build(commands.OpenCycle, body))
    headers = {**readable(outcome.position), "ETag": etag(outcome.version), "Location": "/api/v1/cycles"}
    moment = moments.asked(str(outcome.position), of=())
    found = next(cycle for cycle in all_cycles(moment) if cycle["cycle"] == body["cycle"])
    return as_json(found, 201, headers)
