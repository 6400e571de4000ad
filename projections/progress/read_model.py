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

from psycopg import Connection

from domain.cycles.events import CycleOpened
from domain.entities.events import EntityClassified, EntityMerged, EntityRegistered
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections.batch import Batch, Step
from projections.database.adding_rows import add_rows
from projections.folded_states import FoldedStates
from projections.progress.counting import Who, counted, parties, survivor
from projections.progress.steps import Change, Place
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


ENTITIES = FoldedStates("progress_entities", Who)


class ProgressModel:
    """The read model of numbers."""

    name = "progress"
    version = 2

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(CREATE)
        ENTITIES.create(connection)

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        for run in _runs(batch):
            _apply_run(connection, run, batch)
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


def _apply_run(connection: Connection[Any], run: Sequence[Recorded], batch: Batch) -> None:
    first, last = run[0].position, run[-1].position
    steps = [step for step in batch.steps(connection) if first <= step.event.position <= last]
    anew = _pledges_of(connection, run[0].header.stream) if isinstance(run[0].fact, ANEW) else []
    again = batch.pledges_before(connection, anew, first)
    concerned = [
        *again.values(),
        *(pledge for step in steps for pledge in (step.before, step.after) if pledge),
    ]
    known, learnt = _apply_entities(connection, run, concerned)
    _add(connection, [*_again(again, first, known, learnt), *_changes(steps, learnt)])
    _add_parties(connection, [*((None, pledge) for pledge in again.values()), *_moves(steps)], learnt)
    _add_cycles(connection, run)


# -- pledges


def _again(
    pledges: Mapping[UUID, Pledge], position: int, known: Mapping[UUID, Who], learnt: Mapping[UUID, Who]
) -> Iterator[Change]:
    """Something was learnt of an entity: its pledges count anew."""
    for pledge in pledges.values():
        yield Change(position, counted(pledge, known), counted(pledge, learnt))


def _changes(steps: Iterable[Step], known: Mapping[UUID, Who]) -> Iterator[Change]:
    for step in steps:
        before = counted(step.before, known) if step.before else None
        yield Change(step.event.position, before, counted(step.after, known))


def _moves(steps: Iterable[Step]) -> Iterator[tuple[Pledge | None, Pledge]]:
    return ((step.before, step.after) for step in steps)


# -- entities


def _apply_entities(
    connection: Connection[Any], run: Sequence[Recorded], pledges: Iterable[Pledge]
) -> tuple[dict[UUID, Who], dict[UUID, Who]]:
    """Bring the entities forward; all those that matter to the run as they were, and as they are behind it.

    Nothing but what begins a run changes for what an entity's pledges count, and an entity is registered
    before it pledges.
    """
    named = {entity for pledge in pledges for entity in parties(pledge)}
    for event in run:
        if event.header.name.startswith("entity."):
            named |= _entities_named(event)
    known = _with_survivors(connection, named)
    learnt, changed = dict(known), {}
    for event in run:
        if event.header.name.startswith("entity."):
            stream = event.header.stream
            learnt[stream] = changed[stream] = _learnt(learnt.get(stream, Who()), event)
    ENTITIES.save(connection, changed)
    return known, learnt


def _entities_named(event: Recorded) -> set[UUID]:
    into = getattr(event.fact, "into", None)
    return {event.header.stream, into} if into else {event.header.stream}


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
    moves: Iterable[tuple[Pledge | None, Pledge]],
    known: Mapping[UUID, Who],
) -> None:
    rows: dict[tuple[UUID, UUID], None] = {}
    for was, now in moves:
        if now.phase == "public" and not (was and was.phase == "public" and parties(was) == parties(now)):
            counting = parties(now)
            all_of_them = counting | {survivor(entity, known) for entity in counting}
            rows |= dict.fromkeys((entity, now.id) for entity in all_of_them)
    if rows:
        connection.execute(ADD_PARTIES, [list(column) for column in zip(*rows, strict=True)])


def _add_cycles(connection: Connection[Any], run: Sequence[Recorded]) -> None:
    for event in run:
        if isinstance(event.fact, CycleOpened):
            connection.execute(ADD_CYCLE, [event.fact.cycle, event.position])


# -- numbers


def _add(connection: Connection[Any], counts: Iterable[Change]) -> None:
    changes = [
        (count.position, change, places)
        for count in counts
        if count.before != count.after
        for change, places in count.changes().items()
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


def _sum_up(connection: Connection[Any], batch: Batch) -> None:
    """Sum up the blocks that end in a batch."""
    before, last = batch[0].position - 1, batch[-1].position
    for end in range((before // BLOCK + 1) * BLOCK, last + 1, BLOCK):
        connection.execute(SUM_UP, {"begin": end - BLOCK, "end": end})
