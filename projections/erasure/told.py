"""What was erased, when and on what ground, for whoever reads what the words were part of.

Told of every moment, also of those before it was erased, to whoever would read the words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.pledges.evolve import evolve
from domain.pledges.sight import Sight, words_read
from domain.pledges.state import Pledge
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

OF_ONE: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE stream = %b ORDER BY position
"""  # noqa: S608

Told = dict[str, Any]


def erased_of(connection: Connection[Any], streams: Collection[UUID]) -> defaultdict[UUID, list[Told]]:
    """What was erased of some things, in the order in which it was."""
    found: defaultdict[UUID, list[Told]] = defaultdict(list)
    if streams:
        for row in connection.execute(OF_STREAMS, [list(streams)], binary=True):
            event = read_row(*row)
            found[event.fact.stream].append(_told(event))
    return found


def erased_of_event(connection: Connection[Any], stream: UUID, position: int) -> list[Told]:
    """What was erased of one event."""
    return [told for told in erased_of(connection, [stream])[stream] if told["position"] == position]


def erased_since(connection: Connection[Any], size: int) -> list[Told]:
    """What was erased of the first events later than these, in the order in which it was, with its stream."""
    rows = connection.execute(SINCE, [size, size], binary=True)
    return [{"stream": str(event.fact.stream), **_told(event)} for event in (read_row(*row) for row in rows)]


def erased_read(connection: Connection[Any], sights: Mapping[UUID, Sight]) -> dict[UUID, list[Told]]:
    """The same of pledges, for whoever has these sights of them: only of words that they would read."""
    return {
        pledge: seen
        for pledge, told in erased_of(connection, sights).items()
        for steps in [_steps(connection, pledge)]
        if (seen := read_of(told, set(words_read(steps, sights[pledge]))))
    }


def read_of(told: Sequence[Told], read: Collection[tuple[int, str]]) -> list[Told]:
    """What was erased of words that somebody would read."""
    return [one for one in told if (one["position"], one["part"].partition(".")[0]) in read]


def _steps(connection: Connection[Any], pledge: UUID) -> Iterator[tuple[Recorded, Pledge | None, Pledge]]:
    """What happened to a pledge: folded when it is asked, for few lose words."""
    before: Pledge | None = None
    for row in connection.execute(OF_ONE, [pledge], binary=True):
        event = read_row(*row)
        after = evolve(before, event)
        yield event, before, after
        before = after


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
