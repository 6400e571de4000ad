"""Lets whoever wrote something wait until it can be read.

Must not know what was written. One listener a process, started when somebody first waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Condition, Event, Lock, Thread
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg import Connection

from projections.database.places import CHANNEL
from projections.query_pools import QueryPools
from projections.read_model import ReadModel

WAIT_SECONDS_MAX = 2.0
POLL_SECONDS = 0.5
RECONNECT_SECONDS = 0.2
NEVER_AWAITED = 1 << 62
STANDING: LiteralString = """
SELECT coalesce(place.state, 'building'), coalesce(place.position, 0)
FROM unnest(%b::text[], %b::integer[]) AS asked (name, version)
LEFT JOIN read_models AS place USING (name, version)
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far read models have come: those worth waiting for, and every one.

    Waited for are those that are live; before any is, those being built. One that stopped is mended by
    people, and one that is built beside live ones takes as long as it takes: nobody waits for either.
    """

    awaited: int
    every: int


def look(connection: Connection[Any], keys: tuple[list[str], list[int]]) -> Reached:
    """How far read models have come, as one database has it."""
    standing = connection.execute(STANDING, keys).fetchall()
    live = [position for state, position in standing if state == "live"]
    building = [position for state, position in standing if state == "building"]
    every = min((position for _, position in standing), default=NEVER_AWAITED)
    return Reached(min(live or building, default=NEVER_AWAITED), every)


class Readers:
    """What the readers of the read models can see."""

    def __init__(self, app_url: str, read_models: Sequence[ReadModel], pools: QueryPools) -> None:
        self._app_url = app_url
        self._keys = [model.name for model in read_models], [model.version for model in read_models]
        self._pools = pools
        self._lock = Lock()
        self._listener: _Listener | None = None

    def wait_for(self, position: int, at_most: float = WAIT_SECONDS_MAX) -> bool:
        """Whether all read models have reached a position where they are read.

        Waits for it if need be, but not for what has stopped or is being built: `wait_for_live` does as much.
        """
        return self._wait(position, at_most).every >= position

    def wait_for_live(self, position: int, at_most: float) -> bool:
        """Whether all read models that get on have reached a position, waiting for them."""
        return self._wait(position, at_most).awaited >= position

    def _wait(self, position: int, at_most: float) -> Reached:
        until = time.monotonic() + at_most
        reached = self._of_this_process().wait_for(position, at_most)
        arrived = self._pools.wait_for_replica(lambda c: look(c, self._keys).awaited >= position, until)
        return reached if arrived else Reached(awaited=-1, every=-1)

    def close(self) -> None:
        """Stop listening."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None and listener.pid == os.getpid():
            listener.stop()

    def _of_this_process(self) -> _Listener:
        with self._lock:
            if self._listener is None or self._listener.pid != os.getpid():
                self._listener = _Listener(self._app_url, self._keys)
            return self._listener


class _Listener:
    """A thread that hears how far the read models have come."""

    def __init__(self, app_url: str, keys: tuple[list[str], list[int]]) -> None:
        self.pid = os.getpid()
        self._app_url = app_url
        self._keys = keys
        self._reached = Reached(-1, -1)
        self._changed = Condition()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="readers", daemon=True)
        self._thread.start()

    def wait_for(self, position: int, at_most: float) -> Reached:
        with self._changed:
            self._changed.wait_for(lambda: self._reached.awaited >= position, at_most)
            return self._reached

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._app_url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not self._stopped.is_set():
                        self._look(connection)
                        self._listen(connection)
            except psycopg.Error as error:  # lost, or not migrated yet
                log.warning("readers.connection-lost", reason=str(error).strip())
                self._stopped.wait(RECONNECT_SECONDS)

    def _look(self, connection: Connection[Any]) -> None:
        """What nobody announced, because it was so before, or because a read model failed since."""
        self._tell(look(connection, self._keys))

    def _listen(self, connection: Connection[Any]) -> None:
        until = time.monotonic() + POLL_SECONDS
        while (left := until - time.monotonic()) > 0 and not self._stopped.is_set():
            for notify in connection.notifies(timeout=left, stop_after=1):
                awaited, every = map(int, notify.payload.split())
                self._tell(Reached(awaited, every))

    def _tell(self, reached: Reached) -> None:
        with self._changed:
            if reached != self._reached:
                self._reached = reached
                self._changed.notify_all()
