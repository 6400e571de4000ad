"""Feeds the read models with what happened: in order, in batches, each event once.

Of all projectors one leads and the others stand by. Must not know what read models hold.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Event
from typing import Any

import psycopg
import structlog
from psycopg import Connection, errors

from domain.log.events import FieldErased
from projections.batch import Batch, Pledges
from projections.database import places
from projections.database.places import Place
from projections.database.recorder import CHANNEL
from projections.read_model import ReadModel, schema_of

LEADER_LOCK = 20_220_520
BATCH = 500
FEW = 16
"""So few events at once are a matter of round trips to the database: their statements go in a pipeline."""
POLL_SECONDS = 0.5
STANDBY_SECONDS = 0.4
RECONNECT_SECONDS_MIN, RECONNECT_SECONDS_MAX = 0.1, 5.0
ERROR_CHARS_MAX = 1_000
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 1.0, 60.0

log = structlog.get_logger(__name__)


class Projector:
    """Keeps read models up to date for as long as it runs."""

    def __init__(self, app_url: str, read_models: Sequence[ReadModel], *, batch: int = BATCH) -> None:
        self._app_url = app_url
        self._models = tuple(read_models)
        self._batch = batch
        self.leads = Event()

    def run(self, stop: Event) -> None:
        """Lead, or stand by to lead, until told to stop, whatever happens to the database meanwhile."""
        pause = RECONNECT_SECONDS_MIN
        while not stop.is_set():
            try:
                with self._connected() as connection:
                    pause = RECONNECT_SECONDS_MIN
                    self._run_on(connection, stop)
            except psycopg.Error as error:  # lost, or not migrated yet
                log.warning("projector.interrupted", reason=str(error).strip(), pause=pause)
                stop.wait(pause)
                pause = min(pause * 2, RECONNECT_SECONDS_MAX)
            finally:
                self.leads.clear()

    def catch_up(self, progress: Callable[[int], None] | None = None) -> None:
        """Feed the read models with all there is, once; waits for another leader to stop leading.

        `progress` is told the position that all read models have reached.
        """
        with self._connected() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [LEADER_LOCK])
            leader = _Leader(connection, self._models, self._batch)
            while leader.advance():
                if progress:
                    progress(leader.reached)

    def stand_in(self) -> bool:
        """Feed the read models with all there is, once, unless another one leads; whether nobody did."""
        with self._connected() as connection:
            if not _has_lock(connection):
                return False
            leader = _Leader(connection, self._models, self._batch)
            while leader.advance():
                pass
        return True

    def _connected(self) -> Connection[Any]:
        connection: Connection[Any] = psycopg.connect(self._app_url, autocommit=True)
        places.prepare_to_feed(connection)
        places.work_in(connection, *map(schema_of, self._models))
        return connection

    def _run_on(self, connection: Connection[Any], stop: Event) -> None:
        while not _has_lock(connection):
            if stop.wait(STANDBY_SECONDS):
                return
        log.info("projector.leads")
        connection.execute(f"LISTEN {CHANNEL}")
        leader = _Leader(connection, self._models, self._batch)
        self.leads.set()
        while not stop.is_set():
            if not leader.advance():
                for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass


def _has_lock(connection: Connection[Any]) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK]).fetchone()
    return bool(row and row[0])


@dataclass(slots=True)
class _Retry:
    """When a read model that failed is tried again."""

    at: float
    pause: float


class _Leader:
    """The work of the one projector that leads, on its one connection: whoever loses it has lost the lead."""

    def __init__(self, connection: Connection[Any], models: Sequence[ReadModel], batch: int) -> None:
        self._connection = connection
        self._models = models
        self._batch = batch
        self._positions: dict[str, int] = {}
        self._live: set[str] = set()
        self._stopped: dict[str, int] = {}
        self._retries: dict[str, _Retry] = {}
        self._pledges = Pledges()
        for model in models:
            self._make_ready(model)
        self._drop_superseded()

    @property
    def reached(self) -> int:
        """The position that every read model which is fed has reached."""
        return min(self._positions.values(), default=0)

    def advance(self) -> bool:
        """Feed one batch to each group of read models at the same position; False if all is fed."""
        self._retry_failed()
        groups: dict[int, list[ReadModel]] = defaultdict(list)
        for model in self._models:
            if model.name in self._positions:
                groups[self._positions[model.name]].append(model)
        more = [self._feed(models, position) for position, models in sorted(groups.items())]
        return any(more)

    # -- getting ready

    def _make_ready(self, model: ReadModel) -> None:
        try:
            with self._connection.transaction():
                places.make_tables(self._connection, model)
        except Exception as error:
            if _is_lost(self._connection, error):
                raise
            self._stop_one(model, 0, error, None)
            return
        for place in self._places_of([model]):
            self._positions[place.name] = place.position
            self._stopped.pop(place.name, None)
            if place.state == "live":
                self._live.add(place.name)

    def _places_of(self, models: Sequence[ReadModel]) -> list[Place]:
        keys = {(model.name, model.version) for model in models}
        return [place for place in places.places(self._connection) if (place.name, place.version) in keys]

    def _retry_failed(self) -> None:
        for model in self._models:
            retry = self._retries.get(model.name)
            if retry and model.name not in self._positions and retry.at <= time.monotonic():
                self._make_ready(model)

    def _drop_superseded(self) -> None:
        """Drop older versions, unless the newer one is still being built: then they are being read."""
        ours = {model.name: model.version for model in self._models if model.name in self._live}
        for place in places.places(self._connection):
            if place.version < ours.get(place.name, 0):
                with self._connection.transaction():
                    places.forget(self._connection, place)
                log.info("read-model.superseded", name=place.name, version=place.version)

    # -- feeding

    def _feed(self, models: Sequence[ReadModel], position: int) -> bool:
        """Feed the events after a position to read models that all stand there."""
        try:
            batch = self._read(position, self._batch)
            if not batch and all(model.name in self._live for model in models):
                return False
            return self._feed_together(models, position, batch, at_head=len(batch) < self._batch)
        except Exception as error:
            if _is_lost(self._connection, error):
                raise
            log.warning("projector.batch-undone", position=position, error=repr(error))
        more = [self._feed_alone(model, position) for model in models]
        return any(more)

    def _read(self, position: int, limit: int) -> Batch:
        events = places.read_events(self._connection, position, limit)
        if any(isinstance(event.fact, FieldErased) for event in events):
            self._pledges.forget()
        return Batch(events, self._pledges)

    def _feed_together(
        self, models: Sequence[ReadModel], position: int, batch: Batch, *, at_head: bool
    ) -> bool:
        """All in one transaction; True if there may be more."""
        reached = batch[-1].position if batch else position
        with self._quickly(batch), self._connection.transaction():
            found = places.locked_positions(self._connection, models)
            if set(found.values()) != {position}:  # a rebuild was faster
                self._positions.update(found)
                self._pledges.forget()  # what it has read already may have been erased words
                return True
            for model in models if batch else ():
                model.apply(self._connection, batch)
            places.move(self._connection, models, reached, live=at_head)
            moved = self._positions | {model.name: reached for model in models}
            live = self._live | {model.name for model in models if at_head}
            self._announce(moved, live)
        self._positions, self._live = moved, live
        for model in models:
            self._retries.pop(model.name, None)
        return not at_head

    def _announce(self, positions: Mapping[str, int], live: Iterable[str]) -> None:
        every = min([*positions.values(), *self._stopped.values()], default=0)
        places.announce(self._connection, min((positions[name] for name in live), default=every), every)

    def _quickly(self, batch: Batch) -> AbstractContextManager[Any]:
        return self._connection.pipeline() if len(batch) <= FEW else nullcontext()

    def _feed_alone(self, model: ReadModel, position: int) -> bool:
        """One read model and one event at a time, to find the event at which it stops."""
        for _ in range(self._batch):
            try:
                events = self._read(position, 1)
                if not events:
                    return True
                self._feed_together([model], position, events, at_head=False)
            except Exception as error:
                if _is_lost(self._connection, error):
                    raise
                self._stop_one(model, position, error, position + 1)
                return False
            position = self._positions[model.name]
        return True

    def _stop_one(
        self, model: ReadModel, position: int, error: Exception, error_position: int | None
    ) -> None:
        """Let a read model stand where it is, alone and loudly, and try it again later."""
        with self._connection.transaction():
            places.fail(self._connection, model, position, repr(error)[:ERROR_CHARS_MAX], error_position)
            self._positions.pop(model.name, None)
            self._live.discard(model.name)
            self._stopped[model.name] = position
            self._announce(self._positions, self._live)
        before = self._retries.get(model.name)
        pause = min(before.pause * 2, RETRY_SECONDS_MAX) if before else RETRY_SECONDS_MIN
        self._retries[model.name] = _Retry(time.monotonic() + pause, pause)
        log.error("read-model.stopped", name=model.name, position=error_position, error=repr(error))


def _is_lost(connection: Connection[Any], error: Exception) -> bool:
    return connection.closed or isinstance(error, errors.AdminShutdown | errors.CrashShutdown)
