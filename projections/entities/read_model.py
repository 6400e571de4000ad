"""Keeps every version of every entity, and all the names by which one may look for it.

Knows no pledges: how many an entity has is counted by the read model of progress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.entities.events import EntityMerged
from domain.entities.evolve import evolve
from domain.entities.state import Entity
from domain.recording import Recorded
from domain.reservations import name_key
from domain.values import ERASED, first_day
from projections.batch import Batch
from projections.database.adding_rows import add_rows
from projections.entities.search_key import search_key

# A version holds from its position until the next one of the same entity begins, so none can overlap.
CREATE = """
CREATE TABLE entities_versions (
    entity uuid NOT NULL,
    from_position bigint NOT NULL,
    slug text NOT NULL,
    category text,
    merged_into uuid,
    state bytea NOT NULL,
    PRIMARY KEY (entity, from_position)
);
CREATE INDEX ON entities_versions (slug);
CREATE INDEX ON entities_versions (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE entities_namings (         -- under which name an entity is shown from a day on; null: from ever
    entity uuid NOT NULL,
    from_position bigint NOT NULL,
    since date,
    sort_key text NOT NULL,
    PRIMARY KEY (entity, from_position)
);

CREATE TABLE entities_names (           -- by which names it is found, in any language and of any time
    entity uuid NOT NULL,
    name_key text NOT NULL,
    search_key text NOT NULL,           -- begins with a blank, as each of its words does
    from_position bigint NOT NULL,
    PRIMARY KEY (entity, name_key)
);
CREATE INDEX ON entities_names (name_key);
CREATE INDEX ON entities_names USING gin (search_key gin_trgm_ops);
"""

LATEST = """
SELECT DISTINCT ON (entity) entity, state FROM entities_versions
WHERE entity = ANY(%s) ORDER BY entity, from_position DESC
"""
VERSIONS_COLUMNS = ("entity", "from_position", "slug", "category", "merged_into", "state")
NAMINGS_COLUMNS = ("entity", "from_position", "since", "sort_key")
ADD_NAMES = """
INSERT INTO entities_names (entity, name_key, search_key, from_position)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[]) ON CONFLICT DO NOTHING
"""
INHERIT_NAMES = """
INSERT INTO entities_names (entity, name_key, search_key, from_position)
SELECT %(heir)s, name_key, search_key, %(position)s FROM entities_names WHERE entity = %(entity)s
ON CONFLICT DO NOTHING
"""


class EntitiesModel:
    """The read model of entities."""

    name = "entities"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(CREATE)

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        events = [event for event in batch if event.header.name.startswith("entity.")]
        if not events:
            return
        states = _latest(connection, {event.header.stream for event in events})
        for chapter in _ending_with_merges(events):
            _add(connection, chapter, states)


def _latest(connection: Connection[Any], ids: Iterable[UUID]) -> dict[UUID, Entity]:
    found = connection.execute(LATEST, [list(ids)])
    return {entity: msgspec.json.decode(state, type=Entity) for entity, state in found}


def _ending_with_merges(events: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """The events cut behind each merge: an heir takes over the names that are known by then."""
    chapter: list[Recorded] = []
    for event in events:
        chapter.append(event)
        if isinstance(event.fact, EntityMerged):
            yield chapter
            chapter = []
    if chapter:
        yield chapter


def _add(connection: Connection[Any], events: Sequence[Recorded], states: dict[UUID, Entity]) -> None:
    versions: list[tuple[Any, ...]] = []
    namings: list[tuple[Any, ...]] = []
    names: list[tuple[UUID, str, str, int]] = []
    for event in events:
        before, position = states.get(event.header.stream), event.position
        after = states[event.header.stream] = evolve(before, event)
        versions.append(_version(after, position))
        if before is None or len(before.namings) != len(after.namings):
            namings.append(_naming(event, position))
        known = set(_called(before)) if before else set()
        names += [_name(after.id, name, position) for name in _called(after) if name not in known]
    add_rows(connection, "entities_versions", VERSIONS_COLUMNS, versions)
    add_rows(connection, "entities_namings", NAMINGS_COLUMNS, namings)
    connection.execute(
        ADD_NAMES, [list(column) for column in zip(*names, strict=True)] if names else [[]] * 4
    )
    if isinstance(events[-1].fact, EntityMerged):
        merged = events[-1]
        taken_over = {"heir": merged.fact.into, "entity": merged.header.stream, "position": merged.position}
        connection.execute(INHERIT_NAMES, taken_over)


def _version(entity: Entity, position: int) -> tuple[Any, ...]:
    state = msgspec.json.encode(entity)
    return entity.id, position, entity.slug, entity.category, entity.merged_into, state


def _naming(event: Recorded, position: int) -> tuple[Any, ...]:
    renamed = event.header.name == "entity.renamed"
    since = first_day(event.header.effective_on) if renamed else None
    return event.header.stream, position, since, search_key(event.fact.name)


def _called(entity: Entity) -> Iterator[str]:
    yield from (name for name in entity.all_names() if name != ERASED)
    if entity.category == "state" and entity.country:
        yield entity.country


def _name(entity: UUID, name: str, position: int) -> tuple[UUID, str, str, int]:
    return entity, name_key(name), f" {search_key(name)}", position
