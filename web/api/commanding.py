"""From a body to a command, from a command to an answer that the next reader agrees with.

Must not know which command it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import msgspec
from flask import Response, current_app, g, request

from domain.actors import Actor
from domain.deciding import Context
from domain.entities.state import Entity
from domain.errors import NotFound, StaleVersion, invalid
from domain.pledges.state import Pledge
from domain.register import AlsoWrite, Outcome
from projections.board.views import entities_of
from projections.moments import Moment
from web.api.blueprint import BODY, as_json
from web.moments import STANDS_STILL

if TYPE_CHECKING:
    from projections.composition import Runtime

CATCH_UP_SECONDS_MAX = 2.0
VERSION = re.compile(r'(?:W/)?"?(\d{1,15})"?\Z', re.ASCII)
Command = TypeVar("Command")


def runtime() -> Runtime:
    """The register that this application serves."""
    found: Runtime = current_app.extensions["pledges"]
    return found


def actor() -> Actor:
    """Who sends the command; the door has seen to it that there is somebody."""
    found: Actor = g.actor
    return found


# -- from bodies to commands


def build(command: type[Command], body: Mapping[str, Any], **known: Any) -> Command:
    """The command that a body asks for. What was left blank is not said."""
    try:
        return msgspec.convert({**known, **without_blanks(body)}, command)
    except msgspec.ValidationError as problem:
        raise invalid(BODY, str(problem)) from None


def without_blanks(value: Any) -> Any:
    """The value without what is null in it."""
    if isinstance(value, Mapping):
        return {key: without_blanks(inner) for key, inner in value.items() if inner is not None}
    return [without_blanks(inner) for inner in value] if isinstance(value, list) else value


# -- which pledge, which version


def pledge_id(id_or_reference: str) -> UUID:
    """The id behind what stands in a path; 404 if there is no such reference."""
    if len(id_or_reference) == len(str(UUID(int=0))):
        return UUID(id_or_reference)
    found = runtime().register.consult(lambda c: c.world.holder("reference", id_or_reference), by=actor())
    if found is None:
        raise NotFound("There is no such pledge.")
    return found


def aggregate(pledge: UUID) -> Pledge | None:
    """The pledge as its events have made it."""
    return runtime().register.consult(lambda context: context.world.pledge(pledge), by=actor())


def if_match() -> str | None:
    """What says which version is meant: the header of a program, the hidden field of a form."""
    found: str | None = g.get("form_version") or request.headers.get("If-Match")
    return found


def expected_version(latest: int | None = None) -> int | None:
    """The version that If-Match names, or None if any will do; of several the latest, if it is there."""
    named = if_match()
    if named is None or named.strip() == "*":
        return None
    versions = [int(found[1]) for part in named.split(",") if (found := VERSION.match(part.strip()))]
    if latest is not None and latest in versions:
        return latest
    if not versions:
        raise StaleVersion("If-Match names no version that this pledge ever had.")
    return max(versions)


# -- carrying out


def carry_out(command: Any, *, also: Sequence[AlsoWrite] = (), version_of: UUID | None = None) -> Outcome:
    """Hand a command to the register, under the id of its Idempotency-Key and the version of its If-Match."""
    several = "," in (if_match() or "")
    standing = aggregate(version_of) if several and version_of else None
    return runtime().register.handle(
        command,
        by=actor(),
        expected_version=expected_version(standing.version if standing else None) if version_of else None,
        command_id=g.command_id,
        also=also,
    )


def readable(position: int) -> dict[str, str]:
    """Wait until readers see a position; the headers that say how far they are."""
    headers = {"X-Position": str(position)}
    if not runtime().readers.wait_for(position, CATCH_UP_SECONDS_MAX):
        headers["X-Lag"] = "true"
        if still := runtime().questions.stands_still():
            headers[STANDS_STILL] = ", ".join(map(str, still))
    return headers


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def command(
    order: Any, *, also: Sequence[AlsoWrite] = (), status: int = 200, location: bool = False
) -> Response:
    """Carry out a command on a pledge and answer with the pledge as it then is."""
    outcome = carry_out(order, also=also, version_of=order.pledge_id)
    return pledge_answer(outcome, status=status, location=location)


def pledge_answer(outcome: Outcome, *, status: int = 200, location: bool = False) -> Response:
    """The pledge after a command, as its sender may see it."""
    headers = readable(outcome.position)
    shown = _shown(outcome, lags="X-Lag" in headers)
    if location:
        headers["Location"] = f"/api/v1/pledges/{outcome.stream}"
    return as_json(shown, status, {**headers, "ETag": etag(shown["version"])})


def _shown(outcome: Outcome, *, lags: bool) -> dict[str, Any]:
    questions, moment = runtime().questions, _moment_of(outcome)
    if not lags and isinstance(outcome.state, Pledge) and outcome.state.phase == "public":
        # Everybody may read it, and no working paper stands before it: readers show what was just decided.
        return questions.pledge_from(outcome.state, viewer=actor(), moment=moment)
    found = None if lags else questions.pledge(str(outcome.stream), viewer=actor(), moment=moment)
    if found is not None:
        return found
    # Readers lag; or who has just declined may not read the pledge any more, but is told how it stands.
    standing = aggregate(outcome.stream)
    if standing is None:
        raise NotFound("There is no such pledge.")
    entities = runtime().register.consult(lambda context: _entities(standing, context), by=actor())
    return questions.pledge_from(standing, viewer=actor(), moment=moment, entities=entities)


def _entities(pledge: Pledge, context: Context) -> dict[UUID, Entity]:
    """The entities that a pledge names, and those that stand for them, as their events have made them."""
    entities: dict[UUID, Entity] = {}
    wanted = list(entities_of(pledge))
    while wanted:
        found = context.world.entity(wanted.pop())
        if found is not None and found.id not in entities:
            entities[found.id] = found
            wanted += [found.merged_into] if found.merged_into else []
    return entities


def _moment_of(outcome: Outcome) -> Moment:
    """The moment of a command; a repeated one answers as it did then, whatever has happened since."""
    then = outcome.events[-1].header.recorded_at if outcome.events else runtime().clock()
    return Moment(outcome.position, then, is_now=not outcome.repeated)
