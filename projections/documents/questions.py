"""What may be asked about outside documents; all of it is for everybody. Must not know HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from domain.documents.state import document_id
from domain.recording import Recorded
from domain.values import rfc3339
from projections.documents.read_model import document_row
from projections.erasure.told import erased_of
from projections.moments import Moment

LIMIT_MAX = 200
PAGE: LiteralString = """
SELECT * FROM documents_documents WHERE position <= %(moment)s
  AND (%(after)s::bigint IS NULL OR position < %(after)s)
ORDER BY position DESC LIMIT %(limit)s
"""
TOTAL: LiteralString = "SELECT count(*) FROM documents_documents WHERE position <= %s"
ONE: LiteralString = "SELECT * FROM documents_documents WHERE id = %s AND position <= %s"


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Some documents, latest first. `next` is the position after which the next page begins, or a cursor."""

    items: list[dict[str, Any]]
    total: int
    next: Any


def documents(
    connection: Connection[Any], *, moment: Moment, limit: int = 50, after: int | None = None
) -> DocumentPage:
    """The documents that were deposited by a moment."""
    limit = min(limit, LIMIT_MAX)
    asked = {"moment": moment.position, "after": after, "limit": limit + 1}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(PAGE, asked).fetchall()
    (total,) = connection.execute(TOTAL, [moment.position]).fetchone() or (0,)
    following = rows[limit - 1]["position"] if len(rows) > limit else None
    return DocumentPage(_told(connection, rows[:limit]), total, following)


def document(
    connection: Connection[Any], id_or_digest: UUID | str, *, moment: Moment
) -> dict[str, Any] | None:
    """One document, by its id or the digest of its bytes, if it was deposited by a moment."""
    key = id_or_digest if isinstance(id_or_digest, UUID) else document_id(id_or_digest)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(ONE, [key, moment.position]).fetchall()
    return next(iter(_told(connection, rows)), None)


def document_from(connection: Connection[Any], event: Recorded) -> dict[str, Any]:
    """The document that an event deposited, in the same shape."""
    return _told(connection, [document_row(event)])[0]


def _told(connection: Connection[Any], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    erased = erased_of(connection, {row["id"] for row in rows})
    return [
        {**row, "id": str(row["id"]), "deposited_at": rfc3339(row["deposited_at"]),
         "erased": erased.get(row["id"], [])}
        for row in rows
    ]  # fmt: skip
