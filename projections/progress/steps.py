"""By how much an event changes the numbers: what a pledge counts for, less what it counted for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import sub

from projections.progress.counting import Counted, Key

Numbers = tuple[int | Decimal, ...]
"""Pledges; those with a percent; the sum of their percents; those reported on; those withdrawn or lapsed;
money promised, committed, paid. Where pledges are counted those of money are 0, and the other way round."""

NOTHING: Numbers = (0,) * 8
ONE_PLEDGE: Numbers = (1, *(0,) * 7)
ONE_LESS: Numbers = (-1, *(0,) * 7)
_NO_MONEY, _NO_PLEDGES = (0,) * 3, (0,) * 5
_NOWHERE = Counted(keys=(), plain=(), counts=(0,) * 5)
_NO_AMOUNTS = (Decimal(0),) * 3

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
        for change, keys, currency in self._changes():
            if keys and change != NOTHING:
                grouped.setdefault(change, []).extend((*key, currency) for key in keys)
        return grouped

    def _changes(self) -> Iterator[tuple[Numbers, Sequence[Key], str]]:
        before, after = self.before or _NOWHERE, self.after or _NOWHERE
        stayed, new, left = _compared(before.keys, after.keys)
        yield (*_less(after.counts, before.counts), *_NO_MONEY), stayed, ""
        yield (*after.counts, *_NO_MONEY), new, ""
        yield (*_less(_NO_PLEDGES, before.counts), *_NO_MONEY), left, ""
        _, new_plain, left_plain = _compared(before.plain, after.plain)
        yield ONE_PLEDGE, new_plain, ""
        yield ONE_LESS, left_plain, ""
        for currency in sorted({*before.amounts, *after.amounts}):
            was, now = (counted.amounts.get(currency, _NO_AMOUNTS) for counted in (before, after))
            yield (*_NO_PLEDGES, *_less(now, was)), stayed, currency
            yield (*_NO_PLEDGES, *now), new, currency
            yield (*_NO_PLEDGES, *_less(_NO_MONEY, was)), left, currency


def _compared(
    before: Sequence[Key], after: Sequence[Key]
) -> tuple[Sequence[Key], Sequence[Key], Sequence[Key]]:
    """The keys that are in both, those that are new, and those that are left."""
    if before == after:
        return after, (), ()
    stayed = [key for key in after if key in before]
    return stayed, [key for key in after if key not in before], [key for key in before if key not in after]


def _less(numbers: Iterable[int | Decimal], others: Iterable[int | Decimal]) -> Numbers:
    return tuple(map(sub, numbers, others))
