"""Migrations: each once, in order, by whoever comes first, and nothing else."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

from projections.database.migrate import (
    Migration,
    MigrationProblem,
    known_migrations,
    migrate,
    migration_gap,
)
from projections.database.pool import DatabaseUnavailable
from projections.database.roles import urls_of
from tests.conftest import Database

ROOT = Path(__file__).parents[3]
TOGETHER = 8


def numbers_in(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM pledges.migrations ORDER BY number")]


def one_more(statements: str) -> list[Migration]:
    known = known_migrations()
    return [*known, Migration(number=len(known) + 1, name="one_more", statements=statements)]


def gap_of(database: Database) -> str | None:
    with psycopg.connect(database.app_url) as connection:
        return migration_gap(connection)


@pytest.fixture
def plain_owner(admin: Connection, template_name: str, bare_database: Database) -> Iterator[str]:
    """The address of a role that owns a database and is nothing else, as a hosting service gives it."""
    name = f"pledges_test_owner_{secrets.token_hex(6)}"
    database = sql.Identifier(psycopg.conninfo.conninfo_to_dict(bare_database.owner_url)["dbname"])
    role = sql.Identifier(name)
    admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'plain'").format(role))
    admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, role))
    yield make_conninfo(bare_database.owner_url, user=name, password="plain")
    admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, sql.Identifier(admin.info.user)))
    with psycopg.connect(bare_database.owner_url) as inside:
        inside.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(role))
    admin.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.mark.parametrize("fixture", ["bare_database", "database"])
def test_processes_that_start_together_all_come_up(request: pytest.FixtureRequest, fixture: str) -> None:
    database: Database = request.getfixturevalue(fixture)
    code = f"from projections.database.migrate import migrate; print(len(migrate({database.owner_url!r})))"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(TOGETHER)
    ]
    applied = sorted(int(process.communicate(timeout=60)[0]) for process in processes)
    assert [process.returncode for process in processes] == [0] * TOGETHER
    missing = len(known_migrations()) if fixture == "bare_database" else 0
    assert applied == [0] * (TOGETHER - 1) + [missing]
    assert numbers_in(database.owner_url) == [migration.number for migration in known_migrations()]


def test_what_a_superuser_migrates_belongs_to_the_owner_role(database: Database) -> None:
    with psycopg.connect(database.owner_url) as connection:
        owners = connection.execute(
            "SELECT DISTINCT relowner::regrole::text FROM pg_class"
            " WHERE relnamespace = 'pledges'::regnamespace"
        ).fetchall()
        strengths = connection.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles"
            " WHERE rolname IN ('pledges_owner', 'pledges_app')"
        ).fetchall()
    assert owners == [("pledges_owner",)]
    assert strengths == [(False,), (False,)]


def test_an_owner_who_is_no_superuser_migrates_as_well(admin: Connection, plain_owner: str) -> None:
    with pytest.raises(
        MigrationProblem, match="may not act as pledges_app; ask an administrator to run: GRANT"
    ):
        migrate(plain_owner)
    user = psycopg.conninfo.conninfo_to_dict(plain_owner)["user"]
    admin.execute(sql.SQL("GRANT pledges_app TO {}").format(sql.Identifier(user)))
    assert len(migrate(plain_owner)) == len(known_migrations())
    with psycopg.connect(urls_of(plain_owner).app) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("pledges_app",)
        assert migration_gap(connection) is None


def test_what_failed_changed_nothing_and_can_be_repeated(database: Database) -> None:
    with pytest.raises(MigrationProblem, match="one_more failed and changed nothing") as caught:
        migrate(database.owner_url, migrations=one_more("CREATE TABLE colours (id int); SELECT 1 / 0;"))
    assert "\n" not in str(caught.value)
    mended = one_more("CREATE TABLE colours (id int);")
    assert migrate(database.owner_url, migrations=mended) == mended[-1:]


def test_a_database_that_is_behind_says_what_to_do(bare_database: Database, database: Database) -> None:
    assert "run `pledges migrate`" in (gap_of(bare_database) or "")
    assert gap_of(database) is None


def test_a_database_newer_than_the_code_is_refused(database: Database) -> None:
    migrate(database.owner_url, migrations=one_more("SELECT 1"))
    with pytest.raises(
        MigrationProblem, match="the database is newer than this code: it has migration one_more"
    ):
        migrate(database.owner_url)
    assert "newer than this code" in (gap_of(database) or "")


def test_a_file_that_was_changed_after_it_was_applied_is_refused(database: Database) -> None:
    first, *others = known_migrations()
    changed = replace(first, statements=first.statements + "-- and more")
    with pytest.raises(MigrationProblem, match="restore the file, and write a new migration"):
        migrate(database.owner_url, migrations=[changed, *others])


def test_the_applications_role_does_not_migrate(database: Database) -> None:
    with pytest.raises(MigrationProblem, match="run `pledges migrate` with the owner's address"):
        migrate(database.app_url)


def test_a_database_that_is_away_is_said_in_one_line() -> None:
    with pytest.raises(DatabaseUnavailable, match=r"cannot be reached.*port 1 failed") as caught:
        migrate("host=127.0.0.1 port=1 dbname=nowhere")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("files", "head", "reason"),
    [
        (["0001_one.sql", "0003_three.sql"], "0003", "without gaps"),
        (["0001_one.sql", "0001_another.sql"], "0001", "without gaps"),
        (["0001_one.sql"], "0001_two", "HEAD names 0001_two, but the newest file is 0001_one"),
        (["1-one.sql"], "0001", "is not named like 0001_a_sentence.sql"),
    ],
)
def test_misnumbered_files_are_refused(tmp_path: Path, files: list[str], head: str, reason: str) -> None:
    for name in files:
        (tmp_path / name).write_text("SELECT 1")
    (tmp_path / "HEAD").write_text(head + "\n")
    with pytest.raises(MigrationProblem, match=reason):
        known_migrations(tmp_path)


def test_tokens_issued_before_they_had_names_are_called_as_their_events_call_them(
    bare_database: Database,
) -> None:
    known = known_migrations()
    before = next(n for n, step in enumerate(known) if step.name.endswith("tokens_have_names_of_their_own"))
    migrate(bare_database.owner_url, migrations=known[:before])
    account, first, second = uuid4(), uuid4(), uuid4()
    event = """
        INSERT INTO pledges.events SELECT number, %(account)s, number, 'account.token-issued', 1,
            now() + number * interval '1 s', '', '', '', convert_to(%(payload)s, 'UTF8'), '{}', ''
        FROM (SELECT %(number)s::bigint AS number) AS this
    """
    with psycopg.connect(bare_database.owner_url) as connection:
        for number, token in enumerate((first, second), 1):
            said = {"account": account, "number": number, "payload": f'{{"token": "{token}"}}'}
            connection.execute(event, said)
        issued = "INSERT INTO pledges.tokens (token_sha256, account, created_at) VALUES (%s, %s, now() + %s)"
        for number, owner in ((2, account), (1, account), (3, uuid4())):
            connection.execute(issued, [bytes([number] * 32), owner, timedelta(seconds=number)])
    migrate(bare_database.owner_url)
    with psycopg.connect(bare_database.owner_url) as connection:
        rows = connection.execute("SELECT id FROM pledges.tokens ORDER BY token_sha256").fetchall()
    assert [name for (name,) in rows][:2] == [first, second]
    assert rows[2][0] not in (None, first, second)
