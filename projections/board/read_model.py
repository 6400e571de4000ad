"""Keeps the tables of the board up to date with the events. Must not know what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from domain.entities.events import EntityClassified, EntityMerged
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections.board import known_entities, tables
from projections.board.known_entities import KnownEntities
from projections.board.rows import COLUMNS, Version, entities_of, found_by, row, shown
from projections.board.words import marks_query, vector

LOAD: LiteralString = """
SELECT board.pledge_id, board.from_position, board.state_position, board_states.state
FROM board JOIN board_states
    ON board_states.pledge_id = board.pledge_id AND board_states.from_position = board.state_position
WHERE board.to_position IS NULL AND board.pledge_id = ANY(%b)
"""
SHOWING: LiteralString = (
    "SELECT pledge_id FROM board_words WHERE to_position IS NULL AND words @@ %b::tsquery"
)
CLOSE: LiteralString = """
UPDATE board SET to_position = ended.at FROM unnest(%b::uuid[], %b::bigint[]) AS ended (id, at)
WHERE board.pledge_id = ended.id AND board.to_position IS NULL
"""
CLOSE_WORDS: LiteralString = """
UPDATE board_words SET to_position = ended.at FROM unnest(%b::uuid[], %b::bigint[]) AS ended (id, at)
WHERE board_words.pledge_id = ended.id AND board_words.to_position IS NULL
"""
COPY = sql.SQL("COPY board ({}) FROM STDIN").format(sql.SQL(", ").join(map(sql.Identifier, COLUMNS)))
COPY_STATES: LiteralString = "COPY board_states (pledge_id, from_position, state) FROM STDIN"
COPY_WORDS: LiteralString = "COPY board_words (pledge_id, from_position, to_position, words) FROM STDIN"
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
    changing = about_entities[0] if isinstance(run[0].fact, EntityMerged | EntityClassified) else None
    versions = Versions(connection)
    versions.load(dict.fromkeys(event.header.stream for event in about_pledges))
    if changing is not None:
        versions.load_showing(changing.header.stream)
    known = known_entities.load_open(connection, _entities_named(run, versions))
    known_entities.apply(connection, known, about_entities)
    if changing is not None:
        versions.restate(changing.position)
    for event in about_pledges:
        versions.evolve(event)
    versions.write(known)


def _entities_named(run: Iterable[Recorded], versions: Versions) -> set[UUID]:
    named = {entity for version in versions.open.values() for entity in entities_of(version.pledge)}
    for event in run:
        fact = event.fact
        if event.header.name.startswith("entity."):
            named.add(event.header.stream)
        for field in ("into", "entity", "new_lead"):
            if isinstance(entity := getattr(fact, field, None), UUID):
                named.add(entity)
        content = getattr(fact, "content", None)
        if content is not None:
            named |= {content.entity, *content.named, *content.partners}
    return named


class Versions:
    """The open versions of some pledges, and the new ones that some events make."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self.open: dict[UUID, Version] = {}
        self._stored: frozenset[UUID] = frozenset()
        self._restated: frozenset[UUID] = frozenset()
        self._steps: list[tuple[Version | None, Version]] = []
        self._states: list[tuple[UUID, int, bytes]] = []

    def load(self, pledges: Iterable[UUID]) -> None:
        """Have the open versions of these pledges at hand."""
        wanted = [pledge for pledge in pledges if pledge not in self.open]
        if wanted:
            rows = self._connection.execute(LOAD, [wanted], binary=True)
            for pledge, position, state_position, state in rows:
                self.open[pledge] = Version(_decoder.decode(state), position, state_position)
        self._stored = frozenset(self.open)

    def load_showing(self, entity: UUID) -> None:
        """Have the open versions at hand that show an entity."""
        rows = self._connection.execute(SHOWING, [marks_query([shown(entity)])], binary=True)
        found = [pledge for (pledge,) in rows]
        self.load(found)
        self._restated = frozenset(found)

    def restate(self, position: int) -> None:
        """What is known of an entity changed: its pledges look different from here on."""
        for pledge_id in sorted(self._restated):
            before = self.open[pledge_id]
            self._follow(before, Version(before.pledge, position, before.state_position))

    def evolve(self, event: Recorded) -> None:
        """The version that an event makes."""
        position, stream = event.position, event.header.stream
        before = self.open.get(stream)
        pledge = evolve(before.pledge if before else None, event)
        self._states.append((stream, position, _encoder.encode(pledge)))
        self._follow(before, Version(pledge, position, position))

    def _follow(self, before: Version | None, version: Version) -> None:
        if before is not None:
            before.to_position = version.from_position
        self.open[version.pledge.id] = version
        self._steps.append((before, version))

    def write(self, known: KnownEntities) -> None:
        """Bring the tables forward."""
        if not self._steps:
            return
        ended: dict[UUID, int] = {}
        for before, version in self._steps:
            if before is not None and before.pledge.id in self._stored:
                ended.setdefault(before.pledge.id, version.from_position)
        self._close(CLOSE, ended)
        self._copy(COPY, (row(version, known) for _, version in self._steps))
        self._copy(COPY_STATES, self._states)
        self._write_words(known)
        self._write_references()

    def _write_words(self, known: KnownEntities) -> None:
        ended: dict[UUID, int] = {}
        added: dict[UUID, list[list[Any]]] = {}
        for before, version in self._steps:
            pledge_id, position = version.pledge.id, version.from_position
            if not _words_changed(before, version, known):
                continue
            rows = added.setdefault(pledge_id, [])
            if rows:
                rows[-1][2] = position
            elif pledge_id in self._stored:
                ended[pledge_id] = position
            rows.append([pledge_id, position, None, vector(*found_by(version.pledge, known))])
        self._close(CLOSE_WORDS, ended)
        self._copy(COPY_WORDS, [row for rows in added.values() for row in rows])

    def _write_references(self) -> None:
        given = {
            version.pledge.reference: version.pledge.id
            for before, version in self._steps
            if version.pledge.reference and (before is None or before.pledge.reference is None)
        }
        if given:
            self._connection.execute(REFERENCES, [list(given), list(given.values())])

    def _close(self, statement: LiteralString, ended: dict[UUID, int]) -> None:
        if ended:
            self._connection.execute(statement, [list(ended), list(ended.values())])

    def _copy(self, statement: LiteralString | sql.Composed, rows: Iterable[Sequence[Any]]) -> None:
        rows = list(rows)
        if rows:
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                for values in rows:
                    copy.write_row(values)


def _words_changed(before: Version | None, version: Version, known: KnownEntities) -> bool:
    if before is None or before.pledge is version.pledge:
        return True
    old, new = before.pledge, version.pledge
    if old.content is new.content and old.partners is new.partners and old.reference == new.reference:
        return False
    return found_by(old, known) != found_by(new, known)
