"""A moment within a transaction that a test holds: whoever is about to record a fact waits there.

So it can be killed between a fact and what follows from it, without any guess at the time.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import Connection, sql

from tests.workers.served import wait_for

LOCK = 20_261_126
HOLD = """
CREATE OR REPLACE FUNCTION pledges.wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock({lock}); RETURN NEW; END $$;
CREATE TRIGGER held BEFORE INSERT ON pledges.events FOR EACH ROW
WHEN (NEW.name = {name} AND ({stream}::uuid IS NULL OR NEW.stream = {stream}))
EXECUTE FUNCTION pledges.wait_for_the_test()
"""
LET_GO = "DROP TRIGGER held ON pledges.events; DROP FUNCTION pledges.wait_for_the_test()"
WAITS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LIVES = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"


@dataclass(frozen=True)
class Held:
    """The moment, and the session of the database that stands in it."""

    connection: Connection

    def reached(self, process: subprocess.Popen[str]) -> int:
        """Wait until somebody is there; which of the server's processes works for them."""

        def look() -> int | None:
            assert process.poll() is None, "it ended before"
            found = self.connection.execute(WAITS, [LOCK]).fetchone()
            return found[0] if found else None

        return int(wait_for(look))

    def end(self, backend: int) -> None:
        """End what the server does for them, as when its machine goes down too: nothing is committed."""
        self.connection.execute("SELECT pg_terminate_backend(%s)", [backend])
        self._ended(backend)

    def let_go(self, backend: int) -> None:
        """Let the server go on with what it was sent by somebody who is no more."""
        self.connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        self._ended(backend)

    def _ended(self, backend: int) -> None:
        wait_for(lambda: self.connection.execute(LIVES, [backend]).fetchone() == (0,))


@contextmanager
def held_before(owner_url: str, name: str, stream: UUID | None = None) -> Iterator[Held]:
    """Whoever records a fact of that name (and stream) waits before it, for as long as the block lasts."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        said = {"lock": LOCK, "name": name, "stream": stream}
        connection.execute(sql.SQL(HOLD).format(**{one: sql.Literal(value) for one, value in said.items()}))
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield Held(connection)
        finally:
            connection.execute("SELECT pg_advisory_unlock_all()")
            connection.execute(LET_GO)


def killed(process: subprocess.Popen[str]) -> None:
    """Kill it as nothing can be caught, and see it gone."""
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
