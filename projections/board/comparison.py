"""The board at two moments side by side: which pledges came in, moved, were closed or opened again.

Both moments are given, so an answer is the same for ever. Must not know why anything changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.pledges.sight import PUBLIC
from domain.pledges.state import Pledge
from projections.board import views
from projections.board.codes import OBJECTIVE, REGION, STATUS, Bits
from projections.moments import Moment

KINDS = ("came_in", "moved", "withdrawn", "lapsed", "reinstated", "corrected")
"""What can be said of a pledge between two moments. Several may hold of one."""
MASKS: Mapping[str, tuple[Bits, str]] = {
    "objective": (OBJECTIVE, "objectives"), "region": (REGION, "regions")
}  # fmt: skip
OF_KIND: Mapping[str, LiteralString] = {kind: kind for kind in KINDS}
SHOWN_AT_ONCE = 200

# Only what has another version at the later moment than at the earlier one is looked at; both versions are
# found by their keys. `was` is nothing where the public did not know the pledge yet.
COMPARED: LiteralString = """
WITH changed AS (
    SELECT pledge_id FROM board
    WHERE to_position > %(begin)s AND from_position > %(begin)s AND from_position <= %(end)s
    UNION
    SELECT pledge_id FROM board_today WHERE from_position > %(begin)s AND from_position <= %(end)s
), both_sides AS (
    SELECT now.pledge_id, now.state_position, now.reference_key,
        was.status AS old_status, was.percent AS old_percent, now.status, now.percent,
        was.objectives AS old_objectives, now.objectives, was.regions AS old_regions, now.regions,
        was.pledge_id IS NULL AS came_in,
        coalesce(was.status = ANY(%(closed)s), false) AS was_closed,
        now.status = ANY(%(closed)s) AS is_closed
    FROM changed
    JOIN LATERAL (
        SELECT * FROM board WHERE board.pledge_id = changed.pledge_id AND from_position <= %(end)s
        ORDER BY from_position DESC LIMIT 1
    ) AS now ON now.public
    LEFT JOIN LATERAL (
        SELECT * FROM board WHERE board.pledge_id = changed.pledge_id AND from_position <= %(begin)s
        ORDER BY from_position DESC LIMIT 1
    ) AS was ON was.public
), compared AS (
    SELECT *,
        is_closed AND NOT was_closed AND status = %(withdrawn)s AS withdrawn,
        is_closed AND NOT was_closed AND status = %(lapsed)s AS lapsed,
        was_closed AND NOT is_closed AS reinstated,
        NOT came_in AND was_closed = is_closed
            AND (old_status, old_percent) IS DISTINCT FROM (status, percent) AS moved,
        pledge_id = ANY(%(corrected)s) AS corrected
    FROM both_sides
)
"""
COUNTED: LiteralString = f"""{COMPARED}
SELECT came_in, moved, withdrawn, lapsed, reinstated, corrected, old_objectives, objectives, old_regions,
    regions, count(*) AS number
FROM compared GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""  # noqa: S608 - our own texts
LISTED: LiteralString = """
SELECT pledge_id, state_position, old_status, old_percent, status, percent, came_in FROM compared
"""
NARROWED: Mapping[str, LiteralString] = {
    "objective": "CASE WHEN %(mask)s = 0 THEN objectives = 0 ELSE objectives & %(mask)s <> 0 END",
    "region": "CASE WHEN %(mask)s = 0 THEN regions = 0 ELSE regions & %(mask)s <> 0 END",
}
IN_ORDER: LiteralString = "ORDER BY reference_key, pledge_id LIMIT %(limit)s OFFSET %(offset)s"
STATES: LiteralString = """
SELECT pledge_id, state FROM board_states JOIN unnest(%b::uuid[], %b::bigint[]) AS wanted (id, position)
    ON pledge_id = id AND from_position = position
"""

_decoder = msgspec.msgpack.Decoder(Pledge)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Only what is, at the later moment, of one value of a dimension. None as the value: not stated."""

    dimension: str
    value: Any

    @property
    def mask(self) -> int:
        bits, _ = MASKS[self.dimension]
        return 0 if self.value is None else bits.mask([self.value])


@dataclass(frozen=True, slots=True)
class Between:
    """Two moments, and the pledges of which something was corrected between them, with where."""

    earlier: Moment
    later: Moment
    corrected: Mapping[UUID, Sequence[int]]

    def values(self) -> dict[str, Any]:
        return {
            "begin": self.earlier.position,
            "end": self.later.position,
            "closed": [STATUS.number("withdrawn"), STATUS.number("lapsed")],
            "withdrawn": STATUS.number("withdrawn"),
            "lapsed": STATUS.number("lapsed"),
            "corrected": list(self.corrected),
        }


# -- how many


@dataclass
class Counts:
    """How many pledges there are of each kind; and how many are now under a value, or no more."""

    kinds: Counter[str]
    gained: int = 0
    lost: int = 0

    def told(self) -> dict[str, int]:
        return {**{kind: self.kinds[kind] for kind in KINDS}, "gained": self.gained, "lost": self.lost}


def counted(connection: Connection[Any], between: Between) -> tuple[Counts, dict[str, dict[Any, Counts]]]:
    """The counts of all, and those of each value of the dimensions; None is what was not stated."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(COUNTED, between.values()).fetchall()
    whole = Counts(Counter())
    by: dict[str, dict[Any, Counts]] = {
        dimension: {value: Counts(Counter()) for value in (*bits.values, None)}
        for dimension, (bits, _) in MASKS.items()
    }
    for row in rows:
        _count(whole, row)
        for dimension, (bits, column) in MASKS.items():
            was = set() if row["came_in"] else _values(bits, row[f"old_{column}"])
            now = _values(bits, row[column])
            for value in now:
                _count(by[dimension][value], row)
            for value in now - was if not row["came_in"] else ():
                by[dimension][value].gained += row["number"]
            for value in was - now:
                by[dimension][value].lost += row["number"]
    return whole, by


def _values(bits: Bits, mask: int) -> set[Any]:
    return {value for value in bits.values if mask & bits.mask([value])} or {None}


def _count(counts: Counts, row: DictRow) -> None:
    for kind in KINDS:
        if row[kind]:
            counts.kinds[kind] += row["number"]


# -- which


def listed(
    connection: Connection[Any],
    between: Between,
    kind: str,
    *,
    narrowed: Narrowed | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[dict[str, Any]]:
    """The pledges of a kind by reference, each as it was and as it is."""
    asked = {**between.values(), "mask": narrowed and narrowed.mask, "limit": limit, "offset": offset}
    met = [OF_KIND[kind], *([NARROWED[narrowed.dimension]] if narrowed else [])]
    question = f"{COMPARED} {LISTED} WHERE {' AND '.join(met)} {IN_ORDER}"
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(question, asked).fetchall()
    for start in range(0, len(rows), SHOWN_AT_ONCE):
        yield from _told(connection, between, rows[start : start + SHOWN_AT_ONCE])


def _told(
    connection: Connection[Any], between: Between, rows: Collection[DictRow]
) -> Iterator[dict[str, Any]]:
    wanted = [row["pledge_id"] for row in rows], [row["state_position"] for row in rows]
    states = dict(connection.execute(STATES, wanted, binary=True).fetchall())
    pledges = [_decoder.decode(states[row["pledge_id"]]) for row in rows]
    shown = views.shown(connection, pledges, PUBLIC, between.later)
    for row, pledge in zip(rows, shown, strict=True):
        yield {
            **{name: pledge[name] for name in ("id", "reference", "title", "language", "entity", "erased")},
            "before": None if row["came_in"] else _standing(row["old_status"], row["old_percent"]),
            "after": _standing(row["status"], row["percent"]),
            "corrected_at": list(between.corrected.get(row["pledge_id"], ())),
        }


def _standing(status: int, percent: int | None) -> dict[str, Any]:
    return {"status": STATUS.value(status), "percent": percent}
