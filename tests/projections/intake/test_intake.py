"""Everything that came in has one outcome, and what came in and what became of it add up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.actors import Actor, Grant
from domain.imports.events import ImportFinished, ImportRowsRecorded, ImportStarted, RowOutcome
from domain.pledges import events
from domain.pledges.content import Changes
from domain.pledges.sight import eyes_of
from projections.intake import questions
from projections.intake.read_model import IntakeModel
from projections.moments import Moment
from tests.conftest import Database
from tests.projections.feeding import Story, fed, rows_of
from tests.projections.pledges import FRANCE, KENYA, content, made, with_entities

MODEL = IntakeModel()
FILE = UUID(int=600)
NOW = Moment(10**6, datetime(2026, 6, 1, tzinfo=UTC), is_now=True)


def actor(role: Any, entity: UUID | None = None) -> Actor:
    return Actor(account=UUID(int=9), grants=(Grant(role=role, entity=entity),))


def received() -> Story:
    """Two submissions by API, one by form, one pledge recorded from an e-mail, and a file with four rows."""
    story = with_entities()
    one, two, three, four, five = (UUID(int=number) for number in range(1, 6))
    story.tell(one, events.PledgeSubmitted(content=content()))
    story.tell(one, events.PledgeReturned(reason="Which?"))
    story.tell(one, events.PledgeSubmitted(content=content()))
    story.tell(one, events.PledgeMade(reference="2022-0001", cycle=2022))
    story.tell(two, events.PledgeSubmitted(content=content(FRANCE)), way="form")
    recorded = events.PledgeMade(reference="2022-0002", cycle=2022, content=content())
    story.tell(three, recorded, way="email")
    amended = events.PledgeAmended(changes=Changes(title="Other"), reason="So.")
    story.tell(three, amended, entity=KENYA)
    story.tell(FILE, ImportStarted(sha256="0" * 64, bytes=10, media="csv", mode="record", rows=4))
    story.tell(four, events.PledgeMade(reference="2022-0003", cycle=2022, content=content()), way="import")
    story.tell(five, events.PledgeSubmitted(content=content()), way="import")
    rows = (
        RowOutcome(row=2, outcome="made", ref="A", pledge=four),
        RowOutcome(row=3, outcome="submitted", ref="B", pledge=five),
        RowOutcome(row=4, outcome="refused", ref="C", problem="objectives: 24 is none."),
        RowOutcome(row=5, outcome="duplicate", ref="A", duplicate_of=2),
    )
    story.tell(FILE, ImportRowsRecorded(rows=rows))
    story.tell(FILE, ImportFinished(made=1, submitted=1, refused=2))
    return story


TOTALS = [
    ("api", "amended", 1),
    ("api", "made", 1),
    ("api", "returned", 1),
    ("email", "made", 1),
    ("form", "submitted", 1),
    ("import", "duplicate", 1),
    ("import", "made", 1),
    ("import", "refused", 1),
    ("import", "submitted", 1),
]


def test_the_public_sees_totals_alone(database: Database) -> None:
    with fed(database, [MODEL], received().events) as connection:
        for viewer in (None, actor("pledger", KENYA)):
            seen = questions.intake(connection, moment=NOW, eyes=eyes_of(viewer))
            assert [(t["way"], t["outcome"], t["number"]) for t in seen["totals"]] == TOTALS
            assert seen["received"] == 9
            assert seen["items"] is seen["files"] is None


def test_who_answers_for_the_register_sees_each_thing(database: Database) -> None:
    with fed(database, [MODEL], received().events) as connection:
        seen = questions.intake(connection, moment=NOW, eyes=eyes_of(actor("secretariat")), limit=5)
        rest = questions.intake(
            connection, moment=NOW, eyes=eyes_of(actor("auditor")), limit=5, after=seen["next"]
        )
    assert len(seen["items"] + rest["items"]) == seen["received"]
    assert rest["next"] is None
    refused = next(item for item in seen["items"] if item["outcome"] == "refused")
    assert (refused["ref"], refused["problem"]) == ("C", "objectives: 24 is none.")
    assert refused["file"] == seen["files"][0]["id"] == str(FILE)
    assert seen["files"][0]["rows"] == 4
    waiting = [item["pledge"] for item in seen["items"] + rest["items"] if item["decided_at"] is None]
    assert waiting == [str(UUID(int=5)), str(UUID(int=2))]


def test_an_auditor_of_one_state_sees_what_it_sent(database: Database) -> None:
    with fed(database, [MODEL], received().events) as connection:
        seen = questions.intake(connection, moment=NOW, eyes=eyes_of(actor("auditor", FRANCE)))
    assert [item["way"] for item in seen["items"]] == ["form"]
    assert seen["files"] is None


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    what=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["return", "make", "recall", "other"]))),
    batch=st.integers(1, 5),
)
def test_totals_are_those_of_the_items_however_events_are_cut(
    database: Database, what: list[tuple[int, str]], batch: int
) -> None:
    story = with_entities()
    waiting: set[int] = set()
    for pledge, kind in what:
        _next(story, pledge, kind, waiting)
    with fed(database, [MODEL], story.events, batch) as connection:
        cut = rows_of(connection, MODEL)
        seen = questions.intake(connection, moment=NOW, eyes=eyes_of(actor("secretariat")), limit=200)
    with fed(database, [MODEL], story.events) as connection:
        assert rows_of(connection, MODEL) == cut
    assert seen["received"] == len(seen["items"])
    assert sum(item["decided_at"] is None for item in seen["items"]) == len(waiting)


def _next(story: Story, pledge: int, kind: str, waiting: set[int]) -> None:
    """A pledge that waits is decided on; one that does not is submitted."""
    stream = UUID(int=pledge + 1)
    if kind == "other":
        made(story, UUID(int=100 + story.position), 1000 + story.position)
    elif pledge not in waiting:
        waiting.add(pledge)
        story.tell(stream, events.PledgeSubmitted(content=content()), way="form")
    else:
        waiting.remove(pledge)
        facts = {
            "return": events.PledgeReturned(reason="So."),
            "make": events.PledgeMade(reference=f"2022-{story.position:04}", cycle=2022),
            "recall": events.PledgeRecalled(),
        }
        story.tell(stream, facts[kind])
