"""What may be asked of the audit trail: one pledge's history, and what changed last in the register.

Must not know HTTP. Whoever asks sees what they may see, and the same for everybody of their kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.entities.document import entity_document
from domain.entities.state import Entity
from domain.pledges.sight import PUBLIC, Eyes, Sight
from domain.values import rfc3339, utc_day
from projections.entities.questions import entities_at
from projections.entities.search_key import is_text
from projections.erasure.told import Told, erased_of
from projections.log.hashes import kept_leaves
from projections.moments import Moment
from projections.timeline.read_model import STANDINGS

OF_ONE = "SELECT * FROM timeline_entries WHERE pledge = %s AND position <= %s ORDER BY position"
LATEST = """
SELECT * FROM timeline_entries WHERE audience = 'public' AND position <= %s ORDER BY position DESC LIMIT %s
"""
CORRECTED = """
SELECT pledge, array_agg(position ORDER BY position) FROM timeline_entries
WHERE position > %s AND position <= %s AND audience = 'public'
    AND name IN ('pledge.progress-corrected', 'pledge.amended')
GROUP BY pledge
"""
BY_REFERENCE = "SELECT pledge FROM timeline_references WHERE reference = %s"

LISTS_OF_ENTITIES = frozenset({"partners", "money", "verdicts"})
"""Fields of a pledge that hold lists of things, each with its entity."""
SAID_ENTITIES = ("entity", "old_lead", "new_lead")
"""Under which names the id of an entity stands in what an event says."""


def history(
    connection: Connection[Any], pledge: str, *, eyes: Eyes, moment: Moment
) -> list[dict[str, Any]] | None:
    """The entries of one pledge, by id or reference, oldest first; None if those eyes may see none."""
    pledge_id = find(connection, pledge)
    rows = _rows(connection, OF_ONE, pledge_id, moment.position) if pledge_id else []
    if pledge_id is None or not rows:
        return None
    sight = sights_of(connection, [pledge_id], eyes)[pledge_id]
    seen = [row for row in rows if sees(sight, row)]
    return told(connection, seen, moment, [sight] * len(seen)) or None


def latest_changes(connection: Connection[Any], *, moment: Moment, limit: int = 10) -> list[dict[str, Any]]:
    """What changed last in public, latest first, each entry with the pledge that it is of."""
    rows = _rows(connection, LATEST, moment.position, limit)
    return told_with_pledges(connection, rows, moment, [Sight(PUBLIC)] * len(rows))


def corrected_between(connection: Connection[Any], earlier: Moment, later: Moment) -> dict[UUID, list[int]]:
    """The pledges that were amended or of which a report was corrected between two moments, and where."""
    return dict(connection.execute(CORRECTED, [earlier.position, later.position]).fetchall())


def _rows(connection: Connection[Any], statement: str, *arguments: Any) -> list[DictRow]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, arguments).fetchall()


def find(connection: Connection[Any], pledge: str) -> UUID | None:
    """The id of the pledge that an id or a reference means."""
    try:
        return UUID(pledge)
    except ValueError:
        found = connection.execute(BY_REFERENCE, [pledge]).fetchone() if is_text(pledge) else None
        return found[0] if found else None


# -- who sees what


def sights_of(connection: Connection[Any], pledges: Collection[UUID], eyes: Eyes) -> dict[UUID, Sight]:
    """What somebody sees of each of these pledges, as things stand between them and the pledge today."""
    if eyes is PUBLIC:
        return dict.fromkeys(pledges, Sight(eyes))
    standings = STANDINGS.load(connection, pledges)
    return {pledge: eyes.of(standing.owner, standing.asked) for pledge, standing in standings.items()}


def sees(sight: Sight, row: Mapping[str, Any]) -> bool:
    """Whether an entry is for somebody."""
    return sight.sees_entry(row["audience"], row["concerns"])


def changes_told(sight: Sight, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The changes of an entry; a partner is told of no other one that has not consented."""
    changes: list[dict[str, Any]] = row["changes"]
    if sight.is_full:
        return changes
    if row["public_changes"] is not None:
        return list(row["public_changes"])
    known = [_of_known_partners(sight, c) if c["field"] == "partners" else c for c in changes]
    return [change for change in known if change["before"] != change["after"]]


def _of_known_partners(sight: Sight, change: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        side: [p for p in change[side] or () if sight.sees_partner(UUID(p["entity"]), p["state"])]
        for side in ("before", "after")
    }
    return {**change, **{side: known[side] if change[side] else change[side] for side in known}}


# -- how an entry is told


def told_with_pledges(
    connection: Connection[Any], rows: Sequence[DictRow], moment: Moment, sights: Sequence[Sight]
) -> list[dict[str, Any]]:
    """The same, each with the pledge that it is of."""
    return [
        {**entry, "pledge": {"id": str(row["pledge"]), "reference": row["reference"], "title": row["title"]}}
        for row, entry in zip(rows, told(connection, rows, moment, sights), strict=True)
    ]


def told(
    connection: Connection[Any], rows: Sequence[DictRow], moment: Moment, sights: Sequence[Sight]
) -> list[dict[str, Any]]:
    """Entries as they are told to whoever has these sights of them."""
    known = entities_at(connection, _entities_in(rows), moment.position)
    leaves = kept_leaves(connection, [row["position"] for row in rows])
    erased = erased_of(connection, {row["pledge"] for row in rows})
    return [
        {
            **_entry(row, _Names(known, row["recorded_at"]), changes_told(sight, row)),
            "erased": _erased(row, erased),
            "log": _leaf(row, leaves),
        }
        for row, sight in zip(rows, sights, strict=True)
    ]


def _erased(row: Mapping[str, Any], erased: Mapping[UUID, Iterable[Told]]) -> list[Told]:
    """What was erased of the event of an entry."""
    return [told for told in erased.get(row["pledge"], ()) if told["position"] == row["position"]]


def _leaf(row: Mapping[str, Any], leaves: Mapping[int, bytes]) -> dict[str, Any] | None:
    position = row["position"]
    return {"index": position - 1, "leaf_hash": leaves[position].hex()} if position in leaves else None


def _entry(row: Mapping[str, Any], names: _Names, changes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "position": row["position"], "name": row["name"],
        "recorded_at": rfc3339(row["recorded_at"]), "effective_on": row["effective_on"],
        "actor": {"role": row["role"], "entity": names.of(row["entity"]), "office": row["office"]},
        "on_behalf_of": names.of(row["on_behalf_of"]), "authority": _authority(row["authority"]),
        "reason": row["reason"],
        "said": names.of_said(row["said"]), "changes": [names.of_change(change) for change in changes],
        "corrects": row["corrects"],
    }  # fmt: skip


def _authority(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: said.get(name) for name in ("kind", "reference", "date")} if said else None


class _Names:
    """Puts entities in the place of their ids, under their names on the day of an entry."""

    def __init__(self, known: Mapping[UUID, Entity], recorded_at: datetime) -> None:
        self._known = known
        self._day = utc_day(recorded_at)

    def of(self, entity: UUID | str | None) -> Any:
        if entity is None:
            return None
        found = self._known.get(UUID(str(entity)))
        return entity_document(found, self._day) if found else {"id": str(entity), "name": None}

    def of_change(self, change: Mapping[str, Any]) -> dict[str, Any]:
        before, after = (self._of_field(change["field"], change[side]) for side in ("before", "after"))
        return {"field": change["field"], "before": before, "after": after}

    def _of_field(self, field: str, value: Any) -> Any:
        if field == "entity":
            return self.of(value)
        if field in LISTS_OF_ENTITIES and value:
            return [{**item, "entity": self.of(item["entity"])} for item in value]
        return value

    def of_said(self, said: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.of(value) if name in SAID_ENTITIES else value for name, value in said.items()}


def _entities_in(rows: Iterable[Mapping[str, Any]]) -> set[UUID]:
    """The ids of all entities that the rows speak of."""
    return {UUID(str(entity)) for row in rows for entity in _mentioned(row) if entity is not None}


def _mentioned(row: Mapping[str, Any]) -> Iterator[Any]:
    yield from (row["entity"], row["on_behalf_of"])
    yield from (row["said"].get(name) for name in SAID_ENTITIES)
    for change in (*row["changes"], *(row["public_changes"] or ())):
        for side in ("before", "after"):
            if change["field"] == "entity":
                yield change[side]
            elif change["field"] in LISTS_OF_ENTITIES:
                yield from (item["entity"] for item in change[side] or ())
