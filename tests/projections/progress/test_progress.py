"""Numbers are those that one gets by counting pledges by hand, at every position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.cycles.events import CycleOpened
from domain.entities.events import EntityClassified, EntityMerged, EntityRegistered
from domain.errors import InvalidInput
from domain.pledges import events
from domain.pledges.content import Changes, Part
from domain.values import Money
from projections.moments import Moment
from projections.progress import questions
from projections.progress.counting import DIMENSIONS
from projections.progress.read_model import ProgressModel
from projections.progress.tables import BLOCK
from tests.conftest import Database
from tests.projections.feeding import fed, feed, rows_of
from tests.projections.pledges import CITY, FRANCE, KENYA, KINDS, happen, made, reported, with_entities

MODEL = ProgressModel()
ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)


def euros(value: str) -> Money:
    return Money(value=value, currency="EUR")


def item(answer: dict[str, Any], key: Any) -> dict[str, Any]:
    return next(item for item in answer["items"] if item["key"] == key)


@pytest.fixture
def empty(database: Database) -> Iterator[Connection[Any]]:
    with fed(database, [MODEL]) as connection:
        yield connection


def test_objectives_that_nobody_pledged_for_are_listed(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1, objectives=(5, 6), amount=euros("100.50"))
    made(story, TWO, 2, objectives=(6,), amount=Money(value="7", currency="KES"))
    made(story, THREE, 3, objectives=())
    reported(story, ONE, 100)
    story.tell(TWO, events.ProgressReported(narrative="A law is being drafted."))
    feed(empty, [MODEL], story.events)
    answer = questions.progress(empty, "objective", moment=story.moment())
    assert [one["key"] for one in answer["items"]] == [*range(1, 24), None]
    assert item(answer, 1) == {
        "key": 1, "label": "Data", "pledges": 0, "percent": None, "not_measured": 0,
        "reported": 0, "closed": 0, "amounts": [],
    }  # fmt: skip
    assert item(answer, 6)["pledges"] == 2
    assert item(answer, 6)["percent"] == 50
    assert item(answer, 6)["not_measured"] == 1
    assert item(answer, 6)["amounts"] == [
        {"currency": "EUR", "value": "100.50", "committed": "0", "paid": "0"},
        {"currency": "KES", "value": "7", "committed": "0", "paid": "0"},
    ]
    assert item(answer, None)["pledges"] == 1
    assert item(answer, None)["label"] == "Not stated"
    assert (answer["position"], answer["rules"]) == (story.position, 1)


def test_a_joint_pledge_counts_once_and_once_for_each_partner(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1, type="common", amount=euros("10"))
    story.tell(ONE, events.PartnerInvited(entity=FRANCE))
    before = story.moment()
    story.tell(ONE, events.PartnerJoined(entity=FRANCE, part=Part(amount=euros("5"))))
    feed(empty, [MODEL], story.events)
    assert questions.of_entities(empty, [FRANCE], moment=before)[FRANCE]["pledges"] == 0
    of = questions.of_entities(empty, [FRANCE, KENYA, CITY], moment=story.moment())
    assert [of[entity]["pledges"] for entity in (FRANCE, KENYA, CITY)] == [1, 1, 0]
    assert of[KENYA]["by_status"]["made"] == 1
    totals = questions.totals(empty, moment=story.moment(), compare_to=before)
    assert (totals["pledges"], totals["entities"]) == (1, 2)
    assert totals["amounts"][0]["value"] == "15"
    assert totals["difference"]["entities"] == 1
    assert totals["difference"]["amounts"] == [
        {"currency": "EUR", "value": "5", "committed": "0", "paid": "0"}
    ]


def test_matched_money_is_not_added_twice(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1, type="matching", amount=euros("10"))
    made(story, TWO, 2, FRANCE, amount=euros("4"), matches=ONE)
    match = UUID(int=77)
    story.tell(ONE, events.MatchOffered(match=match, pledge=TWO, entity=FRANCE, amount=euros("4")))
    story.tell(ONE, events.MatchAccepted(match=match))
    story.tell(ONE, events.PledgeMatched())
    feed(empty, [MODEL], story.events)
    totals = questions.totals(empty, moment=story.moment())
    assert totals["amounts"] == [{"currency": "EUR", "value": "14", "committed": "0", "paid": "0"}]
    assert totals["by_status"]["matched"] == 1


def test_money_reported_stands_beside_money_promised(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1, amount=euros("10"))
    paid = events.MoneyReport(stage="paid", amount=euros("2.5"), date="2026-01")
    reported(story, ONE, 20, money=(paid,))
    reported(story, ONE, 30, money=(paid,))
    feed(empty, [MODEL], story.events)
    totals = questions.totals(empty, moment=story.moment())
    assert totals["amounts"] == [{"currency": "EUR", "value": "10", "committed": "0", "paid": "5.0"}]


def test_overdue_and_stale_depend_on_the_day(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1, due_on="2026-01-10")
    made(story, TWO, 2, due_on=None)
    made(story, THREE, 3, due_on="2030")
    reported(story, THREE, 10)
    story.step *= 10
    last_day = story.moment(2)  # 11 January is the tenth's morrow
    feed(empty, [MODEL], story.events)
    now = questions.totals(empty, moment=story.moment())
    assert (now["overdue"], now["no_due_date"]) == (1, 1)
    assert (now["stale_amber"], now["stale_red"]) == (0, 2)  # made in May 2022
    assert now["reported"] == 1
    assert questions.totals(empty, moment=last_day)["overdue"] == 0


def test_what_is_withdrawn_stays_counted_and_is_numbered_beside(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1)
    before = story.moment()
    story.tell(ONE, events.PledgeWithdrawn(reason="No budget."))
    feed(empty, [MODEL], story.events)
    answer = questions.progress(empty, "objective", moment=story.moment(), compare_to=before)
    assert item(answer, 5)["pledges"] == item(answer, 5)["closed"] == 1
    assert item(answer, 5)["difference"] == {
        "pledges": 0, "percent": 0, "not_measured": 0, "reported": 0, "closed": 1, "amounts": [],
    }  # fmt: skip
    by_status = questions.progress(empty, "status", moment=story.moment(), compare_to=before)
    assert {one["key"]: one["difference"]["pledges"] for one in by_status["items"]} == {
        "made": -1, "matched": 0, "partially_fulfilled": 0, "fulfilled": 0, "withdrawn": 1, "lapsed": 0,
    }  # fmt: skip
    assert questions.totals(empty, moment=story.moment())["stale_red"] == 0


def test_regions_are_those_of_owner_countries_and_classification(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1, countries=("FRA", "DEU"))
    made(story, TWO, 2, CITY)
    story.tell(TWO, events.PledgeClassified(changes=Changes(regions=("Asia",)), reason="Read."))
    feed(empty, [MODEL], story.events)
    answer = questions.progress(empty, "region", moment=story.moment())
    found = {one["key"]: one["pledges"] for one in answer["items"]}
    assert found == {"Africa": 1, "Americas": 0, "Asia": 1, "Europe": 2, "Oceania": 0, None: 0}


def test_submissions_do_not_count(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1)
    made_content = story.events[-1].fact.content
    story.tell(TWO, events.PledgeSubmitted(content=made_content))
    story.tell(TWO, events.PledgeRejected(reason="Of another compact.", code="refugee-compact"))
    feed(empty, [MODEL], story.events)
    assert questions.totals(empty, moment=story.moment())["pledges"] == 1


def test_cycles_are_listed_from_their_opening_on(empty: Connection[Any]) -> None:
    story = with_entities()
    made(story, ONE, 1)
    before = story.moment()
    story.tell(UUID(int=5), CycleOpened(cycle=2026, opened_on="2026-01-01"))
    feed(empty, [MODEL], story.events)
    now = questions.progress(empty, "cycle", moment=story.moment())
    then = questions.progress(empty, "cycle", moment=before)
    assert [(one["key"], one["pledges"]) for one in now["items"]] == [(2022, 1), (2026, 0)]
    assert [one["key"] for one in then["items"]] == [2022]


def test_what_is_learnt_of_an_entity_counts_from_then_on(empty: Connection[Any]) -> None:
    story = with_entities()
    unknown, heir = UUID(int=88), UUID(int=89)
    story.tell(unknown, EntityRegistered(name="Somebody", slug="somebody"))
    story.tell(heir, EntityRegistered(name="Known", slug="known", category="un_entity"))
    made(story, ONE, 1, unknown)
    made(story, TWO, 2, heir)
    first = story.moment()
    story.tell(unknown, EntityClassified(category="stakeholder"))
    second = story.moment()
    story.tell(unknown, EntityMerged(into=heir, reason="The same."))
    feed(empty, [MODEL], story.events)

    def categories(moment: Any) -> dict[Any, int]:
        answer = questions.progress(empty, "category", moment=moment)
        return {one["key"]: one["pledges"] for one in answer["items"]}

    assert categories(first) == {"state": 0, "un_entity": 1, "stakeholder": 0, None: 1}
    assert categories(second) == {"state": 0, "un_entity": 1, "stakeholder": 1, None: 0}
    assert categories(story.moment()) == {"state": 0, "un_entity": 2, "stakeholder": 0, None: 0}
    assert questions.of_entities(empty, [heir], moment=story.moment())[heir]["pledges"] == 2
    assert questions.totals(empty, moment=story.moment())["entities"] == 1
    assert questions.totals(empty, moment=second)["entities"] == 2


def test_before_the_first_event_everything_is_nothing(empty: Connection[Any]) -> None:
    moment = with_entities().moment(0)
    for by in DIMENSIONS:
        answer = questions.progress(empty, by, moment=moment)
        assert all(one["pledges"] == 0 for one in answer["items"])
    assert questions.totals(empty, moment=moment)["pledges"] == 0


@pytest.mark.parametrize("by", ["", "country", "total", "objective ", "\x00"])
def test_an_unknown_dimension_is_named(empty: Connection[Any], by: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        questions.progress(empty, by, moment=with_entities().moment())
    assert "objective" in refused.value.errors["by"][0]


# -- whatever happens


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    what=st.lists(st.tuples(st.integers(0, 3), st.integers(0, KINDS - 1)), max_size=25),
    batch=st.integers(1, 6),
    data=st.data(),
)
def test_numbers_of_any_moment_are_those_of_a_replay_up_to_it(
    database: Database, what: list[tuple[int, int]], batch: int, data: st.DataObject
) -> None:
    story = with_entities()
    happen(story, what)
    then = story.moment(data.draw(st.integers(0, story.position)))
    with fed(database, [MODEL], story.events, batch) as connection:
        rows = rows_of(connection, MODEL)
        answers = _asked(connection, then)
    with fed(database, [MODEL], story.events[: then.position]) as connection:
        assert _asked(connection, then) == answers
        feed(connection, [MODEL], story.events[then.position :])
        assert rows_of(connection, MODEL) == rows


def test_moments_at_the_ends_of_blocks_are_those_of_a_replay(database: Database) -> None:
    story = with_entities()
    happen(story, [(number % 50, number % KINDS) for number in range(2 * BLOCK + 40)])
    ends = [position + near for position in (BLOCK, 2 * BLOCK) for near in (-1, 0, 1)]
    moments = [story.moment(position) for position in (*ends, story.position)]
    with fed(database, [MODEL], story.events, batch=100) as connection:
        answers = [_asked(connection, moment) for moment in moments]
        rows = rows_of(connection, MODEL)
    with fed(database, [MODEL]) as connection:
        done = 0
        for moment, answer in zip(moments, answers, strict=True):
            feed(connection, [MODEL], story.events[done : moment.position])
            assert _asked(connection, moment) == answer
            done = moment.position
        assert rows_of(connection, MODEL) == rows


def _asked(connection: Connection[Any], moment: Moment) -> list[dict[str, Any]]:
    answers = [questions.progress(connection, by, moment=moment) for by in DIMENSIONS]
    return [*answers, questions.totals(connection, moment=moment)]
