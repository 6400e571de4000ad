"""Puts made-up events into the store as the register would have, undecided: quickly, many at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import Any

from psycopg import Connection

from domain.recording import SALT_BYTES, Recorded, canonical, header_digest, payload_digest
from projections.database.mapper import EventMapper, SealedEvent

COPY = """
COPY events (position, stream, stream_version, name, version, recorded_at, header, header_salt, header_salts,
    header_digest, payload, salts, payload_digest) FROM STDIN
"""
AT_ONCE = 5_000


def store(connection: Connection[Any], events: Iterable[Recorded]) -> int:
    """Store the events, which begin at position 1; how many there were."""
    mapper, rest, stored = EventMapper(), iter(events), 0
    while some := list(islice(rest, AT_ONCE)):
        with connection.transaction(), connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for event in some:
                copy.write_row(_row(mapper.to_stored_event(event)))
        stored += len(some)
    connection.execute("ANALYZE events") if connection.info.user != "pledges_app" else None
    return stored


def _row(event: SealedEvent) -> tuple[Any, ...]:
    header, salt, sealed = canonical(event.header), os.urandom(SALT_BYTES), event.sealed
    return (
        event.header.position, event.header.stream, event.header.stream_version, event.header.name,
        event.header.version, event.header.recorded_at, header, salt,
        canonical(event.header_salts).decode(), header_digest(salt, header, event.header.word_digests),
        sealed.payload, canonical(sealed.salts).decode(), payload_digest(sealed.digests),
    )  # fmt: skip
