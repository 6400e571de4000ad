"""Lets whoever wrote something wait until it can be read.

Must not know what was written. One listener a process, started when somebody first waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from threading import Condition, Event, Lock, Thread
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg import Connection

from projections.database.places import CHANNEL
from projections.read_model import ReadModel

WAIT_SECONDS_MAX = 2.0
POLL_SECONDS = 0.5
RECONNECT_SECONDS = 0.2
REACHED: LiteralString = """
SELECT coalesce(min(position), 0) FROM read_models
WHERE state = 'live' AND (name, version) IN (SELECT * FROM unnest(%b::text[], %b::integer[]))
"""

log = structlog.get_logger(__name__)


class Readers:
    """What the readers of the live read models can see. A read model that failed keeps nobody waiting."""

    def __init__(self, app_url: str, read_models: Sequence[ReadModel]) -> None:
        self._app_url = app_url
        self._keys = [model.name for model in read_models], [model.version for model in read_models]
        self._lock = Lock()
        self._listener: _Listener | None = None

    def wait_for(self, position: int, at_most: float = WAIT_SECONDS_MAX) -> bool:
        """Whether all live read models have reached a position, waiting for it if need be."""
        return self._of_this_process().wait_for(position, at_most)

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
        self._reached = -1
        self._changed = Condition()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="readers", daemon=True)
        self._thread.start()

    def wait_for(self, position: int, at_most: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._reached >= position, at_most)

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
        row = connection.execute(REACHED, self._keys).fetchone()
        self._tell(row[0] if row else 0)

    def _listen(self, connection: Connection[Any]) -> None:
        until = time.monotonic() + POLL_SECONDS
        while (left := until - time.monotonic()) > 0 and not self._stopped.is_set():
            for notify in connection.notifies(timeout=left, stop_after=1):
                self._tell(int(notify.payload))

    def _tell(self, reached: int) -> None:
        with self._changed:
            if reached != self._reached:
                self._reached = reached
                self._changed.notify_all()
