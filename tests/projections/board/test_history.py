"""The board's past: versions that never overlap, the same however events were cut into batches."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection, errors

from domain.entities.events import EntityClassified, EntityMerged, EntityRegistered, EntityRenamed
from domain.pledges import events
from domain.pledges.content import Changes, Part
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from projections.board.read_model import BoardReadModel
from tests.conftest import Database
from tests.projections.board.asking import (
    FOUR,
    MODELS,
    ONE,
    SECRETARIAT,
    THREE,
    TWO,
    actor,
    listed,
    stand_at,
    titles,
    told,
)
from tests.projections.feeding import Story, fed, feed, rows_of
from tests.projections.pledges import CITY, FRANCE, KENYA, content, made, reported, with_entities

LYON, UNKNOWN = UUID(int=1004), UUID(int=1005)


def eventful() -> Story:
    """Pledges that are changed, joined, merged into others and withdrawn, in turns."""
    story = with_entities()
    story.tell(LYON, EntityRegistered(name="Ville de Lyon", slug="ville-de-lyon", category="stakeholder"))
    story.tell(UNKNOWN, EntityRegistered(name="A. N. Other", slug="a-n-other"))
    made(story, ONE, 1)
    made(story, TWO, 2, LYON, title="Lights of Lyon", objectives=(9,))
    made(story, THREE, 3, UNKNOWN, title="By somebody", objectives=(10,))
    reported(story, ONE, 20)
    story.tell(ONE, events.PartnerInvited(entity=LYON))
    story.tell(ONE, events.PledgeAmended(changes=Changes(title="Wider pathways"), reason="More."))
    story.tell(ONE, events.PartnerJoined(entity=LYON, part=Part(description="Bridges")))
    story.tell(LYON, EntityMerged(into=CITY, reason="The same city."))
    reported(story, TWO, 200, entity=CITY)
    story.tell(UNKNOWN, EntityClassified(category="stakeholder", kind="academia"))
    story.tell(CITY, EntityRenamed(name="Lugdunum", old_name="Lyon"))
    story.tell(TWO, events.PledgeWithdrawn(reason="No means."))
    story.tell(THREE, events.PledgeAmended(changes=Changes(due_on="2031"), reason="Later."))
    return story


def pledge_at(story: Story, pledge: UUID, position: int) -> Pledge | None:
    """The pledge as folding its events says it was."""
    state = None
    for event in story.events[:position]:
        if event.header.stream == pledge:
            state = evolve(state, event)
    return state


def test_as_of_any_position_the_board_is_what_folding_says(database: Database) -> None:
    story = eventful()
    with fed(database, MODELS, story.events) as connection:
        stand_at(connection, story.position)
        for position in range(story.position + 1):
            found = {item["id"]: item for item in listed(connection, story.moment(position)).items}
            folded = {p: pledge_at(story, p, position) for p in (ONE, TWO, THREE)}
            assert found.keys() == {str(p) for p, state in folded.items() if state}
            for pledge, state in folded.items():
                if state:
                    item = found[str(pledge)]
                    assert (item["version"], item["title"]) == (state.version, state.content.title)
                    assert told(connection, story.moment(position), pledge) == item


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_the_rows_are_the_same_however_events_are_cut(database: Database, batch: int) -> None:
    story = eventful()
    with fed(database, MODELS, story.events) as connection:
        whole = rows_of(connection, MODELS[0])
    with fed(database, MODELS, story.events, batch=batch) as connection:
        assert rows_of(connection, MODELS[0]) == whole


def test_chance_cuts_give_the_same_rows_too(database: Database) -> None:
    story = eventful()
    with fed(database, MODELS, story.events) as connection:
        whole = rows_of(connection, MODELS[0])
    chance = random.Random(7)
    with fed(database, MODELS) as connection:
        rest = list(story.events)
        while rest:
            size = chance.randint(1, 6)
            feed(connection, MODELS, rest[:size])
            rest = rest[size:]
        assert rows_of(connection, MODELS[0]) == whole


def test_a_merged_entity_is_found_under_the_other_from_then_on(database: Database) -> None:
    story = eventful()
    merged = next(e.position for e in story.events if isinstance(e.fact, EntityMerged))
    with fed(database, MODELS, story.events) as connection:
        before, after = story.moment(merged - 1), story.moment(merged)
        assert titles(listed(connection, before, entity="lyon")) == []
        assert set(titles(listed(connection, before, entity="ville-de-lyon"))) == {
            "Wider pathways",
            "Lights of Lyon",
        }
        for name in ("lyon", "ville-de-lyon"):
            assert set(titles(listed(connection, after, entity=name))) == {"Wider pathways", "Lights of Lyon"}
        assert titles(listed(connection, before, kind="local_authority")) == []
        assert titles(listed(connection, after, kind="local_authority")) == ["Lights of Lyon"]
        assert titles(listed(connection, after, country="FRA")) == ["Lights of Lyon"]
        told_then, told_now = told(connection, before, TWO), told(connection, story.moment(), TWO)
        assert told_then is not None
        assert told_then["entity"]["name"] == "Ville de Lyon"
        assert told_now is not None
        assert told_now["entity"]["name"] == "Lugdunum"


def test_what_an_entity_is_counts_from_when_it_was_said(database: Database) -> None:
    story = eventful()
    said = next(e.position for e in story.events if isinstance(e.fact, EntityClassified))
    with fed(database, MODELS, story.events) as connection:
        assert titles(listed(connection, story.moment(said - 1), category="not_stated")) == ["By somebody"]
        assert titles(listed(connection, story.moment(said), kind="academia")) == ["By somebody"]
        assert titles(listed(connection, story.moment(said), category="not_stated")) == []


def test_words_find_what_was_said_then(database: Database) -> None:
    story = eventful()
    amended = next(e.position for e in story.events if isinstance(e.fact, events.PledgeAmended))
    joined = next(e.position for e in story.events if isinstance(e.fact, events.PartnerJoined))
    with fed(database, MODELS, story.events) as connection:
        assert titles(listed(connection, story.moment(amended - 1), q="regular")) == ["Regular pathways"]
        assert titles(listed(connection, story.moment(amended), q="regular")) == []
        assert titles(listed(connection, story.moment(amended), q="wider")) == ["Wider pathways"]
        assert titles(listed(connection, story.moment(joined - 1), q="bridges")) == []
        assert titles(listed(connection, story.moment(), q="bridges lugdunum")) == ["Wider pathways"]


def test_the_day_decides_what_is_overdue_and_stale(database: Database) -> None:
    story = with_entities()
    made(story, ONE, 1, due_on="2026-01-05")
    reported(story, ONE, 20)
    for _ in range(3):
        reported(story, TWO, 1) if TWO in story.versions else made(story, TWO, 2)
    with fed(database, MODELS, story.events) as connection:
        assert titles(listed(connection, story.moment(5), overdue="true")) == []
        assert [told(connection, story.moment(n), ONE)["overdue"] for n in (4, 5)] == [False, False]  # type: ignore[index]
        assert [told(connection, story.moment(n), ONE)["staleness"] for n in (4, 5)] == ["red", "green"]  # type: ignore[index]


# -- the database itself refuses what would make the past ambiguous


def refused(connection: Connection[Any], statement: str) -> None:
    with pytest.raises(errors.IntegrityError), connection.transaction():
        connection.execute(statement)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


COPY_OF_OPEN = """
INSERT INTO board SELECT pledge_id, {start}, {end}, state_position, updated_at, objectives, due_until,
    amber_on,
    red_on, principles, forms, regions, cycle, status, type, category, kind, public, entity, invited, percent,
    made_on, due_on, reference_key, title_key
FROM board WHERE to_position IS NULL AND pledge_id = '00000000-0000-0000-0000-000000000001'
"""


@pytest.mark.parametrize("table", ["board", "board_words", "board_entities"])
def test_a_range_that_ends_where_none_begins_is_refused(database: Database, table: str) -> None:
    with fed(database, MODELS, eventful().events) as connection:
        refused(connection, f"UPDATE {table} SET to_position = 900 WHERE to_position IS NULL")
        refused(connection, f"UPDATE {table} SET to_position = from_position WHERE to_position IS NULL")
        refused(connection, f"UPDATE {table} SET to_position = NULL")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("from_position + 100", "NULL"),  # two that are open
        ("from_position - 1", "from_position"),  # two that end at the same place
        ("from_position + 1", "from_position"),  # ends before it begins
        ("from_position - 1", "from_position + 1"),  # across the beginning of another
        ("from_position + 1", "from_position + 2"),  # within another
    ],
)
def test_an_overlapping_version_is_refused(database: Database, start: str, end: str) -> None:
    with fed(database, MODELS, eventful().events) as connection:
        refused(connection, COPY_OF_OPEN.format(start=start, end=end))


def test_a_version_may_not_be_taken_out_of_the_chain(database: Database) -> None:
    with fed(database, MODELS, eventful().events) as connection:
        refused(connection, "DELETE FROM board WHERE to_position IS NULL")


# -- who sees what


def submitted() -> Story:
    story = with_entities()
    draft = content(KENYA, type="partnership", partners=(FRANCE,), title="Not yet public")
    story.tell(ONE, events.PledgeSubmitted(content=draft), role="pledger", entity=KENYA)
    story.tell(ONE, events.PartnerInvited(entity=FRANCE), role="pledger", entity=KENYA)
    made(story, TWO, 1, title="Public")
    story.tell(THREE, events.PledgeSubmitted(content=content(CITY, title="Recalled")))
    story.tell(THREE, events.PledgeRecalled())
    story.tell(FOUR, events.PledgeSubmitted(content=content(CITY, title="Returned")))
    story.tell(FOUR, events.PledgeReturned(reason="Which permits?"))
    return story


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (None, {"Public"}),
        (SECRETARIAT, {"Public", "Not yet public", "Returned"}),
        (actor("auditor"), {"Public", "Not yet public", "Returned"}),
        (actor("auditor", CITY), {"Public", "Returned"}),
        (actor("auditor", FRANCE), {"Public"}),
        (actor("pledger", KENYA), {"Public", "Not yet public"}),
        (actor("pledger", FRANCE), {"Public", "Not yet public"}),
        (actor("pledger", CITY), {"Public", "Returned"}),
        (actor("validator", KENYA), {"Public"}),
    ],
)
def test_submissions_are_seen_by_those_they_concern(
    database: Database,
    viewer: Any,
    expected: set[str],
    live: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    story = submitted()
    with fed(database, MODELS, story.events) as connection:
        stand_at(connection, story.position if live else 0)
        found = listed(connection, story.moment(), viewer)
        assert set(titles(found)) == expected
        assert found.total == len(expected)
        for pledge, title in (
            (ONE, "Not yet public"),
            (TWO, "Public"),
            (THREE, "Recalled"),
            (FOUR, "Returned"),
        ):
            assert (told(connection, story.moment(), pledge, viewer) is not None) is (title in expected)


def test_the_public_sees_no_partner_that_has_not_consented(database: Database) -> None:
    story = with_entities()
    draft = content(KENYA, type="partnership")
    story.tell(ONE, events.PledgeSubmitted(content=draft))
    for partner in (FRANCE, CITY):
        story.tell(ONE, events.PartnerInvited(entity=partner))
    story.tell(ONE, events.PledgeMade(reference="2022-0001", cycle=2022))
    story.tell(ONE, events.PartnerDeclined(entity=CITY))
    with fed(database, MODELS, story.events) as connection:

        def partners(viewer: Any) -> list[tuple[str, str]]:
            found = told(connection, story.moment(), "2022-0001", viewer)
            assert found
            return [(partner["entity"]["name"], partner["state"]) for partner in found["partners"]]

        assert partners(None) == []
        assert partners(actor("pledger", FRANCE)) == [("France", "invited")]
        assert partners(actor("pledger", KENYA)) == [("France", "invited"), ("Lyon", "declined")]
        assert listed(connection, story.moment(), entity="FRA").total == 0
        story.tell(ONE, events.PartnerJoined(entity=FRANCE))
        feed(connection, MODELS, story.events[-1:])
        assert partners(None) == [("France", "joined")]
        assert listed(connection, story.moment(), entity="FRA").total == 1


def test_an_unknown_pledge_is_none(database: Database) -> None:
    with fed(database, MODELS, with_entities().events) as connection:
        for name in ("2022-0001", str(ONE), "nonsense", "a\x00b", ""):
            assert told(connection, with_entities().moment(), name) is None


def test_a_board_that_stopped_stays_as_it_was(database: Database) -> None:
    story = eventful()
    with fed(database, MODELS, story.events) as connection:
        connection.commit()
        with psycopg.connect(database.owner_url) as owner:
            assert owner.execute("SELECT count(*) FROM pledges_board_1.board").fetchone() != (0,)
        with pytest.raises(AttributeError), connection.transaction():
            feed(connection, [BoardReadModel()], [*story.events[-1:], object()])  # type: ignore[list-item]
        assert listed(connection, story.moment()).total == 3
