"""Keeps every number of the register as it was at each position.

Each event adds by how much it changes the numbers; at the end of each block of positions the numbers that
changed in it are summed up. So any moment is answered by one sum for each number and the few changes since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.cycles.events import CycleOpened
from domain.entities.events import EntityClassified, EntityMerged, EntityRegistered
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections.database.adding_rows import add_rows
from projections.folded_states import FoldedStates
from projections.progress.counting import Counted, Who, counted, parties, survivor
from projections.progress.steps import Place, Step
from projections.progress.tables import BLOCK, CREATE

KNOWN_KEYS = """
SELECT id, dimension, key, currency FROM progress_keys
JOIN unnest(%b::text[], %b::text[], %b::text[]) AS asked (dimension, key, currency)
USING (dimension, key, currency)
"""
LAST_KEY = "SELECT coalesce(max(id), 0) FROM progress_keys"
KEYS_COLUMNS = ("id", "dimension", "key", "currency")
STEPS_COLUMNS = (
    "position", "number", "key_ids", "pledges", "measured", "percent_sum", "reported", "closed", "promised",
    "committed", "paid",
)  # fmt: skip
SUM_UP = """
INSERT INTO progress_sums
SELECT changes.key_id, %(end)b,
    coalesce(sums.pledges, 0) + changes.pledges, coalesce(sums.measured, 0) + changes.measured,
    coalesce(sums.percent_sum, 0) + changes.percent_sum, coalesce(sums.reported, 0) + changes.reported,
    coalesce(sums.closed, 0) + changes.closed, coalesce(sums.promised, 0) + changes.promised,
    coalesce(sums.committed, 0) + changes.committed, coalesce(sums.paid, 0) + changes.paid
FROM progress_changes(%(begin)b, %(end)b) AS changes
LEFT JOIN LATERAL progress_last_sums(changes.key_id, %(begin)b) AS sums ON true
"""
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
        if batch:
            _sum_up(connection, batch)


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
    changes = [
        (step.position, change, places)
        for step in steps
        if step.before != step.after
        for change, places in step.changes().items()
    ]
    if not changes:
        return
    ids = _ids(connection, dict.fromkeys(place for _, _, places in changes for place in places))
    numbers: Counter[int] = Counter()
    rows = []
    for position, change, places in changes:
        numbers[position] += 1
        key_ids = ",".join(str(ids[place]) for place in places)
        rows.append((position, numbers[position], f"{{{key_ids}}}", *change))
    add_rows(connection, "progress_steps", STEPS_COLUMNS, rows)


def _ids(connection: Connection[Any], places: Mapping[Place, None]) -> dict[Place, int]:
    """The numbers of keys; new ones are numbered in the order in which they come."""
    columns = [list(column) for column in zip(*places, strict=True)]
    found = connection.execute(KNOWN_KEYS, columns, binary=True)
    ids = {(dimension, key, currency): key_id for key_id, dimension, key, currency in found}
    new = [place for place in places if place not in ids]
    if new:
        last = connection.execute(LAST_KEY).fetchone()
        ids |= zip(new, count(1 + (last[0] if last else 0)), strict=False)
        add_rows(connection, "progress_keys", KEYS_COLUMNS, ((ids[place], *place) for place in new))
    return ids


def _sum_up(connection: Connection[Any], batch: Sequence[Recorded]) -> None:
    """Sum up the blocks that end in a batch."""
    before, last = batch[0].position - 1, batch[-1].position
    for end in range((before // BLOCK + 1) * BLOCK, last + 1, BLOCK):
        connection.execute(SUM_UP, {"begin": end - BLOCK, "end": end})
