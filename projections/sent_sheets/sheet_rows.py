"""What becomes of each row of a sheet that was sent: as foreseen, then as it came about; and how far it is.

Must not know how a row is planned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from domain.imports.events import RowOutcome
from domain.recording import Recorded
from domain.register import AlsoWrite
from domain.values import Value
from projections.database.adding_rows import add_rows
from projections.database.pool import Pool
from projections.sent_sheets.sheets import Claimed, hold_in

ALIKE = "alike"
"""Among outcomes: rows that may be said twice, whatever becomes of them."""
PROBLEMS = ("refused", "conflict", "duplicate")
COLUMNS = (
    "sheet", "row", "outcome", "ref", "pledge", "title", "pledger", "problem", "errors", "changes", "alike",
    "cells",
)  # fmt: skip
PAGE: LiteralString = """
SELECT row, outcome, ref, pledge, title, pledger, problem, errors, changes, alike FROM sent_sheet_rows
WHERE sheet = %(sheet)s AND row > %(after)s
    AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s OR (%(outcome)s = 'alike' AND alike <> '[]'))
ORDER BY row LIMIT %(limit)s
"""
TO_MEND: LiteralString = """
SELECT row, problem, cells FROM sent_sheet_rows
WHERE sheet = %s AND row > %s AND cells IS NOT NULL ORDER BY row LIMIT 500
"""
BEGIN: LiteralString = "DELETE FROM sent_sheet_rows WHERE sheet = %s"
READ: LiteralString = """
UPDATE sent_sheets SET rows = %s, ignored = %s, position = (SELECT coalesce(max(position), 0) FROM events)
WHERE id = %s
"""
ADVANCE: LiteralString = "UPDATE sent_sheets SET dealt_with = %s, claims = 0 WHERE id = %s"
CHECKED: LiteralString = """
UPDATE sent_sheets SET counts = %(counts)s::jsonb, preview = %(preview)s, changed_at = clock_timestamp(),
    moved_on = confirmed IS NOT NULL AND confirmed <> %(preview)s,
    stage = CASE WHEN confirmed = %(preview)s THEN 'importing' ELSE 'checked' END,
    confirmed = CASE WHEN confirmed = %(preview)s THEN confirmed END,
    dealt_with = CASE WHEN confirmed = %(preview)s THEN 0 ELSE rows END, claim = NULL, claimed_until = NULL,
    claims = 0
WHERE id = %(id)s
"""
BEGAN: LiteralString = "UPDATE sent_sheets SET counts = '{}' WHERE id = %s AND last_row = 1"
NOTE: LiteralString = """
UPDATE sent_sheets SET last_row = %s, dealt_with = dealt_with + %s, claims = 0, counts = (
    SELECT jsonb_object_agg(outcome, number) FROM (
        SELECT outcome, sum(number) AS number FROM (
            SELECT key AS outcome, value::bigint AS number FROM jsonb_each_text(counts)
            UNION ALL SELECT key, value::bigint FROM jsonb_each_text(%s::jsonb)
        ) AS gathered GROUP BY outcome
    ) AS added
) WHERE id = %s
"""
CAME_ABOUT: LiteralString = """
UPDATE sent_sheet_rows AS kept SET outcome = said.outcome, pledge = said.pledge, problem = said.problem
FROM unnest(%s::integer[], %s::text[], %s::uuid[], %s::text[]) AS said (row, outcome, pledge, problem)
WHERE kept.sheet = %s AND kept.row = said.row
"""
END: LiteralString = """
UPDATE sent_sheets SET stage = %s, problem = %s, claim = NULL, claimed_until = NULL,
    changed_at = clock_timestamp()
WHERE id = %s
"""
FORGET_FILE: LiteralString = "DELETE FROM sent_sheet_pieces WHERE sheet = %s"


class SheetRow(Value, kw_only=True):
    """One row, and what becomes of it."""

    row: int
    outcome: str
    ref: str | None = None
    pledge: UUID | None = None
    title: str | None = None
    pledger: str | None = None
    problem: str | None = None
    errors: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
    changes: Sequence[Mapping[str, Any]] = ()
    alike: Sequence[Mapping[str, Any]] = ()
    cells: Sequence[str] | None = None


class SheetRows:
    """The rows of all sheets that were sent."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def page(self, sheet: UUID, *, outcome: str | None, after: int, limit: int) -> list[SheetRow]:
        """Rows after a row, of one outcome alone if one is named; one more than asked for: there are more."""
        asked = {"sheet": sheet, "outcome": outcome, "after": after, "limit": limit + 1}
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(SheetRow)) as rows,
        ):
            return rows.execute(PAGE, asked).fetchall()

    def to_mend(self, sheet: UUID) -> Iterator[tuple[int, str, list[str]]]:
        """The rows with a problem, each with it and its cells."""
        after = 0
        while True:
            with self._pool.connection() as connection:
                found = connection.execute(TO_MEND, [sheet, after]).fetchall()
            if not found:
                return
            yield from found
            after = found[-1][0]

    # -- looking at it

    def begin(self, claimed: Claimed, *, rows: int, ignored: Sequence[str]) -> None:
        """It could be read, and nothing is foreseen yet."""
        with self._holding(claimed) as connection:
            connection.execute(BEGIN, [claimed.sheet.id])
            connection.execute(READ, [rows, _json(list(ignored)), claimed.sheet.id])

    def foresee(self, claimed: Claimed, rows: Sequence[SheetRow], *, dealt_with: int) -> None:
        """What becomes of some rows."""
        with self._holding(claimed) as connection:
            add_rows(connection, "sent_sheet_rows", COLUMNS, (_values(claimed.sheet.id, row) for row in rows))
            connection.execute(ADVANCE, [dealt_with, claimed.sheet.id])

    def checked(self, claimed: Claimed, *, counts: Mapping[str, int], preview: str) -> None:
        """It was looked at; one that was confirmed is imported if this says what was confirmed."""
        said = {"id": claimed.sheet.id, "counts": _json(dict(counts)), "preview": preview}
        with self._holding(claimed) as connection:
            connection.execute(CHECKED, said)

    # -- importing it

    def began(self, claimed: Claimed) -> None:
        """What was foreseen is counted no more."""
        with self._holding(claimed) as connection:
            connection.execute(BEGAN, [claimed.sheet.id])

    def fail(self, claimed: Claimed, problem: str) -> None:
        """It cannot be read, or not be imported."""
        with self._holding(claimed) as connection:
            connection.execute(END, ["failed", problem, claimed.sheet.id])

    @contextmanager
    def _holding(self, claimed: Claimed) -> Iterator[Connection[Any]]:
        """A transaction of whoever has a sheet in hand."""
        with self._pool.connection() as connection:
            hold_in(connection, claimed)
            yield connection


# -- in the transaction that stores events


def while_in_hand(claimed: Claimed) -> AlsoWrite:
    """Nothing is stored once somebody else has the sheet."""

    def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
        hold_in(connection, claimed)

    return write


def noting_rows(claimed: Claimed, outcomes: Sequence[RowOutcome]) -> AlsoWrite:
    """Notes what became of some rows, and that the import goes on after them."""

    def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
        hold_in(connection, claimed)
        counts = _json(dict(Counter(one.outcome for one in outcomes)))
        connection.execute(NOTE, [outcomes[-1].row, len(outcomes), counts, claimed.sheet.id])
        said = [(one.row, one.outcome, one.pledge, one.problem) for one in outcomes]
        columns = [list(column) for column in zip(*said, strict=True)]
        connection.execute(CAME_ABOUT, [*columns, claimed.sheet.id])

    return write


def noting_end(claimed: Claimed) -> AlsoWrite:
    """Notes that all of it was imported; its file is not needed any more."""

    def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
        hold_in(connection, claimed)
        connection.execute(END, ["done", None, claimed.sheet.id])
        connection.execute(FORGET_FILE, [claimed.sheet.id])

    return write


def _values(sheet: UUID, row: SheetRow) -> list[Any]:
    cells = None if row.cells is None else _json(list(row.cells))
    return [
        sheet, row.row, row.outcome, _text(row.ref), row.pledge, _text(row.title), _text(row.pledger),
        _text(row.problem),
        _json(dict(row.errors)), _json(list(row.changes)), _json(list(row.alike)), cells,
    ]  # fmt: skip


def _json(value: Any) -> str:
    """As JSON that a table takes: the sign 0, which no text may hold, is shown and not kept."""
    return msgspec.json.encode(value).decode().replace("\\u0000", "\N{REPLACEMENT CHARACTER}")


def _text(value: str | None) -> str | None:
    return value and value.replace("\0", "\N{REPLACEMENT CHARACTER}")
