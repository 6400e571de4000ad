"""Connections for the application: few, checked, opened when first needed, one pool a process.

Must not know what they are used for.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg import Connection, errors
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from projections.problems import OperatorProblem

# A visitor is told within three seconds that the database is away.
WAIT_SECONDS_MAX = 2.0
# A failed attempt to connect is repeated by the next visitor, not in the background for minutes.
RECONNECT_SECONDS_MAX = 2.0
CONNECTIONS_MAX = 8
# Who asks by key asks the same way each time: planning it anew takes longer than the answer, and a plan made
# while a table was small must not read all of it later on. Questions that differ plan for themselves.
PLAN_ONCE: LiteralString = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"
# What is in the way may drop a connection that is idle for long, and tell nobody.
TRUSTED_SECONDS = 5.0

Rows: TypeAlias = tuple[Any, ...]


class _Connection(Connection[Rows]):
    """A connection that knows when it was last used."""

    used_at = 0.0


class DatabaseUnavailable(OperatorProblem):
    """The database does not answer now; the same request may succeed later."""


class Pool:
    """The connections of whichever process asks: a forked child gets a pool of its own."""

    def __init__(
        self,
        app_url: str,
        *,
        connections_max: int = CONNECTIONS_MAX,
        wait_seconds_max: float = WAIT_SECONDS_MAX,
    ) -> None:
        self._app_url = app_url
        self._wait_seconds_max = wait_seconds_max
        self._connections_max = connections_max
        self._lock = Lock()
        # A parent's pool stays referred to in its children: thrown away, it would close the parent's sockets.
        self._pools: dict[int, ConnectionPool[_Connection]] = {}

    @contextmanager
    def connection(self) -> Iterator[Connection[Rows]]:
        """A connection in a transaction: committed at the end of the block, rolled back on an exception."""
        with self.statements() as connection, connection.transaction():
            yield connection

    @contextmanager
    def statements(self) -> Iterator[Connection[Rows]]:
        """A connection whose statements are transactions of their own: a round trip instead of three.

        A transaction that the block began by itself and did not commit is rolled back.
        """
        connection = None
        try:
            with self._pool().connection() as connection:
                yield connection
                if connection.info.transaction_status != TransactionStatus.IDLE:
                    connection.rollback()
                connection.used_at = time.monotonic()
        except PoolTimeout as error:
            raise DatabaseUnavailable("the database does not answer") from error
        except errors.LockNotAvailable as error:
            raise DatabaseUnavailable("others have been writing for too long") from error
        except (psycopg.OperationalError, errors.IdleInTransactionSessionTimeout) as error:
            if connection is not None and connection.closed:
                raise DatabaseUnavailable("the connection to the database was lost") from error
            raise

    def close(self) -> None:
        """Close this process's connections; the next use opens new ones."""
        with self._lock:
            pool = self._pools.pop(os.getpid(), None)
        if pool is not None:
            pool.close()

    def _pool(self) -> ConnectionPool[_Connection]:
        with self._lock:
            pool = self._pools.get(os.getpid())
            if pool is None:
                pool = self._pools[os.getpid()] = self._opened()
            return pool

    def _opened(self) -> ConnectionPool[_Connection]:
        return ConnectionPool(
            self._app_url,
            connection_class=_Connection,
            kwargs={"autocommit": True},  # to switch it for each block takes as long as to ask for a row
            min_size=0,
            max_size=self._connections_max,
            timeout=self._wait_seconds_max,
            reconnect_timeout=RECONNECT_SECONDS_MAX,
            # So that the first visitor after a restart of the server gets an answer.
            check=_check,
            configure=_configure,
            open=True,
        )


def _configure(connection: _Connection) -> None:
    connection.execute(PLAN_ONCE)


def _check(connection: _Connection) -> None:
    """Ask the server whether it is still there, where that is in doubt: it costs a round trip."""
    if time.monotonic() - connection.used_at > TRUSTED_SECONDS or _says_something(connection):
        ConnectionPool.check_connection(connection)


def _says_something(connection: _Connection) -> bool:
    """Whether a server that was not asked sent something: its last words, or the end of the connection."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


def open_pool(app_url: str, *, connections_max: int = CONNECTIONS_MAX) -> Pool:
    """The application's pool; nothing is connected before its first use."""
    return Pool(app_url, connections_max=connections_max)
