"""Brings a database to the shape that this code expects: numbered SQL files, each applied once.

Must not know what the files say. Everything that creates or changes a table runs through here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import Connection, errors, sql

from projections.database.pool import DatabaseUnavailable
from projections.database.roles import APP_ROLE, OWNER_ROLE, SCHEMA, SEARCH_PATH
from projections.problems import OperatorProblem

MIGRATIONS = Path(__file__).parent / "migrations"
FILE_NAME = re.compile(r"(?P<number>\d{4})_(?P<sentence>[a-z0-9_]+)\.sql")

# Any number serves, if it stays the same; processes that start together wait for each other on it.
ADVISORY_LOCK = 20_220_517


SCHEMA_OWNER: LiteralString = """
SELECT rolname FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner WHERE nspname = %s
"""

APPLIED: LiteralString = f"SELECT number, name, digest FROM {SCHEMA}.migrations ORDER BY number"  # noqa: S608

MIGRATIONS_TABLE: LiteralString = """
CREATE TABLE migrations (
    number integer PRIMARY KEY CHECK (number > 0),
    name text NOT NULL UNIQUE,
    digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_by text NOT NULL DEFAULT session_user
)
"""


class MigrationProblem(OperatorProblem):
    """The database cannot be brought to the shape that this code expects."""


@dataclass(frozen=True)
class Migration:
    """One numbered step."""

    number: int
    name: str
    statements: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.statements.encode()).hexdigest()


@dataclass(frozen=True)
class AppliedMigration:
    """One step as the database remembers it."""

    number: int
    name: str
    digest: str


def known_migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """The steps that this code knows, in order; refused if numbers have gaps or HEAD names another newest."""
    migrations = tuple(_read(path) for path in sorted(folder.glob("*.sql")))
    numbers = [migration.number for migration in migrations]
    if numbers != list(range(1, len(numbers) + 1)):
        raise MigrationProblem(f"migrations must be numbered from 0001 without gaps, not {numbers}")
    head = (folder / "HEAD").read_text(encoding="utf-8").strip()
    newest = migrations[-1].name if migrations else ""
    if head != newest:
        raise MigrationProblem(f"migrations/HEAD names {head}, but the newest file is {newest}")
    return migrations


def migrate(owner_url: str, *, migrations: Sequence[Migration] | None = None) -> list[Migration]:
    """Apply what is missing and answer it; safe to be called by many processes at once."""
    known = known_migrations() if migrations is None else migrations
    with connected(owner_url) as connection, alone(connection):
        prepare(connection)
        return apply_missing(connection, known)


def apply_missing(connection: Connection[Any], known: Sequence[Migration]) -> list[Migration]:
    """Apply what is missing to a database that was prepared, and answer it."""
    applied = applied_migrations(connection)
    _refuse_other_history(known, applied)
    missing = list(known[len(applied) :])
    for migration in missing:
        _apply(connection, migration)
    return missing


def migration_gap(connection: Connection[Any]) -> str | None:
    """Why this code cannot work with that database, in one line; None if it can."""
    known = known_migrations()
    try:
        with connection.transaction():
            applied = applied_migrations(connection)
    except (errors.UndefinedTable, errors.InsufficientPrivilege, errors.InvalidSchemaName):
        applied = []
    try:
        _refuse_other_history(known, applied)
    except MigrationProblem as problem:
        return str(problem)
    if len(applied) < len(known):
        state = f"the database is at migration {len(applied):04}, the code at {len(known):04}"
        return f"{state}: run `pledges migrate`"
    return None


def _read(path: Path) -> Migration:
    match = FILE_NAME.fullmatch(path.name)
    if match is None:
        raise MigrationProblem(f"{path.name} is not named like 0001_a_sentence.sql")
    return Migration(
        number=int(match["number"]),
        name=path.stem,
        statements=path.read_text(encoding="utf-8"),
    )


@contextmanager
def connected(owner_url: str) -> Iterator[Connection[Any]]:
    """A connection on which each statement is a transaction of its own, unless one is begun."""
    try:
        connection = psycopg.connect(owner_url, autocommit=True)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise DatabaseUnavailable(f"the database cannot be reached: {reason}") from error
    with connection:
        yield connection


@contextmanager
def alone(connection: Connection[Any]) -> Iterator[None]:
    """Let nobody else change tables meanwhile."""
    connection.execute("SET statement_timeout = 0")
    connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def prepare(connection: Connection[Any]) -> None:
    """Make the roles and the schema, and go on as the tables' owner."""
    _refuse_application_role(connection)
    _create_role(connection, APP_ROLE)
    if _answer(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = session_user"):
        _become_owner(connection)
    else:
        _join_application_role(connection)
    if _answer(connection, "SELECT to_regnamespace(%s)", SCHEMA) is None:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
    connection.execute(f"SET search_path = {SEARCH_PATH}")
    if _answer(connection, "SELECT to_regclass(%s)", f"{SCHEMA}.migrations") is None:
        connection.execute(MIGRATIONS_TABLE)


def _refuse_application_role(connection: Connection[Any]) -> None:
    if _answer(connection, "SELECT current_user") == APP_ROLE:
        raise MigrationProblem(
            f"migrations need a role that may create tables, but DATABASE_URL names {APP_ROLE}: "
            "run `pledges migrate` with the owner's address"
        )


def _create_role(connection: Connection[Any], role: str) -> None:
    if _answer(connection, "SELECT true FROM pg_roles WHERE rolname = %s", role):
        return
    try:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    except (errors.DuplicateObject, errors.UniqueViolation):
        # Roles belong to the whole server: another database on it may be migrated right now.
        return
    except errors.InsufficientPrivilege as error:
        user = connection.info.user
        raise MigrationProblem(
            f"the role {role} is missing and {user} may not create it; "
            f"ask an administrator to run: CREATE ROLE {role}; GRANT {role} TO {user};"
        ) from error


def _become_owner(connection: Connection[Any]) -> None:
    """What a superuser makes would be the superuser's, and so would every function that runs as its owner."""
    owner = _answer(connection, SCHEMA_OWNER, SCHEMA)
    if owner is None:
        owner = OWNER_ROLE
        _create_role(connection, owner)
    # Each time: a copy of a database, or one that was restored, has not got what was granted on the database.
    grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}")
    connection.execute(grant.format(sql.Identifier(connection.info.dbname), sql.Identifier(owner)))
    connection.execute("SELECT set_config('role', %s, false)", [owner])


def _join_application_role(connection: Connection[Any]) -> None:
    if _answer(connection, "SELECT pg_has_role(%s, 'MEMBER')", APP_ROLE):
        return
    try:
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(APP_ROLE)))
    except errors.InsufficientPrivilege as error:
        user = connection.info.user
        raise MigrationProblem(
            f"{user} may not act as {APP_ROLE}; ask an administrator to run: GRANT {APP_ROLE} TO {user};"
        ) from error


def _answer(connection: Connection[Any], question: LiteralString, *arguments: str) -> Any:
    row = connection.execute(question, arguments).fetchone()
    return None if row is None else row[0]


def applied_migrations(connection: Connection[Any]) -> list[AppliedMigration]:
    """The steps that a database has taken, in order."""
    rows = connection.execute(APPLIED)
    return [AppliedMigration(*row) for row in rows]


def _refuse_other_history(known: Sequence[Migration], applied: Sequence[AppliedMigration]) -> None:
    if len(applied) > len(known):
        raise MigrationProblem(
            f"the database is newer than this code: it has migration {applied[-1].name}, "
            f"the code knows up to {len(known):04}; install the newer version"
        )
    for ours, theirs in zip(known, applied, strict=False):
        if (ours.name, ours.digest) != (theirs.name, theirs.digest):
            raise MigrationProblem(
                f"migration {ours.number:04} was applied as {theirs.name}, and {ours.name} is another one "
                "or was changed since; restore the file, and write a new migration for what should change"
            )


def _apply(connection: Connection[Any], migration: Migration) -> None:
    with connection.transaction():
        try:
            connection.execute(migration.statements)
        except psycopg.Error as error:
            reason = f"failed and changed nothing: {str(error).strip().splitlines()[0]}"
            raise MigrationProblem(f"migration {migration.name} {reason}") from error
        connection.execute(
            "INSERT INTO migrations (number, name, digest) VALUES (%s, %s, %s)",
            [migration.number, migration.name, migration.digest],
        )
