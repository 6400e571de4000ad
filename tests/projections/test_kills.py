"""kill -9 of writers, of the projector and of PostgreSQL, under load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg

from domain.founding import found
from projections.composition import Runtime, build
from projections.database.embedded import revive_cluster, running_cluster
from projections.database.migrate import migrate
from projections.rebuild import rebuild
from projections.settings import Settings
from tests.projections.filled import bank
from tests.projections.tally import Tally

ROOT = Path(__file__).parents[2]


@contextmanager
def register_of_its_own(folder: Path) -> Iterator[Runtime]:
    """A register on an embedded server that may be killed, and that writes to the disk."""
    with running_cluster(folder) as urls:
        migrate(urls.owner)
        runtime = build(Settings(data_dir=folder, secret_key="x" * 40), urls, read_models=[Tally()])
        found(runtime.register)
        try:
            yield runtime
        finally:
            runtime.close()


class Process:
    """One of the processes that are killed; what it says goes to a file."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.said = folder / f"{len(list(folder.glob('*.said')))}.said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.projections.killed", *arguments], cwd=ROOT, stdout=said
            )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def lines(self, word: str) -> list[list[str]]:
        """What it said in whole lines that begin with a word."""
        whole = self.said.read_text().rpartition("\n")[0].splitlines()
        return [line.split()[1:] for line in whole if line.startswith(f"{word} ")]

    def wait_for(self, count: int) -> None:
        """Wait until so many commands were acknowledged."""
        deadline = time.monotonic() + 30
        while len(self.lines("done")) < count:
            assert time.monotonic() < deadline, "no progress"
            time.sleep(0.02)


def kill_postgresql(folder: Path) -> None:
    postmaster = int((folder / "postgresql" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)


def rows(runtime: Runtime, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(runtime.urls.app) as connection:
        return connection.execute(question).fetchall()


def test_whatever_is_killed_no_acknowledged_event_is_lost_and_none_is_there_twice(tmp_path: Path) -> None:
    said = tmp_path / "said"
    said.mkdir()
    with register_of_its_own(tmp_path / "data") as runtime:
        urls, entity = [runtime.urls.owner, runtime.urls.app], str(bank(runtime.register))
        writers = [Process(said, "write", *urls, entity) for _ in range(2)]
        projectors = [Process(said, "project", *urls) for _ in range(2)]
        try:
            writers[0].wait_for(30)
            writers[0].kill()
            projectors[0].kill()
            writers[0] = Process(said, "write", *urls, entity)
            writers[1].wait_for(100)
            for _ in range(2):
                kill_postgresql(tmp_path / "data")
                so_far = len(writers[1].lines("done"))
                time.sleep(0.3)
                assert revive_cluster(tmp_path / "data")
                writers[1].wait_for(so_far + 50)
        finally:
            for process in (*writers, *projectors):
                process.kill()
        _check(runtime, said)


def _check(runtime: Runtime, said: Path) -> None:
    found_at = {
        UUID(str(command)): position
        for command, position in rows(runtime, "SELECT command_id, last_position FROM command_log")
    }
    lines = [line.split() for file in said.glob("*.said") for line in file.read_text().splitlines()]
    acknowledged = {UUID(line[1]): int(line[2]) for line in lines if line[0] == "done" and len(line) == 3}
    assert len(acknowledged) > 230
    assert {command: found_at.get(command) for command in acknowledged} == acknowledged
    made = "SELECT count(*), count(DISTINCT stream), max(position) - min(position) + 1 FROM events"
    ((count, streams, _),) = rows(runtime, f"{made} WHERE name = 'pledge.made'")
    assert count == streams, "no command was carried out twice"
    ((count, _, span),) = rows(runtime, made)
    assert count == span, "positions have no gaps"
    runtime.projector().catch_up()
    assert rows(runtime, "SELECT count(*), max(position) FROM tally_seen") == [(count, count)]
    (rebuilt,) = rebuild(runtime.urls.app, runtime.read_models)
    assert rebuilt.equal
