"""The record of one pledge with its life: what was promised, how it stands, and all that happened to it.

Whoever is signed in is told what they may see of it, as it was recorded: working papers are on the desk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import Response, abort, redirect, request, url_for

from domain.actors import Actor
from domain.imports.render import erased_in_words
from domain.values import first_day
from projections.moments import Moment
from projections.questions import BOARD, HISTORY, Questions
from web.moments import told
from web.pages.addresses import address
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, runtime, viewer
from web.pages.life import asked_position, life_of

SHOWN = (*BOARD, *HISTORY)
MATCHES_SHOWN = 50
Sharing = Literal["all", "part", "nothing"]
"""How much of it everybody is shown."""


@dataclass(frozen=True)
class Record:
    """A pledge, the pledges that answer its call, and all that happened to it, at a moment."""

    moment: Moment
    pledge: dict[str, Any]
    matches: Sequence[dict[str, Any]]
    history: Sequence[dict[str, Any]]
    public: Sharing


def _record(reference: str) -> Record:
    moment = asked_moment(SHOWN, also_effective=True)
    return _seen(reference, moment) or abort(404)


def _seen(reference: str, moment: Moment) -> Record | None:
    """What whoever is signed in may see of it; None if they may not know of it, or nothing is recorded."""
    asking = viewer()
    with runtime().questions.together(BOARD, moment) as questions:
        pledge = questions.pledge(reference, viewer=asking, moment=moment, with_paper=False)
        if pledge is None:
            return None
        matches = _matches(questions, pledge, moment)
        to_all = pledge if asking is None else questions.pledge(pledge["id"], viewer=None, moment=moment)
    history = _history(pledge["id"], asking, moment)
    return Record(moment, pledge, matches, history, _sharing(pledge, history, to_all, moment))


def _sharing(
    pledge: Mapping[str, Any],
    history: Sequence[dict[str, Any]],
    to_all: Mapping[str, Any] | None,
    moment: Moment,
) -> Sharing:
    if to_all is None:
        return "nothing"
    if to_all is pledge:
        return "all"
    return "all" if (to_all, _history(pledge["id"], None, moment)) == (pledge, history) else "part"


def _matches(questions: Questions, pledge: Mapping[str, Any], moment: Moment) -> list[dict[str, Any]]:
    """The pledges that answer this one's call, as far as their offers were accepted and they are public."""
    accepted = [offer for offer in pledge["offers"] if offer["state"] == "accepted"][:MATCHES_SHOWN]
    found = ((offer, questions.pledge(offer["pledge"], viewer=None, moment=moment)) for offer in accepted)
    return [{**offer, "pledge": other} for offer, other in found if other]


def _history(pledge: str, asking: Actor | None, moment: Moment) -> list[dict[str, Any]]:
    """What happened, as recorded; of a day, what had become true by then."""
    found = runtime().questions.history(pledge, viewer=asking, moment=moment) or []
    day = moment.true_on
    return found if day is None else [one for one in found if first_day(one["effective_on"]) <= day]


@pages.get("/pledges/<reference>")
def pledge(reference: str) -> Any:
    """One pledge: the record, then its life as a timeline. Under an id it leads on to its reference."""
    moment, position = asked_moment(SHOWN, also_effective=True), asked_position()
    found = _seen(reference, moment)
    if found is None:
        return redirect(url_for("desk.pledge", pledge=_own_paper(reference, moment)))
    if found.pledge["reference"] not in (None, reference):
        return redirect(address(str(request.endpoint), reference=found.pledge["reference"]))
    return page(
        "pages/pledge.html",
        found.moment,
        forms=forms_of("pages.pledge", "csv", "json", history=None),
        pledge=found.pledge,
        matches=found.matches,
        life=life_of(found.history, position),
        public=found.public,
    )


def _own_paper(reference: str, moment: Moment) -> str:
    """The working paper of whoever is signed in that the address means; 404 if it means none."""
    asking = viewer()
    paper = asking and runtime().questions.pledge(reference, viewer=asking, moment=moment)
    return str(paper["id"]) if paper else abort(404)


@pages.get("/pledges/<reference>.json")
def pledge_json(reference: str) -> Response:
    """One pledge and its history as JSON."""
    found = _record(reference)
    return as_json({"pledge": found.pledge, "history": found.history, **told(found.moment)})


HISTORY_COLUMNS = (
    "position", "name", "recorded_at", "effective_on", "role", "entity", "office", "on_behalf_of",
    "authority", "reason", "field", "before", "after", "erased",
)  # fmt: skip


@pages.get("/pledges/<reference>.csv")
def pledge_csv(reference: str) -> Response:
    """One pledge's history as CSV: a row for each field that changed."""
    found = _record(reference)
    name = found.pledge["reference"] or found.pledge["id"]
    return as_csv(HISTORY_COLUMNS, _history_rows(found.history), f"pledge-{name}")


def _history_rows(history: Sequence[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for entry in history:
        actor = entry["actor"]
        head = (
            entry["position"], entry["name"], entry["recorded_at"], entry["effective_on"], actor["role"],
            _name(actor["entity"]), actor["office"], _name(entry["on_behalf_of"]), entry["authority"],
            entry["reason"],
        )  # fmt: skip
        for change in entry["changes"] or [{"field": None, "before": None, "after": None}]:
            yield (
                *head,
                change["field"],
                change["before"],
                change["after"],
                erased_in_words(entry["erased"]),
            )


def _name(entity: Mapping[str, Any] | None) -> Any:
    return entity["name"] if entity else None
