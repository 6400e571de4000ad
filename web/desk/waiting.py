"""The first page of the desk: what waits for me, by what I may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, g, make_response, render_template

from domain.actors import Actor
from domain.reference.vocabularies import OPEN
from projections.board.filters import PledgeFilters
from projections.questions import BOARD
from web.desk.blueprint import desk
from web.desk.cycles import left_open
from web.pages.blueprint import runtime
from web.pages.language import gettext as _

SHOWN_MAX = 50
OLDEST_FIRST = "updated_at"
IN_REVIEW = ("submitted", "returned")


@dataclass(frozen=True)
class Waiting:
    """Pledges that wait for the same thing. `is_asked`: it is said also where there are none."""

    heading: str
    pledges: list[dict[str, Any]]
    total: int
    is_asked: bool = False


@desk.get("/desk", endpoint="desk")
def waiting() -> Response:
    """What waits for whoever is signed in."""
    actor: Actor = g.actor
    found = [*_for_secretariat(actor), *_for_pledger(actor), *_for_judges(actor)]
    ended = left_open() if actor.has("secretariat") else []
    held = runtime().outbox.counted()["held"] if actor.has("secretariat") else 0
    said = render_template(
        "desk/waiting.html", moment=None, forms={}, waiting=found, mail_held=held, left_open=ended
    )
    return make_response(said, {"Cache-Control": "no-store"})


def _for_secretariat(actor: Actor) -> Iterator[Waiting]:
    if actor.has("secretariat"):
        yield _listed(_("To review, the oldest first"), status=("submitted",), is_asked=True)
        yield _listed(_("Date passed, no report"), overdue=(True,))
        yield _listed(_("No report for a year or more"), stale=("true",), status=tuple(OPEN))


def _for_pledger(actor: Actor) -> Iterator[Waiting]:
    own = tuple(sorted(map(str, actor.own_entities)))
    if not own:
        return
    yield _listed(_("Came back to you"), status=("returned",), entity=own)
    yield _listed(_("Being written"), status=("draft",), is_asked=True)
    yield _listed(_("Handed in"), status=("submitted",), entity=own)
    yield _invitations(set(own))
    yield _listed(_("Report due: date passed, no report"), overdue=(True,), entity=own)
    yield _listed(_("Not reported on for a year or more"), stale=("true",), status=tuple(OPEN), entity=own)
    mine = _found(status=tuple(OPEN), entity=own)
    yield _those(_("A match is offered"), [one for one in mine.items if _is_offered(one)])
    yield Waiting(_("Open pledges"), mine.items, mine.total, is_asked=True)
    yield _listed(_("Fulfilled"), status=("fulfilled",), entity=own)


def _for_judges(actor: Actor) -> Iterator[Waiting]:
    checked = tuple(sorted(map(str, actor.entities("validator"))))
    if checked:
        reported = _found(status=("partially_fulfilled", "fulfilled"), entity=checked).items
        unconfirmed = [
            one for one in reported if not any(said["kind"] == "confirmed" for said in one["verdicts"])
        ]
        yield _those(_("Reports of your institution that nobody has confirmed"), unconfirmed)
    if actor.has("assessor"):
        yield _listed(_("May be assessed"), status=("partially_fulfilled", "fulfilled"), is_asked=True)


def _invitations(own: set[str]) -> Waiting:
    """Submissions in which an own entity is asked to take part."""
    found = _found(status=IN_REVIEW).items
    return _those(_("You are asked to take part"), [one for one in found if _is_asked(one, own)])


def _is_asked(pledge: dict[str, Any], own: set[str]) -> bool:
    return any(
        partner["state"] == "invited" and str(partner["entity"]["id"]) in own
        for partner in pledge["partners"]
    )


def _is_offered(pledge: dict[str, Any]) -> bool:
    return any(offer["state"] == "offered" for offer in pledge["offers"])


def _those(heading: str, pledges: list[dict[str, Any]]) -> Waiting:
    return Waiting(heading, pledges, len(pledges))


def _listed(heading: str, *, is_asked: bool = False, **filters: Any) -> Waiting:
    found = _found(**filters)
    return Waiting(heading, found.items, found.total, is_asked)


def _found(**filters: Any) -> Any:
    questions = runtime().questions
    return questions.pledges(
        PledgeFilters(**filters), viewer=g.actor, moment=questions.moment(of=BOARD), sort=OLDEST_FIRST,
        limit=SHOWN_MAX, with_facets=False,
    )  # fmt: skip
