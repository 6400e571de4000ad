"""Counts from memory are those of SQL: at every position, however far memory has come, whatever is asked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from domain.pledges.sight import EVERYTHING, PUBLIC
from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.vocabularies import REGIONS
from projections.board import facets, tally
from projections.board.codes import NOT_STATED, STATUS
from projections.board.conditions import asked
from projections.board.facets import Answers, Counting
from projections.board.filters import PledgeFilters
from projections.board.questions import Board
from projections.board.tally import Standing, Tally
from projections.moments import Moment
from tests.conftest import Database
from tests.projections.board.asking import MODELS, SECRET, stand_at
from tests.projections.board.test_history import eventful
from tests.projections.feeding import Story, fed, feed

VALUES: dict[str, Sequence[Any]] = {
    "objective": [*OBJECTIVES, NOT_STATED], "principle": [*PRINCIPLES, NOT_STATED],
    "region": [*REGIONS, NOT_STATED], "form": ("policy", "financial", NOT_STATED), "cycle": (2022, 2026),
    "type": ("individual", "common", NOT_STATED), "category": ("state", "stakeholder", NOT_STATED),
    "status": ("made", "partially_fulfilled", "withdrawn"), "kind": ("academia", "local_authority"),
}  # fmt: skip
TABLES = 1


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "LOADED_AT_ONCE", 2)
    monkeypatch.setattr(tally, "KEPT_EVERY", 3)


def chosen(chance: random.Random) -> dict[str, Any]:
    """Some values of some fields."""
    names = chance.sample(list(VALUES), chance.choice((0, 1, 1, 2, 3)))
    return {name: chance.sample(list(VALUES[name]), chance.randint(1, 2)) for name in names}


def both(
    connection: Connection[Any], kept: Tally, story: Story, stands_at: int, position: int, **asked_for: Any
) -> tuple[facets.Fold | None, facets.Fold]:
    """The counts of memory and of SQL, without what nothing holds."""
    moment, live = story.moment(position), stands_at == position
    question = asked(connection, PledgeFilters.from_args(asked_for), PUBLIC, moment, live=live)
    counting = Counting(Answers(), kept, Standing(stands_at, TABLES))
    return (
        counting.tallied(connection, question, list(facets.FACETS)),
        facets.counted_by_sql(connection, question, Answers()),
    )


def filled(connection: Connection[Any], stands_at: int) -> Tally:
    """A memory that has been asked often enough to know."""
    kept, standing = Tally(), Standing(stands_at, TABLES)
    asked_for = (kept.of(connection, standing, stands_at, {}, []) for _ in range(stands_at))
    assert any(found is not None for found in asked_for)
    return kept


def read(fold: facets.Fold) -> Any:
    total, counted = fold
    return total, {name: facet.read(counted[name]) for name, facet in facets.FACETS.items()}


def assert_the_same(
    connection: Connection[Any], kept: Tally, story: Story, stands_at: int, **at: Any
) -> bool:
    """Whether memory knew; if so, it said what SQL says."""
    of_memory, of_sql = both(connection, kept, story, stands_at, **at)
    if of_memory is not None:
        assert read(of_memory) == read(of_sql)
    return of_memory is not None


@pytest.mark.parametrize("begins_at", [1, 9, 17])
def test_memory_counts_what_sql_counts(database: Database, begins_at: int) -> None:
    """Brought forward an event, or some, at a time, from wherever it began."""
    story, kept, chance, knew = eventful(), Tally(), random.Random(begins_at), 0
    with fed(database, MODELS, story.events[:begins_at]) as connection:
        stands_at = begins_at
        while True:
            for _ in range(4):
                position = chance.randint(0, stands_at)
                knew += assert_the_same(
                    connection, kept, story, stands_at, position=position, **chosen(chance)
                )
            if stands_at == story.position:
                break
            some = story.events[stands_at : stands_at + chance.randint(1, 3)]
            feed(connection, MODELS, some)
            stands_at += len(some)
        for position in range(stands_at + 1):
            assert assert_the_same(connection, kept, story, stands_at, position=position)
    assert knew


def test_what_happens_while_memory_is_filled_is_counted(database: Database) -> None:
    story, kept, begins_at = eventful(), Tally(), 8
    with fed(database, MODELS, story.events[:begins_at]) as connection:
        assert not assert_the_same(connection, kept, story, begins_at, position=begins_at)
        feed(connection, MODELS, story.events[begins_at:])
        knew = [
            assert_the_same(connection, kept, story, story.position, position=position)
            for position in [*range(story.position + 1)] * 2
        ]
    assert all(knew[story.position :])


def test_what_lies_ahead_of_the_board_is_not_known(database: Database) -> None:
    story, stands_at = eventful(), 14
    with fed(database, MODELS, story.events[:stands_at]) as connection:
        kept = filled(connection, stands_at)
        assert assert_the_same(connection, kept, story, stands_at, position=stands_at)
        assert not assert_the_same(connection, kept, story, stands_at, position=stands_at + 1)


def test_other_tables_are_counted_anew(database: Database) -> None:
    story = eventful()
    with fed(database, MODELS, story.events) as connection:
        kept = filled(connection, story.position)
        connection.execute("UPDATE board SET status = 0, objectives = 3")
        connection.execute("UPDATE board_today SET status = 0, objectives = 3")
        question = asked(connection, PledgeFilters(), PUBLIC, story.moment(), live=True)
        counting = Counting(Answers(), kept, Standing(story.position, TABLES + 1))
        found = [
            counting.tallied(connection, question, ["status", "objective"]) for _ in range(story.position)
        ]
    total, counted = found[-1] or (0, {})
    assert (total, counted) == (3, {"status": {0: 3}, "objective": {1: 3, 2: 3}})


def test_what_was_true_on_a_day_is_neither_kept_nor_answered_from_memory(database: Database) -> None:
    story, board = eventful(), Board(SECRET)

    def statuses(connection: Connection[Any], moment: Moment) -> dict[str, int]:
        found = board.pledges(connection, PledgeFilters(), eyes=PUBLIC, moment=moment)
        return {count.value: count.count for count in found.facets["status"]}

    with fed(database, MODELS, story.events) as connection:
        stand_at(connection, story.position)
        for _ in range(story.position):
            told = statuses(connection, story.moment())
        for table in ("board", "board_today"):
            connection.execute(
                SQL("UPDATE {} SET status = %s").format(Identifier(table)), [STATUS.number("lapsed")]
            )
        that_day = replace(story.moment(), true_on=story.moment().day)
        assert statuses(connection, that_day) == {"lapsed": 3}
        assert statuses(connection, story.moment()) == told != {"lapsed": 3}


def test_a_register_too_large_for_memory_is_not_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "VERSIONS_MAX", 3)
    story, kept = eventful(), Tally()
    with fed(database, MODELS, story.events) as connection:
        standing = Standing(story.position, TABLES)
        knew = [kept.of(connection, standing, story.position, {}, []) for _ in range(story.position)]
    assert knew == [None] * story.position


@pytest.mark.parametrize("of", [{"q": "pathways"}, {"country": "KEN"}, {"overdue": "true"}, {"stale": "red"}])
def test_what_memory_does_not_hold_is_left_to_sql(database: Database, of: dict[str, Any]) -> None:
    story = eventful()
    with fed(database, MODELS, story.events) as connection:
        kept = filled(connection, story.position)
        assert not assert_the_same(connection, kept, story, story.position, position=story.position, **of)
        of_all = asked(connection, PledgeFilters(), EVERYTHING, story.moment(), live=True)
        counting = Counting(Answers(), kept, Standing(story.position, TABLES))
        assert counting.tallied(connection, of_all, []) is None
