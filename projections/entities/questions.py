"""What may be asked about those who pledge, today and as of any position, on the caller's connection.

Must not know who asks: entities are public.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.entities.document import entity_details, entity_document
from domain.entities.state import Entity
from domain.reference.states import STATES, state_id
from domain.reservations import name_key
from projections.entities.search_key import is_text, plain_key, search_key
from projections.erasure.told import Told, erased_of
from projections.moments import Moment
from projections.progress.questions import of_entities

LIMIT_MAX = 200

AT = """
SELECT DISTINCT ON (entity) entity, state FROM entities_versions
WHERE entity = ANY(%s) AND from_position <= %s ORDER BY entity, from_position DESC
"""
BY_SLUG = "SELECT entity FROM entities_versions WHERE slug = %s LIMIT 1"
BY_NAME = "SELECT entity FROM entities_names WHERE name_key = %s ORDER BY from_position, entity"
ALIKE = "SELECT DISTINCT entity FROM entities_names WHERE search_key = %s"
MERGED_INTO = """
SELECT DISTINCT entity FROM entities_versions WHERE merged_into = %s AND from_position <= %s ORDER BY entity
"""

PAGE = """
WITH versions AS (
    SELECT DISTINCT ON (entity) entity, category, merged_into, state FROM entities_versions
    WHERE from_position <= %(position)s ORDER BY entity, from_position DESC
), shown_as AS (
    SELECT DISTINCT ON (entity) entity, sort_key FROM entities_namings
    WHERE from_position <= %(position)s AND (since IS NULL OR since <= %(day)s)
    ORDER BY entity, since DESC NULLS LAST, from_position DESC
), found AS (
    SELECT entity, sort_key, state, count(*) OVER () AS total FROM versions JOIN shown_as USING (entity)
    WHERE merged_into IS NULL
      AND (%(categories)s::text[] IS NULL OR category = ANY(%(categories)s))
      AND (%(like)s::text IS NULL OR EXISTS (
          SELECT FROM entities_names AS names
          WHERE names.entity = versions.entity AND from_position <= %(position)s
            AND search_key LIKE %(like)s))
)
SELECT entity, state, sort_key, total FROM found
WHERE %(after_key)s::text IS NULL OR (sort_key COLLATE "C", entity) > (%(after_key)s, %(after_id)s::uuid)
ORDER BY sort_key COLLATE "C", entity LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class EntityPage:
    """Some of the entities that were asked for, how many there are, and where the next page begins."""

    items: list[dict[str, Any]]
    total: int
    next: tuple[str, str] | None


def entities_at(connection: Connection[Any], ids: Iterable[UUID], position: int) -> dict[UUID, Entity]:
    """Those entities as they were known at a position; one that was not known then is missing."""
    wanted = list(set(ids))
    found = connection.execute(AT, [wanted, position]) if wanted else ()
    return {entity: msgspec.json.decode(state, type=Entity) for entity, state in found}


def survivors_at(connection: Connection[Any], ids: Iterable[UUID], position: int) -> dict[UUID, Entity]:
    """For each of those entities the one that stood for it then: itself, or what it was merged into."""
    wanted = set(ids)
    known = entities_at(connection, wanted, position)
    while missing := {e.merged_into for e in known.values() if e.merged_into} - known.keys():
        found = entities_at(connection, missing, position)
        if not found:
            break
        known |= found
    return {entity: _last_of_chain(known[entity], known) for entity in wanted if entity in known}


def _last_of_chain(entity: Entity, known: Mapping[UUID, Entity]) -> Entity:
    passed = {entity.id}
    while (heir := entity.merged_into) is not None and heir in known and heir not in passed:
        entity = known[heir]
        passed.add(heir)
    return entity


def short_documents(
    connection: Connection[Any], ids: Iterable[UUID], moment: Moment
) -> dict[UUID, dict[str, Any]]:
    """The entities as they stand beside a pledge at a moment: survivors, under the names of that day."""
    found = survivors_at(connection, ids, moment.position)
    return {entity: entity_document(survivor, moment.day) for entity, survivor in found.items()}


def entities(
    connection: Connection[Any],
    q: str | None = None,
    *,
    categories: Iterable[str] = (),
    moment: Moment,
    limit: int = 50,
    after: tuple[str, str] | None = None,
) -> EntityPage:
    """The entities of these categories, or of all, in the order of their names.

    With `q` those with a name, in any language or of any time, that begins so or has a word that does.
    `after` is the `next` of the page before.
    """
    key = search_key(q) if q else ""
    if q and not key:
        return EntityPage([], 0, None)
    after_key, after_id = after or (None, None)
    limit = min(limit, LIMIT_MAX)
    rows = connection.execute(
        PAGE,
        {
            "position": moment.position, "day": moment.day, "limit": limit + 1,
            "categories": list(categories) or None, "like": f"% {key}%" if key else None,
            "after_key": after_key, "after_id": after_id,
        },
    ).fetchall()  # fmt: skip
    pledges = of_entities(connection, (row[0] for row in rows[:limit]), moment=moment)
    items = [_listed(row[1], pledges[row[0]], moment) for row in rows[:limit]]
    following = (rows[limit - 1][2], str(rows[limit - 1][0])) if len(rows) > limit else None
    return EntityPage(items, rows[0][3] if rows else 0, following)


def _listed(state: bytes, pledges: Mapping[str, Any], moment: Moment) -> dict[str, Any]:
    shown = entity_document(msgspec.json.decode(state, type=Entity), moment.day)
    return {**shown, "pledges": pledges["pledges"]}


def entity(connection: Connection[Any], key: str, *, moment: Moment) -> dict[str, Any] | None:
    """All that was known at a moment of the entity with this id, slug or ISO 3166 alpha-3 code.

    With the number of its pledges, as owner or as a partner that joined, in all and by status.
    """
    entity_id = find_entity(connection, key)
    found = entities_at(connection, [entity_id], moment.position) if entity_id else {}
    if entity_id is None or entity_id not in found:
        return None
    return entity_from(connection, found[entity_id], moment=moment)


def entity_from(connection: Connection[Any], state: Entity, *, moment: Moment) -> dict[str, Any]:
    """The same of an entity whose state is at hand."""
    merged = [row[0] for row in connection.execute(MERGED_INTO, [state.id, moment.position])]
    others = entities_at(connection, [*merged, *filter(None, [state.merged_into])], moment.position)
    return {
        **entity_details(state, moment.day),
        **of_entities(connection, [state.id], moment=moment)[state.id],
        "merged_into": _reference(others.get(state.merged_into), moment) if state.merged_into else None,
        "merged": [_reference(others[one], moment) for one in merged if one in others],
        "erased": _erased(connection, state.id, moment),
    }


def _erased(connection: Connection[Any], entity: UUID, moment: Moment) -> list[Told]:
    """What was erased of the events up to the moment, also after it: the words are gone from then too."""
    return [told for told in erased_of(connection, [entity])[entity] if told["position"] <= moment.position]


def _reference(entity: Entity | None, moment: Moment) -> dict[str, Any] | None:
    return {"id": str(entity.id), "name": entity.name_on(moment.day), "slug": entity.slug} if entity else None


def find_entity(connection: Connection[Any], key: str) -> UUID | None:
    """The id of the entity that an id, a slug or an ISO 3166 alpha-3 code means."""
    if key in STATES:
        return state_id(key)
    try:
        return UUID(key)
    except ValueError:
        found = connection.execute(BY_SLUG, [key]).fetchone() if is_text(key) else None
        return found[0] if found else None


def entity_named(connection: Connection[Any], name: str) -> UUID | None:
    """The entity that is exactly so called, in whatever language or time, or has this alpha-3 code.

    Accents may be missing where that leaves one alone. One that was merged answers with its survivor.
    """
    if not is_text(name):
        return None
    found = [row[0] for row in connection.execute(BY_NAME, [name_key(name)])]
    if not found:
        return _named_without_accents(connection, name)
    standing = survivors_at(connection, found[:1], position=2**62)
    return standing[found[0]].id if standing else None


def _named_without_accents(connection: Connection[Any], name: str) -> UUID | None:
    key, alike = plain_key(name), [row[0] for row in connection.execute(ALIKE, [f" {search_key(name)}"])]
    known = entities_at(connection, alike, position=2**62)
    found = [one for one, entity in known.items() if key in map(plain_key, entity.all_names())]
    standing = {entity.id for entity in survivors_at(connection, found, position=2**62).values()}
    return standing.pop() if len(standing) == 1 else None
