"""What can be asked for about outside documents."""

from __future__ import annotations

from uuid import UUID

from domain.documents.state import document_id
from domain.values import Value


class DepositDocument(Value, kw_only=True):
    """Make an outside document known by the digest of its bytes, with what it is and whence it comes."""

    sha256: str
    bytes: int
    media_type: str
    title: str
    provenance: str | None = None
    as_of_day: str | None = None

    @property
    def stream(self) -> UUID:
        """The same for the same bytes, whoever deposits them."""
        return document_id(self.sha256)
