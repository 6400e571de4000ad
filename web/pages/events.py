"""The search over all events as a page: a form that works without scripts, and its data beside it.

What may be seen is decided where the trail is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request

from domain.actors import ROLES
from domain.errors import invalid
from projections.moments import Moment
from projections.questions import HISTORY
from projections.timeline.changes import FIELDS
from projections.timeline.event_filters import SORTS, EventFilters
from projections.timeline.search import LIMIT_MAX, EventPage
from web.moments import told
from web.pages.addresses import address, chosen
from web.pages.blueprint import (
    as_json,
    as_long_csv,
    asked_moment,
    forms_of,
    page,
    pages,
    runtime,
    viewer,
)
from web.pages.sentences import PLAIN

ROWS = 50
FIELDS_NAMED_MAX = 12
"""An entry names so many of its fields; its own page tells all."""
COLUMNS = (
    "position", "name", "recorded_at", "effective_on", "role", "entity", "office", "on_behalf_of",
    "authority", "reason", "kind", "id", "reference", "title", "fields", "corrects",
)  # fmt: skip


def _sort() -> str:
    given = (chosen("sort") or [SORTS[0]])[0]
    if given not in SORTS:
        raise invalid("sort", f"must be one of {', '.join(SORTS)}.")
    return given


def _found(moment: Moment, limit: int, cursor: str | None) -> EventPage:
    filters = EventFilters.from_args(request.args)
    return runtime().questions.events(
        filters, viewer=viewer(), moment=moment, sort=_sort(), limit=limit, cursor=cursor
    )


@pages.get("/log/events")
def events() -> Response:
    """The events as a page."""
    moment = asked_moment(HISTORY)
    found = _found(moment, ROWS, request.args.get("cursor") or None)
    return page(
        "pages/events.html",
        moment,
        forms=forms_of("pages.events", "csv", "json"),
        found=found,
        names=PLAIN,
        roles=ROLES,
        fields=sorted(FIELDS),
        fields_named_max=FIELDS_NAMED_MAX,
        first=address("pages.events", cursor=None) if request.args.get("cursor") else None,
        following=address("pages.events", cursor=found.next) if found.next else None,
    )


@pages.get("/log/events.json")
def events_json() -> Response:
    """Up to 200 of them as JSON, and the cursor of the next ones."""
    moment = asked_moment(HISTORY)
    found = _found(moment, LIMIT_MAX, request.args.get("cursor") or None)
    return as_json({"items": found.items, "total": found.total, "next": found.next, **told(moment)})


@pages.get("/log/events.csv")
def events_csv() -> Response:
    """All of them as CSV."""
    return as_long_csv(COLUMNS, _rows(asked_moment(HISTORY)), "events")


def _rows(moment: Moment) -> Iterator[list[Any]]:
    cursor: str | None = None
    while True:
        found = _found(moment, LIMIT_MAX, cursor)
        yield from map(_row, found.items)
        if (cursor := found.next) is None:
            return


def _row(item: dict[str, Any]) -> list[Any]:
    actor, behalf, pledge = item["actor"], item["on_behalf_of"], item["pledge"] or {}
    values = {
        **item, "role": actor["role"], "entity": (actor["entity"] or {}).get("name"),
        "office": actor["office"], "on_behalf_of": (behalf or {}).get("name"), **item["subject"],
        "reference": pledge.get("reference"), "title": pledge.get("title"),
        "fields": [change["field"] for change in item["changes"]],
    }  # fmt: skip
    return [values[name] for name in COLUMNS]
