"""Builds read models anew beside the live ones, compares, and exchanges them while the live ones are read.

Must not know what read models hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, errors, sql

from domain.recording import Recorded
from projections.batch import Batch, Pledges
from projections.database import places
from projections.problems import OperatorProblem
from projections.read_model import ReadModel, schema_of

REBUILD_LOCK = 20_220_521
BATCH = 500
DROP_ATTEMPTS = 20
DROP_LOCK_WAIT = "500ms"

Progress = Callable[[ReadModel, int, int], None]
"""Is told of a read model which position it has reached, of how many."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of a rebuild. `equal` is None where there was nothing live to compare with."""

    name: str
    version: int
    position: int
    seconds: float
    equal: bool | None


class RebuildProblem(OperatorProblem):
    """A rebuild cannot be done now."""


def rebuild(
    app_url: str,
    read_models: Sequence[ReadModel],
    progress: Progress | None = None,
    *,
    batch: int = BATCH,
    compare: bool = True,
) -> list[Rebuilt]:
    """Rebuild some read models, one after the other. After an erasure there is nothing to compare with."""
    with psycopg.connect(app_url, autocommit=True) as connection:
        places.prepare_to_feed(connection)
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [REBUILD_LOCK]).fetchone()
        if not (row and row[0]):
            raise RebuildProblem("another rebuild is under way: wait until it is done")
        return [_Rebuild(connection, model, progress, batch, compare=compare).run() for model in read_models]


def fingerprint(connection: Connection[Any], schema: str) -> dict[str, tuple[int, int]]:
    """For each table of a schema how many rows it has, and a sum that differs if any row differs."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r' ORDER BY 1",
        [schema],
    ).fetchall()
    return {name: _fingerprint_of_table(connection, schema, name) for (name,) in tables}


def _fingerprint_of_table(connection: Connection[Any], schema: str, table: str) -> tuple[int, int]:
    question = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended(kept::text, 0)::numeric), 0) FROM {} AS kept"
    ).format(sql.Identifier(schema, table))
    rows, total = connection.execute(question).fetchone() or (0, 0)
    return rows, int(total)


class _Rebuild:
    """The rebuild of one read model."""

    def __init__(
        self,
        connection: Connection[Any],
        model: ReadModel,
        progress: Progress | None,
        batch: int,
        *,
        compare: bool,
    ) -> None:
        self._connection = connection
        self._model = model
        self._progress = progress
        self._batch = batch
        self._compares = compare
        self._erased_up_to = 0
        self._schema = schema_of(model, building=True)
        self._position = 0
        self._pledges = Pledges()

    def run(self) -> Rebuilt:
        started = time.monotonic()
        self._begin()
        while self._position < (goal := self._goal()):
            self._build_up_to(goal)
        equal = self._compare() if self._compares else None
        self._exchange()
        self._drop_old()
        return Rebuilt(
            self._model.name, self._model.version, self._position, time.monotonic() - started, equal
        )

    def _begin(self) -> None:
        self._erased_up_to = places.last_erasure(self._connection)
        with self._connection.transaction():
            places.drop(self._connection, self._schema)
            places.make_tables(self._connection, self._model, building=True)

    def _goal(self) -> int:
        """Where the live one stands, so that both can be compared; the end, if there is none that lives."""
        live = self._live_place()
        return live.position if live else places.head(self._connection)

    def _live_place(self) -> places.Place | None:
        key = self._model.name, self._model.version
        found = [p for p in places.places(self._connection) if (p.name, p.version) == key]
        return found[0] if found and found[0].state == "live" else None

    def _build_up_to(self, goal: int) -> None:
        """Each batch in a transaction of its own."""
        for batch in places.in_batches(self._connection, self._position, goal, self._batch):
            with self._connection.transaction():
                self._apply(batch)
            if self._progress:
                self._progress(self._model, self._position, goal)

    def _apply(self, events: Sequence[Recorded]) -> None:
        places.work_in(self._connection, self._schema)
        self._model.apply(self._connection, Batch(events, self._pledges))
        self._position = events[-1].position

    def _compare(self) -> bool | None:
        """Whether both are equal at the position where the live one stands in this transaction's view."""
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            live = self._live_place()
            if live is None or live.position < self._position:
                return None
            self._catch_up(live.position)
            beside = fingerprint(self._connection, self._schema)
            return beside == fingerprint(self._connection, schema_of(self._model))

    def _catch_up(self, goal: int) -> None:
        for batch in places.in_batches(self._connection, self._position, goal, self._batch):
            self._apply(batch)

    def _exchange(self) -> None:
        """The last events and the exchange, while the projector waits for this read model's place."""
        with self._connection.transaction():
            places.add(self._connection, self._model)
            standing = places.locked_positions(self._connection, [self._model])[self._model.name]
            live = self._live_place()
            # Not behind an erasure: who fed it until now may keep what was read before, up to that event.
            goal = standing if live else places.head(self._connection)
            self._catch_up(max(goal, self._erased_up_to))
            places.has_forgotten(self._connection, self._model, self._erased_up_to)
            places.move(self._connection, [self._model], self._position, live=True)
            places.exchange(self._connection, self._model)

    def _drop_old(self) -> None:
        """Drop what was read until now, without making readers wait for each other."""
        for _ in range(DROP_ATTEMPTS):
            try:
                with self._connection.transaction():
                    self._connection.execute("SELECT set_config('lock_timeout', %s, true)", [DROP_LOCK_WAIT])
                    places.drop(self._connection, f"{schema_of(self._model)}_dropped")
            except (errors.LockNotAvailable, errors.DeadlockDetected):
                continue
            return
