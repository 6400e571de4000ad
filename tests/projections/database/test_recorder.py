from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from domain.actors import OPERATOR
from domain.entities.commands import AddAlias
from domain.recording import Recorded, broken_parts, without_words
from domain.register import Order
from domain.values import ERASED
from projections.composition import Runtime
from projections.database.mapper import read_row
from tests.conftest import Database
from tests.projections.filled import BuildRuntime, bank, record_pledge

KEPT = ["events", "command_log", "reservations"]
CHANGES = ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"]
A_COLUMN = {"events": "name", "command_log": "account", "reservations": "holder"}


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("change", CHANGES)
def test_what_was_recorded_stays(founded: Runtime, database: Database, table: str, change: str) -> None:
    record_pledge(founded.register, bank(founded.register))
    statement = change.format(f"pledges.{table}", A_COLUMN[table])
    with psycopg.connect(database.app_url, autocommit=True) as app:
        denied = pytest.raises(errors.InsufficientPrivilege, match="permission denied")
        with denied:
            app.execute(statement)
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        with pytest.raises(errors.InsufficientPrivilege, match="what was recorded stays"):
            owner.execute(statement)
        if not statement.startswith("TRUNCATE"):
            with pytest.raises(errors.InsufficientPrivilege, match="what was recorded stays"):
                owner.execute(f"{statement} WHERE false")


def test_the_application_is_nobody_special(founded: Runtime, database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as app:
        role = app.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()
        assert role == ("pledges_app", False, False, False, False)
        owned = (
            "SELECT count(*) FROM pg_class "
            "WHERE relowner = 'pledges_app'::regrole AND relnamespace = 'pledges'::regnamespace"
        )
        assert app.execute(owned).fetchone() == (0,)
        for statement in (
            "ALTER TABLE events DISABLE TRIGGER ALL",
            "DROP TRIGGER events_stay ON events",
            "ALTER TABLE events ADD COLUMN more text",
            "DROP TABLE events",
            "CREATE TABLE pledges.more (id int)",
            "CREATE SCHEMA more",
            "CREATE OR REPLACE FUNCTION pledges.refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(statement)


@pytest.mark.parametrize(
    ("position", "recorded_at"),
    [
        ("max(position) + 2", "clock_timestamp()"),
        ("max(position) + 1", "max(recorded_at)"),
        ("max(position) + 1", "max(recorded_at) - interval '1 second'"),
    ],
)
def test_an_event_out_of_order_is_refused(
    founded: Runtime, database: Database, position: str, recorded_at: str
) -> None:
    insert = (
        "INSERT INTO events SELECT {}, gen_random_uuid(), 1, 'a.b', 1, {}, ''::bytea, '', '', '', '{{}}', '' "
        "FROM events"
    )
    with psycopg.connect(database.app_url, autocommit=True) as app:
        with pytest.raises(errors.IntegrityError, match="without a gap, at a later time"):
            app.execute(insert.format(position, recorded_at))
        app.execute(insert.format("max(position) + 1", "clock_timestamp()"))
        with pytest.raises(errors.IntegrityError, match="without a gap"):
            app.execute(
                "INSERT INTO events SELECT position + n * 2, gen_random_uuid(), 1, 'a.b', 1, "
                "recorded_at + n * interval '1 s', ''::bytea, '', '', '', '{}', '' "
                "FROM (SELECT max(position) AS position, max(recorded_at) AS recorded_at FROM events) AS e "
                "CROSS JOIN generate_series(1, 3) AS n"
            )


def test_the_order_is_not_checked_against_a_table_of_the_applications(
    founded: Runtime, database: Database
) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as app:
        app.execute("CREATE TEMPORARY TABLE events (position bigint, recorded_at timestamptz)")
        app.execute("INSERT INTO events SELECT max(position) + 5, '2020-01-01' FROM pledges.events")
        with pytest.raises(errors.IntegrityError, match="without a gap, at a later time"):
            app.execute(
                "INSERT INTO pledges.events SELECT max(position) + 6, gen_random_uuid(), 1, 'a.b', 1, "
                "'2021-01-01', ''::bytea, '', '', '', '{}', '' FROM pledges.events"
            )


def test_a_writer_that_stops_midway_does_not_stop_the_others_for_long(database: Database) -> None:
    with psycopg.connect(database.app_url) as app:
        app.execute("SELECT begin_append()")
        assert app.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("5s",)
        assert app.execute("SHOW lock_timeout").fetchone() == ("8s",)


def test_whoever_reads_in_order_misses_nothing(build_runtime: BuildRuntime) -> None:
    runtime = build_runtime()
    bank_id = [bank(runtime.register, f"Bank {n}") for n in range(4)]
    done = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while True:
            last_round = done.is_set()
            found = runtime.recorder.select_notifications(seen[-1] + 1 if seen else 1, 50)
            seen.extend(event.id for event in found)
            if last_round and not found:
                return

    def write(writer: int) -> None:
        for number in range(25):
            orders = [
                Order(command=AddAlias(entity=bank_id[writer], alias=f"Alias {writer} {number} {n}"))
                for n in range(1 + number % 3)
            ]
            runtime.register.handle_many(orders, by=OPERATOR)

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    done.set()
    reader.join()
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) == runtime.recorder.max_notification_id()
    with runtime.pool.connection() as connection:
        times = [row[0] for row in connection.execute("SELECT recorded_at FROM events ORDER BY position")]
    assert all(earlier < later for earlier, later in pairwise(times))


def test_recorded_time_goes_on_where_the_clock_was_set_back(founded: Runtime, database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as app:
        app.execute(
            "INSERT INTO events SELECT max(position) + 1, gen_random_uuid(), 1, 'a.b', 1, "
            "clock_timestamp() + interval '1 hour', ''::bytea, '', '', '', '{}', '' FROM events"
        )
    outcome = record_pledge(founded.register, bank(founded.register))
    with founded.pool.connection() as connection:
        rows = connection.execute("SELECT recorded_at FROM events ORDER BY position DESC LIMIT 3").fetchall()
    (last,), (before,), (ahead,) = rows
    assert (last - before).microseconds == (before - ahead).microseconds == 1
    assert outcome.events[0].header.recorded_at == last


def test_the_library_reads_what_the_register_wrote(founded: Runtime) -> None:
    entity = bank(founded.register)
    for alias in ("IBRD", "BIRD", "Banque mondiale"):
        founded.register.handle(AddAlias(entity=entity, alias=alias), by=OPERATOR)
    recorder, mapper = founded.recorder, founded.register.mapper
    versions = [event.originator_version for event in recorder.select_events(entity)]
    assert versions == [1, 2, 3, 4]
    assert [e.originator_version for e in recorder.select_events(entity, gt=1, lte=3)] == [2, 3]
    assert [e.originator_version for e in recorder.select_events(entity, desc=True, limit=2)] == [4, 3]
    events: list[Any] = list(founded.register.events.get(entity))
    assert [event.fact.NAME for event in events][1:] == ["entity.alias-added"] * 3
    notifications = recorder.select_notifications(1, 10, topics=["entity.alias-added"])
    assert [mapper.to_domain_event(one).fact.alias for one in notifications] == [
        "IBRD",
        "BIRD",
        "Banque mondiale",
    ]
    head = recorder.max_notification_id()
    assert head is not None
    assert [one.id for one in recorder.select_notifications(head - 2, 10, stop=head - 1)] == [
        head - 2,
        head - 1,
    ]
    section = founded.register.notification_log.select(head - 1, 10)
    assert [one.id for one in section] == [head - 1, head]


def test_the_library_can_follow(founded: Runtime) -> None:
    head = founded.recorder.max_notification_id()
    with founded.recorder.subscribe(gt=head, topics=["entity.registered"]) as subscription:
        outcome = record_pledge(founded.register, bank(founded.register))
        assert next(subscription).id == outcome.position - 1
        subscription.stop()
        with pytest.raises(StopIteration):
            next(subscription)


def test_a_word_that_was_erased_reads_as_erased(founded: Runtime, database: Database) -> None:
    outcome = record_pledge(founded.register, bank(founded.register), "Call me at home")
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        (payload,) = owner.execute(
            "SELECT payload FROM pledges.events WHERE position = %s", [outcome.position]
        ).fetchone() or (b"",)
        owner.execute("ALTER TABLE pledges.events DISABLE TRIGGER events_stay")
        owner.execute(
            "UPDATE pledges.events SET payload = %s, salts = salts - %s WHERE position = %s",
            [without_words(payload, ["content.title"]), "content.title", outcome.position],
        )
        row = owner.execute(
            "SELECT position, header, payload, salts FROM pledges.events WHERE position = %s",
            [outcome.position],
        ).fetchone()
    assert row is not None
    event: Recorded = read_row(*row)
    assert event.fact.content.title == ERASED
    assert event.erased == {"content.title"}
    assert broken_parts(row[2], row[3], event.header.digests) == []
    again = founded.register.consult(lambda context: context.world.pledge(outcome.stream), by=OPERATOR)
    assert again is not None
    assert again.content.title == ERASED


def test_a_command_id_stays_taken(founded: Runtime) -> None:
    command_id, entity = uuid4(), bank(founded.register)
    alias = AddAlias(entity=entity, alias="IBRD")
    first = founded.register.handle(alias, by=OPERATOR, command_id=command_id)
    other = AddAlias(entity=entity, alias="Something else")
    again = founded.register.handle(other, by=OPERATOR, command_id=command_id)
    assert again.events == first.events
