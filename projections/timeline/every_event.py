"""Every event of every thing, in a table to be searched: what it is about, who did it, which fields it tells.

Of a pledge's event the entry is kept beside it; of others it stands here. Must not know who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.log.events import FieldErased
from domain.pledges.sight import PUBLIC_KINDS
from domain.recording import Recorded
from domain.values import first_day
from projections.database.adding_rows import add_rows
from projections.erasure.told import is_read_by_all
from projections.timeline.entries import Entry, Standing

# Each filter has an index: pages are read in order of position.
CREATE = """
CREATE TABLE timeline_events (
    position bigint PRIMARY KEY,
    name text NOT NULL,
    stream uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    effective date NOT NULL,            -- the first day of the effective date
    role text NOT NULL,
    entities uuid[] NOT NULL,           -- whose it is, who did it, for whom, about whom
    fields text[] NOT NULL,             -- what it tells everybody who sees it
    has_more_partners boolean NOT NULL, -- whether it tells of partners whom the public does not know of
    audience text NOT NULL,             -- as of entries; of others public, accounts, overseers
    concerns uuid,
    about uuid NOT NULL,                -- whose parties see it: its own, of an erasure those of the words
    entry json                          -- what is told of it; null where timeline_entries has it
);
CREATE INDEX ON timeline_events (position) WHERE audience = 'public';
CREATE INDEX ON timeline_events (name, position);
CREATE INDEX ON timeline_events (role, position);
CREATE INDEX ON timeline_events (stream, position);
CREATE INDEX ON timeline_events (effective, position);
CREATE INDEX ON timeline_events USING gin (entities);
CREATE INDEX ON timeline_events USING gin (fields);

CREATE TABLE timeline_parties (
    pledge uuid NOT NULL,
    entity uuid NOT NULL,
    owns boolean NOT NULL,              -- or is asked to take part, or does
    PRIMARY KEY (entity, pledge, owns)
);
CREATE INDEX ON timeline_parties (pledge);
"""
COLUMNS = (
    "position", "name", "stream", "recorded_at", "effective", "role", "entities", "fields",
    "has_more_partners", "audience", "concerns", "about", "entry",
)  # fmt: skip
FORGET_PARTIES = "DELETE FROM timeline_parties WHERE pledge = ANY(%s)"
# What was erased before may itself be an erasure: they are gone through in order.
SEEN_AS_THE_WORDS = """
UPDATE timeline_events AS erasure
SET audience = erased.audience, concerns = erased.concerns, about = erased.about
FROM timeline_events AS erased WHERE erasure.position = %s AND erased.position = %s
RETURNING erased.name, erased.audience
"""
SEEN_BY_ALL = "UPDATE timeline_events SET audience = 'public' WHERE position = %s"
ENTITIES_SAID = ("entity", "old_lead", "new_lead", "into")
"""Under which names a payload has the id of an entity."""


def add_events(connection: Connection[Any], events: Sequence[Recorded], entries: Sequence[Entry]) -> None:
    """Keep events; those of pledges with what their entries tell."""
    told = {added.event.position: added for added in entries}
    rows = (_row(event, told.get(event.position)) for event in events)
    add_rows(connection, "timeline_events", COLUMNS, rows, json_columns=("entry",))
    for event in events:
        if isinstance(event.fact, FieldErased):
            _let_see(connection, event)


def _let_see(connection: Connection[Any], erasure: Recorded) -> None:
    """An erasure is for whoever sees the event that was erased, or reads its words in what was made of it."""
    fact = erasure.fact
    found = connection.execute(SEEN_AS_THE_WORDS, [erasure.position, fact.position]).fetchone()
    name, audience = found or ("", "")
    if name.startswith("pledge.") and audience != "public" and is_read_by_all(connection, erasure):
        connection.execute(SEEN_BY_ALL, [erasure.position])


def save_parties(
    connection: Connection[Any], standings: Mapping[UUID, Standing], *, known: Collection[UUID]
) -> None:
    """Whose some pledges are now, and who is asked. `known` are those that may have had others before."""
    if known:
        connection.execute(FORGET_PARTIES, [list(known)])
    rows = ((pledge, *party) for pledge, standing in standings.items() for party in _parties(standing))
    add_rows(connection, "timeline_parties", ("pledge", "entity", "owns"), rows)


def _parties(standing: Standing) -> Iterator[tuple[UUID, bool]]:
    yield standing.owner, True
    for entity in dict.fromkeys(standing.asked):
        yield entity, False


def _row(event: Recorded, entry: Entry | None) -> tuple[Any, ...]:
    header = event.header
    said = _said(event) if entry is None else entry.said
    fields, has_more_partners = _fields(event, said, entry)
    return (
        header.position, header.name, header.stream, header.recorded_at, first_day(header.effective_on),
        header.role, _entities(event, said, entry), fields, has_more_partners,
        _audience(header.name) if entry is None else entry.audience,
        entry.concerns if entry else None, header.stream, _told(event, said) if entry is None else None,
    )  # fmt: skip


def _audience(name: str) -> str:
    kind = name.partition(".")[0]
    if kind in PUBLIC_KINDS and name != FieldErased.NAME:
        return "public"
    return "accounts" if kind == "account" else "overseers"


def _said(event: Recorded) -> dict[str, Any]:
    payload: dict[str, Any] = msgspec.to_builtins(event.fact)
    return payload


def _entities(event: Recorded, said: Mapping[str, Any], entry: Entry | None) -> list[str]:
    header = event.header
    found = [header.entity, header.on_behalf_of, *(said.get(name) for name in ENTITIES_SAID)]
    if entry is not None:
        found.append(entry.standing.owner)
    if header.name.startswith("entity."):
        found.append(header.stream)
    return list(dict.fromkeys(str(one) for one in found if one))


def _fields(event: Recorded, said: Mapping[str, Any], entry: Entry | None) -> tuple[list[str], bool]:
    """The names of what an event changes or says; partners only where everybody is told of some."""
    found = {name for name, value in said.items() if value not in (None, [], {})}
    if entry is None:
        return sorted(found), False
    if getattr(event.fact, "reason", None) is not None:
        found.add("reason")
    found |= {change["field"] for change in entry.changes}
    told = entry.changes if entry.public_changes is None else entry.public_changes
    is_told = entry.audience == "public" and any(change["field"] == "partners" for change in told)
    has_more = "partners" in found and not is_told
    found = found - {"partners"} | ({"partners"} if is_told else set())
    return sorted(found), has_more


def _told(event: Recorded, said: Mapping[str, Any]) -> str:
    """What an entry of the trail has, of an event that is no pledge's."""
    header = event.header
    entry = {
        "effective_on": header.effective_on, "role": header.role, "entity": header.entity,
        "office": header.office, "on_behalf_of": header.on_behalf_of, "authority": header.authority,
        "reason": said.get("reason"), "said": {n: v for n, v in said.items() if n != "reason"},
    }  # fmt: skip
    return msgspec.json.encode(entry).decode()
