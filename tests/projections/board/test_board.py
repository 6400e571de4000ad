"""The board: every pledge as it is and as it was, by filters, words, orders and moments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from domain.entities.events import EntityRegistered
from domain.errors import InvalidInput
from domain.pledges.sight import PUBLIC
from projections.board.filters import PledgeFilters
from projections.board.questions import Board, PledgeList
from projections.board.read_model import BoardReadModel
from projections.moments import Moment
from tests.conftest import Database
from tests.projections.board.asking import FOUR, MODELS, ONE, SECRET, THREE, TWO, listed, stand_at, titles
from tests.projections.feeding import Story, fed, feed
from tests.projections.pledges import CITY, FRANCE, KENYA, made, reported, with_entities


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


@pytest.mark.parametrize(
    ("field", "stated"),
    [
        ("objective", ("5", "Élan vital")),
        ("principle", ("human-rights", "Élan vital")),
        ("form", ("financial", "A city of pathways")),
        ("region", ("Europe", "Border clinics")),
        ("country", ("FRA", "Border clinics")),
        ("type", ("common", "Border clinics")),
    ],
)
def test_what_is_not_stated_can_be_asked_for(database: Database, field: str, stated: tuple[str, str]) -> None:
    story = some()
    blank = {"objectives": (), "principles": (), "forms": (), "countries": (), "type": None}
    nowhere = UUID(int=1004)
    story.tell(nowhere, EntityRegistered(name="A network", slug="a-network", category="stakeholder"))
    made(story, FOUR, 4, nowhere, title="Nothing said", **blank)
    value, title = stated
    with fed(database, MODELS, story.events) as connection:
        for asked in ("not_stated", ["Not_Stated", value]):
            found = listed(connection, story.moment(), **{field: asked})
            assert "Nothing said" in titles(found)
            assert (title in titles(found)) == isinstance(asked, list)
            assert found.total == len(found.items)
        alone = listed(connection, story.moment(), **{field: "not_stated"})
        if field != "country":
            counted = counts(listed(connection, story.moment()), field)
            assert counted["not_stated"] == alone.total


# -- counts


def counts(found: PledgeList, facet: str) -> dict[str, int]:
    return {count.value: count.count for count in found.facets[facet]}


def test_facets_count_what_is_listed(board: Filled) -> None:
    connection, story = board
    found = listed(connection, story.moment())
    assert counts(found, "objective") == {"5": 1, "6": 1, "7": 1, "9": 1}
    assert counts(found, "type") == {"individual": 1, "common": 1, "not_stated": 1}
    assert counts(found, "status") == {"made": 2, "partially_fulfilled": 1}
    assert counts(found, "category") == {"state": 2, "stakeholder": 1}
    assert counts(found, "region") == {"Africa": 2, "Europe": 2}
    assert counts(found, "form") == {"financial": 1, "policy": 2}
    assert counts(found, "principle") == {"human-rights": 1, "not_stated": 2}
    assert counts(found, "cycle") == {"2022": 3}


def test_a_facet_obeys_all_filters_but_its_own(board: Filled) -> None:
    connection, story = board
    found = listed(connection, story.moment(), objective="5", category="state")
    assert found.total == 1
    assert counts(found, "objective") == {"5": 1, "6": 1, "7": 1}
    assert counts(found, "category") == {"state": 1}
    assert counts(found, "type") == {"individual": 1}


def test_all_facets_may_be_filtered_at_once(board: Filled) -> None:
    connection, story = board
    found = listed(
        connection, story.moment(), objective="5", principle="human-rights", form="policy", type="individual",
        status="partially_fulfilled", category="state", region="Africa", cycle="2022",
    )  # fmt: skip
    assert found.total == 1
    assert all(len(counted) == 1 for counted in found.facets.values())


def test_counts_agree_with_listing_each_value(board: Filled) -> None:
    connection, story = board
    for name, counted in listed(connection, story.moment()).facets.items():
        for count in counted:
            assert listed(connection, story.moment(), **{name: count.value}).total == count.count


# -- order and pages

ORDERS = {
    "title": ["A city of pathways", "Border clinics", "Élan vital"],
    "reference": ["Élan vital", "Border clinics", "A city of pathways"],
    "updated_at": ["Border clinics", "A city of pathways", "Élan vital"],
    "percent": ["Border clinics", "A city of pathways", "Élan vital"],
    "due_on": ["Border clinics", "Élan vital", "A city of pathways"],
    "made_on": ["Élan vital", "Border clinics", "A city of pathways"],
}


@pytest.mark.parametrize("sort", ORDERS)
def test_sorts_both_ways_page_by_page(board: Filled, sort: str) -> None:
    connection, story = board
    forward = paged(connection, story.moment(), sort=sort)
    assert [pledge["title"] for pledge in forward] == sorted_as(ORDERS[sort], forward, sort)
    backward = paged(connection, story.moment(), sort=f"-{sort}")
    keys = [pledge[sort] for pledge in backward if pledge[sort] is not None]
    assert {pledge["id"] for pledge in backward} == {pledge["id"] for pledge in forward}
    if sort != "title":
        assert keys == sorted(keys, reverse=True)


def sorted_as(titles: list[str], found: list[dict[str, Any]], sort: str) -> list[str]:
    """Those with the same key follow each other by id."""
    by_title = {pledge["title"]: pledge for pledge in found}
    if sort == "title":
        return titles
    return sorted(titles, key=lambda title: (str(by_title[title][sort]).zfill(40), by_title[title]["id"]))


def paged(connection: Connection[Any], moment: Moment, **asked: Any) -> list[dict[str, Any]]:
    """All pledges, one a page."""
    items, cursor = [], None
    while True:
        page = listed(connection, moment, limit=1, cursor=cursor, **asked)
        assert page.total == 3
        items += page.items
        if page.next is None:
            return items
        cursor = page.next


def test_pages_do_not_shift_when_something_happens_in_between(database: Database) -> None:
    story = some()
    with fed(database, MODELS, story.events) as connection:
        stand_at(connection, story.position)
        first = listed(connection, story.moment(), limit=2, sort="-updated_at")
        before = story.position
        reported(story, TWO, 10)
        made(story, FOUR, 4)
        feed(connection, [BoardReadModel()], story.events[before:])
        stand_at(connection, story.position)
        second = listed(connection, story.moment(), limit=2, sort="-updated_at", cursor=first.next)
        assert second.total == 3
        assert second.moment.position == before
        assert {*titles(first), *titles(second)} == {"Élan vital", "Border clinics", "A city of pathways"}


@pytest.mark.parametrize(
    "edit", [lambda c: c[:-2] + "AA", lambda c: c + "A", lambda _: "é", lambda c: c[:10], str.swapcase]
)
def test_an_edited_cursor_is_refused(board: Filled, edit: Any) -> None:
    connection, story = board
    cursor = listed(connection, story.moment(), limit=1).next
    with pytest.raises(InvalidInput) as refused:
        listed(connection, story.moment(), limit=1, cursor=edit(cursor))
    assert list(refused.value.errors) == ["cursor"]


def test_a_cursor_of_another_list_or_register_is_refused(board: Filled) -> None:
    connection, story = board
    cursor = listed(connection, story.moment(), limit=1).next
    for asked in ({"status": "made"}, {"sort": "title"}):
        with pytest.raises(InvalidInput):
            listed(connection, story.moment(), limit=1, cursor=cursor, **asked)
    with pytest.raises(InvalidInput):
        Board("t" * 40).pledges(
            connection, PledgeFilters(), eyes=PUBLIC, moment=story.moment(), limit=1, cursor=cursor
        )


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"objective": "24"}, "objective"), ({"objective": "x"}, "objective"), ({"type": "new"}, "type"),
        ({"country": "XYZ"}, "country"), ({"cycle": "20"}, "cycle"), ({"overdue": "yes"}, "overdue"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "2026-01-01T00:00:00"}, "updated_since"),
        ({"entity": "atlantis"}, "entity"), ({"q": "x" * 201}, "q"), ({"sort": "colour"}, "sort"),
        ({"limit": 201}, "limit"), ({"limit": 0}, "limit"), ({"entity": "a\x00"}, "entity"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(board: Filled, asked: dict[str, Any], field: str) -> None:
    connection, story = board
    with pytest.raises(InvalidInput) as refused:
        listed(connection, story.moment(), **asked)
    assert list(refused.value.errors) == [field]


def test_counts_of_a_board_that_stopped_are_not_kept(database: Database) -> None:
    story = some()
    asked, moment = Board(SECRET), story.moment(story.position)
    made_late = next(n for n, event in enumerate(story.events) if event.header.stream == THREE)
    with fed(database, MODELS, story.events[:made_late]) as connection:
        stand_at(connection, made_late)
        stopped = asked.pledges(connection, PledgeFilters(), eyes=PUBLIC, moment=moment)
        feed(connection, MODELS, story.events[made_late:])
        stand_at(connection, story.position + 1)
        again = asked.pledges(connection, PledgeFilters(), eyes=PUBLIC, moment=moment)
    assert (stopped.total, again.total) == (2, 3)
