"""Entities with something to answer for: overdue or stale pledges, returned submissions; and who answered.

On the caller's connection and snapshot. Must not know HTTP, nor whom anybody asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from domain.entities.document import entity_document
from projections.board import known_entities
from projections.board.codes import STATUS
from projections.moments import Moment

OWING: LiteralString = """
SELECT entity, count(*) FILTER (WHERE due_until < %(day)s) AS overdue,
    count(*) FILTER (WHERE amber_on <= %(day)s) AS stale,
    count(*) FILTER (WHERE status = %(returned)s) AS returned
FROM board
WHERE to_position IS NULL AND (due_until < %(day)s OR amber_on <= %(day)s OR status = %(returned)s)
GROUP BY entity
"""
# What somebody of the entity did, or what was recorded in its place.
ANSWERS: LiteralString = """
SELECT DISTINCT ON (who) who, position, recorded_at, pledge FROM (
    SELECT CASE WHEN role = 'pledger' THEN entity ELSE on_behalf_of END AS who, position, recorded_at, pledge
    FROM timeline_entries WHERE position > %(earliest)s AND position <= %(until)s
) AS done JOIN unnest(%(entities)s::uuid[], %(since)s::bigint[]) AS asked (entity, since)
    ON done.who = asked.entity AND done.position > asked.since
ORDER BY who, position
"""


@dataclass(frozen=True, slots=True)
class Owing:
    """How many pledges of an entity are overdue, stale or returned; one may be several of these."""

    entity: dict[str, Any]
    overdue: int
    stale: int
    returned: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The first thing that an entity did about any pledge since it was asked."""

    who: UUID
    position: int
    recorded_at: datetime
    pledge: UUID


def owing(connection: Connection[Any], *, moment: Moment) -> list[Owing]:
    """Those who have something to answer for, by name."""
    asked = {"day": moment.day, "returned": STATUS.number("returned")}
    rows = connection.execute(OWING, asked).fetchall()
    entities = named(connection, [row[0] for row in rows], moment=moment)
    found = [Owing(entities[row[0]], *row[1:]) for row in rows if row[0] in entities]
    return sorted(found, key=lambda one: (str(one.entity["name"]).casefold(), one.entity["id"]))


def named(
    connection: Connection[Any], entities: Collection[UUID], *, moment: Moment
) -> dict[UUID, dict[str, Any]]:
    """Some entities as they are called, each under its own id, by those that stand for them."""
    day: date = moment.day
    known = known_entities.load_at(connection, entities, moment.position)
    standing = {one: known.standing_for(one) for one in entities}
    return {one: entity_document(found, day) for one, found in standing.items() if found}


def answered(
    connection: Connection[Any], since: Mapping[UUID, int], *, moment: Moment
) -> dict[UUID, Answered]:
    """What each of some entities did first after its position, if anything. Needs the timeline."""
    if not since:
        return {}
    asked = {
        "earliest": min(since.values()), "until": moment.position,
        "entities": list(since), "since": list(since.values()),
    }  # fmt: skip
    with connection.cursor(row_factory=class_row(Answered)) as rows:
        return {one.who: one for one in rows.execute(ANSWERS, asked).fetchall()}
