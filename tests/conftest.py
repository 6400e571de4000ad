"""Every test may ask for a database of its own: `database`, a copy of one that was migrated once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

from projections.credentials import passwords
from projections.database.embedded import running_cluster
from projections.database.migrate import migrate
from projections.database.pool import Pool, open_pool
from projections.database.roles import OWNER_ROLE, DatabaseUrls, urls_of
from tests.projections.filled import build_runtime, founded  # noqa: F401 - fixtures for all tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests made of a specification get the names that their plugin gave them: one of its own for each."""
    for item in items:
        _, bracket, label = item.name.partition("[")
        if bracket and item.id.params is None:
            item._id = item.id.with_params(label.removesuffix("]"))


# A password is hashed so that guessing is slow; tests guess a lot. The hashes are real, at lower cost.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

# How long an example takes is the machine's affair. `pytest --hypothesis-profile=long` looks further.
settings.register_profile("untimed", deadline=None)
settings.register_profile("long", max_examples=2000, stateful_step_count=120, deadline=None)
settings.load_profile("untimed")

# A test's database is thrown away, so nothing in it has to survive a power cut.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}


@dataclass(frozen=True)
class Database:
    """One empty, migrated database."""

    owner_url: str  # may do anything: to arrange what the application could not
    app_url: str  # what the application gets


@pytest.fixture(scope="session")
def cluster_urls() -> Iterator[DatabaseUrls]:
    """A PostgreSQL for this run: the one of DATABASE_URL, or an embedded one that is thrown away."""
    if "DATABASE_URL" in os.environ:
        yield urls_of(os.environ["DATABASE_URL"])
    else:
        with (
            TemporaryDirectory(prefix="pledges-test-") as folder,
            running_cluster(Path(folder), settings=FORGETFUL) as urls,
        ):
            yield urls


@pytest.fixture(scope="session")
def admin(cluster_urls: DatabaseUrls) -> Iterator[Connection]:
    """Creates and drops databases."""
    with psycopg.connect(cluster_urls.owner, autocommit=True) as connection:
        yield connection


@contextmanager
def new_database(admin: Connection, *, template: str) -> Iterator[str]:
    name = f"pledges_test_{secrets.token_hex(6)}"
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    )
    # What was granted on the template itself is not copied.
    if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER_ROLE]).fetchone() is not None:
        grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}")
        admin.execute(grant.format(sql.Identifier(name), sql.Identifier(OWNER_ROLE)))
    try:
        yield name
    finally:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def template_name(admin: Connection, cluster_urls: DatabaseUrls) -> Iterator[str]:
    """A database that was migrated once and is only copied."""
    with new_database(admin, template="template0") as name:
        migrate(make_conninfo(cluster_urls.owner, dbname=name))
        yield name


@pytest.fixture
def database(admin: Connection, cluster_urls: DatabaseUrls, template_name: str) -> Iterator[Database]:
    """A migrated database for one test, with nothing in it."""
    with new_database(admin, template=template_name) as name:
        yield _database(cluster_urls, name)


@pytest.fixture
def bare_database(admin: Connection, cluster_urls: DatabaseUrls) -> Iterator[Database]:
    """A database for one test in which nothing was ever made, not even by a migration."""
    with new_database(admin, template="template0") as name:
        yield _database(cluster_urls, name)


def _database(cluster_urls: DatabaseUrls, name: str) -> Database:
    return Database(
        owner_url=make_conninfo(cluster_urls.owner, dbname=name),
        app_url=make_conninfo(cluster_urls.app, dbname=name),
    )


@pytest.fixture
def pool(database: Database) -> Iterator[Pool]:
    """The application's connections to this test's database."""
    opened = open_pool(database.app_url)
    yield opened
    opened.close()
