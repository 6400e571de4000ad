"""Every event is found by what it is, and by nobody who may not see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from domain.accounts.events import AccountAdded, RoleGranted
from domain.actors import Actor
from domain.entities.events import EntityMerged
from domain.errors import InvalidInput
from domain.pledges import events
from domain.pledges.content import Changes
from domain.pledges.sight import eyes_of
from projections.entities.families import with_families
from projections.entities.read_model import EntitiesModel
from projections.timeline import questions, search
from projections.timeline.event_filters import EventFilters, event_names
from projections.timeline.read_model import TimelineModel
from tests.conftest import Database
from tests.projections.feeding import Story, fed, rows_of
from tests.projections.pledges import CITY, FRANCE, KENYA, made, reported
from tests.projections.timeline.test_history import ONE, SECRETARIAT, TWO, actor, joint_story

MODELS = [EntitiesModel(), TimelineModel()]
ACCOUNT = UUID(int=77)


def whole_story() -> Story:
    """The joint pledge, another one that was amended, and an account that was granted a role."""
    story = joint_story()
    made(story, TWO, 2, FRANCE)
    reported(story, TWO, 100, entity=FRANCE)
    amended = events.PledgeAmended(changes=Changes(title="Wider pathways"), reason="A new law.")
    story.tell(TWO, amended, role="pledger", entity=FRANCE, effective_on="2025-12")
    story.tell(ACCOUNT, AccountAdded(), role="administrator")
    story.tell(ACCOUNT, RoleGranted(role="pledger", entity=KENYA), role="administrator")
    return story


def found(
    connection: Connection[Any], story: Story, viewer: Actor | None = None, /, **filters: Any
) -> list[int]:
    page = search.events(
        connection, EventFilters.from_args(filters), moment=story.moment(),
        eyes=with_families(connection, eyes_of(viewer)),
        newest_first=False, limit=200,
    )  # fmt: skip
    assert page.total == len(page.items)
    return [item["position"] for item in page.items]


def test_everybody_finds_what_their_history_tells_them(database: Database) -> None:
    story = whole_story()
    names = {event.position: event.header.name for event in story.events}
    viewers = (
        None, SECRETARIAT, actor("auditor"), actor("auditor", FRANCE), actor("pledger", KENYA),
        actor("pledger", FRANCE), actor("pledger", CITY), actor("administrator"),
    )  # fmt: skip
    with fed(database, MODELS, story.events) as connection:
        for viewer in viewers:
            told = [
                entry
                for pledge in (ONE, TWO)
                for entry in questions.history(
                    connection, str(pledge), eyes=eyes_of(viewer), moment=story.moment()
                )
                or ()
            ]
            page = search.events(
                connection, EventFilters(name=event_names("pledge.")),
                eyes=with_families(connection, eyes_of(viewer)), moment=story.moment(),
                newest_first=False, limit=200,
            )  # fmt: skip
            without = [{k: v for k, v in e.items() if k not in ("pledge", "subject")} for e in page.items]
            assert without == sorted(told, key=lambda entry: entry["position"]), viewer
            others = {names[one] for one in found(connection, story, viewer)} - set(event_names("pledge."))
            sees_accounts = eyes_of(viewer).sees_events_of("account")
            assert others == {"entity.registered"} | (
                {"account.added", "account.role-granted"} if sees_accounts else set()
            )


FOUND: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"name": "pledge.made"}, {"pledge.made"}),
    ({"name": ["entity.", "pledge.amended"]}, {"entity.registered", "pledge.amended"}),
    ({"role": "administrator"}, {"account.added", "account.role-granted"}),
    ({"pledge": str(TWO)}, {"pledge.made", "pledge.progress-reported", "pledge.amended"}),
    ({"pledge": "2022-0002", "field": "title"}, {"pledge.made", "pledge.amended"}),
    ({"entity": "lyon"}, {"entity.registered", "pledge.partner-invited", "pledge.partner-declined"}),
    ({"entity": "kenya", "name": "account."}, {"account.role-granted"}),
    ({"field": "narrative"}, {"pledge.progress-reported"}),
    ({"field": "reason", "pledge": str(ONE)}, {"pledge.returned", "pledge.partner-declined"}),
    ({"effective_to": "2025"}, {"pledge.amended"}),
    ({"effective_from": "2025-12", "effective_to": "2025-12-01"}, {"pledge.amended"}),
    ({"effective_from": "2026-01-01", "effective_to": "2026-01-03"}, {"entity.registered"}),
)


def test_each_filter_leaves_what_it_says(database: Database) -> None:
    story = whole_story()
    names = {event.position: event.header.name for event in story.events}
    with fed(database, MODELS, story.events) as connection:
        for filters, expected in FOUND:
            positions = found(connection, story, SECRETARIAT, **filters)
            assert {names[position] for position in positions} == expected, filters


def test_an_entity_that_nobody_knows_is_told_and_not_without_events(database: Database) -> None:
    story = whole_story()
    with fed(database, MODELS, story.events) as connection, pytest.raises(InvalidInput) as problem:
        found(connection, story, SECRETARIAT, entity=["kenya", "nobody"])
    assert problem.value.errors == {"entity": ["there is no entity nobody."]}


def test_partners_that_have_not_agreed_are_nothing_to_find_an_event_by(database: Database) -> None:
    story = whole_story()
    names = {event.position: event.header.name for event in story.events}
    with fed(database, MODELS, story.events) as connection:
        public = {names[one] for one in found(connection, story, field="partners")}
        assert public == {"pledge.made", "pledge.partner-joined"}
        asked = {names[one] for one in found(connection, story, actor("pledger", CITY), field="partners")}
        assert asked == public | {"pledge.partner-invited", "pledge.partner-declined"}
        everything = {names[one] for one in found(connection, story, SECRETARIAT, field="partners")}
        assert "pledge.submitted" in everything
        assert asked < everything
        assert found(connection, story, entity="lyon") == [3]


def test_who_stands_for_a_merged_entity_finds_its_past(database: Database) -> None:
    story = whole_story()
    story.tell(KENYA, EntityMerged(into=CITY, reason="The same."))
    with fed(database, MODELS, story.events) as connection:
        names = {event.position: event.header.name for event in story.events}
        by_heir = found(connection, story, actor("pledger", CITY), entity=str(CITY))
        assert {"pledge.returned", "entity.merged"} <= {names[position] for position in by_heir}


def test_pages_go_on_where_the_last_one_ended(database: Database) -> None:
    story = whole_story()
    with fed(database, MODELS, story.events) as connection:
        everything = found(connection, story, SECRETARIAT)
        for newest_first in (True, False):
            seen: list[int] = []
            after = None
            while True:
                page = search.events(
                    connection, EventFilters(), eyes=eyes_of(SECRETARIAT), moment=story.moment(),
                    newest_first=newest_first, limit=4, after=after,
                )  # fmt: skip
                seen += [item["position"] for item in page.items]
                assert page.total == len(everything)
                after = page.next
                if after is None:
                    break
            assert seen == sorted(everything, reverse=newest_first)
        earlier = search.events(connection, EventFilters(), eyes=eyes_of(None), moment=story.moment(3))
        assert [item["position"] for item in earlier.items] == [3, 2, 1]


def test_what_is_no_pledges_is_told_whole(database: Database) -> None:
    story = whole_story()
    with fed(database, MODELS, story.events) as connection:
        page = search.events(
            connection, EventFilters.from_args({"name": "account.role-granted"}),
            eyes=eyes_of(actor("administrator")), moment=story.moment(),
        )  # fmt: skip
    granted = page.items[0]
    assert granted["subject"] == {"kind": "account", "id": str(ACCOUNT)}
    assert (granted["pledge"], granted["changes"], granted["erased"]) == (None, [], [])
    assert granted["said"]["role"] == "pledger"
    assert granted["said"]["entity"]["name"] == "Kenya"


def test_batches_make_no_difference(database: Database) -> None:
    story = whole_story()
    with fed(database, MODELS, story.events) as connection:
        at_once = rows_of(connection, MODELS[1])
    with fed(database, MODELS, story.events, batch=1) as connection:
        assert rows_of(connection, MODELS[1]) == at_once


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "pledge"}, "name"),
        ({"name": "pledge.unmade"}, "name"),
        ({"role": "king"}, "role"),
        ({"pledge": "42"}, "pledge"),
        ({"field": "colour"}, "field"),
        ({"entity": "\x00"}, "entity"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02", "to": "2026-01"}, "from"),
        ({"to": ["2026", "2027"]}, "to"),
        ({"effective_from": "2026-13"}, "effective_from"),
        ({"effective_to": "2026-01-01T00:00:00Z"}, "effective_to"),
        ({"name": ["pledge.made"] * 51}, "name"),
    ],
)
def test_what_cannot_be_asked_for_is_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        EventFilters.from_args(given)
    assert set(problem.value.errors) == {field}


def test_a_pledge_that_one_may_not_know_of_is_like_one_that_there_is_not(database: Database) -> None:
    story = whole_story()
    with fed(database, MODELS, story.events) as connection:
        assert found(connection, story, SECRETARIAT, pledge=str(ONE))
        for viewer, pledge in (
            (SECRETARIAT, "2099-0001"), (SECRETARIAT, str(UUID(int=77))), (SECRETARIAT, str(KENYA)),
        ):  # fmt: skip
            with pytest.raises(InvalidInput) as problem:
                found(connection, story, viewer, pledge=[str(ONE), pledge])
            assert problem.value.errors == {"pledge": [f"there is no pledge {pledge}."]}
