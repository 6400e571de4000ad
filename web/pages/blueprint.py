"""What all pages share: the blueprint, the moment that a page speaks of, and one answer in several forms.

A page's data is computed once; HTML, JSON, CSV and XLSX are renderings of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, make_response, render_template, request
from flask import stream_with_context as streamed

from domain.actors import Actor
from domain.imports.cells import guard
from projections import exports
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.moments import Moment
from web import moments
from web.addresses import refuse_long_query
from web.pages.addresses import address

pages = Blueprint("pages", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Mapping[str, tuple[str, Callable[[exports.Pledges], Iterator[bytes]]]] = {
    "csv": ("text/csv", exports.write_csv),
    "xlsx": (XLSX, exports.write_xlsx),
}
QUERY_CHARS_MAX = 1_500
"""Links repeat what an address asks for, and a page has many of them."""
ROWS_AT_ONCE = 200
CACHING = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}


@pages.before_request
def _refuse_long_address() -> None:
    refuse_long_query(request.args, QUERY_CHARS_MAX)


def runtime() -> Runtime:
    """The register that this application serves."""
    found: Runtime = current_app.extensions["pledges"]
    return found


def asked_moment(of: Iterable[str], *, also_effective: bool = False) -> Moment:
    """The moment in the address, or now, for what these read models tell.

    Also the day of which it asks what was true then, for pages that can tell.
    """
    effective_at = _given("effective_at") if also_effective else None
    found = moments.asked(_given("as_of"), of=of, effective_at=effective_at)
    g.moments = {**g.get("moments", {}), "as_of": found}
    return found


def earlier_moment(of: Iterable[str], moment: Moment) -> Moment | None:
    """The moment with which the address compares another one, if it names any."""
    given = _given("compare_to")
    if given is None:
        return None
    found = moments.compared_to(given, moment, of=of)
    g.moments = {**g.get("moments", {}), "compare_to": found}
    return found


def _given(name: str) -> str | None:
    return request.args.get(name, "").strip() or None


def viewer() -> Actor | None:
    """Who is signed in in this browser: pages of what happened tell them what they may see."""
    return g.actor if g.get("session_id") else None


def page(
    template: str, moment: Moment | None, *, forms: Mapping[str, str] | None = None, **context: Any
) -> Response:
    """An HTML page about a moment, or what is the same at all. `forms` are the addresses of its data."""
    said = {
        "moment": moment,
        "checkpoint": moment and moments.checkpoint(moment),
        "forms": forms or {},
        **context,
    }
    return make_response(render_template(template, **said), CACHING)


def forms_of(endpoint: str, *forms: str, **changes: Any) -> dict[str, str]:
    """Where a page's data is, in each of its forms: as the page is asked for, and whole."""
    asked: Moment | None = g.get("moments", {}).get("as_of")
    if asked is None or asked.true_on is None:
        changes["effective_at"] = None
    return {
        form: address(f"{endpoint}_{form}", cursor=None, page=None, lang=None, **changes) for form in forms
    }


def as_json(data: Any) -> Response:
    """The page's data as JSON."""
    return make_response(jsonify(data), CACHING)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """The page's data as CSV (RFC 4180, UTF-8). No cell of it is calculated by a spreadsheet."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return _as_file(written.getvalue(), "text/csv", f"{name}.csv")


def as_long_csv(header: Sequence[str], rows: Iterator[Sequence[Any]], name: str) -> Response:
    """The same for rows of which there may be very many: written as they come."""
    return _as_file(streamed(_begun(_written_rows(header, rows))), "text/csv", f"{name}.csv")


def _written_rows(header: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    some: Sequence[Sequence[Any]] = [header, *islice(rows, ROWS_AT_ONCE)]
    while some:
        written = io.StringIO(newline="")
        csv.writer(written).writerows([_cell(value) for value in row] for row in some)
        yield written.getvalue().encode()
        some = list(islice(rows, ROWS_AT_ONCE))


def as_export(filters: PledgeFilters, moment: Moment, form: str, name: str) -> Response:
    """All pledges that the filters leave, in the columns of imports and some more; not only those shown."""
    rows = runtime().questions.every_pledge(filters, viewer=None, moment=moment)
    media_type, write = FILES[form]
    return _as_file(streamed(_begun(write(rows))), media_type, f"{name}.{form}")


def as_stream(chunks: Iterator[bytes], media_type: str, name: str) -> Response:
    """A file that is written as it is read."""
    return _as_file(streamed(_begun(chunks)), media_type, name)


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A file whose beginning is there: what goes wrong before is still answered as a problem."""
    return chain(list(islice(chunks, 1)), chunks)


def _as_file(body: str | Iterator[bytes], media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **CACHING}
    return Response(body, mimetype=media_type, headers=headers)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    return guard(_written(value))


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(_written(item) for item in value)
    if isinstance(value, dict):
        said = ((key, inner) for key, inner in value.items() if inner not in (None, [], ""))
        return " ".join(f"{key}={_written(inner)}" for key, inner in said)
    return "" if value is None else str(value)
