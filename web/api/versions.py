"""The versions of a pledge and what is different between any two, for whoever may see them.

Returned and superseded submissions are among them for who sees those in its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, g
from marshmallow import fields

from domain.actors import Actor
from domain.errors import InvalidInput, NotFound, invalid
from projections.moments import Moment, backwards
from projections.questions import BOARD, HISTORY
from projections.timeline.versions import difference, erased_between, versions
from web import moments
from web.api.answers import ActorAnswer, ChangeAnswer, ErasedAnswer, HistoryEntry
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import runtime
from web.api.fields import StrictSchema, WholeInQuery
from web.api.queries import AsOf
from web.api.shapes import POSITION, many, moment, one, partial_date, text, truth, uuid, whole

api = ApiBlueprint("versions", "Versions of pledges")
SHOWN = (*BOARD, *HISTORY)


class VersionAnswer(StrictSchema):
    """A version of a pledge: the event that made it, its status, and what became of a submission.

    `erased` tells what was erased by law of what it said.
    """

    position = whole(least=1)
    name = text()
    recorded_at = moment()
    effective_on = partial_date(nullable=False)
    actor = one(ActorAnswer)
    status = text(nullable=True)
    changed = whole()
    outcome = text(nullable=True)
    is_superseded = truth()
    erased = many(ErasedAnswer)


class VersionList(StrictSchema):
    """The versions, oldest first."""

    items = many(VersionAnswer)


class ComparedPledge(StrictSchema):
    """Whose versions they are, as it is called at the moment asked about."""

    id = uuid()
    reference = text(nullable=True)
    title = text()
    language = text(nullable=True)


class ChangesQuery(AsOf):
    """From the version at which position to that at which; from the first to the last, if nothing is said."""

    begin = WholeInQuery(least=1, data_key="from")
    end = WholeInQuery(least=1, data_key="to")


class ChangesAnswer(StrictSchema):
    """What is different between two versions, and what happened in between.

    `erased` tells what was erased by law of what they and those in between said, and of what is different.
    """

    pledge = one(ComparedPledge)
    begin = fields.Integer(required=True, data_key="from")
    end = fields.Integer(required=True, data_key="to")
    changes = many(ChangeAnswer)
    between = many(HistoryEntry)
    erased = many(ErasedAnswer)


@api.reads("/pledges/<pledge:pledge>/versions", VersionList, query=AsOf, headers=POSITION)
def listed(query: dict[str, Any], pledge: str) -> Response:
    """All versions of a pledge, with those that were returned, recalled and superseded."""
    asked = moments.asked(query.get("as_of"), of=SHOWN)
    found, history = lived(pledge, g.actor, asked)
    return as_json({"items": versions(history, found["erased"])}, headers={"X-Position": str(asked.position)})


@api.reads("/pledges/<pledge:pledge>/changes", ChangesAnswer, query=ChangesQuery, headers=POSITION)
def changes(query: dict[str, Any], pledge: str) -> Response:
    """What is different between two versions of a pledge."""
    asked = moments.asked(query.get("as_of"), of=SHOWN)
    found = compared(pledge, g.actor, asked, query.get("begin"), query.get("end"))
    return as_json(found, headers={"X-Position": str(asked.position)})


def lived(
    pledge: str, viewer: Actor | None, asked: Moment
) -> tuple[dict[str, Any], Sequence[dict[str, Any]]]:
    """A pledge and its history. NotFound if the viewer may know of none."""
    questions = runtime().questions
    found = questions.pledge(pledge, viewer=viewer, moment=asked)
    if found is None:
        raise NotFound("There is no such pledge.")
    return found, questions.history(found["id"], viewer=viewer, moment=asked) or []


def compared(
    pledge: str, viewer: Actor | None, asked: Moment, begin: int | None, end: int | None
) -> dict[str, Any]:
    """Two versions of a pledge side by side, by default the first that the viewer may see and the last."""
    found, history = lived(pledge, viewer, asked)
    positions = [entry["position"] for entry in history] or [0]
    begin = positions[0] if begin is None else begin
    end = positions[-1] if end is None else end
    if errors := backwards(begin, end, first="from", last="to"):
        raise InvalidInput(errors)
    if end > asked.position:
        raise invalid("to", f"names a position that is not there yet: the latest is {asked.position}.")
    return {
        "pledge": {name: found[name] for name in ("id", "reference", "title", "language")},
        "from": begin,
        "to": end,
        "changes": difference(history, begin, end),
        "between": [entry for entry in history if begin < entry["position"] <= end],
        "erased": erased_between(history, found["erased"], begin, end),
    }
