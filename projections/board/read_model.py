"""Keeps the tables of the board up to date with the events. Must not know what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from domain.entities.events import EntityClassified, EntityMerged
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections.batch import Batch, Step
from projections.board import known_entities, tables
from projections.board.known_entities import Entities, Known
from projections.board.rows import COLUMNS, OF_TODAY, FoundBy, Version, entities_of, found_by, row, shown
from projections.board.words import marks_query, vector
from projections.database.adding_rows import add_rows

CLOSE: LiteralString = """
UPDATE board SET to_position = ended.at FROM unnest(%b::uuid[], %b::bigint[]) AS ended (id, at)
WHERE board.pledge_id = ended.id AND board.to_position IS NULL
RETURNING board.pledge_id, board.state_position
"""
SHOWING: LiteralString = (
    "SELECT pledge_id FROM board_words WHERE to_position IS NULL AND words @@ %b::tsquery"
)
CLOSE_WORDS: LiteralString = """
UPDATE board_words SET to_position = ended.at FROM unnest(%b::uuid[], %b::bigint[]) AS ended (id, at)
WHERE board_words.pledge_id = ended.id AND board_words.to_position IS NULL
"""
TODAY = sql.SQL("""
INSERT INTO board_today ({columns})
SELECT {columns} FROM board WHERE pledge_id = ANY(%b) AND to_position IS NULL
ON CONFLICT (pledge_id) DO UPDATE SET ({columns}) = ROW ({excluded})
""").format(
    columns=sql.SQL(", ").join(map(sql.Identifier, OF_TODAY)),
    excluded=sql.SQL(", ").join(sql.Identifier("excluded", column) for column in OF_TODAY),
)
STATES_COLUMNS = ("pledge_id", "from_position", "state")
WORDS_COLUMNS = ("pledge_id", "from_position", "to_position", "words")
REFERENCES: LiteralString = """
INSERT INTO board_references (reference, pledge_id) SELECT * FROM unnest(%b::text[], %b::uuid[])
ON CONFLICT (reference) DO NOTHING
"""

_encoder = msgspec.msgpack.Encoder()


class BoardReadModel:
    """Versions of pledges, from the events of pledges and of the entities that make them."""

    name = "board"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(tables.CREATE)

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        # Rows are found by their keys, however small the tables still are when a plan is made.
        connection.execute("SET LOCAL random_page_cost = 1")
        steps = batch.steps(connection)
        for run in _runs(batch):
            _apply_run(connection, run, batch, steps)


def _runs(batch: Batch) -> Iterator[list[Recorded]]:
    """The events that matter, cut so that an event that changes many pledges at once begins a run."""
    run: list[Recorded] = []
    for event in batch:
        if not event.header.name.startswith(("pledge.", "entity.")):
            continue
        if run and isinstance(event.fact, EntityMerged | EntityClassified):
            yield run
            run = []
        run.append(event)
    if run:
        yield run


def _apply_run(
    connection: Connection[Any], run: Sequence[Recorded], batch: Batch, steps: Sequence[Step]
) -> None:
    first, last = run[0], run[-1]
    steps = [step for step in steps if first.position <= step.event.position <= last.position]
    about_entities = [event for event in run if event.header.name.startswith("entity.")]
    if about_entities:
        known_entities.apply(connection, about_entities)
    changing = isinstance(first.fact, EntityMerged | EntityClassified)
    showing = _showing(connection, first.header.stream) if changing else []
    if not steps and not showing:
        return
    ends = dict.fromkeys(showing, first.position)
    for step in steps:
        if step.before is not None:
            ends.setdefault(step.before.id, step.event.position)
    closed = connection.execute(CLOSE, [list(ends), list(ends.values())], binary=True)
    versions = Versions()
    if showing:
        pledges, states = batch.pledges_before(connection, showing, first.position), dict(closed)
        for pledge_id in showing:
            versions.restate(pledges[pledge_id], first.position, states[pledge_id])
    for step in steps:
        versions.take(step)
    versions.write(connection, known_entities.load_known(connection, versions.entities()))


def _showing(connection: Connection[Any], entity: UUID) -> list[UUID]:
    """The pledges whose rows depend on what is known of an entity."""
    rows = connection.execute(SHOWING, [marks_query([shown(entity)])], binary=True)
    return sorted(pledge for (pledge,) in rows)


@dataclass(frozen=True, slots=True)
class Change:
    """A new version of a pledge, and the pledge as it was before; the first has none."""

    before: Pledge | None
    version: Version


class Versions:
    """The versions that some events make."""

    def __init__(self) -> None:
        self._last: dict[UUID, Version] = {}
        self._changes: list[Change] = []

    def restate(self, pledge: Pledge, position: int, state_position: int) -> None:
        """What is known of an entity changed: its pledge looks different from here on."""
        self._follow(Change(pledge, Version(pledge, position, state_position)))

    def take(self, step: Step) -> None:
        """The version that an event makes."""
        position = step.event.position
        self._follow(Change(step.before, Version(step.after, position, position)))

    def _follow(self, change: Change) -> None:
        pledge_id = change.version.pledge.id
        if before := self._last.get(pledge_id):
            before.to_position = change.version.from_position
        self._last[pledge_id] = change.version
        self._changes.append(change)

    def entities(self) -> set[UUID]:
        """The entities that the new versions depend on."""
        return {entity for change in self._changes for entity in entities_of(change.version.pledge)}

    def write(self, connection: Connection[Any], known: Entities[Known]) -> None:
        """Bring the tables forward. Rows are made while the database takes those before them."""
        new = [change.version for change in self._changes]
        add_rows(connection, "board", COLUMNS, (row(version, known) for version in new))
        connection.execute(TODAY, [list({version.pledge.id for version in new})])
        add_rows(
            connection,
            "board_states",
            STATES_COLUMNS,
            (
                (version.pledge.id, version.state_position, _encoder.encode(version.pledge))
                for version in new
                if version.state_position == version.from_position
            ),
        )
        self._write_words(connection, known)
        self._write_references(connection)

    def _write_words(self, connection: Connection[Any], known: Entities[Known]) -> None:
        changed = [(change, found) for change in self._changes if (found := _newly_found_by(change, known))]
        ends: dict[UUID, int] = {}
        last: dict[UUID, int] = {}
        ended: dict[tuple[UUID, int], int] = {}
        for change, _ in changed:
            pledge_id, position = change.version.pledge.id, change.version.from_position
            if pledge_id in last:
                ended[pledge_id, last[pledge_id]] = position
            elif change.before is not None:
                ends[pledge_id] = position
            last[pledge_id] = position
        if ends:
            connection.execute(CLOSE_WORDS, [list(ends), list(ends.values())])
        words = (_words_row(change.version, found, ended) for change, found in changed)
        add_rows(connection, "board_words", WORDS_COLUMNS, words)

    def _write_references(self, connection: Connection[Any]) -> None:
        given = {
            new.reference: new.id
            for change in self._changes
            if (new := change.version.pledge).reference
            and (change.before is None or not change.before.reference)
        }
        if given:
            connection.execute(REFERENCES, [list(given), list(given.values())])


def _words_row(version: Version, found: FoundBy, ended: Mapping[tuple[UUID, int], int]) -> tuple[Any, ...]:
    pledge_id, position = version.pledge.id, version.from_position
    return pledge_id, position, ended.get((pledge_id, position)), vector(*found)


def _newly_found_by(change: Change, known: Entities[Known]) -> FoundBy | None:
    """What a version is found by, if it is not found by the same as the one before."""
    new, old = change.version.pledge, change.before
    if old is None or old is new:
        return found_by(new, known)
    if old.content is new.content and old.partners is new.partners and old.reference == new.reference:
        return None
    found = found_by(new, known)
    return None if found == found_by(old, known) else found
