"""The entities as the board knows them: what their events made of them, with the positions between.

Must not know pledges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.entities.evolve import evolve
from domain.entities.state import Entity, survivor
from domain.recording import Recorded
from projections.board.words import vector

OPEN: LiteralString = (
    "SELECT entity_id, state FROM board_entities WHERE entity_id = ANY(%b) AND to_position IS NULL"
)
AT: LiteralString = """
SELECT entity_id, state FROM board_entities
WHERE entity_id = ANY(%b) AND from_position <= %b AND (to_position IS NULL OR to_position > %b)
"""
CLOSE: LiteralString = """
UPDATE board_entities AS kept SET to_position = ended.at FROM unnest(%b::uuid[], %b::bigint[]) AS ended (id, at)
WHERE kept.entity_id = ended.id AND kept.to_position IS NULL
"""
COPY: LiteralString = """
COPY board_entities (entity_id, from_position, to_position, slug, country, words, state) FROM STDIN
"""

_decoder = msgspec.msgpack.Decoder(Entity)
_encoder = msgspec.msgpack.Encoder()

Rows = Iterable[tuple[UUID, bytes]]


class KnownEntities(dict[UUID, Entity]):
    """Some entities by their ids, with those that stand for them after merges."""

    def survivor(self, entity_id: UUID) -> UUID:
        """Who stands for an entity; an entity that was never registered stands for itself."""
        entity = self.get(entity_id)
        return survivor(entity, self.get).id if entity else entity_id

    def standing_for(self, entity_id: UUID) -> Entity | None:
        return self.get(self.survivor(entity_id))


def load_open(connection: Connection[Any], ids: Iterable[UUID]) -> KnownEntities:
    """The entities as they are now."""
    return _loaded(ids, lambda wanted: connection.execute(OPEN, [wanted], binary=True))


def load_at(connection: Connection[Any], ids: Iterable[UUID], position: int) -> KnownEntities:
    """The entities as they were at a position."""
    return _loaded(ids, lambda wanted: connection.execute(AT, [wanted, position, position], binary=True))


def _loaded(ids: Iterable[UUID], ask: Any) -> KnownEntities:
    known = KnownEntities()
    wanted = set(ids)
    asked: set[UUID] = set()
    while wanted:
        found = {key: _decoder.decode(state) for key, state in ask(list(wanted))}
        known.update(found)
        asked |= wanted
        wanted = {entity.merged_into for entity in found.values() if entity.merged_into} - asked
    return known


def apply(connection: Connection[Any], known: KnownEntities, events: Sequence[Recorded]) -> None:
    """Bring the table and the known ones forward by events of entities."""
    versions: dict[UUID, list[tuple[int, Entity]]] = {}
    begun = {event.header.stream for event in events if event.header.stream in known}
    for event in events:
        stream = event.header.stream
        known[stream] = evolve(known.get(stream), event)
        versions.setdefault(stream, []).append((event.position, known[stream]))
    ended = {stream: rows[0][0] for stream, rows in versions.items() if stream in begun}
    if ended:
        connection.execute(CLOSE, [list(ended), list(ended.values())])
    _insert(connection, versions)


def _insert(connection: Connection[Any], versions: Mapping[UUID, list[tuple[int, Entity]]]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for stream, rows in versions.items():
            ends = [*(position for position, _ in rows[1:]), None]
            for (position, entity), end in zip(rows, ends, strict=True):
                country = entity.country if entity.category == "state" else None
                copy.write_row(
                    (stream, position, end, entity.slug, country, _words(entity), _encoder.encode(entity))
                )


def _words(entity: Entity) -> str:
    names = [*(name for naming in entity.namings for name in (naming.name, *naming.names.values()))]
    return vector([(name, "A") for name in (*names, *entity.other_names)])
