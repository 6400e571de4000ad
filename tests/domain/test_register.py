from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.actors import OPERATOR, Actor
from domain.entities.commands import AddAlias, RegisterEntity, RenameEntity
from domain.errors import InvalidInput, NotFound, NotPermitted, RegisterError, StaleVersion
from domain.founding import found
from domain.pledges.commands import AmendPledge, RecordPledge, ReportProgress, WithdrawPledge
from domain.pledges.content import Changes, Content
from domain.recording import Recorded
from domain.register import Order, Outcome
from projections.composition import Runtime
from projections.database import recorder
from projections.database.pool import DatabaseUnavailable
from tests.projections.filled import AUTHORITY, BuildRuntime, bank, record_pledge


def withdraw(pledge: UUID) -> WithdrawPledge:
    return WithdrawPledge(pledge_id=pledge, reason="No longer needed", authority=AUTHORITY)


def amend(pledge: UUID, title: str) -> AmendPledge:
    return AmendPledge(pledge_id=pledge, changes=Changes(title=title), reason="Typo", authority=AUTHORITY)


def stored(runtime: Runtime, question: str, *arguments: Any) -> Any:
    with runtime.pool.connection() as connection:
        return connection.execute(question, arguments).fetchone()[0]


def test_a_command_answers_where_its_events_are(founded: Runtime) -> None:
    outcome = record_pledge(founded.register, bank(founded.register))
    assert outcome.version == 1
    assert outcome.position == stored(founded, "SELECT max(position) FROM events")
    (event,) = outcome.events
    assert (event.header.name, event.position) == ("pledge.made", outcome.position)
    assert event.header.recorded_at == stored(
        founded, "SELECT recorded_at FROM events WHERE position = %s", outcome.position
    )


def test_a_thing_is_loaded_from_its_events(founded: Runtime) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream
    again = founded.register.handle(amend(pledge, "More seats in school"), by=OPERATOR)
    assert again.version == 2
    assert [event.header.stream_version for event in again.events] == [2]


def test_saying_the_same_again_says_nothing(founded: Runtime) -> None:
    first = record_pledge(founded.register, bank(founded.register))
    quiet = founded.register.handle(amend(first.stream, "More places of learning"), by=OPERATOR)
    assert (quiet.events, quiet.version, quiet.position) == ((), 1, first.position)


def test_a_version_that_is_not_the_latest_is_refused(founded: Runtime) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream
    founded.register.handle(amend(pledge, "Second"), by=OPERATOR, expected_version=1)
    with pytest.raises(StaleVersion, match="Version 1 was named, but the latest is 2"):
        founded.register.handle(amend(pledge, "Third"), by=OPERATOR, expected_version=1)


def test_a_closed_door_comes_before_a_stale_version(founded: Runtime) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream
    with pytest.raises(NotPermitted):
        founded.register.handle(amend(pledge, "Mine"), by=Actor(account=uuid4()), expected_version=7)
    with pytest.raises(NotFound):
        founded.register.handle(amend(uuid4(), "None"), by=OPERATOR, expected_version=7)


def test_an_id_of_another_kind_of_thing_is_not_found(founded: Runtime) -> None:
    entity = bank(founded.register)
    with pytest.raises(NotFound, match="There is no pledge"):
        founded.register.handle(amend(entity, "None"), by=OPERATOR)
    with pytest.raises(InvalidInput, match="entity: is not known"):
        record_pledge(founded.register, record_pledge(founded.register, entity).stream)


def test_the_same_command_id_is_carried_out_once(founded: Runtime) -> None:
    entity, command_id = bank(founded.register), uuid4()
    command = RecordPledge(
        pledge_id=uuid4(), content=Content(title="Schools", entity=entity), authority=AUTHORITY
    )
    first = founded.register.handle(command, by=OPERATOR, command_id=command_id)
    again = founded.register.handle(command, by=OPERATOR, command_id=command_id)
    assert again == Outcome(first.position, first.stream, first.version, first.events, repeated=True)
    assert founded.register.carried_out(command_id) == again
    assert founded.register.carried_out(uuid4()) is None


def test_the_same_command_id_at_once_is_carried_out_once(founded: Runtime) -> None:
    entity, command_id = bank(founded.register), uuid4()
    before = stored(founded, "SELECT max(position) FROM events")

    def send(title: str) -> Outcome:
        command = RecordPledge(
            pledge_id=uuid4(), content=Content(title=title, entity=entity), authority=AUTHORITY
        )
        return founded.register.handle(command, by=OPERATOR, command_id=command_id)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(send, [f"Pledge {n}" for n in range(8)]))
    assert {outcome.position for outcome in outcomes} == {before + 1}
    assert sorted(outcome.repeated for outcome in outcomes) == [False] + [True] * 7


def test_writers_of_one_pledge_lose_nothing(founded: Runtime) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream

    def write(number: int) -> Outcome:
        return founded.register.handle(amend(pledge, f"Title {number}"), by=OPERATOR)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(write, range(40)))
    assert sorted(outcome.version for outcome in outcomes) == list(range(2, 42))


def meddled_with(founded: Runtime, monkeypatch: pytest.MonkeyPatch, meddle: Callable[[], Any]) -> list[bool]:
    """Has something done after each look of this thread; tells of each whether it could be done."""
    look, here, done = recorder.StoreSession.look, threading.get_ident(), list[bool]()

    def look_and_meddle(session: recorder.StoreSession, *arguments: Any) -> Any:
        found = look(session, *arguments)
        if threading.get_ident() == here:
            with founded.pool.connection() as other:
                locked = "SELECT NOT pg_try_advisory_xact_lock(20220519)"
                alone = other.execute(locked).fetchone() == (True,)
            done.append(not alone)
            if not alone:
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(meddle).result()
        return found

    monkeypatch.setattr(recorder.StoreSession, "look", look_and_meddle)
    return done


def test_who_collides_again_and_again_is_let_through_alone(
    founded: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream
    theirs = iter(range(100))

    def meddle() -> None:
        founded.register.handle(amend(pledge, f"Theirs {next(theirs)}"), by=OPERATOR)

    done = meddled_with(founded, monkeypatch, meddle)
    outcome = founded.register.handle(amend(pledge, "Mine"), by=OPERATOR)
    assert (outcome.version, done) == (5, [True, True, True, False])
    monkeypatch.undo()
    after = founded.register.handle(amend(pledge, "After"), by=OPERATOR)
    assert after.version == 6, "the lock went with the transaction"


def test_who_is_let_through_alone_and_has_nothing_to_say_leaves_no_lock(
    founded: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream
    theirs = iter(["One", "Two", "Mine"])
    done = meddled_with(
        founded,
        monkeypatch,
        lambda: founded.register.handle(amend(pledge, next(theirs)), by=OPERATOR),
    )
    outcome = founded.register.handle(amend(pledge, "Mine"), by=OPERATOR)
    assert (outcome.events, outcome.version, done) == ((), 4, [True, True, True, False])
    assert stored(founded, "SELECT count(*) FROM pg_locks WHERE objid IN (20220518, 20220519)") == 0


def test_a_new_pledge_is_let_through_alone_beside_others(
    founded: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.register.COLLISIONS_MAX", 0)
    entity = bank(founded.register)
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda n: record_pledge(founded.register, entity, f"No {n}"), range(24)))
    assert {outcome.version for outcome in outcomes} == {1}


def test_of_writers_that_name_a_version_one_wins(founded: Runtime) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream

    def write(number: int) -> Outcome | RegisterError:
        try:
            return founded.register.handle(amend(pledge, f"Title {number}"), by=OPERATOR, expected_version=1)
        except StaleVersion as refusal:
            return refusal

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(write, range(8)))
    assert sum(isinstance(result, Outcome) for result in results) == 1


def test_references_are_consecutive_whoever_asks(founded: Runtime) -> None:
    entity = bank(founded.register)
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda n: record_pledge(founded.register, entity, f"No {n}"), range(40)))
    references = sorted(outcome.events[0].fact.reference for outcome in outcomes)
    assert references == [f"2022-{number:04}" for number in range(1, 41)]


def test_a_name_is_given_once(founded: Runtime) -> None:
    def claim(_: int) -> Outcome | RegisterError:
        try:
            command = RegisterEntity(name="Amal Foundation", category="stakeholder", kind="civil_society")
            return founded.register.handle(command, by=OPERATOR)
        except RegisterError as refusal:
            return refusal

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(claim, range(8)))
    assert sum(isinstance(result, Outcome) for result in results) == 1


def test_what_rarely_changes_is_never_stale(build_runtime: BuildRuntime) -> None:
    one, other = build_runtime(), build_runtime()
    found(one.register)
    entity = bank(one.register, "Old Name")
    record_pledge(other.register, entity)  # the other process has seen the entity
    one.register.handle(RenameEntity(entity=entity, name="New Name"), by=OPERATOR)
    with pytest.raises(RegisterError, match="New Name"):
        other.register.handle(
            RegisterEntity(name="Old Name", category="stakeholder", kind="other"), by=OPERATOR
        )


def test_many_commands_are_stored_together_each_on_its_own_merits(founded: Runtime) -> None:
    entity, pledge = bank(founded.register), uuid4()
    before = stored(founded, "SELECT max(position) FROM events")
    record = RecordPledge(
        pledge_id=pledge, content=Content(title="Schools", entity=entity), authority=AUTHORITY
    )
    results = founded.register.handle_many(
        [
            Order(command=record),
            Order(command=amend(uuid4(), "Nobody's")),
            Order(
                command=ReportProgress(
                    pledge_id=pledge, effective_on="2024", narrative="Begun", authority=AUTHORITY
                )
            ),
            Order(command=amend(pledge, "Schools and teachers"), expected_version=2),
        ],
        by=OPERATOR,
    )
    assert [type(result) for result in results] == [Outcome, NotFound, Outcome, Outcome]
    positions = [result.position for result in results if isinstance(result, Outcome)]
    assert positions == [before + 1, before + 2, before + 3]
    assert stored(founded, "SELECT count(DISTINCT xmin::text) FROM events WHERE position > %s", before) == 1


def test_of_many_commands_one_that_is_refused_takes_all_with_it_where_that_was_asked(
    founded: Runtime,
) -> None:
    pledge, entity, before = (
        uuid4(),
        bank(founded.register),
        stored(founded, "SELECT max(position) FROM events"),
    )
    record = RecordPledge(
        pledge_id=pledge, content=Content(title="Schools", entity=entity), authority=AUTHORITY
    )
    orders = [Order(command=record), Order(command=amend(uuid4(), "Nobody's"))]
    results = founded.register.handle_many(orders, by=OPERATOR, all_or_none=True)
    assert isinstance(results[1], NotFound)
    assert stored(founded, "SELECT max(position) FROM events") == before
    again = [Order(command=record), Order(command=amend(pledge, "Schools and teachers"))]
    results = founded.register.handle_many(again, by=OPERATOR, all_or_none=True)
    assert [type(result) for result in results] == [Outcome, Outcome]


def test_a_transaction_may_be_larger_than_a_statement(
    founded: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "ROWS_AT_ONCE", 3)
    entity, before = bank(founded.register), stored(founded, "SELECT max(position) FROM events")
    orders = [Order(command=AddAlias(entity=entity, alias=f"Alias {number}")) for number in range(10)]
    results = founded.register.handle_many(orders, by=OPERATOR)
    positions = [result.position for result in results if isinstance(result, Outcome)]
    assert positions == list(range(before + 1, before + 11))
    assert stored(founded, "SELECT count(*) FROM command_log WHERE first_position > %s", before) == 10
    assert founded.register.handle(orders[7].command, by=OPERATOR).events == ()


def test_what_else_is_written_is_written_with_the_events_or_not_at_all(founded: Runtime) -> None:
    entity = bank(founded.register)
    seen: list[Sequence[Recorded]] = []

    def note(connection: Any, events: Sequence[Recorded]) -> None:
        seen.append(events)
        connection.execute(
            "INSERT INTO people (account, email) VALUES (%s, 'a@example.org')", [events[0].header.stream]
        )

    def fail(_connection: Any, _events: Sequence[Recorded]) -> None:
        raise NotFound("not here")

    command = RecordPledge(
        pledge_id=uuid4(), content=Content(title="Schools", entity=entity), authority=AUTHORITY
    )
    before = stored(founded, "SELECT max(position) FROM events")
    with pytest.raises(NotFound, match="not here"):
        founded.register.handle(command, by=OPERATOR, also=[note, fail])
    assert stored(founded, "SELECT max(position) FROM events") == before
    assert stored(founded, "SELECT count(*) FROM people") == 0
    outcome = founded.register.handle(command, by=OPERATOR, also=[note])
    assert stored(founded, "SELECT account FROM people") == outcome.stream
    assert [event.position for event in seen[-1]] == [outcome.position]


def test_what_else_is_written_is_written_once_even_with_no_event(founded: Runtime) -> None:
    pledge, command_id = record_pledge(founded.register, bank(founded.register)).stream, uuid4()

    def note(connection: Any, _events: Sequence[Recorded]) -> None:
        connection.execute("INSERT INTO people (account, email) VALUES (%s, 'a@example.org')", [pledge])

    nothing_new = amend(pledge, "More places of learning")
    first = founded.register.handle(nothing_new, by=OPERATOR, command_id=command_id, also=[note])
    again = founded.register.handle(nothing_new, by=OPERATOR, command_id=command_id, also=[note])
    assert (again.repeated, again.position, again.version) == (True, first.position, 1)


def test_founding_happens_once(build_runtime: BuildRuntime) -> None:
    runtimes = [build_runtime() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda runtime: found(runtime.register), runtimes))
    assert stored(runtimes[0], "SELECT count(*) FROM events WHERE name = 'entity.registered'") == 195
    assert stored(runtimes[0], "SELECT count(*) FROM events WHERE name = 'cycle.opened'") == 1


@pytest.fixture(params=["before the commit", "after the commit"])
def losing(monkeypatch: pytest.MonkeyPatch, database: Any, request: pytest.FixtureRequest) -> tuple[str, Any]:
    """When the first connection that stores events breaks, once `losing[1]` is armed; and whether it did."""
    commit, when, lost = psycopg.Connection.commit, request.param, threading.Event()

    def commit_and_lose(connection: psycopg.Connection[Any]) -> None:
        if lost.is_set() or not connection.autocommit:  # no session of the register
            return commit(connection)
        lost.set()
        if when == "after the commit":
            commit(connection)
        with psycopg.connect(database.owner_url, autocommit=True) as killer:
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
        connection.execute("SELECT 1")
        return None

    def arm() -> threading.Event:
        monkeypatch.setattr(psycopg.Connection, "commit", commit_and_lose)
        return lost

    return when, arm


def test_a_connection_lost_at_commit_is_settled_by_the_command_log(
    founded: Runtime, losing: tuple[str, Any]
) -> None:
    entity = bank(founded.register)
    lost = losing[1]()
    outcome = record_pledge(founded.register, entity)
    assert lost.is_set()
    assert outcome.repeated == (losing[0] == "after the commit")
    made = "SELECT count(*) FROM events WHERE name = 'pledge.made'"
    assert stored(founded, made) == 1
    assert outcome.events[0].fact.reference == "2022-0001"


def test_a_connection_lost_while_founding_is_settled_too(
    build_runtime: BuildRuntime, losing: tuple[str, Any]
) -> None:
    runtime = build_runtime()
    lost = losing[1]()
    found(runtime.register)
    assert lost.is_set()
    assert stored(runtime, "SELECT count(*) FROM events WHERE name = 'entity.registered'") == 195


def test_a_database_that_is_away_is_said_soon(build_runtime: BuildRuntime, tmp_path: Any) -> None:
    runtime = build_runtime(app_url=f"host={tmp_path} dbname=none connect_timeout=2")
    before = datetime.now(UTC)
    with pytest.raises(DatabaseUnavailable):
        runtime.register.handle(amend(uuid4(), "None"), by=OPERATOR)
    assert (datetime.now(UTC) - before).total_seconds() < 3


def test_an_outcome_holds_what_was_decided_as_its_events_make_it(founded: Runtime) -> None:
    register, entity = founded.register, bank(founded.register)
    first, second = record_pledge(register, entity).stream, record_pledge(register, entity).stream
    orders = [
        Order(command=amend(first, "Once")),
        Order(command=amend(second, "Once")),
        Order(command=amend(first, "Once")),
        Order(command=amend(first, "Twice")),
        Order(command=withdraw(first)),
    ]
    outcomes = [one for one in register.handle_many(orders, by=OPERATOR) if isinstance(one, Outcome)]
    assert [one.state.version for one in outcomes] == [2, 2, 2, 3, 4]
    assert [one.state.content.title for one in outcomes] == ["Once", "Once", "Once", "Twice", "Twice"]
    for latest in (outcomes[-1], outcomes[1]):
        assert latest.state == register.consult(lambda c, one=latest: c.world.pledge(one.stream), by=OPERATOR)
