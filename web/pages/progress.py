"""Progress in numbers, by one dimension at a time, at a moment, and against another moment."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from domain.errors import invalid
from web.pages.blueprint import as_csv, as_json, asked_moment, page, pages, runtime

DIMENSIONS = ("objective", "principle", "region", "category", "type", "form", "status", "cycle")


def _asked() -> str:
    by = request.args.get("by") or DIMENSIONS[0]
    if by not in DIMENSIONS:
        raise invalid("by", f"must be one of {', '.join(DIMENSIONS)}.")
    return by


def _numbers() -> dict[str, Any]:
    compare_to = asked_moment("compare_to") if request.args.get("compare_to") else None
    return runtime().questions.progress(_asked(), moment=asked_moment(), compare_to=compare_to)


@pages.get("/progress")
def progress() -> str:
    """The numbers as a page."""
    moment = asked_moment()
    kept = {name: value for name, value in request.args.items() if name in ("as_of", "compare_to") and value}
    tabs = [(by, url_for("pages.progress", by=by, **kept)) for by in DIMENSIONS]
    forms = {form: url_for(f"pages.progress_{form}", by=_asked(), **kept) for form in ("json", "csv")}
    compared = asked_moment("compare_to") if request.args.get("compare_to") else None
    return page(
        "pages/progress.html",
        moment,
        by=_asked(),
        numbers=_numbers(),
        tabs=tabs,
        forms=forms,
        compared=compared,
    )


@pages.get("/progress.json")
def progress_json() -> Response:
    """The numbers as JSON, as the API gives them."""
    return as_json(_numbers())


@pages.get("/progress.csv")
def progress_csv() -> Response:
    """The numbers as CSV; the difference column is empty unless two moments are compared."""
    rows = [
        (item["key"], item["label"], item["pledges"], item["percent"], item["not_measured"], item["amounts"], item.get("difference"))
        for item in _numbers()["items"]
    ]  # fmt: skip
    return as_csv(
        ("key", "label", "pledges", "percent", "not_measured", "amounts", "difference"),
        rows,
        f"progress-by-{_asked()}",
    )
