"""The compact forms in which the board keeps closed lists: one number a value, one bit a value.

A number, once given, means the same for ever: lists may grow at their end; any other change needs a new
version of the read model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES
from domain.reference.vocabularies import REGIONS, Category, Form, Kind, PledgeType, Status

NOT_STATED = "not_stated"


class Numbers:
    """Values that exclude each other, numbered from 1; 0 is "not stated"."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = tuple(values)
        self._numbers = {value: number for number, value in enumerate(values, 1)}

    def number(self, value: str | None) -> int:
        return 0 if value in (None, NOT_STATED) else self._numbers[value]

    def value(self, number: int) -> str:
        return self.values[number - 1] if number else NOT_STATED


class Bits:
    """Values that may hold together, one bit each."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.values = tuple(values)
        self._bits: Mapping[Any, int] = {value: 1 << place for place, value in enumerate(self.values)}

    def mask(self, values: Iterable[Any]) -> int:
        mask = 0
        for value in values:
            # Words that were erased by law, or that no list knows any more, have no bit.
            mask |= self._bits.get(value, 0)
        return mask


STATUS = Numbers(get_args(Status))
TYPE = Numbers(get_args(PledgeType))
CATEGORY = Numbers(get_args(Category))
KIND = Numbers(get_args(Kind))
OBJECTIVE = Bits(OBJECTIVES)
PRINCIPLE = Bits(PRINCIPLES)
FORM = Bits(get_args(Form))
REGION = Bits(REGIONS)


_REGION_OF_COUNTRY: Mapping[str | None, int] = {
    code: REGION.mask([state.region]) for code, state in STATES.items()
}


def regions_mask(classified: Iterable[str], countries: Iterable[str | None]) -> int:
    """The regions that were classified, and those of some countries."""
    mask = REGION.mask(classified)
    for country in countries:
        mask |= _REGION_OF_COUNTRY.get(country, 0)
    return mask
