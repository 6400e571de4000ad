"""Adds rows to tables: by COPY, or in a pipeline, where nothing can be copied, by one statement a table.

Must not know what the rows hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, LiteralString

import msgspec
from psycopg import Connection, sql
from psycopg.pq import PipelineStatus

# One parameter, whatever the number of rows and the types of their columns: planned once.
INSERT: LiteralString = """
INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)
"""
COPY: LiteralString = "COPY {table} ({columns}) FROM STDIN"


def add_rows(
    connection: Connection[Any],
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    json_columns: Collection[str] = (),
) -> None:
    """Add rows; the texts in columns of JSON are JSON already."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    rows = chain([first], rows)
    if connection.pgconn.pipeline_status == PipelineStatus.OFF:
        _copy(connection, _statement(COPY, table, tuple(columns)), rows)
        return
    documents = [
        {name: _plain(value, name in json_columns) for name, value in zip(columns, row, strict=True)}
        for row in rows
    ]
    statement = _statement(INSERT, table, tuple(columns))
    connection.execute(statement, [msgspec.json.encode(documents).decode()], prepare=True)


def _copy(connection: Connection[Any], statement: sql.Composed, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _plain(value: Any, is_json: bool) -> Any:  # noqa: FBT001 - one of two ways to write a value
    if is_json and value is not None:
        return msgspec.Raw(value.encode())
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value


@lru_cache(maxsize=64)
def _statement(form: LiteralString, table: str, columns: tuple[str, ...]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(form).format(table=sql.Identifier(table), columns=names)
