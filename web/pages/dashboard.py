"""The front page: how many pledges, by whom, how far along, on what, where; what is late and what is new."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import Response, request

from domain.reference.vocabularies import OPEN
from domain.values import first_day, rfc3339
from projections.board.filters import PledgeFilters
from projections.moments import Moment
from projections.questions import BOARD, HISTORY, PROGRESS
from web.api.catalog import MEDIA_TYPE
from web.api.cycles import all_cycles
from web.pages.addresses import chosen, link
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, runtime, told
from web.pages.numbers import MOST_FIRST, NUMBER_COLUMNS, in_order, number_row

DIMENSIONS = ("objective", "region", "status", "type", "form", "category", "cycle")
SHOWN = (*BOARD, *PROGRESS, *HISTORY)
CHANGES_SHOWN = 10
OVERDUE_SHOWN = 5


def _numbers(moment: Moment) -> dict[str, list[dict[str, Any]]]:
    questions = runtime().questions
    return {by: questions.progress(by, moment=moment)["items"] for by in DIMENSIONS}


def _since(moment: Moment) -> Moment | None:
    """When the last cycle opened, if the register was there to record it."""
    opened = [first_day(cycle["opened_on"]) for cycle in all_cycles()]
    past = [day for day in opened if day <= moment.day]
    began = moment.recording_began
    if not past or not began:
        return None
    start = datetime.combine(max(past), time(), UTC)
    return runtime().questions.moment(rfc3339(start), of=PROGRESS) if began < start < moment.at else None


def _overdue(moment: Moment) -> list[dict[str, Any]]:
    """The pledges that came due first of those that nobody reported on since."""
    found = runtime().questions.pledges(
        PledgeFilters(overdue=(True,)), viewer=None, moment=moment, sort="due_on", limit=OVERDUE_SHOWN,
        with_facets=False,
    )  # fmt: skip
    return found.items


def _data(moment: Moment) -> dict[str, Any]:
    questions = runtime().questions
    return {
        **told(moment),
        "totals": questions.totals(moment=moment, compare_to=_since(moment)),
        "by": _numbers(moment),
        "overdue": _overdue(moment),
        "latest": questions.latest_changes(moment=moment, limit=CHANGES_SHOWN),
    }


@pages.get("/")
def dashboard() -> Response:
    """The dashboard as a page."""
    moment = asked_moment(SHOWN)
    data, order = _data(moment), request.args.get("sort")
    numbers, totals = data["by"], data["totals"]
    catalog = link("catalog.describe", **({"as_of": moments[0]} if (moments := chosen("as_of")) else {}))
    answer = page(
        "pages/dashboard.html",
        moment,
        forms=forms_of("pages.dashboard", "csv", "json", sort=None),
        totals=totals,
        open=sum(totals["by_status"][status] for status in OPEN),
        numbers={**numbers, "objective": in_order(numbers["objective"], order)},
        left_alone=sum(not item["pledges"] for item in numbers["objective"] if item["key"]),
        is_most_first=order == MOST_FIRST,
        overdue=data["overdue"],
        latest=data["latest"],
        catalog=catalog,
        catalog_type=MEDIA_TYPE,
    )
    answer.headers["Link"] = f'<{catalog}>; rel="alternate"; type="{MEDIA_TYPE}"'
    return answer


@pages.get("/.json", endpoint="dashboard_dot_json")
@pages.get("/index.json", endpoint="dashboard_index_json")
@pages.get("/dashboard.json")
def dashboard_json() -> Response:
    """The dashboard's numbers as JSON."""
    return as_json(_data(asked_moment(SHOWN)))


@pages.get("/.csv", endpoint="dashboard_dot_csv")
@pages.get("/index.csv", endpoint="dashboard_index_csv")
@pages.get("/dashboard.csv")
def dashboard_csv() -> Response:
    """The dashboard's numbers as CSV: one row a number."""
    rows = ((by, *number_row(item)) for by, items in _numbers(asked_moment(SHOWN)).items() for item in items)
    return as_csv(("by", *NUMBER_COLUMNS), rows, "dashboard")
