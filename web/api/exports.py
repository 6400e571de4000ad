"""All pledges as a file, streamed: as many as there are, in memory that stays flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, g, stream_with_context

from projections import exports
from web.api.blueprint import ApiBlueprint
from web.api.commanding import runtime
from web.api.queries import Filters, filters_of_address, moment_of

api = ApiBlueprint("exports", "Pledges as files")

Writer = Callable[[Iterator[dict[str, Any]]], Iterator[bytes]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": "text/csv", "xlsx": XLSX, "jsonl": "application/jsonl"}
WRITERS: dict[str, Writer] = {
    "csv": exports.write_csv,
    "xlsx": exports.write_xlsx,
    "jsonl": exports.write_jsonl,
}


@api.reads(
    "/exports/pledges.<any('csv', 'xlsx', 'jsonl'):form>", query=Filters, files=list(MEDIA_TYPES.values())
)
def pledges(query: dict[str, Any], form: str) -> Response:
    """Every pledge that the filters leave, in the columns of imports and some more."""
    moment = moment_of(query)
    rows = runtime().questions.every_pledge(filters_of_address(), viewer=g.actor, moment=moment)
    return Response(
        stream_with_context(WRITERS[form](rows)),
        mimetype=MEDIA_TYPES[form],
        headers={
            "X-Position": str(moment.position),
            "Content-Disposition": f'attachment; filename="pledges-{moment.position}.{form}"',
        },
    )
