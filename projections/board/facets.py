"""How many pledges have each value of a field: what a click on the value would leave.

A field's counts obey all filters but those of the field itself, so that its other values stay in reach.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, LiteralString

from psycopg import Connection

from domain.reference.compact import OBJECTIVES, PRINCIPLES
from projections.board.codes import (
    CATEGORY,
    FORM,
    NOT_STATED,
    OBJECTIVE,
    PRINCIPLE,
    REGION,
    STATUS,
    TYPE,
    Bits,
    Numbers,
)
from projections.board.conditions import Asked
from projections.board.tally import MASKED, Standing, Tally


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A value as it is written in a filter, what it is called in English, and how many pledges have it."""

    value: str
    label: str
    count: int


Counted = Mapping[int, int]
"""How many rows hold each number, or each combination of bits."""
Reader = Callable[[Counted], list[FacetCount]]


def _in_words(value: str) -> str:
    return value.replace("_", " ").capitalize()


def _of_numbers(numbers: Numbers) -> Reader:
    def read(counted: Counted) -> list[FacetCount]:
        stated = [(value, counted.get(numbers.number(value), 0)) for value in (*numbers.values, NOT_STATED)]
        return [FacetCount(value, _in_words(value), count) for value, count in stated if count]

    return read


def _of_bits(bits: Bits, label: Callable[[Any], str]) -> Reader:
    def read(counted: Counted) -> list[FacetCount]:
        totals = [0] * len(bits.values)
        for mask, count in counted.items():
            rest = mask
            while rest:
                lowest = rest & -rest
                totals[lowest.bit_length() - 1] += count
                rest ^= lowest
        shown = zip(bits.values, totals, strict=True)
        found = [FacetCount(str(value), label(value), count) for value, count in shown if count]
        unstated = counted.get(0, 0)
        return [*found, FacetCount(NOT_STATED, _in_words(NOT_STATED), unstated)] if unstated else found

    return read


def _of_cycles(counted: Counted) -> list[FacetCount]:
    return [FacetCount(str(cycle), str(cycle), counted[cycle]) for cycle in sorted(counted) if cycle]


@dataclass(frozen=True, slots=True)
class _Facet:
    """A field: the column that holds it, in how many bits, and what its numbers mean."""

    column: LiteralString
    width: int
    read: Reader


FACETS: Mapping[str, _Facet] = {
    "objective": _Facet(
        "objectives", 23, _of_bits(OBJECTIVE, lambda number: f"{number}. {OBJECTIVES[number].short}")
    ),
    "principle": _Facet("principles", 10, _of_bits(PRINCIPLE, lambda slug: PRINCIPLES[slug].short)),
    "form": _Facet("forms", 6, _of_bits(FORM, _in_words)),
    "region": _Facet("regions", 5, _of_bits(REGION, str)),
    "cycle": _Facet("cycle", 15, _of_cycles),
    "type": _Facet("type", 4, _of_numbers(TYPE)),
    "status": _Facet("status", 4, _of_numbers(STATUS)),
    "category": _Facet("category", 4, _of_numbers(CATEGORY)),
}
TOGETHER = (("objective",), ("principle",), ("form", "region"), ("cycle", "type", "status", "category"))
"""Fields that are counted as one number, because few of its values occur: every grouping costs."""

Fold = tuple[int, dict[str, dict[int, int]]]


def total(connection: Connection[Any], asked: Asked, counting: Counting) -> int:
    """How many rows meet all conditions."""
    known = counting.tallied(connection, asked, [])
    return known[0] if known else counting.answers.of(connection, asked, [], None)[0]


def count(
    connection: Connection[Any], asked: Asked, counting: Counting
) -> tuple[int, dict[str, list[FacetCount]]]:
    """How many rows meet all conditions, and the counts of every facet."""
    total, counted = counting.tallied(connection, asked, list(FACETS)) or counted_by_sql(
        connection, asked, counting.answers
    )
    return total, {name: facet.read(counted[name]) for name, facet in FACETS.items()}


def counted_by_sql(connection: Connection[Any], asked: Asked, answers: Answers) -> Fold:
    """The same by passes over the rows: one for all facets, and one more for each that is filtered itself."""
    filtered = {condition.of for condition in asked.met} & FACETS.keys()
    total, counted = answers.of(connection, asked, [name for name in FACETS if name not in filtered], None)
    for name in filtered:
        counted = {**counted, **answers.of(connection, asked, [name], name)[1]}
    return total, counted


@dataclass(frozen=True, slots=True)
class Counting:
    """With what one question is counted."""

    answers: Answers
    tally: Tally | None
    standing: Standing

    def tallied(self, connection: Connection[Any], asked: Asked, names: Sequence[str]) -> Fold | None:
        """The counts from memory, where memory has what is asked."""
        if asked.held is None or self.tally is None:
            return None
        found = self.tally.of(connection, self.standing, asked.position, asked.held, names)
        if found is None:
            return None
        total, counted = found
        return total, {name: _masks(counts) if name in MASKED else counts for name, counts in counted.items()}


def _masks(counts: Mapping[int, int]) -> dict[int, int]:
    return {1 << number >> 1: count for number, count in counts.items()}


class Answers:
    """Counts, with those kept that were asked for lately: as of a position they are the same for ever."""

    def __init__(self, kept_max: int = 256) -> None:
        self._kept_max = kept_max
        self._kept: OrderedDict[Any, Fold] = OrderedDict()
        self._lock = Lock()

    def of(
        self, connection: Connection[Any], asked: Asked, names: Sequence[str], leaving_out: str | None
    ) -> Fold:
        """The total and, for each name, how many rows hold what."""
        question = _question(asked, names, leaving_out)
        values = {name: value for name, value in asked.values.items() if f"%({name})s" in question}
        key = (asked.position, question, repr(sorted(values.items())))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = _folded(connection.execute(question, values, binary=True).fetchall(), names)
        if "q" in values:  # words may be erased by law, also from what was
            return found
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._kept_max:
                self._kept.popitem(last=False)
        return found


def _question(asked: Asked, names: Sequence[str], leaving_out: str | None) -> LiteralString:
    """One pass over the rows; each answer is a group of fields by number, their packed values, and rows."""
    rows: LiteralString = f"FROM {asked.rows()} WHERE {asked.where(leaving_out=leaving_out)}"
    packed = [_packed(group) for group in _groups(names)]
    if not packed:
        return f"SELECT 0, 0, count(*) {rows}"
    numbers = [str(number) for number in range(1, len(packed) + 1)]
    columns: LiteralString = ", ".join(f"{sql} AS packed_{n}" for sql, n in zip(packed, numbers, strict=True))
    keys: LiteralString = ", ".join(f"packed_{number}" for number in numbers)
    sets: LiteralString = ", ".join(f"(packed_{number})" for number in numbers)
    return (
        f"SELECT grouping({keys}), coalesce({keys}), count(*)"  # noqa: S608 - our own texts
        f" FROM (SELECT {columns} {rows}) AS packed GROUP BY GROUPING SETS ({sets})"
    )


def _groups(names: Sequence[str]) -> list[list[str]]:
    groups = [[name for name in group if name in names] for group in TOGETHER]
    return [group for group in groups if group]


def _packed(group: Sequence[str]) -> LiteralString:
    sql: LiteralString = f"board.{FACETS[group[0]].column}::int"
    for name in group[1:]:
        width: LiteralString = str(FACETS[name].width)
        sql = f"({sql} << {width} | board.{FACETS[name].column})"
    return sql


def _folded(rows: Sequence[tuple[int, int, int]], names: Sequence[str]) -> Fold:
    groups = _groups(names)
    if not groups:
        return rows[0][2], {}
    # grouping() has a bit for each key that a row is not grouped by, the first key's the highest.
    every = (1 << len(groups)) - 1
    number_of = {every ^ (1 << (len(groups) - 1 - number)): number for number in range(len(groups))}
    counted: dict[str, dict[int, int]] = {name: {} for name in names}
    total = 0
    for grouping, packed, amount in rows:
        number = number_of[grouping]
        if number == 0:
            total += amount
        for name in reversed(groups[number]):
            width = FACETS[name].width
            value, packed = packed & ((1 << width) - 1), packed >> width  # noqa: PLW2901
            counted[name][value] = counted[name].get(value, 0) + amount
    return total, counted
