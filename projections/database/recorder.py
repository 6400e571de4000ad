"""Stores events and reads them: the event store library's recorder, on PostgreSQL.

Must not know what events mean. One append at a time, whatever the process: a reader that sees a position has
seen all before it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from threading import Event
from typing import Any, LiteralString, cast
from uuid import UUID

import msgspec
import psycopg
from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent, Subscription
from psycopg import Connection, errors, sql
from psycopg.pq import TransactionStatus

from domain.recording import (
    EVENT_TYPES,
    RENAMED,
    SALT_BYTES,
    Recorded,
    canonical,
    header_digest,
    payload_digest,
)
from domain.register import AlreadyCarriedOut, Collision, ConnectionLost, Entry, Look
from domain.reservations import reservations_of
from domain.unit_of_work import ReliedOn
from projections.database.mapper import SealedEvent, StoredRow, read_row
from projections.database.pool import Pool
from projections.problems import OperatorProblem

CHANNEL = "pledges_events"

BEGIN_APPEND: LiteralString = "SELECT * FROM begin_append()"
LAST_NUMBER: LiteralString = "SELECT last_reference_number({})"
EVENT = "(%b, %b, %b, %b, %b, %b, %b, %b, %b::jsonb, %b, %b, %b::jsonb, %b)"
COMMAND = "(%b, %b, %b, %b, %b::bigint, %b)"
RESERVATION = "(%b, %b, %b)"
INSERT_EVENTS = """
INSERT INTO events (position, stream, stream_version, name, version, recorded_at, header, header_salt,
    header_salts, header_digest, payload, salts, payload_digest) VALUES """
INSERT_COMMANDS = """
INSERT INTO command_log (command_id, account, stream, stream_version, first_position, last_position)
VALUES """
INSERT_RESERVATIONS = "INSERT INTO reservations (kind, key, holder) VALUES "
ROWS_AT_ONCE = 1000
"""A statement has at most 65,535 parameters."""

ROW: LiteralString = "position, stream, stream_version, name, header, payload, salts"
EVENTS_OF_STREAM: LiteralString = (
    "SELECT position, header, payload, salts FROM events WHERE stream = %b ORDER BY stream_version"
)
EVENT_AT: LiteralString = "SELECT position, header, payload, salts FROM events WHERE position = %b"
# In one question: where the register stands, what rarely changes and did, and the events of streams.
LOOK: LiteralString = """
SELECT head, changed, stream, position, header, payload, salts
FROM (
    SELECT coalesce(max(position), 0) AS head,
        ARRAY(SELECT DISTINCT stream FROM events WHERE name IN ({}) AND position > %b) AS changed
    FROM events
) AS register
LEFT JOIN events ON stream = ANY(%b)
ORDER BY stream, stream_version
"""
LOGGED: LiteralString = """
SELECT command_id, account, command_log.stream, command_log.stream_version, last_position, position,
    header, payload, salts
FROM command_log LEFT JOIN events ON events.position BETWEEN first_position AND last_position
WHERE command_id = ANY(%b) ORDER BY events.position
"""
IS_LOGGED: LiteralString = "SELECT FROM command_log WHERE command_id = %b"
CHANGED: LiteralString = """
SELECT EXISTS (
    SELECT FROM unnest(%b::uuid[], %b::bigint[]) AS read (stream, version)
    JOIN events ON events.stream = read.stream AND events.stream_version > read.version
) OR EXISTS (
    SELECT FROM unnest(%b::text[], %b::bigint[]) AS read (prefix, known)
    WHERE (SELECT count(*) FROM reservations WHERE kind = 'offer' AND starts_with(key, prefix)) > known
)
"""
SLOW_KINDS = ("entity.", "cycle.", "log.")
"""What rarely changes, and is kept from one transaction to the next until it does; and what erases words."""

NEVER = 1 << 62
MICROSECOND = timedelta(microseconds=1)
FOLLOWED_AT_ONCE = 500
FOLLOWED_EVERY_SECONDS = 0.2


class EventsLost(OperatorProblem):
    """The store ends before what read models have shown: what would be recorded next could pass unseen."""


class StoreSession:
    """One transaction, begun when it has to be: by the first lock, or by what is written."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    def look(self, streams: Sequence[UUID], command_ids: Sequence[UUID], since: int | None) -> Look:
        arguments = [NEVER if since is None else since, list(streams)]
        rows = self.connection.execute(_look(), arguments, binary=True).fetchall()
        position, changed = rows[0][:2]
        events: dict[UUID, list[Recorded]] = {stream: [] for stream in streams}
        for _, _, stream, *row in rows:
            if stream is not None:
                events[stream].append(read_row(*row))
        logged = self.connection.execute(LOGGED, [list(command_ids)]) if command_ids else ()
        return Look(events, _entries(logged), position, changed)

    def is_logged(self, command_id: UUID) -> bool:
        return self.connection.execute(IS_LOGGED, [command_id]).fetchone() is not None

    def events(self, stream: UUID) -> Sequence[Recorded]:
        rows = self.connection.execute(EVENTS_OF_STREAM, [stream], binary=True)
        return [read_row(*row) for row in rows]

    def event(self, position: int) -> Recorded | None:
        row = self.connection.execute(EVENT_AT, [position], binary=True).fetchone()
        return read_row(*row) if row else None

    def holder(self, kind: str, key: str) -> UUID | None:
        question = "SELECT holder FROM reservations WHERE kind = %b AND key = %b"
        row = self.connection.execute(question, [kind, key]).fetchone()
        return row[0] if row else None

    def holders(self, kind: str, prefix: str) -> Sequence[UUID]:
        question = "SELECT holder FROM reservations WHERE kind = %b AND starts_with(key, %b) ORDER BY key"
        return [holder for (holder,) in self.connection.execute(question, [kind, prefix])]

    def last_number(self, cycle: int) -> int:
        number: int = self._in_transaction(sql.SQL(LAST_NUMBER).format(str(cycle)))[0]
        return number

    def begin_alone(self) -> None:
        """Begin with both locks, in the order in which all take them; to take them again is harmless."""
        self.last_number(0)
        self.connection.execute(BEGIN_APPEND)

    def hold(self, relied_on: ReliedOn) -> None:
        """Take the append lock. Only a statement behind it sees all that was stored before."""
        with self.connection.pipeline():
            if self.connection.info.transaction_status == TransactionStatus.IDLE:
                self.connection.execute("BEGIN")
            self.connection.execute(BEGIN_APPEND)
            streams, offers = relied_on.streams, relied_on.offers
            arguments = [list(streams), list(streams.values()), list(offers), list(offers.values())]
            changed = self.connection.execute(CHANGED, arguments).fetchone()
        if changed and changed[0]:
            raise Collision("what a decision relied on has changed")

    def append(self, sealed: Sequence[SealedEvent], entries: Sequence[Entry]) -> list[Recorded]:
        """Store events and what else their commands write, and commit."""
        try:
            settled = self._settled(sealed) if sealed else []
            _hand_back(settled, entries)
            self._write(settled, entries)
        except errors.UniqueViolation as error:
            if error.diag.table_name == "command_log":
                raise AlreadyCarriedOut from error
            if error.diag.table_name in ("events", "reservations"):
                raise Collision(str(error)) from error
            raise
        except psycopg.OperationalError as error:
            if self.connection.closed or isinstance(error, errors.AdminShutdown | errors.CrashShutdown):
                raise ConnectionLost from error
            raise
        return [event.recorded for event in settled]

    def _in_transaction(self, question: sql.Composed) -> tuple[Any, ...]:
        """The one row of an answer, in the transaction; it begins with the question if it has not begun."""
        begun = self.connection.info.transaction_status != TransactionStatus.IDLE
        cursor = self.connection.execute(question if begun else sql.SQL("BEGIN;") + question)
        if not begun:
            cursor.nextset()
        return cast("tuple[Any, ...]", cursor.fetchone())

    def _settled(self, sealed: Sequence[SealedEvent]) -> list[_Settled]:
        """The events with their positions and times; from here to the commit nobody else appends."""
        position, before, now, shown = self._in_transaction(sql.SQL(BEGIN_APPEND).format())
        if shown > position:
            raise EventsLost(
                f"events up to position {shown} were shown, and the last that is stored has position "
                f"{position}: nothing more is recorded; `pledges status` says what is missing"
            )
        first_at = now if before is None else max(now, before + MICROSECOND)
        return [
            _settle(event, position + number, first_at.astimezone(UTC) + MICROSECOND * (number - 1))
            for number, event in enumerate(sealed, 1)
        ]

    def _write(self, settled: Sequence[_Settled], entries: Sequence[Entry]) -> None:
        with self.connection.pipeline():
            if self.connection.info.transaction_status == TransactionStatus.IDLE:
                self.connection.execute("BEGIN")
            self._insert(settled, entries)
            for entry in entries:
                for write in entry.also:
                    write(self.connection, entry.events)
            self.connection.commit()

    def _insert(self, settled: Sequence[_Settled], entries: Sequence[Entry]) -> None:
        commands = [_command_row(entry) for entry in entries]
        events, reserved = [_event_row(event) for event in settled], _reservations(settled)
        while events or commands or reserved:
            several = events[:ROWS_AT_ONCE], commands[:ROWS_AT_ONCE], reserved[:ROWS_AT_ONCE]
            question = _insertion(*map(len, several))
            arguments = [value for rows in several for row in rows for value in row]
            self.connection.execute(question, [*arguments, CHANNEL])
            events, commands, reserved = (
                events[ROWS_AT_ONCE:], commands[ROWS_AT_ONCE:], reserved[ROWS_AT_ONCE:]
            )  # fmt: skip


@lru_cache(maxsize=1)
def _look() -> bytes:
    """LOOK with the names of what rarely changes: they are the same each time, and dear to send."""
    names = [name for name in (*EVENT_TYPES, *RENAMED) if name.startswith(SLOW_KINDS)]
    return sql.SQL(LOOK).format(sql.SQL(", ").join(map(sql.Literal, names))).as_bytes(None)


@lru_cache(maxsize=64)
def _insertion(events: int, commands: int, reservations: int) -> bytes:
    """One statement that inserts that many rows of each, and wakes whoever waits for events."""
    parts = [
        insert + ", ".join([row] * rows)
        for insert, row, rows in (
            (INSERT_EVENTS, EVENT, events),
            (INSERT_COMMANDS, COMMAND, commands),
            (INSERT_RESERVATIONS, RESERVATION, reservations),
        )
        if rows
    ]
    steps = ", ".join(f"step_{number} AS ({part})" for number, part in enumerate(parts))
    return f"WITH {steps} SELECT pg_notify(%b, '')".encode()


@dataclass(frozen=True, slots=True)
class _Settled:
    """An event as it will be stored."""

    sealed: SealedEvent
    recorded: Recorded
    header: bytes
    salt: bytes


def _settle(event: SealedEvent, position: int, at: datetime) -> _Settled:
    header = msgspec.structs.replace(event.header, position=position, recorded_at=at)
    return _Settled(event, Recorded(header, event.fact), canonical(header), os.urandom(SALT_BYTES))


def _hand_back(settled: Sequence[_Settled], entries: Sequence[Entry]) -> None:
    """Give each command its events as they are recorded."""
    recorded = iter([event.recorded for event in settled])
    for entry in entries:
        entry.events = list(islice(recorded, len(entry.events)))
        if entry.events:
            entry.position = entry.events[-1].position


def _event_row(event: _Settled) -> tuple[Any, ...]:
    header = event.recorded.header
    return (
        header.position,
        header.stream,
        header.stream_version,
        header.name,
        header.version,
        header.recorded_at,
        event.header,
        event.salt,
        canonical(event.sealed.header_salts).decode(),
        header_digest(event.salt, event.header, header.word_digests),
        event.sealed.sealed.payload,
        canonical(event.sealed.sealed.salts).decode(),
        payload_digest(event.sealed.sealed.digests),
    )


def _reservations(settled: Sequence[_Settled]) -> list[tuple[str, str, UUID]]:
    made = [reservation for event in settled for reservation in reservations_of(event.recorded)]
    return list(dict.fromkeys((reserved.kind, reserved.key, reserved.holder) for reserved in made))


def _command_row(entry: Entry) -> tuple[Any, ...]:
    first = entry.events[0].position if entry.events else None
    return entry.command_id, entry.account, entry.stream, entry.version, first, entry.position


def _entries(rows: Any) -> dict[UUID, Entry]:
    entries: dict[UUID, Entry] = {}
    for command_id, account, stream, version, position, *row in rows:
        entry = entries.setdefault(command_id, Entry(command_id, account, stream, version, position, []))
        if row[0] is not None:
            entry.events = [*entry.events, read_row(*row)]
    return entries


class EventRecorder(ApplicationRecorder):
    """The library's questions, and sessions for the register."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    # -- for the register

    @contextmanager
    def session(self) -> Iterator[StoreSession]:
        """A transaction: committed by an append, else nothing was written."""
        with self._pool.statements() as connection:  # what is only read needs no transaction
            yield StoreSession(connection)

    def wait_until_settled(self) -> None:
        """Return when no append that began before now is under way: it would have the lock."""
        with self._pool.connection() as connection:
            connection.execute(BEGIN_APPEND)

    # -- for the library

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        session: StoreSession | None = None,
        entries: Sequence[Entry] = (),
        **_: Any,
    ) -> Sequence[int]:
        sealed = [event for event in stored_events if isinstance(event, SealedEvent)]
        if session is not None:
            return [recorded.position for recorded in session.append(sealed, entries)]
        with self.session() as own:
            return [recorded.position for recorded in own.append(sealed, entries)]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredRow]:
        question = sql.SQL(
            "SELECT {row} FROM events WHERE stream = %b AND stream_version > %b AND stream_version <= %b "
            "ORDER BY stream_version {order} LIMIT %b"
        ).format(row=sql.SQL(ROW), order=sql.SQL("DESC" if desc else "ASC"))
        return self._rows(question, [originator_id, gt or 0, NEVER if lte is None else lte, limit])

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[StoredRow]:
        after = (start or 0) - inclusive_of_start
        question = sql.SQL(
            "SELECT {row} FROM events WHERE position > %b AND position <= %b AND (%b OR name = ANY(%b)) "
            "ORDER BY position LIMIT %b"
        ).format(row=sql.SQL(ROW))
        return self._rows(question, [after, NEVER if stop is None else stop, not topics, list(topics), limit])

    def max_notification_id(self) -> int | None:
        with self._pool.connection() as connection:
            row = connection.execute("SELECT max(position) FROM events").fetchone()
        position: int | None = row[0] if row else None
        return position

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return _Following(self, gt, topics)

    def _rows(self, question: sql.Composed, arguments: Sequence[Any]) -> list[StoredRow]:
        with self._pool.connection() as connection:
            rows = connection.execute(question, arguments).fetchall()
        return [
            StoredRow(stream, version, name, payload, position, header, salts)
            for position, stream, version, name, header, payload, salts in rows
        ]


class _Following(Subscription[ApplicationRecorder]):
    """All events from a position on, for as long as somebody asks; looks often for new ones."""

    def __init__(self, recorder: ApplicationRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._waiting: deque[Notification] = deque()
        self._stopped = Event()

    def stop(self) -> None:
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._waiting:
                return self._waiting.popleft()
            after = self._last_notification_id or 0
            found = self._recorder.select_notifications(
                after, FOLLOWED_AT_ONCE, topics=self._topics, inclusive_of_start=False
            )
            self._waiting.extend(found)
            if found:
                self._last_notification_id = found[-1].id
            else:
                self._stopped.wait(FOLLOWED_EVERY_SECONDS)
        raise StopIteration
