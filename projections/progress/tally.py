"""Turns what pledges count for into running numbers, one row for each number that an event changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from projections.progress.counting import Amounts, Counted, Counts

NO_COUNTS: Counts = (0, 0, 0, 0, 0)
NO_AMOUNTS: Amounts = (Decimal(0), Decimal(0), Decimal(0))
ONE_PLEDGE: Counts = (1, 0, 0, 0, 0)

Place = tuple[str, str, str]
"""A dimension, one of its values, and a currency; the currency is blank for numbers of pledges."""

Rows = dict[tuple[int, Place], tuple[Any, ...]]
"""The numbers of places from positions on. One event may change the same place several times."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a pledge counted for before a position, and from there on."""

    position: int
    before: Counted | None
    after: Counted | None


@dataclass(slots=True)
class Tally:
    """The running numbers of some places, and the rows that steps add to them."""

    numbers: dict[Place, tuple[Any, ...]]
    counts: Rows = field(default_factory=dict)
    amounts: Rows = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Add one step: a row for each number that it changes."""
        before, after = _numbers(step.before), _numbers(step.after)
        for place in sorted({**before, **after}):
            self._change(place, step.position, before.get(place), after.get(place))

    def _change(self, place: Place, position: int, before: Any, after: Any) -> None:
        if before == after:
            return
        nothing = NO_AMOUNTS if place[2] else NO_COUNTS
        now, less, more = self.numbers.get(place, nothing), before or nothing, after or nothing
        numbers = tuple(n - out + into for n, out, into in zip(now, less, more, strict=True))
        self.numbers[place] = numbers
        (self.amounts if place[2] else self.counts)[position, place] = numbers


def places(steps: Iterable[Step]) -> set[Place]:
    """All the places that steps may change."""
    return {place for step in steps for side in (step.before, step.after) for place in _numbers(side)}


def _numbers(counted: Counted | None) -> Mapping[Place, tuple[Any, ...]]:
    return dict(_each_number(counted)) if counted else {}


def _each_number(counted: Counted) -> Iterator[tuple[Place, tuple[Any, ...]]]:
    for dimension, key in counted.plain:
        yield (dimension, key, ""), ONE_PLEDGE
    for dimension, key in counted.keys:
        yield (dimension, key, ""), counted.counts
        for currency, amounts in counted.amounts.items():
            yield (dimension, key, currency), amounts
