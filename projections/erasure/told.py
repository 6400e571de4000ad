"""What was erased, when and on what ground, for whoever reads what the words were part of.

Told of every moment, also of those before it was erased, to whoever would read the words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.pledges.evolve import evolve
from domain.pledges.sight import PUBLIC, Eyes, Sight, words_read
from domain.pledges.state import Pledge
from domain.recording import Recorded
from domain.values import rfc3339
from projections.database.mapper import read_row
from projections.database.places import read_streams
from projections.database.roles import SCHEMA
from projections.timeline.visible import seen

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
_Step = tuple[Recorded, Pledge | None, Pledge]


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


def erased_since(connection: Connection[Any], size: int, eyes: Eyes) -> list[Told]:
    """What was erased of the first events later than these, in the order in which it was, with its stream.

    As far as those eyes see it. An erasure of just now may be nowhere yet but in the events: then it is seen
    by whoever sees the event that was erased.
    """
    erasures = [read_row(*row) for row in connection.execute(SINCE, [size, size], binary=True)]
    places = {place for event in erasures for place in (event.position, event.fact.position)}
    known = seen(connection, places, eyes)
    return [
        {"stream": str(event.fact.stream), **_told(event)}
        for event in erasures
        if event.position in known or event.fact.position in known
    ]


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


def is_read_by_all(connection: Connection[Any], erasure: Recorded) -> bool:
    """Whether everybody would read the words of a pledge that an erasure took, as things stood before it."""
    steps = _folded(read_streams(connection, [erasure.fact.stream], erasure.position))
    return bool(read_of([_told(erasure)], set(words_read(steps, Sight(PUBLIC)))))


def _steps(connection: Connection[Any], pledge: UUID) -> Iterator[_Step]:
    """What happened to a pledge: folded when it is asked, for few lose words."""
    return _folded(read_row(*row) for row in connection.execute(OF_ONE, [pledge], binary=True))


def _folded(events: Iterable[Recorded]) -> Iterator[_Step]:
    before: Pledge | None = None
    for event in events:
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
