"""The tables that a backup holds, as the text of PostgreSQL's own COPY, and back.

All of the schema, whatever is added to it later, but for what is made again: the places of read models.
Must not know what the tables are for, nor in which file the text is kept.
"""

# COPY and not pg_dump: the text is the same from PostgreSQL 15 to 18, no program of PostgreSQL has to be at
# hand that fits the server's version, and what a backup brings in is rows and never statements. Tables,
# triggers and grants come from the migrations.

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, LiteralString

from psycopg import Connection, sql

from projections.backup.archive import KeptTable
from projections.database.roles import SCHEMA

MADE_AGAIN = ["migrations", "read_models"]
WRITE_BYTES = 256 * 1024
# The same rows have to be the same text, whatever the server is set to.
PLAIN_TEXT: LiteralString = """
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL client_encoding = 'UTF8'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC';
SET LOCAL IntervalStyle = 'postgres'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1
"""
TABLES: LiteralString = """
SELECT kept.relname::text,
    ARRAY(SELECT attname::text FROM pg_attribute
        WHERE attrelid = kept.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum),
    ARRAY(SELECT format('%%I', attname) || CASE WHEN attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END
        FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS part (number, place)
        JOIN pg_attribute ON attrelid = kept.oid AND attnum = part.number
        WHERE conrelid = kept.oid AND contype = 'p' ORDER BY place),
    ARRAY(SELECT confrelid::regclass::oid::bigint FROM pg_constraint
        WHERE conrelid = kept.oid AND contype = 'f' AND confrelid <> kept.oid),
    kept.oid::bigint
FROM pg_class AS kept
WHERE relnamespace = %s::regnamespace AND relkind = 'r' AND relname <> ALL(%s) ORDER BY relname
"""
NUMBERED: LiteralString = """
SELECT relname::text, attname::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = %s::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    AND pg_get_serial_sequence(quote_ident(%s) || '.' || quote_ident(relname), attname) IS NOT NULL
"""
CONTINUE: LiteralString = """
SELECT setval(pg_get_serial_sequence({name}, {column_name}), coalesce(max({column}), 0) + 1, false)
FROM {table}
"""

Progress = Callable[[int, int], None]
"""Is told how many rows are done, of how many."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its columns, and the order in which its rows are the same text each time."""

    name: str
    columns: tuple[str, ...]
    order: tuple[str, ...]

    @property
    def _named(self) -> dict[str, sql.Composable]:
        return {
            "table": sql.Identifier(SCHEMA, self.name),
            "columns": sql.SQL(", ").join(map(sql.Identifier, self.columns)),
            "order": sql.SQL(", ").join(map(sql.SQL, self.order)),
        }

    @property
    def copy_out(self) -> sql.Composed:
        return sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT").format(
            **self._named
        )

    @property
    def copy_in(self) -> sql.Composed:
        return sql.SQL("COPY {table} ({columns}) FROM STDIN").format(**self._named)

    def count(self, connection: Connection[Any]) -> int:
        """How many rows it has."""
        row = connection.execute(sql.SQL("SELECT count(*) FROM {table}").format(**self._named)).fetchone()
        return row[0] if row else 0


def tables(connection: Connection[Any]) -> list[Table]:
    """The tables to keep, each after those that its rows refer to."""
    rows = connection.execute(TABLES, [SCHEMA, MADE_AGAIN]).fetchall()
    found = {oid: Table(name, tuple(columns), tuple(order)) for name, columns, order, _, oid in rows}
    needs = {oid: others for _, _, _, others, oid in rows}
    return [found[oid] for oid in TopologicalSorter(needs).static_order()]


def write_out(
    connection: Connection[Any], table: Table, write: Callable[[bytes], Any], progress: Callable[[int], None]
) -> KeptTable:
    """Write the text of a table's rows; what was written."""
    found, rows = hashlib.sha256(), 0
    with connection.cursor().copy(table.copy_out) as copy:
        for piece in _gathered(copy):
            write(piece)
            found.update(piece)
            more = piece.count(b"\n")  # within a row a line break is written as two other signs
            rows += more
            progress(more)
    return KeptTable(table.name, table.columns, rows, found.hexdigest())


def _gathered(pieces: Iterable[Any]) -> Iterable[bytes]:
    """Rows come one by one; to pack and hash some at a time takes a fraction of the time."""
    waiting: list[Any] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= WRITE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def read_in(
    connection: Connection[Any], table: Table, pieces: Iterable[bytes], progress: Callable[[int], None]
) -> None:
    """Put the rows of a text into an empty table; each piece holds whole rows."""
    for piece in pieces:
        with connection.cursor().copy(table.copy_in) as copy:
            copy.write(piece)
        progress(piece.count(b"\n"))


def continue_numbers(connection: Connection[Any]) -> None:
    """Let columns that number themselves go on after the greatest number there is."""
    for table, column in connection.execute(NUMBERED, [SCHEMA, SCHEMA]).fetchall():
        connection.execute(
            sql.SQL(CONTINUE).format(
                name=f"{SCHEMA}.{table}",
                column_name=column,
                column=sql.Identifier(column),
                table=sql.Identifier(SCHEMA, table),
            )
        )
