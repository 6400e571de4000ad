"""The database erases one part of an event where an event of the log says so, and refuses everything else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from domain.actors import OPERATOR
from domain.log.commands import EraseField
from domain.recording import Authority, without_words
from projections.composition import Runtime
from tests.conftest import Database
from tests.projections.filled import bank, record_pledge

DECISION = Authority(kind="document", reference="Decision 7/2026", date="2026-03-01")
ERASING = "UPDATE pledges.events SET payload = pledges.without_words(payload, '{0}'), salts = salts - '{0}'"
ALL = "SELECT to_jsonb(events) FROM pledges.events ORDER BY position"


@pytest.fixture
def pledged(founded: Runtime) -> int:
    """The position of a pledge that was made."""
    return record_pledge(founded.register, bank(founded.register), 'A "word" of\n{title}\\').position


def say_erased(runtime: Runtime, position: int, part: str) -> int:
    """Let the log say that a part is erased, and nothing be erased yet."""
    command = EraseField(position=position, part=part, ground="A law", authority=DECISION)
    return runtime.register.handle(command, by=OPERATOR).position


def stored(connection: Connection[Any]) -> list[dict[str, Any]]:
    return [row for (row,) in connection.execute(ALL)]


@pytest.mark.parametrize("part", ["payload.content.title", "header.authority.reference"])
def test_what_the_log_says_is_erased_and_nothing_else(
    founded: Runtime, database: Database, pledged: int, part: str
) -> None:
    erasing = say_erased(founded, pledged, part)
    whole, _, path = part.partition(".")
    salts = {"payload": "salts", "header": "header_salts"}[whole]
    with psycopg.connect(database.app_url, autocommit=True) as app:
        before = stored(app)
        assert app.execute("SELECT pledges.erase_field(%s, '{}', '{}')", [erasing]).fetchone() == (True,)
        after = stored(app)
        assert app.execute("SELECT pledges.erase_field(%s, '{}', '{}')", [erasing]).fetchone() == (False,)
        assert stored(app) == after
    was = before[pledged - 1]
    bare = without_words(bytes.fromhex(was[whole][2:]), [path])
    expected = {**was, whole: f"\\x{bare.hex()}", salts: {k: v for k, v in was[salts].items() if k != path}}
    assert expected != was
    assert after == [*before[: pledged - 1], expected, *before[pledged:]]


@pytest.mark.parametrize(
    "role",
    ["app", "owner"],
)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pledges.events SET payload = 'x' WHERE position = {pledged}",
        "UPDATE pledges.events SET salts = '{{}}' WHERE position = {pledged}",
        "UPDATE pledges.events SET header = 'x', header_salts = '{{}}' WHERE position = {pledged}",
        "UPDATE pledges.events SET position = 99999 WHERE position = {pledged}",
        "UPDATE pledges.events SET salts = salts - 'content.title' WHERE position = {pledged}",
        ERASING.format("content.title") + ", header_salt = 'x' WHERE position = {pledged}",
        ERASING.format("name") + " WHERE position = {pledged} - 1",
        "DELETE FROM pledges.events WHERE position = {pledged}",
        "TRUNCATE pledges.events CASCADE",
        "DELETE FROM pledges.reservations WHERE kind = 'reference'",
        "DELETE FROM pledges.reservations WHERE kind = 'name'",
        "UPDATE pledges.reservations SET key = 'x'",
        "SELECT pledges.erase_field({pledged}, '{{}}', '{{}}')",
        "SELECT pledges.erase_field({forged}, '{{}}', '{{}}')",
        "SELECT pledges.erase_field(NULL, '{{}}', '{{}}')",
    ],
)
def test_whatever_else_is_tried_is_refused(
    founded: Runtime, database: Database, pledged: int, statement: str, role: str
) -> None:
    say_erased(founded, pledged, "payload.content.title")
    forged = forge(database, pledged)
    url = database.app_url if role == "app" else database.owner_url
    with psycopg.connect(url, autocommit=True) as connection:
        before = stored(connection)
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.format(pledged=pledged, forged=forged).encode())
        assert stored(connection) == before


def test_the_account_that_acted_is_erased_by_nobody(
    founded: Runtime, database: Database, pledged: int
) -> None:
    forged = forge(database, pledged, "header.actor")
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        before = stored(connection)
        with pytest.raises(errors.InsufficientPrivilege, match=r"header\.actor .* never erased"):
            connection.execute("SELECT pledges.erase_field(%s, '{}', '{}')", [forged])
        assert stored(connection) == before


def forge(database: Database, position: int, part: str = "payload.reference") -> int:
    """An event that the application wrote without the register: it names what cannot be erased."""
    with psycopg.connect(database.app_url, autocommit=True) as app:
        (row,) = app.execute(
            """
            INSERT INTO pledges.events (position, stream, stream_version, name, version, recorded_at, header,
                header_salt, header_salts, header_digest, payload, salts, payload_digest)
            SELECT max.position + 1, stream, 1000, 'log.field-erased', 1, clock_timestamp(), header,
                header_salt, header_salts, header_digest,
                convert_to(jsonb_build_object('position', kept.position, 'stream', stream,
                    'part', %s::text)::text, 'UTF8'),
                salts, payload_digest
            FROM pledges.events AS kept, (SELECT max(position) AS position FROM pledges.events) AS max
            WHERE kept.position = %s RETURNING position
            """,
            [part, position],
        ).fetchall()
    return int(row[0])


def test_nobody_but_the_application_and_the_owner_may_ask(database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        may = "SELECT has_function_privilege(%s, 'pledges.erase_field(bigint, text[], text[])', 'EXECUTE')"
        assert owner.execute(may, ["pledges_app"]).fetchone() == (True,)
        assert owner.execute(may, ["pg_monitor"]).fetchone() == (False,)
        owned = (
            "SELECT proowner = 'pledges_app'::regrole, prosecdef FROM pg_proc WHERE proname = 'erase_field'"
        )
        assert owner.execute(owned).fetchone() == (False, True)
        can = "SELECT has_any_column_privilege('pledges_app', 'pledges.events', 'UPDATE')"
        assert owner.execute(can).fetchone() == (False,)


def test_a_path_that_is_not_there_has_no_words(founded: Runtime, database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("SET statement_timeout = '5s'")
        with pytest.raises(errors.DataException, match="there are no words at"):
            owner.execute("SELECT pledges.without_words('{}', 'content.title')")
