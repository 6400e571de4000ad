"""From a pledge as it is to the columns and words that the board finds it by. Pure; must not know SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from domain.pledges import derived, measure
from domain.pledges.content import Part
from domain.pledges.sight import asked_of
from domain.pledges.state import Pledge
from domain.values import first_day, last_day
from projections.board.codes import (
    CATEGORY,
    FORM,
    KIND,
    OBJECTIVE,
    PRINCIPLE,
    STATUS,
    TYPE,
    regions_mask,
)
from projections.board.known_entities import Entities, Known
from projections.board.words import Weight, folded

TITLE_KEY_MAX = 120
REFERENCES_OF_A_CYCLE_MAX = 10**9

COLUMNS = (
    "pledge_id", "from_position", "to_position", "state_position", "updated_at", "objectives", "due_until",
    "amber_on", "red_on", "principles", "forms", "regions", "cycle", "status", "type", "category", "kind",
    "public", "entity", "invited", "percent", "made_on", "due_on", "reference_key", "title_key",
)  # fmt: skip
OF_TODAY = (
    "pledge_id", "from_position", "state_position", "updated_at", "objectives", "due_until",
    "amber_on", "red_on", "principles", "forms", "regions", "cycle", "status", "type", "category",
    "kind", "public", "percent", "made_on", "due_on", "reference_key",
)  # fmt: skip
NEVER = "infinity"


@dataclass(slots=True)
class Version:
    """A pledge as it is from a position on. `state_position` is the event that made it so."""

    pledge: Pledge
    from_position: int
    state_position: int
    to_position: int | None = None


def row(version: Version, entities: Entities[Known]) -> tuple[Any, ...]:
    """The values of a version, in the order of COLUMNS."""
    pledge = version.pledge
    content = pledge.content
    owner = entities.survivor(pledge.owner)
    lead = entities.get(owner)
    measured = measure.measured_percent(pledge)
    amber_on, red_on = derived.stale_since(pledge) or (NEVER, NEVER)
    made_on = pledge.made_on or content.made_on
    return (
        pledge.id, version.from_position, version.to_position, version.state_position, pledge.updated_at,
        OBJECTIVE.mask(content.objectives), derived.due_until(pledge) or NEVER, amber_on, red_on,
        PRINCIPLE.mask(content.principles), FORM.mask(content.forms),
        regions_mask(content.regions, (*content.countries, lead.country if lead else None)),
        pledge.cycle or content.cycle or 0, STATUS.number(measure.status_measured(pledge, measured)),
        TYPE.number(content.type),
        CATEGORY.number(lead.category if lead else None), KIND.number(lead.kind if lead else None),
        pledge.phase == "public", owner, _invited(pledge, entities),
        measure.percent_measured(pledge, measured),
        _first(made_on), _last(content.due_on), _reference_key(pledge.reference),
        folded(content.title)[:TITLE_KEY_MAX],
    )  # fmt: skip


@lru_cache(maxsize=8192)
def _first(partial: str | None) -> str | None:
    return first_day(partial).isoformat() if partial else None


@lru_cache(maxsize=8192)
def _last(partial: str | None) -> str | None:
    return last_day(partial).isoformat() if partial else None


def _reference_key(reference: str | None) -> int | None:
    """A number that sorts as cycle and running number do."""
    cycle, _, number = (reference or "").partition("-")
    if not (cycle.isdecimal() and number.isdecimal()):
        return None
    return int(cycle) * REFERENCES_OF_A_CYCLE_MAX + int(number)


def _invited(pledge: Pledge, entities: Entities[Known]) -> list[UUID] | None:
    """The partners that may see the pledge before it is public; None instead of none."""
    asked = set(map(entities.survivor, asked_of(pledge)))
    return sorted(asked) or None


def entities_of(pledge: Pledge) -> Iterator[UUID]:
    """The entities that the columns and words of a pledge depend on."""
    yield pledge.owner
    for partner in pledge.partners:
        yield partner.entity


# -- words and marks


def party(entity: UUID) -> str:
    """The mark of a pledge that the entity leads or has joined."""
    return f"={entity.hex}"


def named(entity: UUID) -> str:
    """The mark of a pledge that is found by the names of the entity."""
    return f"@{entity.hex}"


def shown(entity: UUID) -> str:
    """The mark of a pledge whose row depends on what is known of the entity."""
    return f"~{entity.hex}"


def country(code: str) -> str:
    """The mark of a pledge that a country leads, or that is for a country."""
    return f"#{code}"


Weighted = tuple[tuple[str, Weight], ...]
FoundBy = tuple[Weighted, Weighted]


def found_by(pledge: Pledge, entities: Entities[Known]) -> FoundBy:
    """The texts and the marks that a pledge is found by, weighted."""
    content = pledge.content
    texts: list[tuple[str | None, Weight]] = [(content.title, "A"), (pledge.reference, "A")]
    texts += [(content.description, "B"), *((text, "D") for text in _other_texts(pledge))]
    return tuple((text, weight) for text, weight in texts if text), tuple(_marks(pledge, entities))


def _marks(pledge: Pledge, entities: Entities[Known]) -> Iterator[tuple[str, Weight]]:
    owner = entities.survivor(pledge.owner)
    lead = entities.get(owner)
    states = {entities.survivor(partner.entity): partner.state for partner in pledge.partners}
    yield named(owner), "C"
    yield from ((named(one), "D") for one, state in states.items() if state in ("joined", "named"))
    joined = (one for one, state in states.items() if state == "joined")
    yield from ((party(one), "D") for one in dict.fromkeys((owner, *joined)))
    yield from ((shown(one), "D") for one in dict.fromkeys((owner, *states)))
    places = (*pledge.content.countries, lead.country if lead else None)
    yield from ((country(place), "D") for place in dict.fromkeys(places) if place)


def _other_texts(pledge: Pledge) -> Iterator[str | None]:
    content = pledge.content
    yield content.through
    yield content.seeking
    yield content.source.ref if content.source else None
    yield from content.actions
    yield from content.frameworks
    yield from (target.description for target in content.targets if not target.retired)
    yield content.terms.condition if content.terms else None
    for partner in pledge.partners:
        if partner.state == "joined":
            yield from _part_texts(partner.part)


def _part_texts(part: Part) -> Iterator[str | None]:
    yield part.description
    yield from (target.description for target in part.targets if not target.retired)
