"""What all pages share: the blueprint, the moment that a page speaks of, and one answer in three forms.

A page's data is computed once; HTML, JSON and CSV are renderings of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from projections.composition import Runtime
from projections.moments import Moment

pages = Blueprint("pages", __name__)

FORMS = ("html", "json", "csv")
PAGE_HEADERS = {"Vary": "Accept-Language, Cookie"}


def runtime() -> Runtime:
    """The register that this application serves."""
    found: Runtime = current_app.extensions["pledges"]
    return found


def asked_moment(name: str = "as_of") -> Moment:
    """The moment in the address, or now. InvalidInput if it is no moment or lies ahead."""
    return runtime().questions.moment(request.args.get(name) or None)


def at_args(moment: Moment) -> dict[str, str]:
    """What links must carry so that the reader stays at the moment chosen."""
    given = request.args.get("as_of")
    return {"as_of": given} if given and not moment.is_now else {}


def page(template: str, moment: Moment, **context: Any) -> str:
    """An HTML page about a moment."""
    return render_template(template, moment=moment, at=at_args(moment), **context)


def as_json(data: Any) -> Response:
    """The page's data as JSON."""
    return jsonify(data)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """The page's data as a CSV file (RFC 4180, UTF-8)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Response(
        text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(str(_cell(item)) for item in value)
    if isinstance(value, dict):
        return " ".join(
            f"{key}={_cell(inner)}" for key, inner in value.items() if inner not in (None, [], "")
        )
    return value
