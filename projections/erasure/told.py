"""What was erased, when and on what ground, for whoever reads what the words were part of.

Told of every moment, also of those before it was erased. Must not know who asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.recording import Recorded
from domain.values import rfc3339
from projections.database.mapper import read_row
from projections.database.roles import SCHEMA

# Few words are ever erased, and the index by name finds them.
OF_STREAMS: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE name = 'log.field-erased'
    AND (convert_from(payload, 'UTF8')::jsonb ->> 'stream')::uuid = ANY(%b::uuid[])
ORDER BY position
"""  # noqa: S608
SINCE: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE name = 'log.field-erased' AND position > %b
    AND (convert_from(payload, 'UTF8')::jsonb ->> 'position')::bigint <= %b
ORDER BY position
"""  # noqa: S608

Told = dict[str, Any]


def erased_of(connection: Connection[Any], streams: Collection[UUID]) -> dict[UUID, list[Told]]:
    """What was erased of some things, in the order in which it was."""
    found: dict[UUID, list[Told]] = defaultdict(list)
    if streams:
        for row in connection.execute(OF_STREAMS, [list(streams)], binary=True):
            event = read_row(*row)
            found[event.fact.stream].append(_told(event))
    return found


def erased_since(connection: Connection[Any], size: int) -> list[Told]:
    """What was erased of the first events later than these, in the order in which it was, with its stream."""
    rows = connection.execute(SINCE, [size, size], binary=True)
    return [{"stream": str(event.fact.stream), **_told(event)} for event in (read_row(*row) for row in rows)]


def _told(event: Recorded) -> Told:
    authority = event.header.authority
    return {
        "position": event.fact.position,
        "part": event.fact.part,
        "ground": event.fact.ground,
        "decision": {"reference": authority.reference, "date": authority.date} if authority else None,
        "erased_at": event.position,
        "recorded_at": rfc3339(event.header.recorded_at),
    }
