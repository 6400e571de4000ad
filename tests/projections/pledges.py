"""Pledges that tests of read models tell stories about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.entities.events import EntityMerged, EntityRegistered, EntityRenamed
from domain.pledges import events
from domain.pledges.content import Changes, Content, Part, Target
from domain.recording import Fact
from domain.values import Money
from tests.projections.feeding import Story

KENYA, FRANCE, CITY = UUID(int=1001), UUID(int=1002), UUID(int=1003)


def with_entities() -> Story:
    """A story that begins with two States and a city."""
    story = Story()
    story.tell(KENYA, EntityRegistered(name="Kenya", slug="kenya", category="state", country="KEN"))
    story.tell(FRANCE, EntityRegistered(name="France", slug="france", category="state", country="FRA"))
    city = EntityRegistered(
        name="Lyon", slug="lyon", category="stakeholder", kind="local_authority", country="FRA"
    )
    story.tell(CITY, city)
    return story


def content(entity: UUID = KENYA, **more: Any) -> Content:
    said: dict[str, Any] = {
        "title": "Regular pathways", "type": "individual", "forms": ("policy",), "objectives": (5, 6),
        "due_on": "2030-06",
        "targets": (Target(id="t1", description="Permits", unit="people", target="200"),),
    }  # fmt: skip
    return Content(entity=entity, **{**said, **more})


def made(story: Story, pledge: UUID, number: int, entity: UUID = KENYA, **more: Any) -> None:
    """A pledge recorded by the Secretariat."""
    fact = events.PledgeMade(
        reference=f"2022-{number:04}", cycle=2022, made_on="2022-05-17", content=content(entity, **more)
    )
    story.tell(pledge, fact)


def reported(
    story: Story, pledge: UUID, value: int, *, part: int = 0, entity: UUID = KENYA, **more: Any
) -> None:
    """Progress on the first target."""
    measures = (events.Measure(target="t1", value=str(value)),)
    fact = events.ProgressReported(part=part, measures=measures, narrative=f"{value} permits.", **more)
    story.tell(pledge, fact, role="pledger", entity=entity)


def _euros(value: str) -> Money:
    return Money(value=value, currency="EUR")


HAPPENINGS: tuple[tuple[UUID | None, Fact], ...] = (
    (None, events.PledgeWithdrawn(reason="No.")),
    (None, events.PledgeReinstated(reason="Yes.")),
    (
        None,
        events.PledgeAmended(
            changes=Changes(objectives=(2, 3), due_on="2026-01", amount=_euros("3.00")), reason="Thus."
        ),
    ),
    (None, events.PartnerInvited(entity=FRANCE)),
    (None, events.PartnerJoined(entity=FRANCE, part=Part(amount=_euros("1")))),
    (None, events.PledgeFulfilled(reason="Done.")),
    (CITY, EntityMerged(into=FRANCE, reason="The same.")),
    (FRANCE, EntityRenamed(name="French Republic", old_name="France")),
)
"""What can happen to a pledge that is there, or to an entity."""
KINDS = 4 + len(HAPPENINGS)


def happen(story: Story, what: list[tuple[int, int]]) -> None:
    """A register in which things happen in an order that nobody foresaw."""
    numbers: dict[int, int] = {}
    for pledge, kind in what:
        stream = UUID(int=pledge + 1)
        if pledge not in numbers:
            numbers[pledge] = len(numbers) + 1
            owner = (KENYA, FRANCE, CITY)[kind % 3]
            amount = _euros(str(10 + kind)) if kind % 2 else None
            made(story, stream, numbers[pledge], owner, objectives=(1 + kind,), amount=amount)
        elif kind < KINDS - len(HAPPENINGS):
            reported(story, stream, kind * 60)
        else:
            of, fact = HAPPENINGS[kind - KINDS]
            story.tell(of or stream, fact)
