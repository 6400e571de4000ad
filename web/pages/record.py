"""The record of one pledge with its life: what was promised, how it stands, and all that happened to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, abort, redirect

from domain.imports.render import erased_in_words
from projections.moments import Moment
from projections.questions import BOARD, HISTORY
from web.pages.addresses import address
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, runtime, told
from web.pages.life import asked_position, life_of

SHOWN = (*BOARD, *HISTORY)
MATCHES_SHOWN = 50


def _record(reference: str, moment: Moment) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    questions = runtime().questions
    pledge = questions.pledge(reference, viewer=None, moment=moment)
    if pledge is None:
        abort(404)
    return pledge, questions.history(pledge["id"], viewer=None, moment=moment) or []


def _matches(pledge: Mapping[str, Any], moment: Moment) -> list[dict[str, Any]]:
    """The pledges that answer this one's call, as far as their offers were accepted and they are public."""
    accepted = [offer for offer in pledge["offers"] if offer["state"] == "accepted"][:MATCHES_SHOWN]
    found = (
        (offer, runtime().questions.pledge(offer["pledge"], viewer=None, moment=moment)) for offer in accepted
    )
    return [{**offer, "pledge": other} for offer, other in found if other]


@pages.get("/pledges/<reference>")
def pledge(reference: str) -> Any:
    """One pledge: the record, then its life as a timeline. Under an id it leads on to its reference."""
    position, moment = asked_position(), asked_moment(SHOWN)
    record, history = _record(reference, moment)
    if reference != record["reference"]:
        return redirect(address("pages.pledge", reference=record["reference"]))
    return page(
        "pages/pledge.html",
        moment,
        forms=forms_of("pages.pledge", "csv", "json", history=None),
        pledge=record,
        matches=_matches(record, moment),
        life=life_of(history, position),
    )


@pages.get("/pledges/<reference>.json")
def pledge_json(reference: str) -> Response:
    """One pledge and its history as JSON."""
    moment = asked_moment(SHOWN)
    record, history = _record(reference, moment)
    return as_json({"pledge": record, "history": history, **told(moment)})


HISTORY_COLUMNS = (
    "position", "name", "recorded_at", "effective_on", "role", "entity", "office", "on_behalf_of",
    "authority", "reason", "field", "before", "after", "erased",
)  # fmt: skip


@pages.get("/pledges/<reference>.csv")
def pledge_csv(reference: str) -> Response:
    """One pledge's history as CSV: a row for each field that changed."""
    record, history = _record(reference, asked_moment(SHOWN))
    return as_csv(HISTORY_COLUMNS, _history_rows(history), f"pledge-{record['reference']}")


def _history_rows(history: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
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
