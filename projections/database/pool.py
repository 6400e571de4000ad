"""Connections for the application: few, checked, opened when first needed, one pool a process.

Must not know what they are used for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeAlias

import psycopg
from psycopg import Connection, errors
from psycopg_pool import ConnectionPool, PoolTimeout

from projections.problems import OperatorProblem

# A visitor is told within three seconds that the database is away.
WAIT_SECONDS_MAX = 2.0
# A failed attempt to connect is repeated by the next visitor, not in the background for minutes.
RECONNECT_SECONDS_MAX = 2.0
CONNECTIONS_MAX = 8

Rows: TypeAlias = tuple[Any, ...]


class DatabaseUnavailable(OperatorProblem):
    """The database does not answer now; the same request may succeed later."""


class Pool:
    """The connections of whichever process asks: a forked child gets a pool of its own."""

    def __init__(self, app_url: str, *, connections_max: int = CONNECTIONS_MAX) -> None:
        self._app_url = app_url
        self._connections_max = connections_max
        self._lock = Lock()
        # A parent's pool stays referred to in its children: thrown away, it would close the parent's sockets.
        self._pools: dict[int, ConnectionPool[Connection[Rows]]] = {}

    @contextmanager
    def connection(self) -> Iterator[Connection[Rows]]:
        """A connection in a transaction: committed at the end of the block, rolled back on an exception."""
        connection = None
        try:
            with self._pool().connection() as connection:
                yield connection
        except PoolTimeout as error:
            raise DatabaseUnavailable("the database does not answer") from error
        except errors.LockNotAvailable as error:
            raise DatabaseUnavailable("others have been writing for too long") from error
        except psycopg.OperationalError as error:
            if connection is not None and connection.closed:
                raise DatabaseUnavailable("the connection to the database was lost") from error
            raise

    def close(self) -> None:
        """Close this process's connections; the next use opens new ones."""
        with self._lock:
            pool = self._pools.pop(os.getpid(), None)
        if pool is not None:
            pool.close()

    def _pool(self) -> ConnectionPool[Connection[Rows]]:
        with self._lock:
            pool = self._pools.get(os.getpid())
            if pool is None:
                pool = self._pools[os.getpid()] = self._opened()
            return pool

    def _opened(self) -> ConnectionPool[Connection[Rows]]:
        return ConnectionPool(
            self._app_url,
            min_size=0,
            max_size=self._connections_max,
            timeout=WAIT_SECONDS_MAX,
            reconnect_timeout=RECONNECT_SECONDS_MAX,
            # One round trip a use, so that the first visitor after a restart of the server gets an answer.
            check=ConnectionPool.check_connection,
            open=True,
        )


def open_pool(app_url: str, *, connections_max: int = CONNECTIONS_MAX) -> Pool:
    """The application's pool; nothing is connected before its first use."""
    return Pool(app_url, connections_max=connections_max)
