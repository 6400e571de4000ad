"""Pledges as they stood at a position, by their ids or by who takes part in them. Must not know who looks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.pledges.state import Pledge
from projections.board.conditions import WORDS_THEN
from projections.board.rows import party
from projections.board.words import marks_query

STATES: LiteralString = """
SELECT DISTINCT ON (pledge_id) pledge_id, state FROM board_states
WHERE pledge_id = ANY(%b) AND from_position <= %b ORDER BY pledge_id, from_position DESC
"""
OF_PARTIES: LiteralString = f"SELECT pledge_id FROM {WORDS_THEN} WHERE words @@ %(query)s::tsquery"  # noqa: S608

_decoder = msgspec.msgpack.Decoder(Pledge)


def states(connection: Connection[Any], pledges: Collection[UUID], position: int) -> dict[UUID, Pledge]:
    """Some pledges by their ids."""
    rows = connection.execute(STATES, [list(pledges), position], binary=True)
    return {pledge: _decoder.decode(state) for pledge, state in rows}


def pledges_of(connection: Connection[Any], entities: Collection[UUID], position: int) -> list[UUID]:
    """The pledges that one of some entities leads or has joined; name those that stand for others."""
    if not entities:
        return []
    asked = {"query": marks_query(sorted(map(party, entities))), "position": position}
    return [pledge for (pledge,) in connection.execute(OF_PARTIES, asked)]
