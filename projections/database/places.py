"""How far each read model has come, and the schemas in which read models keep their tables.

Must not know what read models hold, nor who feeds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection, sql
from psycopg.pq import TransactionStatus

from domain.recording import Recorded
from projections.database.mapper import read_row
from projections.database.roles import SCHEMA
from projections.read_model import ReadModel, schema_name, schema_of

# Everything here names the schema: the search path is the read model's own while it is fed.
PLACES: LiteralString = f"""
SELECT name, version, position, state, error, error_position, updated_at, been_live
FROM {SCHEMA}.read_models ORDER BY name, version
"""  # noqa: S608
LOCKED: LiteralString = f"""
SELECT name, position FROM {SCHEMA}.read_models
WHERE (name, version) IN (SELECT * FROM unnest(%b::text[], %b::integer[])) ORDER BY name FOR UPDATE
"""  # noqa: S608
REACHED: LiteralString = f"""
SELECT count(*) = {{number}} FROM {SCHEMA}.read_models
WHERE been_live AND position >= {{position}} AND (name, version) IN ({{keys}})
"""  # noqa: S608
READ: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE position > %b AND position <= %b ORDER BY position LIMIT %b
"""  # noqa: S608
READ_STREAMS: LiteralString = f"""
SELECT position, header, payload, salts FROM {SCHEMA}.events
WHERE stream = ANY(%b) AND position < %b ORDER BY position
"""  # noqa: S608
ADD: LiteralString = f"""
INSERT INTO {SCHEMA}.read_models (name, version, erased_up_to)
SELECT %b, %b, coalesce(max(position), 0) FROM {SCHEMA}.events WHERE name = 'log.field-erased'
ON CONFLICT DO NOTHING
"""  # noqa: S608
MOVE: LiteralString = f"""
UPDATE {SCHEMA}.read_models
SET position = %b, state = CASE WHEN %b THEN 'live' WHEN state = 'failed' THEN 'building' ELSE state END,
    been_live = been_live OR %b, error = NULL, error_position = NULL, updated_at = clock_timestamp()
WHERE (name, version) IN (SELECT * FROM unnest(%b::text[], %b::integer[]))
"""  # noqa: S608
FAIL: LiteralString = f"""
INSERT INTO {SCHEMA}.read_models AS known (name, version, position, state, error, error_position)
VALUES (%b, %b, %b, 'failed', %b, %b)
ON CONFLICT (name, version) DO UPDATE SET state = 'failed',
    error = excluded.error, error_position = excluded.error_position, updated_at = clock_timestamp()
"""  # noqa: S608
LAST_ERASURE: LiteralString = f"""
SELECT coalesce(max(position), 0) FROM {SCHEMA}.events WHERE name = 'log.field-erased'
"""  # noqa: S608
FORGOTTEN: LiteralString = f"""
UPDATE {SCHEMA}.read_models SET erased_up_to = %b WHERE name = %b AND version = %b
"""  # noqa: S608
REMEMBERING: LiteralString = f"""
SELECT name, version FROM {SCHEMA}.read_models
WHERE erased_up_to < (SELECT max(position) FROM {SCHEMA}.events WHERE name = 'log.field-erased')
"""  # noqa: S608
# Shared: those who wait like this do not wait for each other.
SETTLE: LiteralString = """
BEGIN; SET LOCAL lock_timeout = '1500ms';
SELECT pg_advisory_xact_lock_shared(20220519); SELECT clock_timestamp(); COMMIT
"""
CLOCK_AFTER = 3
CHANNEL = "pledges_projected"
END = 1 << 62


@dataclass(frozen=True, slots=True)
class Place:
    """How far one version of a read model has come, and how it is."""

    name: str
    version: int
    position: int
    state: str
    error: str | None = None
    error_position: int | None = None
    updated_at: Any = None
    been_live: bool = False  # from then on it is whole: what it holds is true of its position


def prepare_to_feed(connection: Connection[Any]) -> None:
    """Let a connection take its time and not wait for the disk.

    A batch and its place are in one transaction: what a crash takes back, it takes back of both, and the
    events are still there to be fed again.
    """
    connection.execute("SET statement_timeout = 0")
    connection.execute("SET synchronous_commit = off")


def places(connection: Connection[Any]) -> list[Place]:
    """The places of all versions of all read models."""
    return [Place(*row) for row in connection.execute(PLACES)]


def head(connection: Connection[Any]) -> int:
    """The last position."""
    row = connection.execute(f"SELECT coalesce(max(position), 0) FROM {SCHEMA}.events").fetchone()  # noqa: S608
    return row[0] if row else 0


def last_erasure(connection: Connection[Any]) -> int:
    """The position at which words were erased last, 0 if never."""
    row = connection.execute(LAST_ERASURE).fetchone()
    return row[0] if row else 0


def has_forgotten(connection: Connection[Any], model: ReadModel, up_to: int) -> None:
    """Say that a read model was built from events that had lost what was erased up to a position."""
    connection.execute(FORGOTTEN, [up_to, model.name, model.version])


def remembering(connection: Connection[Any], models: Sequence[ReadModel]) -> list[ReadModel]:
    """Those of some read models that may still hold words that were erased."""
    found = set(connection.execute(REMEMBERING).fetchall())
    return [model for model in models if (model.name, model.version) in found]


def have_reached(connection: Connection[Any], models: Sequence[ReadModel], position: int) -> bool:
    """Whether read models are whole, and have come to a position."""
    row = connection.execute(reached(models, position)).fetchone()
    return row is not None and row[0]


def reached(models: Sequence[ReadModel], position: int) -> sql.Composed:
    """The question whether read models are whole and have come to a position."""
    keys = [sql.SQL("({}, {})").format(model.name, model.version) for model in models]
    return sql.SQL(REACHED).format(
        number=len(models), position=position, keys=sql.SQL(", ").join([sql.SQL("('', 0)"), *keys])
    )


def locked_positions(connection: Connection[Any], models: Sequence[ReadModel]) -> dict[str, int]:
    """The positions of read models; nobody else moves or exchanges them until the end of the transaction."""
    return dict(connection.execute(LOCKED, _keys(models)).fetchall())


def read_events(connection: Connection[Any], after: int, limit: int, up_to: int = END) -> list[Recorded]:
    """The events after a position, in order. Raises UnreadableEvent."""
    rows = connection.execute(READ, [after, up_to, limit], binary=True)
    return [read_row(*row) for row in rows]


def read_streams(connection: Connection[Any], streams: list[UUID], before: int) -> list[Recorded]:
    """The events of some streams before a position, in order. Raises UnreadableEvent."""
    rows = connection.execute(READ_STREAMS, [streams, before], binary=True)
    return [read_row(*row) for row in rows]


def in_batches(connection: Connection[Any], after: int, up_to: int, limit: int) -> Iterator[list[Recorded]]:
    """The events between two positions, some at a time."""
    while after < up_to and (batch := read_events(connection, after, limit, up_to)):
        yield batch
        after = batch[-1].position


def move(connection: Connection[Any], models: Sequence[ReadModel], position: int, *, live: bool) -> None:
    """Say that read models have come to a position, and whether that is all there is."""
    connection.execute(MOVE, [position, live, live, *_keys(models)])


def announce(connection: Connection[Any], live: int, every: int) -> None:
    """Tell all who wait which position all live read models have reached, and which every read model has.

    They hear it once this is committed.
    """
    connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{live} {every}"])


def let_appends_end(connection: Connection[Any]) -> datetime:
    """Wait until no append is under way that began before; the time then, which all later ones will exceed.

    On the connection of a server that can be written to, outside a transaction.
    """
    cursor = connection.execute(SETTLE)
    for _ in range(CLOCK_AFTER):
        cursor.nextset()
    row = cursor.fetchone()
    if row is None:
        raise RuntimeError("the server has no time")
    at: datetime = row[0]
    return at


def forget(connection: Connection[Any], place: Place) -> None:
    """Drop a version of a read model and its place."""
    drop(connection, schema_name(place.name, place.version))
    question = f"DELETE FROM {SCHEMA}.read_models WHERE name = %s AND version = %s"  # noqa: S608
    connection.execute(question, [place.name, place.version])


def fail(
    connection: Connection[Any], model: ReadModel, position: int, error: str, error_position: int | None
) -> None:
    """Say that a read model stopped at a position, and on which event."""
    connection.execute(FAIL, [model.name, model.version, position, error, error_position])


def make_tables(connection: Connection[Any], model: ReadModel, *, building: bool = False) -> None:
    """Make a read model's schema and its empty tables, if there is no such schema."""
    schema = schema_of(model, building=building)
    row = connection.execute("SELECT to_regnamespace(%s) IS NULL", [schema]).fetchone()
    if row and row[0]:
        connection.execute(f"SELECT {SCHEMA}.create_read_model_schema(%s)", [schema])
        work_in(connection, schema)
        model.create(connection)
    if not building:
        add(connection, model)


def add(connection: Connection[Any], model: ReadModel) -> None:
    """Give a read model a place, if it has none."""
    connection.execute(ADD, [model.name, model.version])


def work_in(connection: Connection[Any], *schemas: str) -> None:
    """Let statements without a schema mean the tables of read models.

    Until the end of the transaction, if there is one, else for as long as the connection lasts.
    """
    path = ",".join([*schemas, SCHEMA, "public"])
    lasting = connection.info.transaction_status == TransactionStatus.IDLE
    connection.execute("SELECT set_config('search_path', %s, %s)", [path, not lasting])


def exchange(connection: Connection[Any], model: ReadModel) -> None:
    """Let what was built beside be what is read."""
    connection.execute(f"SELECT {SCHEMA}.exchange_read_model_schema(%s)", [schema_of(model)])


def drop(connection: Connection[Any], schema: str) -> None:
    """Drop a schema of a read model, if there is one."""
    connection.execute(f"SELECT {SCHEMA}.drop_read_model_schema(%s)", [schema])


def _keys(models: Sequence[ReadModel]) -> tuple[list[str], list[int]]:
    return [model.name for model in models], [model.version for model in models]
