"""The outside documents that were deposited, with the digests by which anybody can tell them again."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from projections.documents.questions import DocumentPage
from projections.moments import Moment
from projections.questions import DOCUMENTS
from web.moments import told
from web.pages.addresses import address
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, runtime

ROWS = 50
ROWS_IN_DATA = 200
COLUMNS = (
    "title", "provenance", "as_of_day", "sha256", "bytes", "media_type", "deposited_at", "position", "role",
    "office", "id",
)  # fmt: skip


def _documents(moment: Moment, limit: int) -> DocumentPage:
    cursor = request.args.get("cursor") or None
    return runtime().questions.documents(moment=moment, limit=limit, cursor=cursor)


@pages.get("/documents")
def documents() -> Response:
    """The documents as a page."""
    moment = asked_moment(DOCUMENTS)
    found = _documents(moment, ROWS)
    return page(
        "pages/documents.html",
        moment,
        forms=forms_of("pages.documents", "csv", "json"),
        documents=found,
        first=address("pages.documents", cursor=None) if request.args.get("cursor") else None,
        following=address("pages.documents", cursor=found.next) if found.next else None,
    )


@pages.get("/documents.json")
def documents_json() -> Response:
    """The documents as JSON."""
    moment = asked_moment(DOCUMENTS)
    found = _documents(moment, ROWS_IN_DATA)
    return as_json({"items": found.items, "total": found.total, "next": found.next, **told(moment)})


@pages.get("/documents.csv")
def documents_csv() -> Response:
    """All documents as CSV."""
    moment, rows, cursor = asked_moment(DOCUMENTS), list[dict[str, Any]](), None
    while True:
        found = runtime().questions.documents(moment=moment, limit=ROWS_IN_DATA, cursor=cursor)
        rows += found.items
        if (cursor := found.next) is None:
            return as_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in rows), "documents")
