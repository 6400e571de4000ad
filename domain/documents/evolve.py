"""How events change what is known of a document. Takes every event as it is stored; refuses nothing."""

from __future__ import annotations

from domain.documents.events import DocumentDeposited
from domain.documents.state import Document
from domain.errors import UnreadableEvent
from domain.recording import Recorded


def evolve(_: Document | None, recorded: Recorded) -> Document:
    """The document after an event."""
    header, fact = recorded.header, recorded.fact
    if not isinstance(fact, DocumentDeposited):
        raise UnreadableEvent(f"{header.name} is nothing that happens to documents.")
    return Document(id=header.stream, version=header.stream_version, sha256=fact.sha256, bytes=fact.bytes)
