"""The first page of the desk: what waits for me, by what I may do. Each list begins here.

Must not know how a list is found out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, g, make_response, render_template, url_for

from domain.actors import Actor
from domain.reference.vocabularies import OPEN
from projections.board.filters import PledgeFilters
from projections.questions import BOARD, ENTITIES
from web.desk.blueprint import desk
from web.desk.lists import LISTS, counted, lists_of, scoped
from web.desk.possibilities import notes, ways
from web.pages.blueprint import runtime
from web.pages.language import gettext as _

SHOWN_MAX, OF_LIST_MAX = 50, 10
OLDEST_FIRST = "updated_at"
ASKED = ("submissions", "to-confirm", "to-assess", "open")
"""Lists that are told of also where they are empty."""
COMPARED_MAX = 25
"""With more submissions, what is likely there already is worked out where it is asked for alone."""


@dataclass(frozen=True)
class Waiting:
    """Pledges that wait for the same thing. `is_asked`: it is said also where there are none."""

    heading: str
    pledges: list[dict[str, Any]]
    total: int
    is_asked: bool = False
    address: str | None = None
    """Where the list is whole."""
    none: str = ""
    """What is said where there are none."""


@dataclass(frozen=True)
class Counted:
    """A list in the overview: its name, what it is called, how many it holds; None: it was not counted."""

    name: str
    heading: Any
    number: int | None


@desk.get("/desk", endpoint="desk")
def waiting() -> Response:
    """What waits for whoever is signed in."""
    actor: Actor = g.actor
    found = [*_for_pledger(actor), *_of_lists(actor)]
    said = render_template(
        "desk/waiting.html", moment=None, forms={}, waiting=found, notes=list(notes(actor)),
        own=_own(actor), lists=list(_counts(actor)) if actor.has("secretariat") else [],
        ways=list(ways(actor)),
    )  # fmt: skip
    return make_response(said, {"Cache-Control": "no-store"})


def _own(actor: Actor) -> list[dict[str, Any]]:
    """Those for whom somebody pledges."""
    questions = runtime().questions
    moment = questions.moment(of=ENTITIES)
    found = (questions.entity(str(one), moment=moment) for one in sorted(actor.own_entities))
    return [one for one in found if one]


def _counts(actor: Actor) -> Iterator[Counted]:
    counts: dict[str, int] = {}
    for name in lists_of(actor):
        is_long = name == "duplicates" and counts.get("submissions", 0) > COMPARED_MAX
        if not is_long:
            counts[name] = counted(name, actor)
        yield Counted(name, LISTS[name].heading, counts.get(name))


def _of_lists(actor: Actor) -> Iterator[Waiting]:
    """The beginnings of the lists that somebody has. The Secretariat is shown what it reviews, and counts."""
    names = lists_of(actor)
    if actor.has("secretariat"):
        names = tuple(name for name in names if name in ("submissions", "to-confirm", "to-assess"))
    for name in names:
        if name == "returned":
            continue  # it stands first
        one = LISTS[name]
        if one.found is not None:
            rows = one.found(actor)
            total = len(rows)
        else:
            questions = runtime().questions
            listed = questions.pledges(
                scoped(name, actor), viewer=actor, moment=questions.moment(of=BOARD), sort=one.sort,
                limit=OF_LIST_MAX, with_facets=False,
            )  # fmt: skip
            rows, total = listed.items, listed.total
        whole = url_for("desk.listed", name=name)
        yield Waiting(str(one.heading), rows[:OF_LIST_MAX], total, name in ASKED, whole, str(one.none))


def _for_pledger(actor: Actor) -> Iterator[Waiting]:
    own = tuple(sorted(map(str, actor.own_entities)))
    if not own:
        return
    yield _listed(_("Came back to you"), status=("returned",), entity=own)
    yield _listed(_("Being written"), status=("draft",), is_asked=True)
    yield _listed(_("Submitted"), status=("submitted",), entity=own)
    yield _invitations(actor)
    mine = _found(status=tuple(OPEN), entity=own)
    yield _those(_("A match is offered"), [one for one in mine.items if _is_offered(one)])
    yield _listed(_("Fulfilled"), status=("fulfilled",), entity=own)


def _invitations(actor: Actor) -> Waiting:
    """Submissions and public pledges in which an own entity is asked to take part."""
    questions = runtime().questions
    found = questions.invitations(viewer=actor, moment=questions.moment(of=BOARD))
    return _those(_("You are asked to take part"), found)


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
