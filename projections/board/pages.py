"""A page of the board: which rows, in which order, where the next page begins.

Must not know what the rows say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.pledges.state import Pledge
from projections.board.conditions import Asked
from projections.board.sorting import Order

STATES: LiteralString = """
SELECT pledge_id, state FROM board_states JOIN unnest(%b::uuid[], %b::bigint[]) AS wanted (id, position)
    ON pledge_id = id AND from_position = position
"""
STREAMED_AT_ONCE = 500

_decoder = msgspec.msgpack.Decoder(Pledge)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list: the pledge and its place in the order."""

    pledge: Pledge
    key: Any


def page(
    connection: Connection[Any], asked: Asked, order: Order, limit: int, after: tuple[Any, UUID] | None
) -> list[Row]:
    """The rows behind a place, at most as many as asked for."""
    sql, values = _question(asked, order, after)
    found = connection.execute(f"{sql} LIMIT %(limit)s", {**values, "limit": limit}).fetchall()
    return _rows(connection, found)


def every(connection: Connection[Any], asked: Asked, order: Order) -> Iterator[Row]:
    """All rows, streamed."""
    sql, values = _question(asked, order, None)
    with connection.cursor(name="board_every") as cursor:
        cursor.execute(sql, values)
        while found := cursor.fetchmany(STREAMED_AT_ONCE):
            yield from _rows(connection, found)


def _question(
    asked: Asked, order: Order, after: tuple[Any, UUID] | None
) -> tuple[LiteralString, dict[str, Any]]:
    where = asked.where()
    values = asked.values
    if after is not None:
        key, last = after
        where = f"{where} AND {order.after(key)}"
        values |= {"after_key": key, "after_id": last}
    rows = asked.rows(with_titles=order.by_title)
    if order.by_relevance:
        rows = f"{rows} JOIN {asked.words} USING (pledge_id)"
        where = f"{where} AND board_words.words @@ %(q)s::tsquery"
    return (
        f"SELECT board.pledge_id, board.state_position, {order.key_sql} FROM {rows}"  # noqa: S608 - ours
        f" WHERE {where} ORDER BY {order.order_by}"
    ), values


def _rows(connection: Connection[Any], found: list[tuple[UUID, int, Any]]) -> list[Row]:
    wanted = [row[0] for row in found], [row[1] for row in found]
    states = dict(connection.execute(STATES, wanted, binary=True).fetchall())
    return [Row(_decoder.decode(states[pledge]), key) for pledge, _, key in found]
