"""The application's connections."""

from __future__ import annotations

import pytest
from psycopg import errors

from projections.database.pool import Pool


def test_sessions_are_those_of_a_role_that_owns_nothing(pool: Pool) -> None:
    with pool.connection() as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        owned = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        ).fetchone()
    assert row == ("pledges_app", False, False, False, False)
    assert owned == (0,)


def test_the_application_makes_no_tables(pool: Pool) -> None:
    with pytest.raises(errors.InsufficientPrivilege), pool.connection() as connection:
        connection.execute("CREATE TABLE mine (id int)")


def test_sessions_speak_utc(pool: Pool) -> None:
    with pool.connection() as connection:
        assert connection.execute("SHOW TimeZone").fetchone() == ("UTC",)
