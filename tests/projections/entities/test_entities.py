"""Entities are found by every name they ever had, and shown under the name of the day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from domain.entities.events import EntityAliasAdded, EntityMerged, EntityRegistered, EntityRenamed
from domain.entities.founding import founding_facts
from domain.pledges.events import PledgeWithdrawn
from domain.reference.states import state_id
from projections.entities import questions, suggesting
from projections.entities.read_model import EntitiesModel
from projections.progress.read_model import ProgressModel
from tests.conftest import Database
from tests.projections.feeding import Story, fed, feed, rows_of
from tests.projections.pledges import made, with_entities

MODEL = EntitiesModel()
RED_CROSS, SMALL_ONE = UUID(int=71), UUID(int=72)


@pytest.fixture
def story() -> Story:
    told = Story()
    for stream, fact in founding_facts():
        told.tell(stream, fact)
    told.tell(
        RED_CROSS,
        EntityRegistered(name="Crüz Roja", slug="cruz-roja", category="stakeholder", kind="civil_society"),
    )
    told.tell(
        SMALL_ONE,
        EntityRegistered(name="Small Association", slug="small-association", category="stakeholder"),
    )
    return told


@pytest.fixture
def connection(database: Database, story: Story) -> Iterator[Connection[Any]]:
    with fed(database, [MODEL, ProgressModel()], story.events) as connection:
        yield connection


def names(page: questions.EntityPage) -> list[str]:
    return [item["name"] for item in page.items]


def test_all_states_are_there_page_by_page(connection: Connection[Any], story: Story) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = questions.entities(
            connection, categories=["state"], moment=story.moment(), limit=60, after=after
        )
        assert page.total == 195
        seen += names(page)
        if (after := page.next) is None:
            break
    assert len(seen) == len(set(seen)) == 195
    assert seen[0] == "Afghanistan"
    assert seen[-1] == "Zimbabwe"
    assert seen.index("Côte d'Ivoire") < seen.index("Croatia")


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("cote d'iv", "Côte d'Ivoire"),
        ("ivory", "Côte d'Ivoire"),
        ("Deutsch", None),
        ("Allem", "Germany"),
        ("肯尼", "Kenya"),
        ("Кени", "Kenya"),
        ("bissau", "Guinea-Bissau"),
        ("KEN", "Kenya"),
        ("cruz", "Crüz Roja"),
        ("enya", None),
        ("%", None),
        ("\x00", None),
    ],
)
def test_a_beginning_of_a_word_in_any_language_finds(
    connection: Connection[Any], story: Story, q: str, expected: str | None
) -> None:
    found = names(questions.entities(connection, q, moment=story.moment()))
    assert expected in found if expected else not found


@pytest.mark.parametrize("key", ["KEN", "kenya", str(state_id("KEN"))])
def test_one_entity_by_code_slug_and_id(connection: Connection[Any], story: Story, key: str) -> None:
    found = questions.entity(connection, key, moment=story.moment())
    assert found is not None
    assert found["names"]["fr"] == "Kenya"
    assert found["region"] == "Africa"


@pytest.mark.parametrize("key", ["", "atlantis", "XXX", "\x00", "\ud800", str(UUID(int=1)), "kenya'"])
def test_unknown_entities_are_none(connection: Connection[Any], story: Story, key: str) -> None:
    assert questions.entity(connection, key, moment=story.moment()) is None
    assert questions.entity_named(connection, key) is None


def test_a_renamed_entity_has_the_name_of_the_day(connection: Connection[Any], story: Story) -> None:
    later = Story(list(story.events), dict(story.versions))
    before = later.moment()
    later.tell(
        RED_CROSS,
        EntityRenamed(name="Roja", old_name="Crüz Roja", reason="A vote."),
        effective_on="2026-03-01",
    )
    feed(connection, [MODEL], later.events[before.position :])
    assert questions.entity(connection, "cruz-roja", moment=later.moment())["name"] == "Roja"  # type: ignore[index]
    assert questions.entity(connection, "cruz-roja", moment=before)["name"] == "Crüz Roja"  # type: ignore[index]
    assert names(questions.entities(connection, "cruz", moment=later.moment())) == ["Roja"]
    assert questions.entity_named(connection, "crüz  ROJA") == RED_CROSS
    known_on = questions.entities_at(connection, [RED_CROSS], later.position)[RED_CROSS]
    assert known_on.name_on(before.day.replace(month=2)) == "Crüz Roja"


def test_accents_may_be_missing_where_one_alone_is_meant(connection: Connection[Any], story: Story) -> None:
    later = Story(list(story.events), dict(story.versions))
    assert questions.entity_named(connection, "CRUZ roja") == RED_CROSS
    before = later.position
    later.tell(SMALL_ONE, EntityAliasAdded(alias="Crûz Roja"))
    feed(connection, [MODEL], later.events[before:])
    assert questions.entity_named(connection, "Cruz Roja") is None, "either may be meant"
    assert questions.entity_named(connection, "Crûz roja") == SMALL_ONE


@pytest.mark.parametrize(
    ("typed", "language", "expected"),
    [
        ("Kenia!", "fr", "Kenya"), ("Mexiko", "fr", "Mexique"), ("Мексико", "en", "Mexico"),
        ("roja", "en", "Crüz Roja"), ("Xqzw", "en", None), ("\x00", "en", None), ("!", "en", None),
    ],
)  # fmt: skip
def test_names_near_what_was_typed(
    connection: Connection[Any], story: Story, typed: str, language: str, expected: str | None
) -> None:
    found = suggesting.near(connection, typed, language, moment=story.moment())
    assert expected in found if expected else not found


def test_names_to_choose_from_are_in_the_language_of_the_page(
    connection: Connection[Any], story: Story
) -> None:
    found = suggesting.names(connection, "ar", moment=story.moment())
    assert {"المكسيك", "Crüz Roja"} <= set(found)
    assert len(found) == len(set(found))


def test_a_merged_entity_is_found_as_its_survivor(connection: Connection[Any], story: Story) -> None:
    later = Story(list(story.events), dict(story.versions))
    before = later.moment()
    later.tell(SMALL_ONE, EntityAliasAdded(alias="Petite"))
    later.tell(SMALL_ONE, EntityMerged(into=RED_CROSS, reason="The same."))
    feed(connection, [MODEL], later.events[before.position :])
    now = later.moment()
    assert names(questions.entities(connection, "petite", moment=now)) == ["Crüz Roja"]
    assert names(questions.entities(connection, "small", moment=before)) == ["Small Association"]
    assert questions.entity_named(connection, "Small Association") == RED_CROSS
    merged = questions.entity(connection, "small-association", moment=now)
    survivor = questions.entity(connection, "cruz-roja", moment=now)
    assert merged is not None
    assert survivor is not None
    assert merged["merged_into"]["slug"] == "cruz-roja"
    assert [one["name"] for one in survivor["merged"]] == ["Small Association"]
    assert questions.short_documents(connection, [SMALL_ONE], now)[SMALL_ONE]["name"] == "Crüz Roja"
    assert (
        questions.short_documents(connection, [SMALL_ONE], before)[SMALL_ONE]["name"] == "Small Association"
    )


def test_an_entity_has_its_pledges_numbered(database: Database) -> None:
    story = with_entities()
    made(story, UUID(int=1), 1)
    before = story.moment()
    story.tell(UUID(int=1), PledgeWithdrawn(reason="No means."))
    with fed(database, [MODEL, ProgressModel()], story.events) as connection:
        kenya = questions.entity(connection, "kenya", moment=story.moment())
        then = questions.entity(connection, "kenya", moment=before)
        listed = questions.entities(connection, moment=story.moment()).items
    assert kenya is not None
    assert then is not None
    assert (kenya["pledges"], kenya["by_status"]["withdrawn"], then["by_status"]["withdrawn"]) == (1, 1, 0)
    assert [(one["name"], one["pledges"]) for one in listed] == [("France", 0), ("Kenya", 1), ("Lyon", 0)]


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_batches_do_not_matter(database: Database, story: Story, batch: int) -> None:
    told = Story(list(story.events[-5:]), dict(story.versions))
    told.tell(SMALL_ONE, EntityMerged(into=RED_CROSS, reason="The same."))
    told.tell(RED_CROSS, EntityRenamed(name="Roja", old_name="Crüz Roja"))
    with fed(database, [MODEL], told.events, batch) as connection:
        cut = rows_of(connection, MODEL)
    with fed(database, [MODEL], told.events) as connection:
        assert rows_of(connection, MODEL) == cut
