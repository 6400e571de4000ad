"""A document as its event has made it known."""

from __future__ import annotations

from uuid import UUID

from domain.reference.identifiers import fixed_id
from domain.values import Value


class Document(Value, kw_only=True):
    """One outside document."""

    id: UUID
    version: int
    sha256: str
    bytes: int


def document_id(sha256: str) -> UUID:
    """The id of the document with a digest (hex): it follows from the bytes alone."""
    return fixed_id("document", sha256)
