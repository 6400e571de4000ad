"""By how much an event changes the numbers: what a pledge counts for, less what it counted for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from operator import sub

from projections.progress.counting import Counted

Numbers = tuple[int | Decimal, ...]
"""Pledges; those with a percent; the sum of their percents; those reported on; those withdrawn or lapsed;
money promised, committed, paid. Where pledges are counted those of money are 0, and the other way round."""

NOTHING: Numbers = (0,) * 8
ONE_PLEDGE: Numbers = (1, *(0,) * 7)
ONE_LESS: Numbers = (-1, *(0,) * 7)
_NO_MONEY, _NO_PLEDGES = (0,) * 3, (0,) * 5

Place = tuple[str, str, str]
"""A dimension, one of its values, and a currency; the currency is blank for numbers of pledges."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a pledge counted for before a position, and from there on."""

    position: int
    before: Counted | None
    after: Counted | None

    def changes(self) -> dict[Numbers, list[Place]]:
        """The places whose numbers change, by how much they change: most change by as much as others."""
        grouped: dict[Numbers, list[Place]] = {}
        for place, change in sorted(self._changes()):
            grouped.setdefault(change, []).append(place)
        return grouped

    def _changes(self) -> Iterator[tuple[Place, Numbers]]:
        before, after = self.before, self.after
        if before and after and (before.keys, before.amounts) == (after.keys, after.amounts):
            yield from _recounted(before, after)
        else:
            was, now = dict(_numbers(before)), dict(_numbers(after))
            for place in {**was, **now}:
                change = _less(now.get(place, NOTHING), was.get(place, NOTHING))
                if change != NOTHING:
                    yield place, change


def _recounted(before: Counted, after: Counted) -> Iterator[tuple[Place, Numbers]]:
    """The pledge counts in the same places as before; its numbers may have changed, and its days."""
    if before.counts != after.counts:
        change = _less((*after.counts, *_NO_MONEY), (*before.counts, *_NO_MONEY))
        yield from (((dimension, key, ""), change) for dimension, key in after.keys)
    for dimension, key in after.plain:
        if (dimension, key) not in before.plain:
            yield (dimension, key, ""), ONE_PLEDGE
    for dimension, key in before.plain:
        if (dimension, key) not in after.plain:
            yield (dimension, key, ""), ONE_LESS


def _less(numbers: Iterable[int | Decimal], others: Iterable[int | Decimal]) -> Numbers:
    return tuple(map(sub, numbers, others))


def _numbers(counted: Counted | None) -> Iterator[tuple[Place, Numbers]]:
    if counted is None:
        return
    for dimension, key in counted.plain:
        yield (dimension, key, ""), ONE_PLEDGE
    counts = (*counted.counts, *_NO_MONEY)
    for dimension, key in counted.keys:
        yield (dimension, key, ""), counts
        for currency, amounts in counted.amounts.items():
            yield (dimension, key, currency), (*_NO_PLEDGES, *amounts)
