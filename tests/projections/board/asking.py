"""Asks a board in tests as its pages do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.actors import Actor, Grant
from domain.pledges.sight import eyes_of
from projections.board.filters import PledgeFilters
from projections.board.questions import Board, PledgeList
from projections.board.read_model import BoardReadModel
from projections.moments import Moment

MODELS = [BoardReadModel()]
ONE, TWO, THREE, FOUR = (UUID(int=number) for number in range(1, 5))
SECRET = "s" * 40


def actor(role: Any, entity: UUID | None = None) -> Actor:
    return Actor(account=UUID(int=9), grants=(Grant(role=role, entity=entity),))


SECRETARIAT = actor("secretariat")


def listed(
    connection: Connection[Any], moment: Moment, viewer: Actor | None = None, **asked: Any
) -> PledgeList:
    """A page of the list. Filters are given as an address has them."""
    own = {name: asked.pop(name) for name in ("sort", "limit", "cursor") if name in asked}
    filters = PledgeFilters.from_args(asked)
    return Board(SECRET).pledges(connection, filters, eyes=eyes_of(viewer), moment=moment, **own)


def titles(found: PledgeList) -> list[str]:
    return [item["title"] for item in found.items]


def told(
    connection: Connection[Any], moment: Moment, pledge: UUID | str, viewer: Actor | None = None
) -> dict[str, Any] | None:
    """One pledge."""
    return Board(SECRET).pledge(connection, str(pledge), eyes=eyes_of(viewer), moment=moment)


def stand_at(connection: Connection[Any], position: int) -> None:
    """As the projector does, so that what is open is known to be what is true."""
    connection.execute("DELETE FROM read_models WHERE name = 'board'")
    connection.execute(
        "INSERT INTO read_models (name, version, position) VALUES ('board', 1, %s)", [position]
    )
