"""Where questions are asked: on the replica, if there is one that has what is asked for, else on the primary.

Must not know the questions. A replica that does not answer is left alone for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias

import structlog
from psycopg import Connection, errors

from projections.database.pool import DatabaseUnavailable, Pool

LEFT_ALONE_SECONDS = 5.0
POLL_SECONDS = 0.005

log = structlog.get_logger(__name__)

Look: TypeAlias = Callable[[Connection[Any]], bool]


class QueryPools:
    """The connections for questions."""

    def __init__(self, primary: Pool, replica: Pool | None = None) -> None:
        self._primary, self._replica = primary, replica
        self._left_alone_until = 0.0

    @contextmanager
    def statements(self, has_it: Look) -> Iterator[Connection[Any]]:
        """A connection whose statements are transactions of their own, as `Pool.statements` gives it.

        To the replica, if `has_it` says that what is asked about has come there.
        """
        with ExitStack() as stack:
            connection = self._to_replica(stack, has_it)
            yield connection or stack.enter_context(self._primary.statements())

    @contextmanager
    def of_primary(self) -> Iterator[Connection[Any]]:
        """A connection to where events are written."""
        with self._primary.statements() as connection:
            yield connection

    def wait_for_replica(self, has_it: Look, until: float) -> bool:
        """Whether the replica has something by a time of the monotonic clock; one left alone is no matter."""
        while self._is_asked():
            with ExitStack() as stack:
                if self._to_replica(stack, has_it):
                    return True
            if time.monotonic() > until:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def close(self) -> None:
        """Close this process's connections to the replica; the primary's belong to others."""
        if self._replica is not None:
            self._replica.close()

    def _is_asked(self) -> bool:
        return self._replica is not None and time.monotonic() >= self._left_alone_until

    def _to_replica(self, stack: ExitStack, has_it: Look) -> Connection[Any] | None:
        if self._replica is None or not self._is_asked():
            return None
        try:
            with ExitStack() as trying:
                connection = trying.enter_context(_asking(self._replica))
                if not has_it(connection):
                    return None
                stack.push(trying.pop_all())
                return connection
        except DatabaseUnavailable as problem:
            self._left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
            log.warning("replica.left-alone", reason=str(problem), seconds=LEFT_ALONE_SECONDS)
            return None


@contextmanager
def _asking(replica: Pool) -> Iterator[Connection[Any]]:
    try:
        with replica.statements() as connection:
            yield connection
    except errors.SerializationFailure as error:
        # What it has to replay is in the way of what it was asked.
        raise DatabaseUnavailable("the replica gave up a question") from error
