from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from domain.founding import found
from projections.composition import Runtime
from projections.database import places
from projections.read_model import ReadModel
from projections.rebuild import RebuildProblem, Rebuilt, rebuild
from tests.conftest import Database
from tests.projections.filled import BuildRuntime, bank, record_pledge
from tests.projections.tally import Tally


def ask(database: Database, question: str, *arguments: Any) -> Any:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        return connection.execute(question, arguments).fetchall()


def filled(build_runtime: BuildRuntime, *models: ReadModel) -> Runtime:
    runtime: Runtime = build_runtime(models or [Tally()])
    found(runtime.register)
    runtime.projector().catch_up()
    return runtime


@contextmanager
def running(runtime: Runtime) -> Iterator[None]:
    stop, projector = Event(), runtime.projector()
    thread = Thread(target=projector.run, args=[stop])
    thread.start()
    try:
        assert projector.leads.wait(60)
        yield
    finally:
        stop.set()
        thread.join(60)


def test_a_rebuild_gives_the_same(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = filled(build_runtime, Tally(), Tally("other"))
    before = ask(database, "SELECT * FROM pledges_tally_1.tally_seen ORDER BY 1")
    rebuilt = rebuild(runtime.urls.app, runtime.read_models, batch=50)
    assert [(r.name, r.version, r.position, r.equal) for r in rebuilt] == [
        ("tally", 1, 196, True),
        ("other", 1, 196, True),
    ]
    assert ask(database, "SELECT * FROM pledges_tally_1.tally_seen ORDER BY 1") == before
    left = ask(database, "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'pledges_') ORDER BY 1")
    assert left == [("pledges_other_1",), ("pledges_tally_1",)]


def test_a_rebuild_mends_what_is_wrong_and_says_so(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = filled(build_runtime)
    ask(database, "DELETE FROM pledges_tally_1.tally_seen WHERE position = 7 RETURNING position")
    (rebuilt,) = rebuild(runtime.urls.app, runtime.read_models)
    assert rebuilt.equal is False
    assert ask(database, "SELECT count(*) FROM pledges_tally_1.tally_seen") == [(196,)]
    assert rebuild(runtime.urls.app, runtime.read_models)[0].equal is True


def test_progress_is_told(build_runtime: BuildRuntime) -> None:
    runtime = filled(build_runtime)
    told: list[tuple[str, int, int]] = []
    rebuild(runtime.urls.app, runtime.read_models, lambda m, at, of: told.append((m.name, at, of)), batch=100)
    assert told == [("tally", 100, 196), ("tally", 196, 196)]


def test_what_is_read_and_written_meanwhile_goes_on(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = filled(build_runtime)
    entity = bank(runtime.register)
    enough = Event()
    lowest: list[int] = []

    def read() -> None:
        while not enough.is_set():
            with runtime.pool.connection() as connection:
                row = connection.execute("SELECT count(*), max(position) FROM tally_seen").fetchone()
            assert row is not None
            assert row[0] == row[1], "readers see no half-built table"
            lowest.append(row[0])

    def write() -> int:
        last = 0
        while not enough.is_set():
            last = record_pledge(runtime.register, entity).position
            assert runtime.readers.wait_for(last), "writers can read what they wrote"
        return last

    with running(runtime), ThreadPoolExecutor(4) as threads:
        tasks = [threads.submit(read), threads.submit(write), threads.submit(write)]
        rebuilt: list[Rebuilt] = []
        for _ in range(4):
            rebuilt += rebuild(runtime.urls.app, runtime.read_models, batch=20)
        enough.set()
        last = max(task.result() or 0 for task in tasks)
    assert all(one.equal for one in rebuilt)
    assert lowest == sorted(lowest)
    seen = [row[0] for row in ask(database, "SELECT position FROM pledges_tally_1.tally_seen ORDER BY 1")]
    assert seen == list(range(1, last + 1))


def test_a_rebuild_mends_a_read_model_that_failed(build_runtime: BuildRuntime, database: Database) -> None:
    picky = Tally("picky", poison="cycle.opened")
    runtime = filled(build_runtime, picky)
    assert ask(database, "SELECT state, position FROM pledges.read_models") == [("failed", 195)]
    picky.poison = None
    (rebuilt,) = rebuild(runtime.urls.app, runtime.read_models)
    assert (rebuilt.equal, rebuilt.position) == (None, 196)
    assert ask(database, "SELECT state, position, error FROM pledges.read_models") == [("live", 196, None)]
    assert ask(database, "SELECT count(*) FROM pledges_picky_1.picky_seen") == [(196,)]


def test_a_read_model_that_was_never_built_is_built(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    (rebuilt,) = rebuild(runtime.urls.app, runtime.read_models)
    assert (rebuilt.equal, rebuilt.position) == (None, 196)
    with runtime.pool.connection() as connection:
        assert [(p.name, p.state) for p in places.places(connection)] == [("tally", "live")]
        assert connection.execute("SELECT count(*) FROM tally_seen").fetchone() == (196,)


def test_a_rebuild_that_fails_changes_nothing(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = filled(build_runtime)
    with pytest.raises(ValueError, match="does not like"):
        rebuild(runtime.urls.app, [Tally(poison="cycle.opened")])
    assert ask(database, "SELECT state, position FROM pledges.read_models") == [("live", 196)]
    assert rebuild(runtime.urls.app, runtime.read_models)[0].equal is True


def test_of_two_rebuilds_at_once_the_second_is_told(build_runtime: BuildRuntime) -> None:
    runtime = filled(build_runtime)
    begun, go_on = Event(), Event()

    def wait(_model: ReadModel, _at: int, _of: int) -> None:
        begun.set()
        go_on.wait(60)

    thread = Thread(target=rebuild, args=[runtime.urls.app, runtime.read_models, wait])
    thread.start()
    assert begun.wait(60)
    with pytest.raises(RebuildProblem, match="another rebuild is under way"):
        rebuild(runtime.urls.app, runtime.read_models)
    go_on.set()
    thread.join(60)


def test_a_long_reader_does_not_stop_a_rebuild(build_runtime: BuildRuntime) -> None:
    runtime = filled(build_runtime)
    with psycopg.connect(runtime.urls.app) as reader:
        reader.execute("SELECT count(*) FROM tally_seen")
        thread = Thread(target=rebuild, args=[runtime.urls.app, runtime.read_models])
        thread.start()
        for _ in range(20):  # whoever had to wait would wait for the long reader for ever
            with runtime.pool.connection() as connection:
                assert connection.execute("SELECT count(*) FROM tally_seen").fetchone() == (196,)
            time.sleep(0.05)
        assert thread.is_alive()
        reader.rollback()
        thread.join()
