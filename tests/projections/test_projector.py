from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from domain.founding import found
from projections.database import places
from projections.database.places import Place
from projections.projector import Projector
from tests.conftest import Database
from tests.projections.filled import BuildRuntime, bank, record_pledge
from tests.projections.tally import Tally


def ask(database: Database, question: str, *arguments: Any) -> Any:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        return connection.execute(question, arguments).fetchall()


def place(database: Database, name: str, version: int = 1) -> Place:
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        return next(p for p in places.places(connection) if (p.name, p.version) == (name, version))


def seen(database: Database, schema: str = "pledges_tally_1") -> list[int]:
    return [row[0] for row in ask(database, f"SELECT position FROM {schema}.tally_seen ORDER BY 1")]


def until(fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not fulfilled():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


@contextmanager
def running(*projectors: Projector) -> Iterator[None]:
    stop = Event()
    threads = [Thread(target=projector.run, args=[stop]) for projector in projectors]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)


def test_read_models_are_fed_with_every_event_once(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = build_runtime([Tally(), Tally("other")])
    found(runtime.register)
    Projector(runtime.urls.app, runtime.read_models, batch=50).catch_up()
    assert seen(database) == list(range(1, 197))
    assert dict(ask(database, "SELECT * FROM pledges_other_1.other_names"))["entity.registered"] == 195
    found_at = place(database, "tally")
    assert (found_at.position, found_at.state) == (196, "live")


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_batches_make_no_difference(build_runtime: BuildRuntime, database: Database, batch: int) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    Projector(runtime.urls.app, runtime.read_models, batch=batch).catch_up()
    assert seen(database) == list(range(1, 197))


def test_whoever_wrote_can_read(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = build_runtime([Tally(), Tally("other")])
    found(runtime.register)
    with running(runtime.projector()):
        entity = bank(runtime.register)
        for number in range(20):
            outcome = record_pledge(runtime.register, entity, f"Pledge {number}")
            assert runtime.readers.wait_for(outcome.position)
            assert outcome.position in seen(database)


def test_nobody_waits_for_ever(build_runtime: BuildRuntime) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    assert not runtime.readers.wait_for(196, at_most=0.2)


def test_readers_find_the_tables_without_naming_a_schema(build_runtime: BuildRuntime) -> None:
    runtime = build_runtime([Tally(), Tally("other", version=3)])
    found(runtime.register)
    runtime.projector().catch_up()
    with runtime.pool.connection() as connection:
        for table in ("tally_seen", "other_seen"):
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row == (196,)


def test_a_read_model_that_fails_stops_alone_and_says_where(
    build_runtime: BuildRuntime, database: Database
) -> None:
    picky = Tally("picky", poison="cycle.opened")
    runtime = build_runtime([Tally(), picky])
    found(runtime.register)
    projector = runtime.projector()
    with running(projector):
        until(projector.leads.is_set)
        outcome = record_pledge(runtime.register, bank(runtime.register))
        until(lambda: outcome.position in seen(database) and place(database, "picky").state == "failed")
        stopped = place(database, "picky")
        assert (stopped.state, stopped.position, stopped.error_position) == ("failed", 195, 196)
        assert "does not like cycle.opened" in (stopped.error or "")
        assert not runtime.readers.wait_for(outcome.position, at_most=30), "one has not reached it"
        assert runtime.readers.wait_for_live(outcome.position, at_most=30)
        assert ask(database, "SELECT count(*) FROM pledges_picky_1.picky_seen") == [(195,)]
        picky.poison = None
        until(lambda: place(database, "picky").state == "live")
    assert place(database, "picky").error is None
    assert ask(database, "SELECT count(*) FROM pledges_picky_1.picky_seen") == [(outcome.position,)]


def test_tables_that_cannot_be_made_stop_their_read_model_alone(
    build_runtime: BuildRuntime, database: Database
) -> None:
    class Broken(Tally):
        def create(self, connection: Any) -> None:
            connection.execute("CREATE TABLE nonsense (")

    runtime = build_runtime([Broken("broken"), Tally()])
    found(runtime.register)
    runtime.projector().catch_up()
    assert place(database, "broken").state == "failed"
    assert len(seen(database)) == 196


def test_an_event_newer_than_the_code_stops_everything_at_it(
    build_runtime: BuildRuntime, database: Database
) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    outcome = record_pledge(runtime.register, bank(runtime.register))
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE pledges.events DISABLE TRIGGER events_stay")
        owner.execute(
            "UPDATE pledges.events SET header = convert_to(replace(convert_from(header, 'UTF8'), "
            "'\"version\":2', '\"version\":99'), 'UTF8') WHERE position = %s",
            [outcome.position],
        )
    runtime.projector().catch_up()
    stopped = place(database, "tally")
    assert (stopped.state, stopped.error_position) == ("failed", outcome.position)
    assert "version 99" in (stopped.error or "")
    assert seen(database) == list(range(1, outcome.position))


def test_a_second_projector_stands_by_and_takes_over(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    first, second = runtime.projector(), runtime.projector()
    stop_first = Event()
    thread = Thread(target=first.run, args=[stop_first])
    thread.start()
    until(first.leads.is_set)
    with running(second):
        time.sleep(0.6)
        assert not second.leads.is_set()
        stop_first.set()
        thread.join()
        until(second.leads.is_set)
        outcome = record_pledge(runtime.register, bank(runtime.register))
        assert runtime.readers.wait_for(outcome.position)
    assert seen(database) == list(range(1, outcome.position + 1))


def test_a_lost_connection_loses_nothing(build_runtime: BuildRuntime, database: Database) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    projector = runtime.projector()
    with running(projector):
        until(projector.leads.is_set)
        entity = bank(runtime.register)
        for number in range(30):
            outcome = record_pledge(runtime.register, entity, f"Pledge {number}")
            if number % 10 == 5:
                ask(
                    database,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query ~ 'read_models|LISTEN' "
                    "AND pid <> pg_backend_pid()",
                )
        assert runtime.readers.wait_for(outcome.position, at_most=5)
    assert seen(database) == list(range(1, outcome.position + 1))


def test_an_older_version_stays_until_the_newer_one_is_built(
    build_runtime: BuildRuntime, database: Database
) -> None:
    old = build_runtime([Tally()])
    found(old.register)
    old.projector().catch_up()
    new = build_runtime([Tally(version=2)])
    new.projector().catch_up()
    assert seen(database) == seen(database, "pledges_tally_2") == list(range(1, 197))
    new.projector().catch_up()
    assert ask(database, "SELECT name, version FROM pledges.read_models") == [("tally", 2)]
    assert ask(database, "SELECT to_regnamespace('pledges_tally_1')::text") == [(None,)]


def test_the_application_makes_no_other_schemas(database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as app:
        for name in ("pledges", "public", "pledges_x", "elsewhere_1", 'pledges_a_1"; DROP TABLE events; --'):
            for function in ("create", "drop", "exchange"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no schema of a read model"):
                    app.execute(f"SELECT {function}_read_model_schema(%s)", [name])
