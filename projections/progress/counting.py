"""For what one pledge counts, by the rules of docs/counting.md. A change to any of them raises `RULES`.

Pure: knows no SQL and no other pledge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from uuid import UUID

import msgspec

from domain.pledges import derived, measure
from domain.pledges.content import Content
from domain.pledges.state import Pledge
from domain.reference.states import region_of
from domain.reference.vocabularies import Category
from domain.values import remembered

RULES = 1

DIMENSIONS = ("objective", "principle", "region", "category", "type", "form", "status", "cycle")
TOTAL = "total"
NOT_STATED = ""

Key = tuple[str, str]
"""A dimension and one of its values, such as ("objective", "7")."""

Counts = tuple[int, int, int, int, int]
"""Pledges; those with a percent; the sum of their percents; those reported on; those withdrawn or lapsed."""

Amounts = tuple[Decimal, Decimal, Decimal]
"""Promised, committed, paid."""


class Who(msgspec.Struct, frozen=True, omit_defaults=True):
    """What counting needs to know of an entity."""

    category: Category | None = None
    country: str | None = None
    merged_into: UUID | None = None


class Counted(msgspec.Struct, frozen=True, omit_defaults=True):
    """For what a pledge counts. `plain` keys count pledges alone; `keys` count everything."""

    keys: tuple[Key, ...]
    plain: tuple[Key, ...]
    counts: Counts
    amounts: dict[str, Amounts] = {}


def survivor(entity: UUID, known: Mapping[UUID, Who]) -> UUID:
    """Who stands for an entity."""
    passed = {entity}
    while (who := known.get(entity)) and who.merged_into and who.merged_into not in passed:
        entity = who.merged_into
        passed.add(entity)
    return entity


def parties(pledge: Pledge) -> set[UUID]:
    """The owner and the partners that count."""
    return {pledge.owner, *(p.entity for p in pledge.partners if p.state == "joined")}


def counted(pledge: Pledge, known: Mapping[UUID, Who]) -> Counted | None:
    """For what a pledge counts; None for one that is not public.

    The answer is kept beside the pledge with what was known of its parties, on which alone it depends.
    """
    if pledge.phase != "public":
        return None
    owner = survivor(pledge.owner, known)
    others = (survivor(p.entity, known) for p in pledge.partners if p.state == "joined")
    who, entities = known.get(owner, Who()), (owner, *others)
    kept: tuple[Who, tuple[UUID, ...], Counted] | None = pledge.__dict__.get("counted")
    if kept is None or kept[:2] != (who, entities):
        kept = pledge.__dict__["counted"] = (who, entities, _counted(pledge, who, entities))
    return kept[2]


def _counted(pledge: Pledge, owner: Who, entities: Iterable[UUID]) -> Counted:
    measured_percent = measure.measured_percent(pledge)
    status = measure.status_measured(pledge, measured_percent)
    percent = measure.percent_measured(pledge, measured_percent)
    is_closed = status in ("withdrawn", "lapsed")
    measured = (0, 0) if percent is None else (1, percent)
    return Counted(
        keys=tuple(_keys(pledge, status, owner)),
        plain=(*_entity_keys(sorted(map(str, entities)), status), *_day_keys(pledge)),
        counts=(1, *measured, int(bool(pledge.reports)), int(is_closed)),
        amounts=_amounts(pledge),
    )


def _keys(pledge: Pledge, status: str, owner: Who) -> Iterator[Key]:
    content = pledge.content
    yield TOTAL, ""
    yield "status", status
    yield "cycle", str(pledge.cycle or content.cycle or NOT_STATED)
    yield "category", owner.category or NOT_STATED
    yield from _said(content)
    regions = {*content.regions, *map(region_of, (*content.countries, owner.country))} - {None}
    yield from _each("region", sorted(filter(None, regions)))


@remembered
def _said(content: Content) -> tuple[Key, ...]:
    return (
        ("type", content.type or NOT_STATED),
        *_each("objective", map(str, content.objectives)),
        *_each("principle", content.principles),
        *_each("form", content.forms),
    )


def _each(dimension: str, values: Iterable[str]) -> Iterator[Key]:
    found = tuple(dict.fromkeys(values)) or (NOT_STATED,)
    return ((dimension, value) for value in found)


def _entity_keys(entities: Iterable[str], status: str) -> Iterator[Key]:
    for entity in dict.fromkeys(entities):
        yield "entity", entity
        yield "entity_status", f"{entity}/{status}"


def _day_keys(pledge: Pledge) -> Iterator[Key]:
    """The days on which the pledge turns overdue, amber and red: they are summed up to the day asked for."""
    if not (since := derived.stale_since(pledge)):
        return
    amber, red = since
    yield "amber_on", amber.isoformat()
    yield "red_on", red.isoformat()
    if pledge.content.due_on is None:
        yield "due_until", NOT_STATED
    elif until := derived.due_until(pledge):
        yield "due_until", until.isoformat()


def _amounts(pledge: Pledge) -> dict[str, Amounts]:
    sums: dict[str, list[Decimal]] = {}
    for currency, place, value in _money(pledge):
        sums.setdefault(currency, [Decimal(0)] * 3)[place] += value
    return {currency: (sums[currency][0], sums[currency][1], sums[currency][2]) for currency in sorted(sums)}


def _money(pledge: Pledge) -> Iterator[tuple[str, int, Decimal]]:
    joined = (partner.part.amount for partner in pledge.partners if partner.state == "joined")
    for amount in (pledge.content.amount, *joined):
        if amount is not None:
            yield amount.currency, 0, amount.amount
    for report in pledge.reports:
        if pledge.part_owner(report.part) is not None:
            for money in report.money:
                yield money.amount.currency, 1 if money.stage == "committed" else 2, money.amount.amount
