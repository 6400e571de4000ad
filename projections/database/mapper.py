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

from domain.errors import UnreadableEvent
from domain.recording import (
    Fact,
    Header,
    Recorded,
    SealedPayload,
    is_account_told,
    read_fact,
    read_header,
    seal_header,
    seal_payload,
)

# Twice as fast as the driver's own, and every event that is read has a JSON column.
set_json_loads(msgspec.json.decode)


@dataclass(frozen=True)
class SealedEvent(StoredEvent):
    """An event ready to be stored, but for its position and time. Its state is the payload."""

    header: Header
    header_salts: Mapping[str, str]
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
        header, header_salts = seal_header(recorded.header, sealed.digests)
        return SealedEvent(
            originator_id=header.stream,
            originator_version=header.stream_version,
            topic=header.name,
            state=sealed.payload,
            header=header,
            header_salts=header_salts,
            fact=recorded.fact,
            sealed=sealed,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        row = cast("StoredRow", stored_event)
        return read_row(row.id, row.header, row.state, row.salts)


def read_row(position: int, header_bytes: bytes, payload: bytes, salts: Mapping[str, str]) -> Recorded:
    """The event of a row. A part without a salt was erased.

    Raises UnreadableEvent, with the position, for what this code does not know and what was tampered with.
    """
    try:
        header = read_header(header_bytes)
        _check_stored(header, position)
        erased = _erased(header, salts)
        return Recorded(header, read_fact(header.name, header.version, payload, erased), erased)
    except (UnreadableEvent, TypeError, AttributeError) as problem:
        raise UnreadableEvent(f"The event at position {position} cannot be read. {problem}") from problem


def _check_stored(header: Header, position: int) -> None:
    """Another position would lead whoever reads on from it astray, or round in circles."""
    if header.position != position:
        raise UnreadableEvent(f"Its header says that it is at position {header.position}.")
    if not is_account_told(header):  # as in a copy for others
        raise UnreadableEvent("By which account and request it came is gone from its header.")


def _erased(header: Header, salts: Mapping[str, str]) -> frozenset[str]:
    if len(salts) == len(header.digests):
        return frozenset()
    return frozenset(header.digests.keys() - salts.keys())
