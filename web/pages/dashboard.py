"""The front page: how many pledges, by whom, how far along, on what, where, in what form, and what changed last."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for

from projections.moments import Moment
from web.pages.blueprint import as_csv, as_json, asked_moment, page, pages, runtime

DIMENSIONS = ("objective", "region", "type", "form", "status", "category", "principle", "cycle")
CHANGES_SHOWN = 10


def _numbers(moment: Moment) -> dict[str, list[dict[str, Any]]]:
    questions = runtime().questions
    return {by: questions.progress(by, moment=moment, compare_to=None)["items"] for by in DIMENSIONS}


def _data(moment: Moment) -> dict[str, Any]:
    questions = runtime().questions
    return {
        "as_of": moment.at.isoformat(),
        "position": moment.position,
        "totals": questions.totals(moment=moment),
        "by": _numbers(moment),
        "latest": questions.latest_changes(moment=moment, limit=CHANGES_SHOWN),
    }


@pages.get("/")
def dashboard() -> str:
    """The dashboard as a page."""
    moment = asked_moment()
    return page("pages/dashboard.html", moment, **_data(moment), list_url=url_for("pages.pledges"))


@pages.get("/.json")
@pages.get("/index.json")
@pages.get("/dashboard.json")
def dashboard_json() -> Response:
    """The dashboard's numbers as JSON."""
    return as_json(_data(asked_moment()))


@pages.get("/.csv")
@pages.get("/index.csv")
@pages.get("/dashboard.csv")
def dashboard_csv() -> Response:
    """The dashboard's numbers as CSV: one row a number."""
    rows = [
        (by, item["key"], item["label"], item["pledges"], item["percent"], item["not_measured"])
        for by, items in _numbers(asked_moment()).items()
        for item in items
    ]
    return as_csv(("by", "key", "label", "pledges", "percent", "not_measured"), rows, "dashboard")
