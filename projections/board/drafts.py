"""Working papers in the shape of pledges, for those who write them; few, so they are sought in memory.

Must not know SQL: papers are no events, and the board does not hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from domain.entities.state import Entity
from domain.pledges.content import Content
from domain.pledges.state import Pledge
from domain.reference.states import region_of
from domain.values import first_day, last_day, rfc3339
from projections.board.codes import NOT_STATED
from projections.board.filters import PledgeFilters
from projections.board.sorting import Order
from projections.board.words import folded, terms_of, words_of
from projections.database.working_papers import Paper

NOTED = "noted"
"""How a partner stands that is to be invited at submission."""


def as_pledge(paper: Paper, submitted: Pledge | None) -> Pledge:
    """The pledge that a paper would make; one that was submitted before keeps its number, phase and dates."""
    content = msgspec.convert(paper.content, Content)
    updated_at = rfc3339(paper.updated_at)
    if submitted is not None:
        return msgspec.structs.replace(
            submitted, content=content, version=paper.version, updated_at=updated_at
        )
    return Pledge(
        id=paper.id,
        version=paper.version,
        phase="draft",
        content=content,
        recorded_at=rfc3339(paper.created_at),
        updated_at=updated_at,
    )


def noted_partners(pledge: Pledge) -> list[dict[str, Any]]:
    """The partners that a paper names, in the shape of partners; their entities stand as ids."""
    known = {partner.entity for partner in pledge.partners}
    part: dict[str, Any] = {"description": None, "forms": [], "amount": None, "due_on": None, "targets": []}
    first = len(pledge.partners) + 1
    noted = [entity for entity in pledge.content.partners if entity not in known]
    return [
        {"entity": str(entity), "state": NOTED, "number": number, "part": part, "percent": None}
        for number, entity in enumerate(noted, first)
    ]


# -- filters and order


def is_asked_for(filters: PledgeFilters, pledge: Pledge, lead: Entity | None) -> bool:
    """Whether a paper meets all filters. Nothing in it is overdue or stale."""
    if (filters.stale and "false" not in filters.stale) or (filters.overdue and False not in filters.overdue):
        return False
    if filters.updated_since and pledge.updated_at < rfc3339(min(filters.updated_since)):
        return False
    held = {name: values - {None} or {NOT_STATED} for name, values in _held(pledge, lead).items()}
    chosen: Iterable[tuple[str, tuple[Any, ...]]] = ((name, getattr(filters, name)) for name in held)
    if any(values and not held[name] & set(values) for name, values in chosen):
        return False
    return not filters.q or _has_words(pledge, lead, terms_of(" ".join(filters.q)))


def _held(pledge: Pledge, lead: Entity | None) -> Mapping[str, set[Any]]:
    content = pledge.content
    country = lead.country if lead else None
    return {
        "objective": set(content.objectives), "principle": set(content.principles),
        "form": set(content.forms),
        "type": {content.type}, "category": {lead.category if lead else None},
        "kind": {lead.kind if lead else None}, "cycle": {content.cycle},
        "entity": {str(content.entity), *((lead.slug, country) if lead else ())},
        "region": {*content.regions, region_of(country), *map(region_of, content.countries)},
        "country": {*content.countries, country},
    }  # fmt: skip


def _has_words(pledge: Pledge, lead: Entity | None, terms: Iterable[str]) -> bool:
    texts = (pledge.content.title, pledge.content.description or "", lead.name if lead else "")
    words = [word for text in texts for word in words_of(text)]
    return all(any(word.startswith(term) for word in words) for term in terms)


_ORDERS: Mapping[str, Callable[[Pledge], Any]] = {
    "made_on": lambda pledge: first_day(pledge.content.made_on) if pledge.content.made_on else None,
    "due_on": lambda pledge: last_day(pledge.content.due_on) if pledge.content.due_on else None,
    "title": lambda pledge: folded(pledge.content.title),
    "reference": lambda pledge: pledge.reference,
    "percent": lambda pledge: None,  # noqa: ARG005 - nothing is reported on a paper
}


def in_order(papers: Iterable[Pledge], order: Order) -> list[Pledge]:
    """The papers in an order; those without a value come last."""
    key: Callable[[Pledge], Any] = _ORDERS.get(order.name.removeprefix("-"), lambda pledge: pledge.updated_at)
    listed = sorted(papers, key=lambda pledge: pledge.id)
    with_value = [pledge for pledge in listed if key(pledge) is not None]
    without = [pledge for pledge in listed if key(pledge) is None]
    return [*sorted(with_value, key=key, reverse=order.descending), *without]
