"""The states that a read model folds events into, kept in a table of its own between batches.

Must not know what the states are of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from psycopg import Connection, sql

State = TypeVar("State")

# A state is written far more often than it is read by others: it is kept in the row, as it is.
CREATE = """
CREATE TABLE {table} (id uuid PRIMARY KEY, state bytea NOT NULL)
WITH (fillfactor = 50, toast_tuple_target = 8160);
ALTER TABLE {table} ALTER COLUMN state SET STORAGE EXTERNAL;
"""
LOAD = "SELECT id, state FROM {table} WHERE id = ANY(%b)"
LOAD_ALL = "SELECT state FROM {table} ORDER BY id"
SAVE = """
INSERT INTO {table} AS kept (id, state) SELECT * FROM unnest(%b::uuid[], %b::bytea[])
ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state
"""


class FoldedStates(Generic[State]):
    """A table of one kind of state, by the id of what it is the state of."""

    def __init__(self, table: str, kind: type[State], *, has_sets: bool = False) -> None:
        # The same state is the same bytes in every process; sets have no order of their own.
        self._order: Literal["deterministic"] | None = "deterministic" if has_sets else None
        self._table = sql.Identifier(table)
        self._decoder = msgspec.json.Decoder(kind)

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(sql.SQL(CREATE).format(table=self._table))

    def load(self, connection: Connection[Any], ids: Iterable[UUID]) -> dict[UUID, State]:
        """The states of those ids that have one."""
        wanted = list(set(ids))
        if not wanted:
            return {}
        found = connection.execute(sql.SQL(LOAD).format(table=self._table), [wanted], binary=True)
        return {key: self._decoder.decode(state) for key, state in found}

    def load_all(self, connection: Connection[Any]) -> list[State]:
        """Every state, in the order of the ids: for tables that stay small."""
        found = connection.execute(sql.SQL(LOAD_ALL).format(table=self._table), binary=True)
        return [self._decoder.decode(state) for (state,) in found]

    def save(self, connection: Connection[Any], states: Mapping[UUID, State]) -> None:
        """Put these states in the place of the ones before."""
        if states:
            encoded = [msgspec.json.encode(state, order=self._order) for state in states.values()]
            connection.execute(sql.SQL(SAVE).format(table=self._table), [list(states), encoded])
