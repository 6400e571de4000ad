"""The application's connections: as whom, from which process, and what happens when the database is away."""

from __future__ import annotations

import os
import select
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import psycopg
import pytest
from psycopg import Connection, errors
from psycopg.conninfo import make_conninfo

from projections.database.embedded import revive_cluster, running_cluster
from projections.database.pool import DatabaseUnavailable, Pool, open_pool
from tests.conftest import Database


def session_of(pool: Pool) -> int:
    with pool.connection() as connection:
        return connection.info.backend_pid


def test_sessions_are_those_of_a_role_that_owns_nothing(pool: Pool) -> None:
    with pool.connection() as connection:
        role = connection.execute(
            "SELECT current_user, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        owned = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        ).fetchone()
    assert role == ("pledges_app", False, False, False, False)
    assert owned == (0,)


def test_the_application_makes_no_tables(pool: Pool) -> None:
    with pytest.raises(errors.InsufficientPrivilege), pool.connection() as connection:
        connection.execute("CREATE TABLE mine (id int)")


def test_sessions_speak_utc(pool: Pool) -> None:
    with pool.connection() as connection:
        assert connection.execute("SHOW TimeZone").fetchone() == ("UTC",)


def test_the_options_of_an_address_are_kept(database: Database) -> None:
    options = psycopg.conninfo.conninfo_to_dict(database.app_url)["options"]
    pool = open_pool(make_conninfo(database.app_url, options=f"-c work_mem=5MB {options}"))
    with pool.connection() as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("5MB",)
        assert connection.execute("SELECT current_user").fetchone() == ("pledges_app",)
    pool.close()


def test_a_block_is_a_transaction(database: Database, pool: Pool) -> None:
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("CREATE TABLE pledges.said (what text)")
        owner.execute("GRANT SELECT, INSERT ON pledges.said TO pledges_app")
    with pool.connection() as connection:
        connection.execute("INSERT INTO said VALUES ('kept')")
    with pytest.raises(KeyError), pool.connection() as connection:
        connection.execute("INSERT INTO said VALUES ('not kept')")
        raise KeyError
    with pool.connection() as connection:
        assert connection.execute("SELECT what FROM said").fetchall() == [("kept",)]


def test_a_long_statement_is_ended_and_the_database_is_not_called_away(pool: Pool) -> None:
    with pytest.raises(errors.QueryCanceled), pool.connection() as connection:
        connection.execute("SET LOCAL statement_timeout = '50ms'")
        connection.execute("SELECT pg_sleep(5)")


def test_whoever_waits_too_long_for_a_lock_is_told_to_come_back(database: Database, pool: Pool) -> None:
    with psycopg.connect(database.app_url) as writer:
        writer.execute("SELECT begin_append()")
        with pytest.raises(DatabaseUnavailable), pool.connection() as connection:
            connection.execute("SET LOCAL lock_timeout = '50ms'")
            connection.execute("SELECT pg_advisory_xact_lock(20220519)")


def test_a_connection_that_is_lost_is_told_from_other_errors(admin: Connection, pool: Pool) -> None:
    with pytest.raises(DatabaseUnavailable), pool.connection() as connection:
        admin.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        connection.execute("SELECT 1")


def test_a_transaction_that_was_idle_for_too_long_is_a_lost_connection(pool: Pool) -> None:
    with pytest.raises(DatabaseUnavailable, match="lost"), pool.connection() as connection:
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = '1ms'")
        select.select([connection.fileno()], [], [], 10)  # the server says goodbye
        connection.execute("SELECT 1")


def test_connections_that_died_unused_are_replaced_unnoticed(admin: Connection, pool: Pool) -> None:
    first = session_of(pool)
    admin.execute("SELECT pg_terminate_backend(%s, 1000)", [first])
    assert session_of(pool) != first


def test_nothing_is_connected_before_it_is_used() -> None:
    open_pool("host=127.0.0.1 port=1 dbname=nowhere").close()


def test_a_child_gets_connections_of_its_own(pool: Pool) -> None:
    ours = session_of(pool)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, str(session_of(pool)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        assert int(answer.read()) != ours
    assert session_of(pool) == ours


def test_a_database_that_refuses_is_given_up() -> None:
    pool = open_pool("host=127.0.0.1 port=1 dbname=nowhere")
    with pytest.raises(DatabaseUnavailable), pool.connection():
        pass
    pool.close()


def test_more_users_than_connections_wait_their_turn(database: Database) -> None:
    pool = open_pool(database.app_url, connections_max=1)
    done = []

    def work() -> None:
        with pool.connection() as connection:
            connection.execute("SELECT pg_sleep(0.05)")
            done.append(connection.info.backend_pid)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4
    assert len(set(done)) == 1
    pool.close()


def test_it_recovers_by_itself_when_the_server_is_back() -> None:
    with TemporaryDirectory(prefix="pledges-data-") as folder, running_cluster(Path(folder)) as urls:
        pool = open_pool(urls.app)
        session_of(pool)
        server = int((Path(folder) / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(server, 9)
        with pytest.raises(DatabaseUnavailable):
            while True:  # a session may live a moment longer than its server
                session_of(pool)
        revive_cluster(Path(folder))
        session_of(pool)
        pool.close()


def test_any_role_of_an_address_becomes_the_applications(admin: Connection, database: Database) -> None:
    with psycopg.connect(
        make_conninfo(database.app_url, user=admin.info.user), autocommit=True
    ) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("pledges_app",)
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE pledges.mine (id int)")
