"""Progress in numbers, by one dimension at a time, at a moment, and against another moment."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from domain.errors import invalid
from projections.moments import Moment
from projections.questions import PROGRESS
from web.moments import told
from web.pages.addresses import address
from web.pages.blueprint import as_csv, as_json, asked_moment, earlier_moment, forms_of, page, pages, runtime
from web.pages.field_names import BY
from web.pages.numbers import MOST_FIRST, NUMBER_COLUMNS, in_order, number_row


def _dimension() -> str:
    by = request.args.get("by", "").strip() or next(iter(BY))
    if by not in BY:
        raise invalid("by", f"must be one of {', '.join(BY)}.")
    return by


def _numbers(moment: Moment, compared: Moment | None) -> dict[str, Any]:
    return runtime().questions.progress(_dimension(), moment=moment, compare_to=compared)


@pages.get("/progress")
def progress() -> Response:
    """The numbers as a page."""
    moment = asked_moment(PROGRESS, also_effective=True)
    compared = earlier_moment(PROGRESS, moment)
    order = request.args.get("sort")
    return page(
        "pages/progress.html",
        moment,
        forms=forms_of("pages.progress", "csv", "json", sort=None),
        by=_dimension(),
        items=in_order(_numbers(moment, compared)["items"], order),
        tabs=[(by, address("pages.progress", by=by)) for by in BY],
        compared=compared,
        is_most_first=order == MOST_FIRST,
    )


@pages.get("/progress.json")
def progress_json() -> Response:
    """The numbers as JSON, as the API gives them."""
    moment = asked_moment(PROGRESS, also_effective=True)
    return as_json({**_numbers(moment, earlier_moment(PROGRESS, moment)), **told(moment)})


@pages.get("/progress.csv")
def progress_csv() -> Response:
    """The numbers as CSV; the difference column is empty unless two moments are compared."""
    moment = asked_moment(PROGRESS, also_effective=True)
    items = _numbers(moment, earlier_moment(PROGRESS, moment))["items"]
    rows = ((*number_row(item), (item.get("difference") or {}).get("pledges")) for item in items)
    return as_csv((*NUMBER_COLUMNS, "difference"), rows, f"progress-by-{_dimension()}")
