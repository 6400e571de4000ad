"""Pledges that tests of read models tell stories about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.entities.events import EntityRegistered
from domain.pledges import events
from domain.pledges.content import Content, Target
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
