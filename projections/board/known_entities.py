"""The entities as the board knows them: what their events made of them, with the positions between.

Must not know pledges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.entities.evolve import evolve
from domain.entities.state import Entity
from domain.recording import Recorded
from domain.reference.vocabularies import Category, Kind
from projections.board.words import vector
from projections.database.adding_rows import add_rows

OPEN: LiteralString = (
    "SELECT entity_id, state FROM board_entities WHERE entity_id = ANY(%b) AND to_position IS NULL"
)
AT: LiteralString = """
SELECT entity_id, state FROM board_entities
WHERE entity_id = ANY(%b) AND from_position <= %b AND (to_position IS NULL OR to_position > %b)
"""
CLOSE: LiteralString = """
UPDATE board_entities AS kept SET to_position = ended.at
FROM unnest(%b::uuid[], %b::bigint[]) AS ended (id, at)
WHERE kept.entity_id = ended.id AND kept.to_position IS NULL
"""
COLUMNS = ("entity_id", "from_position", "to_position", "slug", "country", "words", "state")


class Known(msgspec.Struct, frozen=True):
    """What columns of pledges depend on."""

    id: UUID
    category: Category | None = None
    kind: Kind | None = None
    country: str | None = None
    merged_into: UUID | None = None


Seen = TypeVar("Seen", Known, Entity)

_known_decoder = msgspec.msgpack.Decoder(Known)
_decoder = msgspec.msgpack.Decoder(Entity)
_encoder = msgspec.msgpack.Encoder()


class Entities(dict[UUID, Seen]):
    """Some entities by their ids, with those that stand for them after merges."""

    def survivor(self, entity_id: UUID) -> UUID:
        """Who stands for an entity; an entity that was never registered stands for itself."""
        entity = self.get(entity_id)
        if entity is None or entity.merged_into is None:
            return entity_id
        passed = {entity_id}
        while entity is not None and entity.merged_into is not None and entity.merged_into not in passed:
            entity_id = entity.merged_into
            passed.add(entity_id)
            entity = self.get(entity_id)
        return entity_id

    def standing_for(self, entity_id: UUID) -> Seen | None:
        return self.get(self.survivor(entity_id))


def load_at(connection: Connection[Any], ids: Iterable[UUID], position: int) -> Entities[Entity]:
    """The entities as they were at a position."""

    def ask(wanted: list[UUID]) -> Iterable[tuple[UUID, bytes]]:
        return connection.execute(AT, [wanted, position, position], binary=True)

    return _loaded(ids, ask, _decoder)


def load_known(connection: Connection[Any], ids: Iterable[UUID]) -> Entities[Known]:
    """What columns depend on, as it is now."""
    return _loaded(ids, lambda wanted: connection.execute(OPEN, [wanted], binary=True), _known_decoder)


def _loaded(
    ids: Iterable[UUID],
    ask: Callable[[list[UUID]], Iterable[tuple[UUID, bytes]]],
    decoder: msgspec.msgpack.Decoder[Seen],
) -> Entities[Seen]:
    loaded: Entities[Seen] = Entities()
    wanted = set(ids)
    asked: set[UUID] = set()
    while wanted:
        found = {key: decoder.decode(state) for key, state in ask(list(wanted))}
        loaded.update(found)
        asked |= wanted
        wanted = {entity.merged_into for entity in found.values() if entity.merged_into} - asked
    return loaded


def apply(connection: Connection[Any], events: Sequence[Recorded]) -> None:
    """Bring the table forward by events of entities."""
    streams = list({event.header.stream for event in events})
    rows = connection.execute(OPEN, [streams], binary=True)
    entities: dict[UUID, Entity] = {key: _decoder.decode(state) for key, state in rows}
    ended: dict[UUID, int] = {}
    versions: dict[UUID, list[tuple[int, Entity]]] = {}
    for event in events:
        stream = event.header.stream
        if stream in entities and stream not in versions:
            ended[stream] = event.position
        entities[stream] = evolve(entities.get(stream), event)
        versions.setdefault(stream, []).append((event.position, entities[stream]))
    if ended:
        connection.execute(CLOSE, [list(ended), list(ended.values())])
    add_rows(connection, "board_entities", COLUMNS, _rows(versions))


def _rows(versions: Mapping[UUID, list[tuple[int, Entity]]]) -> Iterator[tuple[Any, ...]]:
    for stream, rows in versions.items():
        ends = [*(position for position, _ in rows[1:]), None]
        for (position, entity), end in zip(rows, ends, strict=True):
            country = entity.country if entity.category == "state" else None
            yield stream, position, end, entity.slug, country, _words(entity), _encoder.encode(entity)


def _words(entity: Entity) -> str:
    names = [*(name for naming in entity.namings for name in (naming.name, *naming.names.values()))]
    return vector([(name, "A") for name in (*names, *entity.other_names)])
