"""The search for events: a page of those that filters leave, told as history tells them.

Whoever asks finds what they may see, and by what they may see of it. Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.errors import invalid
from domain.pledges.sight import PUBLIC, Eyes, Sight
from projections.database.roles import SCHEMA
from projections.entities.questions import find_entity
from projections.moments import Moment
from projections.timeline.event_filters import EventFilters
from projections.timeline.questions import find, sights_of, told
from projections.timeline.visible import tells_fields, visible, whose

LIMIT_MAX = 200
FAMILY: LiteralString = """
WITH RECURSIVE family (entity) AS (
    SELECT unnest(%s::uuid[])
    UNION
    SELECT merged.entity FROM family JOIN entities_versions AS merged ON merged.merged_into = family.entity
)
SELECT entity FROM family
"""
SINCE: LiteralString = f"""
SELECT position FROM {SCHEMA}.events WHERE recorded_at >= %s ORDER BY recorded_at, position LIMIT 1
"""  # noqa: S608
UNTIL: LiteralString = f"""
SELECT position FROM {SCHEMA}.events WHERE recorded_at <= %s ORDER BY recorded_at DESC, position DESC LIMIT 1
"""  # noqa: S608
KNOWN: LiteralString = """
SELECT DISTINCT stream FROM timeline_events WHERE stream = ANY(%(streams)s) AND entry IS NULL AND """
EVENTS: LiteralString = "SELECT * FROM timeline_events WHERE position = ANY(%s)"
ENTRIES: LiteralString = "SELECT * FROM timeline_entries WHERE position = ANY(%s)"
NOWHERE = 2**62
WHOLE = Sight(PUBLIC, is_full=True)
"""What is found of things that are no pledges is told as a whole."""

_CONDITIONS: Mapping[str, LiteralString] = {
    "names": "name = ANY(%(names)s)",
    "roles": "role = ANY(%(roles)s)",
    "entities": "entities && %(entities)s::uuid[]",
    "streams": "stream = ANY(%(streams)s)",
    "effective_from": "effective >= %(effective_from)s",
    "effective_to": "effective <= %(effective_to)s",
}


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events in the order asked for. `next` is the position before the next page, or a cursor."""

    items: list[dict[str, Any]]
    total: int
    next: Any


def events(
    connection: Connection[Any],
    filters: EventFilters,
    *,
    eyes: Eyes,
    moment: Moment,
    newest_first: bool = True,
    limit: int = 50,
    after: int | None = None,
) -> EventPage:
    """The events up to a moment that the filters leave of those that somebody may see."""
    limit = min(limit, LIMIT_MAX)
    asked = _asked(connection, filters, eyes, moment)
    conditions: LiteralString = " AND ".join(_conditions(filters, eyes))
    total, rows = _page(
        connection, conditions, asked, newest_first=newest_first, after=after, limit=limit + 1
    )
    following = rows[limit - 1]["position"] if len(rows) > limit else None
    return EventPage(_told(connection, rows[:limit], eyes, moment), total, following)


def _page(
    connection: Connection[Any], conditions: LiteralString, asked: Mapping[str, Any], *,
    newest_first: bool, after: int | None, limit: int,
) -> tuple[int, list[DictRow]]:  # fmt: skip
    """How many there are, and those of a page.

    All are found first, by whichever index leaves the fewest: to read in order of position until a page is
    full takes longest where there are few.
    """
    way: LiteralString = "DESC" if newest_first else ""
    behind: LiteralString = "position < %(after)s" if newest_first else "position > %(after)s"
    place: LiteralString = "true" if after is None else behind
    statement: LiteralString = f"""
        WITH found AS MATERIALIZED (SELECT position FROM timeline_events WHERE {conditions})
        SELECT (SELECT count(*) FROM found),
            ARRAY(SELECT position FROM found WHERE {place} ORDER BY position {way} LIMIT %(limit)s)
    """  # noqa: S608
    found = connection.execute(statement, {**asked, "after": after, "limit": limit}).fetchone()
    total, positions = found or (0, [])
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(EVENTS, [positions]).fetchall()
    return total, sorted(rows, key=lambda row: row["position"], reverse=newest_first)


# -- what is asked


def _asked(connection: Connection[Any], filters: EventFilters, eyes: Eyes, moment: Moment) -> dict[str, Any]:
    first, last = _positions(connection, filters)
    return {
        "names": list(filters.name), "roles": list(filters.role), "fields": list(filters.field),
        "entities": _family(connection, _entities(connection, filters.entity)),
        "streams": _pledges(connection, filters.pledge, eyes),
        "effective_from": filters.effective_from, "effective_to": filters.effective_to,
        "first": first, "last": min(last, moment.position),
        **whose(eyes),
    }  # fmt: skip


def _entities(connection: Connection[Any], named: Sequence[str]) -> list[UUID]:
    """The entities that are named. InvalidInput for one that nobody knows."""
    found = {name: find_entity(connection, name) for name in named}
    unknown = [name for name, entity in found.items() if entity is None]
    if unknown:
        raise invalid("entity", f"there is no entity {', '.join(name[:100] for name in unknown)}.")
    return _ids(found.values())


def _pledges(connection: Connection[Any], named: Sequence[str], eyes: Eyes) -> list[UUID]:
    """The pledges that are named. InvalidInput for one of which the viewer may know nothing."""
    found = {name: find(connection, name) for name in named}
    asked = {"streams": _ids(found.values()), **whose(eyes)}
    known = {stream for (stream,) in connection.execute(KNOWN + visible(eyes), asked)}
    unknown = [name for name, pledge in found.items() if pledge not in known]
    if unknown:
        raise invalid("pledge", f"there is no pledge {', '.join(unknown)}.")
    return list(known)


def _ids(found: Any) -> list[UUID]:
    return [one for one in found if one is not None]


def _family(connection: Connection[Any], entities: Collection[UUID]) -> list[UUID]:
    """These entities and all that were merged into them: what was theirs is now these ones'."""
    return [row[0] for row in connection.execute(FAMILY, [list(entities)])] if entities else []


def _positions(connection: Connection[Any], filters: EventFilters) -> tuple[int, int]:
    """The period as positions: events are recorded in the order of their times."""
    first, last = 1, NOWHERE
    if filters.since is not None:
        (first,) = connection.execute(SINCE, [filters.since]).fetchone() or (NOWHERE,)
    if filters.until is not None:
        (last,) = connection.execute(UNTIL, [filters.until]).fetchone() or (0,)
    return first, last


def _conditions(filters: EventFilters, eyes: Eyes) -> list[LiteralString]:
    set_ = {
        "names": filters.name, "roles": filters.role, "entities": filters.entity, "streams": filters.pledge,
        "effective_from": filters.effective_from, "effective_to": filters.effective_to,
    }  # fmt: skip
    found: list[LiteralString] = ["position BETWEEN %(first)s AND %(last)s", visible(eyes)]
    found += [condition for name, condition in _CONDITIONS.items() if set_[name]]
    if filters.field:
        found.append(tells_fields(eyes) if "partners" in filters.field else "fields && %(fields)s")
    return found


# -- how it is told


def _told(
    connection: Connection[Any], rows: Sequence[DictRow], eyes: Eyes, moment: Moment
) -> list[dict[str, Any]]:
    of_pledges = [row["position"] for row in rows if row["entry"] is None]
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(ENTRIES, [of_pledges]).fetchall()
    entries = {row["position"]: row for row in found}
    sights = sights_of(connection, {row["pledge"] for row in found}, eyes)
    entries |= {row["position"]: _entry(row) for row in rows if row["entry"] is not None}
    listed = [entries[row["position"]] for row in rows]
    seen = [sights.get(row["stream"], WHOLE) for row in rows]
    return [
        {**entry, "subject": _subject(row), "pledge": _pledge(entries[row["position"]])}
        for row, entry in zip(rows, told(connection, listed, moment, seen), strict=True)
    ]


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event that is no pledge's, as an entry of the trail: it changed nothing of one."""
    return {
        **row["entry"], "position": row["position"], "name": row["name"], "recorded_at": row["recorded_at"],
        "pledge": row["stream"], "corrects": None, "changes": [], "public_changes": None, "title": None,
    }  # fmt: skip


def _subject(row: Mapping[str, Any]) -> dict[str, str]:
    return {"kind": row["name"].partition(".")[0], "id": str(row["stream"])}


def _pledge(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    if entry["title"] is None:
        return None
    return {"id": str(entry["pledge"]), "reference": entry["reference"], "title": entry["title"]}
