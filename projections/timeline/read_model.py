"""Keeps one entry for each event of a pledge, and of every event what it is found by.

Must not know names of entities: they depend on the day and are filled in by readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.pledges.events import PledgeMade
from projections.batch import Batch
from projections.database.adding_rows import add_rows
from projections.folded_states import FoldedStates
from projections.timeline import every_event
from projections.timeline.entries import Entry, Standing, alone, entry

CREATE = """
CREATE TABLE timeline_entries (
    position bigint PRIMARY KEY,
    pledge uuid NOT NULL,
    name text NOT NULL,
    recorded_at timestamptz NOT NULL,
    effective_on text NOT NULL,
    role text NOT NULL,
    entity uuid,
    office text,
    on_behalf_of uuid,
    authority json,
    reason text,
    corrects bigint,
    said json NOT NULL,                 -- what else the event says, by the names of its payload
    changes json NOT NULL,              -- [{field, before, after}], entities as ids
    public_changes json,                -- where the public sees others
    audience text NOT NULL,             -- public, parties, owner, partner
    concerns uuid,                      -- the partner whom the event is about
    reference text,                     -- of the pledge, and its title, as they were then
    title text NOT NULL
);
CREATE INDEX ON timeline_entries (pledge, position);
CREATE INDEX ON timeline_entries (position) WHERE audience = 'public';

CREATE TABLE timeline_references (reference text PRIMARY KEY, pledge uuid NOT NULL);
"""
ENTRIES_COLUMNS = (
    "position", "pledge", "name", "recorded_at", "effective_on", "role", "entity", "office", "on_behalf_of",
    "authority", "reason", "corrects", "said", "changes", "public_changes", "audience", "concerns",
    "reference", "title",
)  # fmt: skip
JSON_COLUMNS = ("authority", "said", "changes", "public_changes")

STANDINGS = FoldedStates("timeline_standings", Standing)


class TimelineModel:
    """The read model of the audit trail."""

    name = "timeline"
    version = 5

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(CREATE + every_event.CREATE)
        STANDINGS.create(connection)

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        steps = batch.steps(connection)
        joint = (step.after.id for step in steps if step.before and step.before.partners)
        standings, changed, entries = STANDINGS.load(connection, joint), {}, []
        known: set[UUID] = set()
        for step in steps:
            pledge_id = step.after.id
            stood = standings.get(pledge_id) or (alone(step.before) if step.before else None)
            if step.before:
                known.add(pledge_id)
            added = entry(step, stood.seen if stood else [])
            if added.standing != stood:
                standings[pledge_id] = changed[pledge_id] = added.standing
            entries.append(added)
        STANDINGS.save(connection, changed)
        every_event.save_parties(connection, changed, known=known & changed.keys())
        every_event.add_events(connection, batch, entries)
        if entries:
            _add(connection, entries)


def _add(connection: Connection[Any], entries: Sequence[Entry]) -> None:
    rows = map(_row, entries)
    add_rows(connection, "timeline_entries", ENTRIES_COLUMNS, rows, json_columns=JSON_COLUMNS)
    events = [added.event for added in entries]
    made = [(e.fact.reference, e.header.stream) for e in events if isinstance(e.fact, PledgeMade)]
    add_rows(connection, "timeline_references", ("reference", "pledge"), made)


def _row(added: Entry) -> tuple[Any, ...]:
    header, fact = added.event.header, added.event.fact
    return (
        header.position, header.stream, header.name, header.recorded_at, header.effective_on,
        header.role, header.entity, header.office, header.on_behalf_of, _json(header.authority),
        getattr(fact, "reason", None), getattr(fact, "corrects", None), _json(added.said),
        _json(added.changes), _json(added.public_changes),
        added.audience, added.concerns, added.pledge.reference, added.pledge.content.title,
    )  # fmt: skip


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
