"""A pledge's history: what changed from what to what, told to whoever may know of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.actors import Actor, Grant
from domain.entities.events import EntityRenamed
from domain.pledges import events
from domain.pledges.content import Changes
from domain.pledges.document import document
from domain.pledges.evolve import evolve
from domain.pledges.sight import eyes_of
from projections.entities.read_model import EntitiesModel
from projections.moments import Moment
from projections.timeline import questions
from projections.timeline.changes import FIELDS
from projections.timeline.read_model import TimelineModel
from tests.conftest import Database
from tests.projections.feeding import ACCOUNT, Story, fed, feed, rows_of
from tests.projections.pledges import (
    CITY,
    FRANCE,
    KENYA,
    KINDS,
    content,
    happen,
    made,
    reported,
    with_entities,
)

MODELS = [EntitiesModel(), TimelineModel()]
ONE, TWO = UUID(int=1), UUID(int=2)


def actor(role: Any, entity: UUID | None = None) -> Actor:
    return Actor(account=UUID(int=9), grants=(Grant(role=role, entity=entity),))


SECRETARIAT = actor("secretariat")


def joint_story() -> Story:
    """A pledge that was returned once, published, and joined by one of two partners."""
    story = with_entities()
    draft = content(KENYA, type="partnership", partners=(FRANCE, CITY))
    story.tell(ONE, events.PledgeSubmitted(content=draft), role="pledger", entity=KENYA)
    story.tell(ONE, events.PartnerInvited(entity=FRANCE), role="pledger", entity=KENYA)
    story.tell(ONE, events.PartnerInvited(entity=CITY), role="pledger", entity=KENYA)
    story.tell(ONE, events.PledgeReturned(reason="Which permits?", fields={"entity": "Is it you?"}))
    story.tell(ONE, events.PledgeSubmitted(content=draft), role="pledger", entity=KENYA)
    story.tell(ONE, events.PledgeMade(reference="2022-0001", cycle=2022, made_on="2026-01-09"))
    story.tell(ONE, events.PartnerDeclined(entity=CITY, reason="No means."), role="pledger", entity=CITY)
    story.tell(ONE, events.PartnerJoined(entity=FRANCE), role="pledger", entity=FRANCE)
    reported(story, ONE, 100)
    return story


def told(
    connection: Connection[Any], story: Story, pledge: str, viewer: Actor | None = None
) -> list[dict[str, Any]]:
    found = questions.history(connection, pledge, eyes=eyes_of(viewer), moment=story.moment())
    assert found is not None
    return found


def change(entry: dict[str, Any], field: str) -> tuple[Any, Any]:
    return next((c["before"], c["after"]) for c in entry["changes"] if c["field"] == field)


def test_an_amendment_says_who_what_and_why(database: Database) -> None:
    story = with_entities()
    made(story, ONE, 1)
    amended = events.PledgeAmended(changes=Changes(title="Wider pathways"), reason="A new law.")
    story.tell(ONE, amended, role="pledger", entity=KENYA, office="Ministry", effective_on="2026-01")
    with fed(database, MODELS, story.events) as connection:
        first, second = told(connection, story, "2022-0001")
        assert told(connection, story, str(ONE)) == [first, second]
    assert {"field": "title", "before": None, "after": "Regular pathways"} in first["changes"]
    assert all(c["before"] is None for c in first["changes"])
    assert change(first, "entity")[1]["name"] == "Kenya"
    assert second == {
        "position": 5,
        "name": "pledge.amended",
        "recorded_at": "2026-01-05T12:00:00.000000Z",
        "effective_on": "2026-01",
        "actor": {"role": "pledger", "entity": change(first, "entity")[1], "office": "Ministry"},
        "on_behalf_of": None,
        "authority": {"kind": "api", "reference": None, "date": None},
        "reason": "A new law.",
        "said": {},
        "changes": [{"field": "title", "before": "Regular pathways", "after": "Wider pathways"}],
        "corrects": None,
        "log": None,
        "erased": [],
    }


def test_a_correction_names_the_report_it_corrects(database: Database) -> None:
    story = with_entities()
    made(story, ONE, 1)
    reported(story, ONE, 100)
    measures = (events.Measure(target="t1", value="20"),)
    corrected = events.ProgressCorrected(
        corrects=5, measures=measures, reason="A slip.", narrative="Only 20."
    )
    story.tell(ONE, corrected, role="pledger", entity=KENYA)
    with fed(database, MODELS, story.events) as connection:
        _, report, correction = told(connection, story, "2022-0001")
    assert change(report, "percent") == (0, 50)
    assert change(report, "status") == ("made", "partially_fulfilled")
    assert correction["corrects"] == 5
    assert change(correction, "percent") == (50, 10)
    assert correction["said"]["narrative"] == "Only 20."


def test_the_public_sees_what_happened_since_publication(database: Database) -> None:
    story = joint_story()
    with fed(database, MODELS, story.events) as connection:
        seen = told(connection, story, "2022-0001")
        text = str(seen)
    assert [entry["name"] for entry in seen] == [
        "pledge.made",
        "pledge.partner-joined",
        "pledge.progress-reported",
    ]
    assert change(seen[0], "title") == (None, "Regular pathways")
    assert change(seen[0], "partners") == (None, [])
    before, after = change(seen[1], "partners")
    assert before == []
    assert [(partner["entity"]["name"], partner["state"]) for partner in after] == [("France", "joined")]
    assert "Lyon" not in text
    assert str(ACCOUNT) not in text


@pytest.mark.parametrize(
    ("viewer", "sees"),
    [
        (None, ""),
        (actor("pledger", KENYA), "returned submitted invited declined"),
        (actor("pledger", FRANCE), "submitted invited"),
        (actor("pledger", CITY), "invited declined"),
        (actor("validator", KENYA), ""),
        (actor("assessor", KENYA), ""),
        (SECRETARIAT, "returned submitted invited declined"),
        (actor("auditor"), "returned submitted invited declined"),
        (actor("auditor", KENYA), "returned submitted invited declined"),
        (actor("auditor", FRANCE), ""),
        (actor("auditor", UUID(int=7)), ""),
    ],
)
def test_submissions_and_invitations_are_for_those_they_concern(
    database: Database, viewer: Actor | None, sees: str
) -> None:
    story = joint_story()
    with fed(database, MODELS, story.events) as connection:
        seen = told(connection, story, "2022-0001", viewer)
        names = " ".join(entry["name"] for entry in seen)
    for word in ["returned", "submitted", "invited", "declined"]:
        assert (word in names) == (word in sees), word


def partners_told(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {
        (partner["entity"]["id"], partner["state"])
        for entry in entries
        for said in entry["changes"]
        if said["field"] == "partners"
        for partner in (*(said["before"] or ()), *(said["after"] or ()))
    }


def test_a_partner_is_not_told_of_others_that_have_not_consented(database: Database) -> None:
    story = joint_story()
    with fed(database, MODELS, story.events) as connection:
        of_france = partners_told(told(connection, story, str(ONE), actor("pledger", FRANCE)))
        of_the_city = partners_told(told(connection, story, str(ONE), actor("pledger", CITY)))
        of_the_lead = partners_told(told(connection, story, str(ONE), actor("pledger", KENYA)))
    joined = (str(FRANCE), "joined")
    assert of_france == {(str(FRANCE), "invited"), joined}
    assert of_the_city == {(str(CITY), "invited"), (str(CITY), "declined"), joined}
    assert of_the_lead == of_france | of_the_city


def test_reasons_by_field_stay_words(database: Database) -> None:
    story = joint_story()
    with fed(database, MODELS, story.events) as connection:
        returned = next(
            e for e in told(connection, story, str(ONE), SECRETARIAT) if e["name"] == "pledge.returned"
        )
    assert returned["said"]["fields"] == {"entity": "Is it you?"}


def test_what_one_may_not_see_is_not_there(database: Database) -> None:
    story = with_entities()
    story.tell(ONE, events.PledgeSubmitted(content=content()), role="pledger", entity=KENYA)
    now, then, eyes = story.moment(), story.moment(3), eyes_of(SECRETARIAT)
    with fed(database, MODELS, story.events) as connection:
        for pledge in (str(ONE), str(TWO), "2022-0001", "", "\x00", "\ud800"):
            assert questions.history(connection, pledge, eyes=eyes_of(None), moment=now) is None
        assert questions.history(connection, str(ONE), eyes=eyes, moment=then) is None
        assert questions.history(connection, str(ONE), eyes=eyes, moment=now)
        assert questions.latest_changes(connection, moment=now) == []


def test_names_are_those_of_the_day(database: Database) -> None:
    story = with_entities()
    made(story, ONE, 1, CITY)
    story.tell(CITY, EntityRenamed(name="Grand Lyon", old_name="Lyon"), effective_on="2026-01-05")
    story.tell(ONE, events.PledgeVerified(kind="confirmed"), role="validator", entity=CITY)
    with fed(database, MODELS, story.events) as connection:
        first, second = told(connection, story, "2022-0001")
    assert change(first, "entity")[1]["name"] == "Lyon"
    assert second["actor"]["entity"]["name"] == "Grand Lyon"


def test_a_history_replayed_is_the_pledge(database: Database) -> None:
    story = joint_story()
    story.tell(ONE, events.PledgeAmended(changes=Changes(due_on=None, forms=()), reason="Open end."))
    state = None
    for event in story.events:
        if event.header.stream == ONE:
            state = evolve(state, event)
    assert state is not None
    with fed(database, MODELS, story.events) as connection:
        rows = connection.execute("SELECT changes FROM timeline_entries ORDER BY position").fetchall()
    replayed = dict.fromkeys(FIELDS)
    for (changes,) in rows:
        replayed |= {one["field"]: one["after"] for one in changes}
    full = document(state)
    assert replayed == {name: full[name] for name in FIELDS}


def test_latest_changes_are_public_and_name_the_pledge(database: Database) -> None:
    story = joint_story()
    made(story, TWO, 2, FRANCE, title="Second")
    with fed(database, MODELS, story.events) as connection:
        latest = questions.latest_changes(connection, moment=story.moment(), limit=2)
        earlier = questions.latest_changes(connection, moment=story.moment(story.position - 1), limit=50)
    assert [entry["pledge"]["title"] for entry in latest] == ["Second", "Regular pathways"]
    assert latest[0]["pledge"] == {"id": str(TWO), "reference": "2022-0002", "title": "Second"}
    assert [entry["name"] for entry in earlier] == [
        "pledge.progress-reported",
        "pledge.partner-joined",
        "pledge.made",
    ]


@pytest.mark.parametrize("batch", [1, 3])
def test_batches_do_not_matter(database: Database, batch: int) -> None:
    story = joint_story()
    with fed(database, MODELS, story.events, batch) as connection:
        cut = rows_of(connection, MODELS[1])
    with fed(database, MODELS, story.events) as connection:
        assert rows_of(connection, MODELS[1]) == cut


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    what=st.lists(st.tuples(st.integers(0, 3), st.integers(0, KINDS - 1)), max_size=25),
    batch=st.integers(1, 6),
    data=st.data(),
)
def test_a_history_of_any_moment_is_that_of_a_replay_up_to_it(
    database: Database, what: list[tuple[int, int]], batch: int, data: st.DataObject
) -> None:
    story = with_entities()
    happen(story, what)
    then = story.moment(data.draw(st.integers(0, story.position)))
    with fed(database, MODELS, story.events, batch) as connection:
        rows = [rows_of(connection, model) for model in MODELS]
        answers = _asked(connection, then)
    with fed(database, MODELS, story.events[: then.position]) as connection:
        assert _asked(connection, then) == answers
        feed(connection, MODELS, story.events[then.position :])
        assert [rows_of(connection, model) for model in MODELS] == rows


def _asked(connection: Connection[Any], moment: Moment) -> list[Any]:
    histories = [
        questions.history(connection, str(UUID(int=number)), eyes=eyes_of(viewer), moment=moment)
        for number in range(1, 5)
        for viewer in (None, SECRETARIAT)
    ]
    return [*histories, questions.latest_changes(connection, moment=moment, limit=5)]
