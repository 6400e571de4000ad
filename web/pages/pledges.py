"""The list of pledges with search, filters as links, sort and pages; and the record of one pledge with its life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.datastructures import MultiDict

from projections import exports
from projections.board.filters import PledgeFilters
from projections.moments import Moment
from web.pages.blueprint import as_csv, as_json, asked_moment, page, pages, runtime

FACETS = ("status", "objective", "region", "type", "form", "category", "principle", "cycle")
SORTS = ("-updated_at", "-made_on", "due_on", "title", "-percent", "reference")
ROWS = 50
NOT_FILTERS = frozenset({"as_of", "sort", "cursor", "limit", "lang"})


@dataclass(frozen=True)
class FilterLink:
    """One value of a filter: what it is called, how many pledges a click leaves, where the click leads."""

    field: str
    value: str
    count: int
    url: str
    is_on: bool


def _address(args: MultiDict[str, str], endpoint: str = "pages.pledges") -> str:
    listed = {key: values for key, values in args.lists() if any(values)}
    return url_for(endpoint, **listed)


def _toggled(field: str, value: str) -> str:
    """The list's address with one value added, or taken away if it is there."""
    args = MultiDict(request.args)
    args.pop("cursor", None)
    values = args.getlist(field)
    args.setlist(field, [one for one in values if one != value] if value in values else [*values, value])
    return _address(args)


def _with(**changes: str | None) -> str:
    args = MultiDict(request.args)
    args.pop("cursor", None)
    for name, value in changes.items():
        args.setlist(name, [value] if value else [])
    return _address(args)


def _filter_links(facets: dict[str, Any]) -> dict[str, list[FilterLink]]:
    return {
        field: [
            FilterLink(field, str(facet.value), facet.count, _toggled(field, str(facet.value)), str(facet.value) in request.args.getlist(field))
            for facet in facets.get(field, ())
        ]
        for field in FACETS
    }  # fmt: skip


def _chosen() -> list[FilterLink]:
    """The filters in force, each with the address that lifts it."""
    return [
        FilterLink(field, value, 0, _toggled(field, value), is_on=True)
        for field, values in request.args.lists()
        if field not in NOT_FILTERS
        for value in values
        if value
    ]


def _ask(moment: Moment, *, with_facets: bool) -> Any:
    return runtime().questions.pledges(
        PledgeFilters.from_args(request.args), viewer=None, moment=moment, sort=request.args.get("sort") or SORTS[0],
        limit=ROWS, cursor=request.args.get("cursor") or None, with_facets=with_facets,
    )  # fmt: skip


@pages.get("/pledges")
def pledges() -> str:
    """The list as a page."""
    moment = asked_moment()
    found = _ask(moment, with_facets=True)
    args = MultiDict(request.args)
    args.setlist("cursor", [found.next] if found.next else [])
    return page(
        "pages/pledges.html", moment, found=found, filters=_filter_links(found.facets), chosen=_chosen(),
        sorts=[(sort, _with(sort=sort)) for sort in SORTS], sort=request.args.get("sort") or SORTS[0],
        next_url=_address(args) if found.next else None,
        first_url=_with() if request.args.get("cursor") else None, clear_url=url_for("pages.pledges"),
        kept=[(k, v) for k, values in request.args.lists() if k not in ("q", "cursor") for v in values],
        json_url=_address(MultiDict(request.args), "pages.pledges_json"),
        csv_url=_address(MultiDict(request.args), "pages.pledges_csv"),
    )  # fmt: skip


@pages.get("/pledges.json")
def pledges_json() -> Response:
    """The list as JSON, a page at a time."""
    moment = asked_moment()
    found = _ask(moment, with_facets=True)
    facets = {
        name: [{"value": f.value, "count": f.count} for f in values] for name, values in found.facets.items()
    }
    return as_json(
        {"items": found.items, "total": found.total, "next": found.next, "facets": facets,
         "as_of": moment.at.isoformat(), "position": moment.position}
    )  # fmt: skip


@pages.get("/pledges.csv")
def pledges_csv() -> Response:
    """The whole list as CSV in the columns of import and export: never limited to what is on the screen."""
    moment = asked_moment()
    rows = runtime().questions.every_pledge(PledgeFilters.from_args(request.args), viewer=None, moment=moment)
    body: Iterator[bytes] = exports.write_csv(rows)
    return Response(
        body, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="pledges.csv"'}
    )


def _record(reference: str, moment: Moment) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    questions = runtime().questions
    pledge = questions.pledge(reference, viewer=None, moment=moment)
    if pledge is None:
        abort(404)
    return pledge, questions.history(pledge["id"], viewer=None, moment=moment) or []


@pages.get("/pledges/<reference>")
def pledge(reference: str) -> str:
    """One pledge: the record, then its life as a timeline."""
    moment = asked_moment()
    record, history = _record(reference, moment)
    return page("pages/pledge.html", moment, pledge=record, history=history)


@pages.get("/pledges/<reference>.json")
def pledge_json(reference: str) -> Response:
    """One pledge and its history as JSON."""
    moment = asked_moment()
    record, history = _record(reference, moment)
    return as_json(
        {"pledge": record, "history": history, "as_of": moment.at.isoformat(), "position": moment.position}
    )


HISTORY_COLUMNS = ("position", "name", "recorded_at", "effective_on", "role", "entity", "office", "on_behalf_of", "authority", "reason", "field", "before", "after")  # fmt: skip


def _history_rows(history: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for entry in history:
        actor = entry["actor"]
        head = (
            entry["position"], entry["name"], entry["recorded_at"], entry["effective_on"], actor["role"],
            _name(actor["entity"]), actor["office"], _name(entry["on_behalf_of"]), entry["authority"], entry["reason"],
        )  # fmt: skip
        for change in entry["changes"] or [{"field": None, "before": None, "after": None}]:
            yield (*head, change["field"], change["before"], change["after"])


def _name(entity: Any) -> Any:
    return entity.get("name") if isinstance(entity, dict) else entity


@pages.get("/pledges/<reference>.csv")
def pledge_csv(reference: str) -> Response:
    """One pledge's history as CSV: a row for each field that changed."""
    record, history = _record(reference, asked_moment())
    return as_csv(HISTORY_COLUMNS, _history_rows(history), f"pledge-{record['reference']}")
