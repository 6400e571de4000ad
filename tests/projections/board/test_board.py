"""The board: every pledge as it is and as it was, by filters, words, orders and moments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from domain.actors import Actor, Grant
from domain.entities.events import EntityClassified, EntityMerged, EntityRegistered, EntityRenamed
from domain.errors import InvalidInput
from domain.pledges import events
from domain.pledges.content import Changes
from projections.board.filters import PledgeFilters
from projections.board.questions import Board, PledgeList
from projections.board.read_model import BoardReadModel
from projections.moments import Moment
from tests.conftest import Database
from tests.projections.feeding import Story, fed, rows_of
from tests.projections.pledges import CITY, FRANCE, KENYA, content, made, reported, with_entities

MODELS = [BoardReadModel()]
ONE, TWO, THREE, FOUR = (UUID(int=number) for number in range(1, 5))
BOARD = Board("s" * 40)


def actor(role: Any, entity: UUID | None = None) -> Actor:
    return Actor(account=UUID(int=9), grants=(Grant(role=role, entity=entity),))


SECRETARIAT = actor("secretariat")


def listed(
    connection: Connection[Any], moment: Moment, viewer: Actor | None = None, **asked: Any
) -> PledgeList:
    own = {name: asked.pop(name) for name in ("sort", "limit", "cursor") if name in asked}
    return BOARD.pledges(connection, PledgeFilters.from_args(asked), viewer=viewer, moment=moment, **own)


def titles(found: PledgeList) -> list[str]:
    return [item["title"] for item in found.items]


def some() -> Story:
    story = with_entities()
    made(story, ONE, 1, title="Élan vital", objectives=(5,), principles=("human-rights",))
    made(story, TWO, 2, FRANCE, title="Border clinics", objectives=(6, 7), type="common", due_on="2024")
    made(
        story,
        THREE,
        3,
        CITY,
        title="A city of pathways",
        type=None,
        forms=("financial",),
        objectives=(9,),
        countries=("KEN",),
    )
    reported(story, ONE, 100)
    return story


Filled = tuple[Connection[Any], Story]


def stand_at(connection: Connection[Any], position: int) -> None:
    """As the projector does, so that what is open is known to be what is true."""
    connection.execute("DELETE FROM read_models WHERE name = 'board'")
    connection.execute(
        "INSERT INTO read_models (name, version, position) VALUES ('board', 1, %s)", [position]
    )


@pytest.fixture(params=["today", "as of"])
def board(database: Database, request: pytest.FixtureRequest) -> Iterator[Filled]:
    """Asked as what is true now, and once more as what was true at a position."""
    story = some()
    with fed(database, MODELS, story.events) as connection:
        stand_at(connection, story.position if request.param == "today" else 0)
        yield connection, story


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"objective": "5"}, {"Élan vital"}),
        ({"objective": ["5", "7"]}, {"Élan vital", "Border clinics"}),
        ({"objective": "5", "principle": "human-rights"}, {"Élan vital"}),
        ({"objective": "7", "principle": "human-rights"}, set()),
        ({"type": "not_stated"}, {"A city of pathways"}),
        ({"status": "partially_fulfilled"}, {"Élan vital"}),
        ({"form": "financial"}, {"A city of pathways"}),
        ({"category": "stakeholder", "kind": "local_authority"}, {"A city of pathways"}),
        ({"region": "Africa"}, {"Élan vital", "A city of pathways"}),
        ({"country": "KEN"}, {"Élan vital", "A city of pathways"}),
        ({"entity": "FRA"}, {"Border clinics"}),
        ({"entity": ["lyon", str(KENYA)]}, {"Élan vital", "A city of pathways"}),
        ({"cycle": "2026"}, set()),
        ({"overdue": "true"}, {"Border clinics"}),
        ({"stale": "false"}, {"Élan vital"}),
        ({"stale": "true"}, {"Border clinics", "A city of pathways"}),
        ({"q": "elan"}, {"Élan vital"}),
        ({"q": "clin FRANCE"}, {"Border clinics"}),
        ({"q": "lyon path"}, {"A city of pathways"}),
        ({"q": "2022-0002"}, {"Border clinics"}),
        ({"q": "%&|! '"}, set()),
    ],
)
def test_filters_narrow_the_board(board: Filled, asked: dict[str, Any], expected: set[str]) -> None:
    connection, story = board
    found = listed(connection, story.moment(), **asked)
    assert set(titles(found)) == expected
    assert found.total == len(expected)
