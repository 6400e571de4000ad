"""Keeps the tables of the board up to date with the events. Must not know what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from domain.entities.events import EntityClassified, EntityMerged
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections.board import known_entities, tables
from projections.board.known_entities import Entities, Known
from projections.board.rows import COLUMNS, OF_TODAY, FoundBy, Version, entities_of, found_by, row, shown
from projections.board.words import marks_query, vector
from projections.database.adding_rows import add_rows

# What is closed is handed back: the versions that events of this batch go on from.
CLOSE: LiteralString = """
WITH closed AS (
    UPDATE board SET to_position = ended.at FROM unnest(%b::uuid[], %b::bigint[]) AS ended (id, at)
    WHERE board.pledge_id = ended.id AND board.to_position IS NULL
    RETURNING board.pledge_id, board.from_position, board.state_position
)
SELECT closed.from_position, closed.state_position, board_states.state
FROM closed JOIN board_states
    ON board_states.pledge_id = closed.pledge_id AND board_states.from_position = closed.state_position
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

_decoder = msgspec.msgpack.Decoder(Pledge)
_encoder = msgspec.msgpack.Encoder()


class BoardReadModel:
    """Versions of pledges, from the events of pledges and of the entities that make them."""

    name = "board"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(tables.CREATE)

    def apply(self, connection: Connection[Any], batch: Sequence[Recorded]) -> None:
        # Rows are found by their keys, however small the tables still are when a plan is made.
        connection.execute("SET LOCAL random_page_cost = 1")
        for run in _runs(batch):
            _apply_run(connection, run)


def _runs(batch: Sequence[Recorded]) -> Iterator[list[Recorded]]:
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


def _apply_run(connection: Connection[Any], run: Sequence[Recorded]) -> None:
    about_entities = [event for event in run if event.header.name.startswith("entity.")]
    about_pledges = [event for event in run if event.header.name.startswith("pledge.")]
    changing = next(
        (event for event in run[:1] if isinstance(event.fact, EntityMerged | EntityClassified)), None
    )
    if about_entities:
        known_entities.apply(connection, about_entities)
    showing = _showing(connection, changing.header.stream) if changing else []
    if not about_pledges and not showing:
        return
    ends = dict.fromkeys(showing, run[0].position)
    for event in about_pledges:
        ends.setdefault(event.header.stream, event.position)
    versions = Versions(_closed(connection, ends))
    versions.restate(showing, run[0].position)
    for event in about_pledges:
        versions.evolve(event)
    known = known_entities.load_known(connection, versions.entities())
    versions.write(connection, known)


def _showing(connection: Connection[Any], entity: UUID) -> list[UUID]:
    """The pledges whose rows depend on what is known of an entity."""
    rows = connection.execute(SHOWING, [marks_query([shown(entity)])], binary=True)
    return sorted(pledge for (pledge,) in rows)


def _closed(connection: Connection[Any], ends: dict[UUID, int]) -> Iterator[Version]:
    """Close the open versions of some pledges."""
    for position, state_position, state in connection.execute(
        CLOSE, [list(ends), list(ends.values())], binary=True
    ):
        yield Version(_decoder.decode(state), position, state_position)


@dataclass(slots=True)
class Step:
    """From one version of a pledge to the next; the first has none before."""

    before: Version | None
    after: Version


class Versions:
    """The versions that some events make."""

    def __init__(self, closed: Iterable[Version]) -> None:
        self._last: dict[UUID, Version] = {version.pledge.id: version for version in closed}
        self._stored = frozenset(self._last)
        self._steps: list[Step] = []

    def restate(self, pledges: Iterable[UUID], position: int) -> None:
        """What is known of an entity changed: its pledges look different from here on."""
        for pledge_id in pledges:
            before = self._last[pledge_id]
            self._follow(Version(before.pledge, position, before.state_position))

    def evolve(self, event: Recorded) -> None:
        """The version that an event makes."""
        before = self._last.get(event.header.stream)
        pledge = evolve(before.pledge if before else None, event)
        self._follow(Version(pledge, event.position, event.position))

    def _follow(self, version: Version) -> None:
        pledge_id = version.pledge.id
        before = self._last.get(pledge_id)
        if before is not None:
            before.to_position = version.from_position
        self._last[pledge_id] = version
        self._steps.append(Step(before, version))

    def entities(self) -> set[UUID]:
        """The entities that the new versions depend on."""
        return {entity for step in self._steps for entity in entities_of(step.after.pledge)}

    def write(self, connection: Connection[Any], known: Entities[Known]) -> None:
        """Bring the tables forward. Rows are made while the database takes those before them."""
        new = [step.after for step in self._steps]
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
        changed = [(step.after, found) for step in self._steps if (found := _newly_found_by(step, known))]
        ends: dict[UUID, int] = {}
        last: dict[UUID, int] = {}
        ended: dict[tuple[UUID, int], int] = {}
        for version, _ in changed:
            pledge_id, position = version.pledge.id, version.from_position
            if pledge_id in last:
                ended[pledge_id, last[pledge_id]] = position
            elif pledge_id in self._stored:
                ends[pledge_id] = position
            last[pledge_id] = position
        if ends:
            connection.execute(CLOSE_WORDS, [list(ends), list(ends.values())])
        words = (_words_row(version, found, ended) for version, found in changed)
        add_rows(connection, "board_words", WORDS_COLUMNS, words)

    def _write_references(self, connection: Connection[Any]) -> None:
        given = {
            step.after.pledge.reference: step.after.pledge.id
            for step in self._steps
            if step.after.pledge.reference and (step.before is None or not step.before.pledge.reference)
        }
        if given:
            connection.execute(REFERENCES, [list(given), list(given.values())])


def _words_row(version: Version, found: FoundBy, ended: Mapping[tuple[UUID, int], int]) -> tuple[Any, ...]:
    pledge_id, position = version.pledge.id, version.from_position
    return pledge_id, position, ended.get((pledge_id, position)), vector(*found)


def _newly_found_by(step: Step, known: Entities[Known]) -> FoundBy | None:
    """What a version is found by, if it is not found by the same as the one before."""
    new = step.after.pledge
    old = step.before.pledge if step.before else None
    if old is None or old is new:
        return found_by(new, known)
    if old.content is new.content and old.partners is new.partners and old.reference == new.reference:
        return None
    found = found_by(new, known)
    return None if found == found_by(old, known) else found
