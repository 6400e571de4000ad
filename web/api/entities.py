"""Those who pledge: found by any of their names; registered, renamed and merged by the Secretariat."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from domain.entities import commands
from domain.entities.state import Entity
from domain.errors import NotFound
from domain.register import Outcome
from projections.questions import ENTITIES
from web import moments
from web.api import orders
from web.api.answers import EntityAnswer, EntityDetails, EntityList
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import actor, build, carry_out, etag, readable, runtime
from web.api.queries import AsOf, EntityQuery
from web.api.shapes import CREATED, POSITION, WRITTEN

api = ApiBlueprint("entities", "Those who pledge")


@api.reads("/entities", EntityList, query=EntityQuery, headers=POSITION)
def listed(query: dict[str, Any]) -> Response:
    """Those who pledge, by the beginning of a word of any of their names, in any language."""
    moment = moments.asked(query.get("as_of"), of=ENTITIES)
    page = runtime().questions.entities(
        query.get("q"),
        category=query.get("category"),
        moment=moment,
        limit=query["limit"],
        cursor=query.get("cursor"),
    )
    return as_json(
        {"items": page.items, "total": page.total, "next": page.next},
        headers={"X-Position": str(moment.position)},
    )


@api.reads("/entities/<entity:entity>", EntityDetails, query=AsOf, headers=POSITION)
def show(query: dict[str, Any], entity: str) -> Response:
    """One who pledges, by id, slug or the code of a State."""
    moment = moments.asked(query.get("as_of"), of=ENTITIES)
    found = runtime().questions.entity(entity, moment=moment)
    if found is None:
        raise NotFound("There is no such entity.")
    return as_json(found, headers={"X-Position": str(moment.position)})


@api.writes("/entities", orders.NewEntity, EntityDetails, status=201, headers=CREATED)
def register_entity(body: dict[str, Any]) -> Response:
    """Make a UN entity or a stakeholder known."""
    outcome = carry_out(build(commands.RegisterEntity, body))
    return _answer(outcome, status=201, headers={"Location": f"/api/v1/entities/{outcome.stream}"})


@api.writes("/entities/<entity:entity>/rename", orders.RenameBody, EntityDetails, headers=WRITTEN)
def rename(body: dict[str, Any], entity: str) -> Response:
    """Say what an entity is called from a day on."""
    return _change(commands.RenameEntity, body, entity)


@api.writes("/entities/<entity:entity>/merge", orders.MergeBody, EntityDetails, headers=WRITTEN)
def merge(body: dict[str, Any], entity: str) -> Response:
    """Say that an entity is the same as another, which stays."""
    return _change(commands.MergeEntity, body, entity)


@api.writes("/entities/<entity:entity>/aliases", orders.AliasBody, EntityDetails, headers=WRITTEN)
def add_alias(body: dict[str, Any], entity: str) -> Response:
    """Add a name by which an entity is found."""
    return _change(commands.AddAlias, body, entity)


SHORT = tuple(EntityAnswer().fields)


def entity_in_short(entity: UUID) -> dict[str, Any] | None:
    """An entity as it stands beside a pledge, today."""
    questions = runtime().questions
    found = questions.entity(str(entity), moment=questions.moment(of=ENTITIES))
    return {name: found[name] for name in SHORT} if found else None


def entity_id(named: str) -> UUID:
    """The id of the entity that a path names; 404 if there is none."""
    questions = runtime().questions
    found = questions.entity(named, moment=questions.moment(of=ENTITIES))
    if found is None:
        raise NotFound("There is no such entity.")
    return UUID(found["id"])


def _change(kind: Any, body: dict[str, Any], entity: str) -> Response:
    found = entity_id(entity)
    return _answer(carry_out(build(kind, body, entity=found), version_of=found))


def _answer(outcome: Outcome, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    said = {**readable(outcome.position), "ETag": etag(outcome.version), **(headers or {})}
    questions = runtime().questions
    moment = questions.moment(of=ENTITIES)
    if "X-Lag" in said and (entity := _standing(outcome.stream)):
        return as_json(questions.entity_from(entity, moment=moment), status, said)
    return as_json(questions.entity(str(outcome.stream), moment=moment), status, said)


def _standing(entity: UUID) -> Entity | None:
    """An entity as its events have made it."""
    return runtime().register.consult(lambda context: context.world.entity(entity), by=actor())
