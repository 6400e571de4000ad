"""The cycles of the review forum: listed for all, opened by the Secretariat."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from domain.actors import Actor
from domain.cycles import commands
from domain.cycles.state import Cycle
from web.api import orders
from web.api.answers_of_register import CycleAnswer, CycleList
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import build, carry_out, etag, readable, runtime
from web.api.shapes import CREATED

NOBODY = Actor(account=UUID(int=0))
"""Cycles are the same for everybody, so nobody asks."""

api = ApiBlueprint("cycles", "Cycles of the review forum")


@api.reads("/cycles", CycleList)
def listed() -> Response:
    """The cycles in the order in which they opened."""
    items = all_cycles()
    return as_json({"items": items, "total": len(items), "next": None})


def all_cycles() -> list[dict[str, Any]]:
    """Every cycle, with what is not known as null."""
    found = runtime().register.consult(lambda context: context.world.cycles(), by=NOBODY)
    return [shown(cycle) for cycle in found.all]


def shown(cycle: Cycle) -> dict[str, Any]:
    """A cycle as it is answered."""
    return {name: getattr(cycle, name) for name in cycle.__struct_fields__}


@api.writes("/cycles", orders.NewCycle, CycleAnswer, status=201, headers=CREATED)
def open_cycle(body: dict[str, Any]) -> Response:
    """Open a cycle."""
    outcome = carry_out(build(commands.OpenCycle, body))
    headers = {**readable(outcome.position), "ETag": etag(outcome.version), "Location": "/api/v1/cycles"}
    found = next(cycle for cycle in all_cycles() if cycle["cycle"] == body["cycle"])
    return as_json(found, 201, headers)
