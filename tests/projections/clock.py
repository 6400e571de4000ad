"""A clock that jumps: every time that the database keeps, moved the other way. No event is touched."""

from __future__ import annotations

from datetime import timedelta

import psycopg
from psycopg import sql

TIMES = """
SELECT relname, array_agg(attname::text)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'pledges'::regnamespace AND relkind = 'r' AND atttypid = 'timestamptz'::regtype
    AND has_table_privilege('pledges_app', pg_class.oid, 'DELETE')
GROUP BY relname
"""


def jumps(owner_url: str, by: timedelta) -> None:
    """From now on the machine's clock is so much further on, or back, compared with all that was written."""
    with psycopg.connect(owner_url) as connection:
        for table, columns in connection.execute(TIMES).fetchall():
            moved = sql.SQL(", ").join(
                sql.SQL("{0} = {0} - {1}").format(sql.Identifier(column), sql.Literal(by))
                for column in columns
            )
            connection.execute(sql.SQL("UPDATE pledges.{} SET {}").format(sql.Identifier(table), moved))
