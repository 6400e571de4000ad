"""Questions on a replica, a second PostgreSQL that follows the first: it lags, stops and comes back."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain.founding import found
from projections.composition import Runtime, build
from projections.database import postgres_server
from projections.database.embedded import running_cluster
from projections.database.migrate import migrate
from projections.database.postgres_server import SUPERUSER, Server
from projections.database.roles import APP_ROLE, DatabaseUrls, urls_of
from projections.questions import BOARD
from projections.settings import Settings
from tests.conftest import FORGETFUL
from tests.projections.filled import bank, record_pledge
from tests.projections.tally import Tally

RULES = "host all all 127.0.0.0/8 trust\nhost replication all 127.0.0.0/8 trust\n"


def own_address() -> str:
    """An address of this machine alone that no other server listens on."""
    return "127.{}.{}.{}".format(*(1 + secrets.randbelow(250) for _ in range(3)))


def let_in(server: Server, address: str) -> None:
    """Let connections over an address in, and return once they are."""
    rules = server.cluster / "pg_hba.conf"
    rules.write_text(rules.read_text() + RULES)
    server._control("reload")
    until = time.monotonic() + 60
    url = make_conninfo("", host=address, user=SUPERUSER, dbname="postgres", connect_timeout=10)
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


@dataclass
class Replica:
    """A server that follows another one."""

    server: Server
    address: str

    @property
    def url(self) -> str:
        return make_conninfo("", host=self.address, user=APP_ROLE, dbname="pledges")

    def start(self) -> None:
        self.server.start()
        let_in(self.server, self.address)  # the rules are written anew at each start

    def ask(self, question: str) -> Any:
        url = make_conninfo("", host=self.address, user=SUPERUSER, dbname="pledges", connect_timeout=10)
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute(question).fetchone()
        return row[0] if row else None


@contextmanager
def following(primary: Path, address: str) -> Iterator[Replica]:
    """A replica of the server of a folder."""
    cluster = primary.with_name("replica")
    cluster.mkdir(mode=0o700)
    owner = primary.stat()
    os.chown(cluster, owner.st_uid, owner.st_gid)
    let_in(Server(primary), address)
    copied = postgres_server._run(
        "pg_basebackup", "--pgdata=.", f"--host={address}", f"--username={SUPERUSER}", "--checkpoint=fast",
        "--write-recovery-conf", "--no-sync", cwd=cluster,
    )  # fmt: skip
    assert copied.returncode == 0, copied.stderr
    listens = own_address()
    replica = Replica(Server(cluster, {**FORGETFUL, "listen_addresses": listens}), listens)
    replica.start()
    try:
        yield replica
    finally:
        replica.server.stop()


@dataclass
class Pair:
    """A register with a replica, which a projector feeds."""

    runtime: Runtime
    replica: Replica


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with TemporaryDirectory(prefix="pledges-test-") as folder:
        address = own_address()
        settings = {**FORGETFUL, "listen_addresses": address}
        with (
            running_cluster(Path(folder), settings=settings) as urls,
            following(Path(folder) / "postgresql", address) as replica,
        ):
            migrate(urls.owner)
            yield from _fed(urls, replica, Path(folder))


def _fed(urls: DatabaseUrls, replica: Replica, folder: Path) -> Iterator[Pair]:
    urls = DatabaseUrls(owner=urls.owner, app=urls.app, queries=urls_of(urls.app, replica.url).queries)
    runtime = build(Settings(data_dir=folder, secret_key="x" * 40), urls, read_models=[Tally()])
    found(runtime.register)
    stop = Event()
    projector = Thread(target=runtime.projector().run, args=[stop])
    projector.start()
    try:
        yield Pair(runtime, replica)
    finally:
        stop.set()
        projector.join()
        runtime.close()


@contextmanager
def lagging(replica: Replica) -> Iterator[None]:
    replica.ask("SELECT pg_wal_replay_pause()")
    try:
        yield
    finally:
        replica.ask("SELECT pg_wal_replay_resume()")


def where_asked(runtime: Runtime) -> bool:
    """Whether a question about now goes to a replica."""
    with runtime.queries.statements(lambda _: True) as connection:
        row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    return bool(row and row[0])


def write(runtime: Runtime) -> int:
    return record_pledge(runtime.register, bank(runtime.register, f"Bank {uuid4()}")).position


def test_whoever_wrote_reads_it_on_the_replica(pair: Pair) -> None:
    for _ in range(5):
        position = write(pair.runtime)
        assert pair.runtime.readers.wait_for(position, at_most=60)
        assert pair.replica.ask("SELECT position FROM pledges.read_models") >= position
        assert where_asked(pair.runtime)
        assert pair.runtime.questions.moment().position >= position


def test_a_replica_that_lags_is_told_of_and_hides_nothing(pair: Pair) -> None:
    questions = pair.runtime.questions
    assert pair.runtime.readers.wait_for(write(pair.runtime), at_most=60)
    with lagging(pair.replica):
        seen = questions.moment().position
        position = write(pair.runtime)
        assert pair.runtime.readers.wait_for_live(seen, at_most=60)
        assert not pair.runtime.readers.wait_for(position, at_most=0.2)
        assert questions.moment().position == seen
        until = Event()
        while pair.runtime.questions.read_model_status()[0]["position"] < position:
            assert not until.wait(0.01)
        moment = questions.moment(str(position))
        assert moment.position == position, "what the replica has not, the primary has"
        with questions._snapshot(("tally",), position) as connection:
            assert connection.execute("SELECT max(position) FROM tally_seen").fetchone() == (position,)
        assert questions.moment(f"{moment.at.isoformat()}").position == position
    assert pair.runtime.readers.wait_for(position, at_most=60)


def test_without_its_replica_the_register_asks_the_primary(pair: Pair) -> None:
    pair.replica.server.stop()
    try:
        position = write(pair.runtime)
        assert pair.runtime.readers.wait_for(position, at_most=60)
        assert pair.runtime.questions.moment(of=BOARD).position == position
        assert not where_asked(pair.runtime)
    finally:
        pair.replica.start()
    until = Event()
    while not where_asked(pair.runtime):
        assert not until.wait(0.1)
    assert pair.runtime.readers.wait_for(position, at_most=60)
