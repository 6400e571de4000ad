"""The front page: how many pledges, by whom, how far along, on what, where; what is late and what is new."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import Response, request

from domain.reference.vocabularies import OPEN
from domain.values import first_day, rfc3339
from projections.board.filters import PledgeFilters
from projections.moments import Moment
from projections.questions import BOARD, HISTORY, PROGRESS, Questions
from web.api.catalog import MEDIA_TYPE
from web.api.cycles import all_cycles
from web.moments import told
from web.pages.addresses import chosen, link
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, runtime
from web.pages.numbers import MOST_FIRST, NUMBER_COLUMNS, in_order, number_row

DIMENSIONS = ("objective", "region", "status", "type", "form", "category", "cycle")
SHOWN = (*BOARD, *PROGRESS, *HISTORY)
CHANGES_SHOWN = 10
OVERDUE_SHOWN = 5


def _moment() -> Moment:
    return asked_moment(SHOWN, also_effective=True)


def _numbers(questions: Questions, moment: Moment) -> dict[str, list[dict[str, Any]]]:
    return {by: questions.progress(by, moment=moment)["items"] for by in DIMENSIONS}


def _since(moment: Moment) -> Moment | None:
    """When the last cycle opened, if the register was there to record it.

    None of a day: what is more since then became known since then, and may be true of any other.
    """
    if moment.true_on is not None:
        return None
    opened = [first_day(cycle["opened_on"]) for cycle in all_cycles(moment)]
    past = [day for day in opened if day <= moment.day]
    began = moment.recording_began
    if not past or not began:
        return None
    start = datetime.combine(max(past), time(), UTC)
    return runtime().questions.moment(rfc3339(start), of=PROGRESS) if began < start < moment.at else None


def _overdue(questions: Questions, moment: Moment) -> list[dict[str, Any]]:
    """The pledges that came due first of those that nobody reported on since."""
    found = questions.pledges(
        PledgeFilters(overdue=(True,)), viewer=None, moment=moment, sort="due_on", limit=OVERDUE_SHOWN,
        with_facets=False,
    )  # fmt: skip
    return found.items


def _latest(moment: Moment) -> list[dict[str, Any]]:
    """What was recorded last; of a day, nothing: what was recorded then may be true of any other."""
    if moment.true_on is not None:
        return []
    return runtime().questions.latest_changes(moment=moment, limit=CHANGES_SHOWN)


def _data(moment: Moment) -> dict[str, Any]:
    since = _since(moment)
    with runtime().questions.together((*BOARD, *PROGRESS), moment) as questions:
        found = {
            "totals": questions.totals(moment=moment, compare_to=since),
            "by": _numbers(questions, moment),
            "overdue": _overdue(questions, moment),
        }
    return {**told(moment), **found, "latest": _latest(moment)}


@pages.get("/")
def dashboard() -> Response:
    """The dashboard as a page."""
    moment = _moment()
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
    return as_json(_data(_moment()))


@pages.get("/.csv", endpoint="dashboard_dot_csv")
@pages.get("/index.csv", endpoint="dashboard_index_csv")
@pages.get("/dashboard.csv")
def dashboard_csv() -> Response:
    """The dashboard's numbers as CSV: one row a number."""
    moment = _moment()
    with runtime().questions.together(PROGRESS, moment) as questions:
        numbers = _numbers(questions, moment)
    rows = ((by, *number_row(item)) for by, items in numbers.items() for item in items)
    return as_csv(("by", *NUMBER_COLUMNS), rows, "dashboard")
