"""All pledges as a file, streamed: as many as there are, in memory that stays flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from threading import BoundedSemaphore
from typing import Any

from flask import Response, g

from projections import exports
from web.api.blueprint import ApiBlueprint
from web.api.commanding import runtime
from web.api.queries import Filters, filters_of_address, moment_of
from web.errors import RequestProblem

api = ApiBlueprint("exports", "Pledges as files")

Writer = Callable[[Iterator[dict[str, Any]]], Iterator[bytes]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": "text/csv", "xlsx": XLSX, "jsonl": "application/jsonl"}
WRITERS: dict[str, Writer] = {
    "csv": exports.write_csv,
    "xlsx": exports.write_xlsx,
    "jsonl": exports.write_jsonl,
}


# Each download keeps a connection for as long as it is read; slow readers must leave some for everybody else.
AT_ONCE_MAX = 3
_places = BoundedSemaphore(AT_ONCE_MAX)
WAIT_SECONDS_MAX = 5.0


@api.reads(
    "/exports/pledges.<any('csv', 'xlsx', 'jsonl'):form>", query=Filters, files=list(MEDIA_TYPES.values())
)
def pledges(query: dict[str, Any], form: str) -> Response:
    """Every pledge that the filters leave, in the columns of imports and some more."""
    moment = moment_of(query)
    rows = runtime().questions.every_pledge(filters_of_address(), viewer=g.actor, moment=moment)
    response = Response(
        _begun(WRITERS[form](rows)),
        mimetype=MEDIA_TYPES[form],
        headers={
            "X-Position": str(moment.position),
            "Content-Disposition": f'attachment; filename="pledges-{moment.position}.{form}"',
        },
    )
    response.call_on_close(_places.release)
    return response


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The file, once its beginning is there: what goes wrong before is still answered as a problem."""
    if not _places.acquire(timeout=WAIT_SECONDS_MAX):
        raise RequestProblem(
            503, "Others are downloading; try again in a moment.", headers={"Retry-After": "10"}
        )
    try:
        return chain(list(islice(chunks, 1)), chunks)
    except BaseException:
        _places.release()
        raise
