"""Keeps one row for each outside document that was deposited. Must not know what stands in it."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from domain.documents.events import DocumentDeposited
from domain.recording import Recorded
from projections.batch import Batch
from projections.database.adding_rows import add_rows

CREATE = """
CREATE TABLE documents_documents (
    id uuid PRIMARY KEY,
    position bigint NOT NULL UNIQUE,
    deposited_at timestamptz NOT NULL,
    role text NOT NULL,
    office text,
    sha256 text NOT NULL UNIQUE,
    bytes bigint NOT NULL,
    media_type text NOT NULL,
    title text NOT NULL,
    provenance text,
    as_of_day text
)
"""
COLUMNS = (
    "id", "position", "deposited_at", "role", "office", "sha256", "bytes", "media_type", "title",
    "provenance", "as_of_day",
)  # fmt: skip


class DocumentsModel:
    """The read model of outside documents."""

    name = "documents"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(CREATE)

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        rows = [document_row(event) for event in batch if isinstance(event.fact, DocumentDeposited)]
        add_rows(connection, "documents_documents", COLUMNS, (list(row.values()) for row in rows))


def document_row(event: Recorded) -> dict[str, Any]:
    """The row of a document that was just deposited."""
    header, fact = event.header, event.fact
    values = (
        header.stream, header.position, header.recorded_at, header.role, header.office, fact.sha256,
        fact.bytes, fact.media_type, fact.title, fact.provenance, fact.as_of_day,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
