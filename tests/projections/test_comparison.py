"""Two moments side by side reconcile: what came in, moved and left explains the one by the other."""

from __future__ import annotations

import random
from typing import Any

import pytest
from psycopg import Connection

from domain.pledges import events
from domain.pledges.content import Changes
from projections.board.read_model import BoardReadModel
from projections.comparison import KINDS, MASKS, Narrowed, compared, compared_pledges
from projections.entities.read_model import EntitiesModel
from projections.progress.read_model import ProgressModel
from projections.timeline.read_model import TimelineModel
from tests.conftest import Database
from tests.projections.board.asking import ONE, THREE, TWO, told
from tests.projections.feeding import Story, fed
from tests.projections.pledges import CITY, happen, made, reported, with_entities
from tests.projections.pledges import KINDS as HAPPENING_KINDS

MODELS = [BoardReadModel(), EntitiesModel(), ProgressModel(), TimelineModel()]


def asked(connection: Connection[Any], story: Story, begin: int, end: int) -> dict[str, Any]:
    return compared(connection, earlier=story.moment(begin), later=story.moment(end))


def of_kind(
    connection: Connection[Any], story: Story, begin: int, end: int, kind: str, **more: Any
) -> list[dict[str, Any]]:
    return list(
        compared_pledges(connection, kind, earlier=story.moment(begin), later=story.moment(end), **more)
    )


def standing(connection: Connection[Any], story: Story, position: int, pledge: str) -> dict[str, Any] | None:
    found = told(connection, story.moment(position), pledge)
    return found and {name: found[name] for name in ("status", "percent")}


def assert_reconciled(row: dict[str, Any]) -> None:
    before, after = row["before"], row["after"]
    assert before["pledges"] + row["came_in"] + row["gained"] - row["lost"] == after["pledges"]


@pytest.mark.parametrize("seed", range(4))
def test_the_totals_of_two_boards_reconcile_whatever_happened(database: Database, seed: int) -> None:
    chance, story = random.Random(seed), with_entities()
    happen(story, [(chance.randrange(6), chance.randrange(HAPPENING_KINDS)) for _ in range(60)])
    with fed(database, MODELS, story.events) as connection:
        for _ in range(12):
            begin, end = sorted(chance.choices(range(story.position + 1), k=2))
            found = asked(connection, story, begin, end)
            totals = found["totals"]
            assert_reconciled(totals)
            closed = totals["withdrawn"] + totals["lapsed"] - totals["reinstated"]
            assert totals["before"]["closed"] + closed == totals["after"]["closed"]
            for dimension in MASKS:
                assert len(found["by"][dimension]) == len(MASKS[dimension][0].values) + 1
                for row in found["by"][dimension]:
                    assert_reconciled(row)
            for kind in KINDS:
                listed = of_kind(connection, story, begin, end, kind)
                assert len(listed) == totals[kind]
                for one in listed:
                    assert one["before"] == standing(connection, story, begin, one["id"])
                    assert one["after"] == standing(connection, story, end, one["id"])
                row = chance.choice(found["by"]["objective"])
                narrowed = Narrowed("objective", row["key"])
                assert len(of_kind(connection, story, begin, end, kind, narrowed=narrowed)) == row[kind]


def told_story() -> Story:
    """One withdrawn and reinstated, one reported and amended, one that came in late."""
    story = with_entities()
    made(story, ONE, 1)
    made(story, TWO, 2, objectives=(9,))
    reported(story, ONE, 20)
    story.tell(TWO, events.PledgeWithdrawn(reason="No means."))
    made(story, THREE, 3, CITY)
    story.tell(
        ONE,
        events.PledgeAmended(changes=Changes(objectives=(5, 7)), reason="Not borders, but vulnerability."),
    )
    story.tell(TWO, events.PledgeReinstated(reason="Means again."))
    return story


def test_what_happened_is_told_by_kind(database: Database) -> None:
    story = told_story()
    with fed(database, MODELS, story.events) as connection:
        kinds = {
            kind: [item["reference"] for item in of_kind(connection, story, 5, 9, kind)] for kind in KINDS
        }
        assert kinds == {
            "came_in": ["2022-0003"], "moved": ["2022-0001"], "withdrawn": ["2022-0002"], "lapsed": [],
            "reinstated": [], "corrected": ["2022-0001"],
        }  # fmt: skip
        (moved,) = of_kind(connection, story, 5, 9, "moved")
        assert moved["before"] == {"status": "made", "percent": 0}
        assert moved["after"] == {"status": "partially_fulfilled", "percent": 10}
        assert moved["corrected_at"] == [9]
        of_9 = next(row for row in asked(connection, story, 5, 9)["by"]["objective"] if row["key"] == 6)
        assert (of_9["before"]["pledges"], of_9["lost"], of_9["came_in"], of_9["after"]["pledges"]) == (
            1,
            1,
            1,
            1,
        )
        assert [one["reference"] for one in of_kind(connection, story, 8, 10, "reinstated")] == ["2022-0002"]


def test_what_was_undone_in_between_is_no_difference(database: Database) -> None:
    story = told_story()
    with fed(database, MODELS, story.events) as connection:
        assert of_kind(connection, story, 6, 10, "withdrawn") == []
        assert of_kind(connection, story, 6, 10, "reinstated") == []
        same = asked(connection, story, 7, 7)["totals"]
        assert same["before"] == same["after"]
        assert not any(same[kind] for kind in KINDS)


def test_a_list_is_told_in_parts(database: Database) -> None:
    story = told_story()
    with fed(database, MODELS, story.events) as connection:
        parts = [of_kind(connection, story, 0, 10, "came_in", limit=2, offset=offset) for offset in (0, 2)]
    assert [[one["reference"] for one in part] for part in parts] == [
        ["2022-0001", "2022-0002"],
        ["2022-0003"],
    ]
