"""Between events and rows: sealing what is stored, reading it back.

Must not know SQL. The library's own mapper would store class paths; names of events outlive classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, Notification, StoredEvent
from psycopg.types.json import set_json_loads

from domain.recording import Fact, Header, Recorded, SealedPayload, read_fact, read_header, seal_payload

# Twice as fast as the driver's own, and every event that is read has a JSON column.
set_json_loads(msgspec.json.decode)


@dataclass(frozen=True)
class SealedEvent(StoredEvent):
    """An event ready to be stored, but for its position and time. Its state is the payload."""

    header: Header
    fact: Fact
    sealed: SealedPayload


@dataclass(frozen=True)
class StoredRow(Notification):
    """An event as it is stored. Its state is the payload."""

    header: bytes
    salts: Mapping[str, str]


class EventMapper(Mapper[UUID]):
    """Seals events and reads them."""

    def __init__(self) -> None:
        """Needs neither transcoder nor cipher: the bytes are what the domain says they are."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> SealedEvent:
        recorded = cast("Recorded", domain_event)
        sealed = seal_payload(recorded.fact)
        header = msgspec.structs.replace(recorded.header, digests=sealed.digests)
        return SealedEvent(
            originator_id=header.stream,
            originator_version=header.stream_version,
            topic=header.name,
            state=sealed.payload,
            header=header,
            fact=recorded.fact,
            sealed=sealed,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        row = cast("StoredRow", stored_event)
        return read_row(row.header, row.state, row.salts)


def read_row(header_bytes: bytes, payload: bytes, salts: Mapping[str, str]) -> Recorded:
    """The event of a row. A part without a salt was erased."""
    header = read_header(header_bytes)
    erased = (
        frozenset(header.digests.keys() - salts.keys()) if len(salts) < len(header.digests) else frozenset()
    )
    return Recorded(header, read_fact(header.name, header.version, payload, erased), erased)
