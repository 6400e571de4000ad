"""Puts made-up events into the store as the register would have, without deciding them: quickly, many at a time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from psycopg import Connection

from domain.recording import Recorded
from projections.database.mapper import EventMapper
from projections.database.recorder import _event_row, _settle

COPY = """
COPY events (position, stream, stream_version, name, version, recorded_at, header, header_salt, header_digest,
    payload, salts, payload_digest) FROM STDIN
"""
AT_ONCE = 5_000


def store(connection: Connection[Any], events: Iterable[Recorded]) -> int:
    """Store the events, which begin at position 1; how many there were."""
    mapper, rest, stored = EventMapper(), iter(events), 0
    while some := list(islice(rest, AT_ONCE)):
        with connection.transaction(), connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for event in some:
                settled = _settle(mapper.to_stored_event(event), event.position, event.header.recorded_at)
                copy.write_row(_event_row(settled))
        stored += len(some)
    connection.execute("ANALYZE events") if connection.info.user != "pledges_app" else None
    return stored
