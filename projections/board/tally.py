"""The codes of all versions in memory, a bit a version: counts without a pass over the rows.

Brought forward by those who ask, some versions at a time; until it has come far enough, SQL counts. Both say
the same at every position, because what was true up to a position stays so. Must not know what codes mean.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

VERSIONS_MAX = 1_000_000
"""A process keeps about 150 bytes for each; a register with more is counted by SQL."""
LOADED_AT_ONCE = 5_000
"""How many versions one question may wait for while the tally is filled."""
KEPT_EVERY = 16_384
WAIT_SECONDS_MAX = 0.05
SLOT_BITS = 32
SLOT_MASK = (1 << SLOT_BITS) - 1

NUMBERED = ("cycle", "type", "status", "category", "kind")
MASKED: Mapping[str, str] = {
    "objective": "objectives", "principle": "principles", "form": "forms", "region": "regions",
}  # fmt: skip
PUBLIC = "public"
_FIELDS = (*NUMBERED, PUBLIC, *MASKED)
_CODES: LiteralString = (
    "cycle, type, status, category, kind, public::int, objectives, principles, forms, regions"
)
LOAD: LiteralString = f"""
SELECT uuid_send(pledge_id), from_position, to_position, {_CODES} FROM board
WHERE (pledge_id, from_position) > (%(pledge)s, %(version)s)
ORDER BY pledge_id, from_position LIMIT %(limit)s
"""  # noqa: S608 - our own texts
CLOSED_SINCE: LiteralString = f"""
SELECT uuid_send(pledge_id), from_position, to_position, {_CODES} FROM board WHERE to_position > %(since)s
"""  # noqa: S608 - our own texts
OPEN_SINCE: LiteralString = f"""
SELECT uuid_send(pledge_id), from_position, NULL::bigint, {_CODES} FROM board_today
WHERE from_position > %(since)s
"""  # noqa: S608 - our own texts

Held = Mapping[str, Sequence[int]]
"""Of some fields, the numbers of which a version must hold one. Of bits: the lowest is 1, and 0 is none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the board has come, and which tables it is; a rebuild makes others."""

    position: int
    tables: int


class Tally:
    """Counts of versions that were true at a position, by what they hold."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: _Versions | None = None
        self._tables = 0

    def of(
        self, connection: Connection[Any], standing: Standing, position: int, held: Held, names: Sequence[str]
    ) -> tuple[int, dict[str, dict[int, int]]] | None:
        """How many versions hold what is asked for, and of each field, how many hold each number.

        A field's counts obey what is asked of all others. None: not known here yet.
        """
        if position > standing.position or not self._lock.acquire(timeout=WAIT_SECONDS_MAX):
            return None
        try:
            versions = self._brought_forward(connection, standing)
            return versions.counts(position, held, names) if versions.reach(position) else None
        finally:
            self._lock.release()

    def _brought_forward(self, connection: Connection[Any], standing: Standing) -> _Versions:
        if self._kept is None or self._tables != standing.tables:
            self._kept, self._tables = _Versions(standing.position), standing.tables
        try:
            self._kept.bring_forward(connection, standing.position)
        except BaseException:
            self._kept = None  # half brought forward
            raise
        return self._kept


class _Versions:
    """The versions up to a position, each in a slot: a bit in many whole numbers."""

    def __init__(self, position: int) -> None:
        self._position = position
        self._behind: tuple[bytes, int] | None = (bytes(16), -1)  # where loading goes on; None: it is done
        self._begun: list[int] = []
        self._over: list[int] = []
        self._count = 0
        self._starts, self._ends = _Passed(), _Passed()
        self._open: dict[bytes, int] = {}
        self._holding: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._numbers: dict[str, set[int]] = {field: set() for field in _FIELDS}

    def reach(self, position: int) -> bool:
        return self._behind is None and position <= self._position and self._count <= VERSIONS_MAX

    def bring_forward(self, connection: Connection[Any], position: int) -> None:
        """As far as one question may wait for."""
        if self._count > VERSIONS_MAX:
            return
        if self._behind is not None:
            self._load(connection, *self._behind)
        if self._behind is None and position > self._position:
            self._follow(connection, position)

    def _load(self, connection: Connection[Any], pledge: bytes, version: int) -> None:
        asked = {"pledge": UUID(bytes=pledge), "version": version, "limit": LOADED_AT_ONCE}
        rows = connection.execute(LOAD, asked, binary=True).fetchall()
        self._take(row for row in rows if row[1] <= self._position)
        if len(rows) == LOADED_AT_ONCE:
            self._behind = rows[-1][:2]
        else:
            self._behind = None
            self._settle()

    def _follow(self, connection: Connection[Any], position: int) -> None:
        since = {"since": self._position}
        closed = connection.execute(CLOSED_SINCE, since, binary=True).fetchall()
        opened = connection.execute(OPEN_SINCE, since, binary=True).fetchall()
        for pledge, start, end, *_ in closed:
            if start <= self._position and end <= position:
                self._over.append(_passed(end, self._open[pledge]))
        new = [row for row in (*closed, *opened) if self._position < row[1] <= position]
        self._position = position
        self._take(new)
        self._settle()

    def _take(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Give versions their slots; what ends behind the position is open."""
        slots: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for pledge, start, end, *codes in rows:
            slot, self._count = self._count, self._count + 1
            self._begun.append(_passed(start, slot))
            if end is None or end > self._position:
                self._open[pledge] = slot
            else:
                self._over.append(_passed(end, slot))
            for key in _held(codes):
                slots[key].append(slot)
        for key, new in slots.items():
            self._holding[key] |= _mask(new)
            self._numbers[key[0]].add(key[1])

    def _settle(self) -> None:
        self._starts.add(sorted(self._begun))
        self._ends.add(sorted(self._over))
        self._begun, self._over = [], []

    def counts(
        self, position: int, held: Held, names: Sequence[str]
    ) -> tuple[int, dict[str, dict[int, int]]]:
        true = self._starts.by(position) & ~self._ends.by(position)
        masks = {field: self._any_of(field, numbers) for field, numbers in held.items()}
        met = _all_of(true, masks.values())
        counted = {}
        for name in names:
            others = (mask for field, mask in masks.items() if field != name)
            counted[name] = self._each(name, _all_of(true, others) if name in masks else met)
        return met.bit_count(), counted

    def _any_of(self, field: str, numbers: Iterable[int]) -> int:
        found = 0
        for number in numbers:
            found |= self._holding.get((field, number), 0)
        return found

    def _each(self, field: str, met: int) -> dict[int, int]:
        counts = ((n, (met & self._holding[field, n]).bit_count()) for n in self._numbers[field])
        return {number: count for number, count in counts if count}


class _Passed:
    """Slots in the order of the positions at which they came to pass: which had come by a position."""

    def __init__(self) -> None:
        self._positions, self._slots = array("q"), array("I")
        self._kept = [0]

    def add(self, passed: Sequence[int]) -> None:
        """Some more, in order, all of them behind those that are here."""
        self._positions.extend(array("q", [one >> SLOT_BITS for one in passed]))
        self._slots.extend(array("I", [one & SLOT_MASK for one in passed]))
        while (whole := len(self._kept) * KEPT_EVERY) <= len(self._slots):
            self._kept.append(self._kept[-1] | _mask(self._slots[whole - KEPT_EVERY : whole]))

    def by(self, position: int) -> int:
        count = bisect_right(self._positions, position)
        whole = count // KEPT_EVERY
        return self._kept[whole] | _mask(self._slots[whole * KEPT_EVERY : count])


def _passed(position: int, slot: int) -> int:
    """A position and a slot as one number, in the order of positions."""
    return position << SLOT_BITS | slot


def _held(codes: Sequence[int]) -> Iterator[tuple[str, int]]:
    """What a version holds: of each field its number, or the numbers of its bits."""
    for field, code in zip(_FIELDS, codes, strict=True):
        if field not in MASKED or not code:
            yield field, code
        else:
            yield from ((field, number) for number in numbers_of_bits(code))


def numbers_of_bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set; the lowest bit is 1."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length()
        mask ^= lowest


def _mask(slots: Sequence[int]) -> int:
    """The whole number with these bits."""
    if not slots:
        return 0
    bits = bytearray(max(slots) // 8 + 1)
    for slot in slots:
        bits[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(bits, "little")


def _all_of(met: int, masks: Iterable[int]) -> int:
    for mask in masks:
        met &= mask
    return met
