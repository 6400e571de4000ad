"""Keeps every number of the register as it was from each position on.

A number holds from its row's position until its next row: a moment is answered by one row for each number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.cycles.events import CycleOpened
from domain.entities.events import EntityClassified, EntityMerged, EntityRegistered
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections.folded_states import FoldedStates
from projections.progress.counting import Counted, Who, counted, parties, survivor
from projections.progress.tally import Place, Step, Tally, places

# Keys are numbered in the order in which events first name them: the same events give the same numbers.
CREATE = """
CREATE TABLE progress_keys (
    id integer PRIMARY KEY,
    dimension text NOT NULL,
    key text NOT NULL,                  -- blank: not stated
    currency text NOT NULL,             -- blank: numbers of pledges
    UNIQUE (dimension, key, currency)
);
CREATE TABLE progress_counts (
    key_id integer NOT NULL,
    position bigint NOT NULL,
    pledges integer NOT NULL,
    measured integer NOT NULL,
    percent_sum integer NOT NULL,
    reported integer NOT NULL,
    closed integer NOT NULL,
    PRIMARY KEY (key_id, position)
);
CREATE TABLE progress_amounts (
    key_id integer NOT NULL,
    position bigint NOT NULL,
    promised numeric NOT NULL,
    committed numeric NOT NULL,
    paid numeric NOT NULL,
    PRIMARY KEY (key_id, position)
);
CREATE TABLE progress_parties (         -- whose pledges count otherwise when something is learnt of an entity
    entity uuid NOT NULL,
    pledge uuid NOT NULL,
    PRIMARY KEY (entity, pledge)
);
CREATE TABLE progress_cycles (          -- those that were opened, whether or not they have pledges
    cycle integer PRIMARY KEY,
    position bigint NOT NULL
);
"""

KNOWN_KEYS = """
SELECT id, dimension, key, currency FROM progress_keys
JOIN unnest(%b::text[], %b::text[], %b::text[]) AS asked (dimension, key, currency)
USING (dimension, key, currency)
"""
NUMBERS = """
SELECT id, latest.* FROM unnest(%b::integer[]) AS id
CROSS JOIN LATERAL (
    SELECT pledges, measured, percent_sum, reported, closed FROM progress_counts
    WHERE key_id = id ORDER BY position DESC LIMIT 1
) AS latest
"""
SUMS = """
SELECT id, latest.* FROM unnest(%b::integer[]) AS id
CROSS JOIN LATERAL (
    SELECT promised, committed, paid FROM progress_amounts WHERE key_id = id ORDER BY position DESC LIMIT 1
) AS latest
"""
LAST_KEY = "SELECT coalesce(max(id), 0) FROM progress_keys"
ADD_KEYS = "COPY progress_keys FROM STDIN"
ADD_COUNTS = "COPY progress_counts FROM STDIN"
ADD_AMOUNTS = "COPY progress_amounts FROM STDIN"
PLEDGES_OF = "SELECT pledge FROM progress_parties WHERE entity = %b ORDER BY pledge"
ADD_PARTIES = """
INSERT INTO progress_parties SELECT * FROM unnest(%b::uuid[], %b::uuid[]) ON CONFLICT DO NOTHING
"""
ADD_CYCLE = "INSERT INTO progress_cycles VALUES (%b, %b) ON CONFLICT DO NOTHING"

ANEW = (EntityMerged, EntityClassified)
"""What changes for what the pledges of an entity count."""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a pledge from one event to the next."""

    pledge: Pledge
    counted: Counted | None = None


PLEDGES = FoldedStates("progress_pledges", Kept)
ENTITIES = FoldedStates("progress_entities", Who)


class ProgressModel:
    """The read model of numbers."""

    name = "progress"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(CREATE)
        PLEDGES.create(connection)
        ENTITIES.create(connection)

    def apply(self, connection: Connection[Any], batch: Sequence[Recorded]) -> None:
        for run in _runs(batch):
            _apply_run(connection, run)


def _runs(batch: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """The events that count, cut so that one that changes many pledges at once begins a run."""
    run: list[Recorded] = []
    for event in batch:
        if not event.header.name.startswith(("pledge.", "entity.", "cycle.")):
            continue
        if run and isinstance(event.fact, ANEW):
            yield run
            run = []
        run.append(event)
    if run:
        yield run


def _apply_run(connection: Connection[Any], run: Sequence[Recorded]) -> None:
    first = run[0]
    anew = _pledges_of(connection, first.header.stream) if isinstance(first.fact, ANEW) else []
    streams = [event.header.stream for event in run if event.header.name.startswith("pledge.")]
    kept = PLEDGES.load(connection, (*streams, *anew))
    before = dict(kept)
    known = _apply_entities(connection, run, kept.values())
    steps = [*_again(kept, anew, first.position, known), *_steps(kept, run, known)]
    _add(connection, steps)
    PLEDGES.save(connection, kept)
    _add_parties(connection, before, kept, known)
    _add_cycles(connection, run)


# -- pledges


def _steps(kept: dict[UUID, Kept], run: Sequence[Recorded], known: Mapping[UUID, Who]) -> Iterator[Step]:
    for event in run:
        if event.header.name.startswith("pledge."):
            before = kept.get(event.header.stream)
            pledge = evolve(before.pledge if before else None, event)
            after = kept[event.header.stream] = Kept(pledge, counted(pledge, known))
            yield Step(event.position, before.counted if before else None, after.counted)


def _again(
    kept: dict[UUID, Kept], pledges: Iterable[UUID], position: int, known: Mapping[UUID, Who]
) -> Iterator[Step]:
    """Something was learnt of an entity: its pledges count anew."""
    for pledge_id in pledges:
        before = kept[pledge_id]
        after = kept[pledge_id] = Kept(before.pledge, counted(before.pledge, known))
        yield Step(position, before.counted, after.counted)


# -- entities


def _apply_entities(
    connection: Connection[Any], run: Sequence[Recorded], kept: Iterable[Kept]
) -> dict[UUID, Who]:
    """Bring the entities forward; all those that matter to the run."""
    named = {entity for one in kept for entity in parties(one.pledge)}
    for event in run:
        named |= _entities_named(event)
    known = _with_survivors(connection, named)
    changed = {}
    for event in run:
        if event.header.name.startswith("entity."):
            stream = event.header.stream
            known[stream] = changed[stream] = _learnt(known.get(stream, Who()), event)
    ENTITIES.save(connection, changed)
    return known


def _entities_named(event: Recorded) -> set[UUID]:
    if event.header.name.startswith("entity."):
        into = getattr(event.fact, "into", None)
        return {event.header.stream, into} if into else {event.header.stream}
    content = getattr(event.fact, "content", None)
    said = (getattr(event.fact, name, None) for name in ("entity", "new_lead"))
    return {entity for entity in (*said, content.entity if content else None) if entity is not None}


def _with_survivors(connection: Connection[Any], entities: Iterable[UUID]) -> dict[UUID, Who]:
    known: dict[UUID, Who] = {}
    wanted = set(entities)
    while wanted:
        found = ENTITIES.load(connection, wanted)
        known |= found
        wanted = {who.merged_into for who in found.values() if who.merged_into} - known.keys()
    return known


def _learnt(who: Who, event: Recorded) -> Who:
    match event.fact:
        case EntityRegistered(category=category, country=country):
            return Who(category=category, country=country)
        case EntityMerged(into=into):
            return Who(category=who.category, country=who.country, merged_into=into)
        case EntityClassified(category=category):
            return Who(category=category, country=who.country, merged_into=who.merged_into)
    return who


def _pledges_of(connection: Connection[Any], entity: UUID) -> list[UUID]:
    return [pledge for (pledge,) in connection.execute(PLEDGES_OF, [entity], binary=True)]


def _add_parties(
    connection: Connection[Any],
    before: Mapping[UUID, Kept],
    kept: Mapping[UUID, Kept],
    known: Mapping[UUID, Who],
) -> None:
    rows = []
    for pledge_id, now in kept.items():
        was = before.get(pledge_id)
        if now.counted and not (was and was.counted and was.counted.plain == now.counted.plain):
            counting = parties(now.pledge)
            rows += [(entity, pledge_id) for entity in counting | {survivor(e, known) for e in counting}]
    if rows:
        connection.execute(ADD_PARTIES, [list(column) for column in zip(*rows, strict=True)])


def _add_cycles(connection: Connection[Any], run: Sequence[Recorded]) -> None:
    for event in run:
        if isinstance(event.fact, CycleOpened):
            connection.execute(ADD_CYCLE, [event.fact.cycle, event.position])


# -- numbers


def _add(connection: Connection[Any], steps: Iterable[Step]) -> None:
    changing = [step for step in steps if step.before != step.after]
    if not changing:
        return
    ids = _known_keys(connection, places(changing))
    tally = Tally(_latest(connection, ids))
    for step in changing:
        tally.take(step)
    _add_keys(connection, ids, tally)
    for statement, rows in ((ADD_COUNTS, tally.counts), (ADD_AMOUNTS, tally.amounts)):
        numbered = ((ids[place], position, *numbers) for (position, place), numbers in rows.items())
        _copy(connection, statement, numbered)


def _known_keys(connection: Connection[Any], wanted: Iterable[Place]) -> dict[Place, int]:
    columns = [list(column) for column in zip(*wanted, strict=True)]
    found = connection.execute(KNOWN_KEYS, columns, binary=True)
    return {(dimension, key, currency): key_id for key_id, dimension, key, currency in found}


def _latest(connection: Connection[Any], ids: Mapping[Place, int]) -> dict[Place, tuple[Any, ...]]:
    places_by_id = {key_id: place for place, key_id in ids.items()}
    numbers: dict[Place, tuple[Any, ...]] = {}
    for statement in (NUMBERS, SUMS):
        for key_id, *found in connection.execute(statement, [list(places_by_id)], binary=True):
            numbers[places_by_id[key_id]] = tuple(found)
    return numbers


def _add_keys(connection: Connection[Any], ids: dict[Place, int], tally: Tally) -> None:
    """Number the keys that are new, in the order of the events that name them first."""
    rows = sorted({**tally.counts, **tally.amounts})
    new = list(dict.fromkeys(place for _, place in rows if place not in ids))
    last = connection.execute(LAST_KEY).fetchone() if new else None
    numbered = dict(zip(new, count(1 + (last[0] if last else 0)), strict=False))
    _copy(connection, ADD_KEYS, ((key_id, *place) for place, key_id in numbered.items()))
    ids |= numbered


def _copy(connection: Connection[Any], statement: LiteralString, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
