"""What auditors read, a line for each answer: kept for ever, by the account and never by a name.

No part of the log of events, which is the register's own. Must not know what was read, nor who may ask.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from domain.values import rfc3339
from projections import cursors
from projections.database.pool import Pool
from projections.problems import OperatorProblem

LIMIT_MAX = 200
RECORD: LiteralString = """
INSERT INTO readings (account, operation, asked, position, rows, request_id)
VALUES (%(account)s, %(operation)s, %(asked)s, %(position)s, %(rows)s, %(request_id)s)
"""
MATCHING: LiteralString = """
(%(accounts)s::uuid[] IS NULL OR account = ANY(%(accounts)s))
    AND (%(operations)s::text[] IS NULL OR operation = ANY(%(operations)s))
    AND (%(pledges)s::text[] IS NULL OR asked -> 'pledge' ?| %(pledges)s)
    AND (%(since)s::timestamptz IS NULL OR read_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR read_at <= %(until)s)
"""
PAGE: LiteralString = f"""
SELECT number, read_at, account, operation, asked, position, rows, request_id FROM readings
WHERE {MATCHING} AND (%(after)s::bigint IS NULL OR number < %(after)s) ORDER BY number DESC LIMIT %(limit)s
"""  # noqa: S608
TOTAL: LiteralString = f"SELECT count(*) FROM readings WHERE {MATCHING}"  # noqa: S608
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class NotRecorded(OperatorProblem):
    """A reading could not be written down: what it would have told must not be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was answered to an auditor: which question, about what, as of which position, how many rows.

    `position` is None where what was answered has none, `rows` where the answer is a file of as many as there
    are.
    """

    account: UUID
    operation: str
    asked: Mapping[str, Any]
    position: int | None
    rows: int | None
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFilters:
    """Which readings: values of one field are alternatives, nothing is all; bounds are within."""

    accounts: Collection[UUID] | None = None
    operations: Collection[str] = ()
    pledges: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None

    def as_asked(self) -> dict[str, Any]:
        """For statements, and to tell one list from another."""
        return {
            "accounts": None if self.accounts is None else sorted(self.accounts),
            "operations": sorted(self.operations) or None, "pledges": sorted(self.pledges) or None,
            "since": self.since, "until": self.until,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """Some readings, latest first, how many there are, and the cursor of the next page."""

    items: list[dict[str, Any]]
    total: int
    next: str | None


class Readings:
    """The record of what auditors read."""

    def __init__(self, pool: Pool, secret: str) -> None:
        self._pool, self._secret = pool, secret

    def record(self, reading: Reading) -> None:
        """Write a reading down, before its answer goes out. NotRecorded if it could not be."""
        said = {name: getattr(reading, name) for name in Reading.__slots__}
        try:
            with self._pool.statements() as connection:
                connection.execute(RECORD, {**said, "asked": Jsonb(reading.asked)})
        except (psycopg.Error, OperatorProblem) as error:
            raise NotRecorded(str(error)) from error

    def listed(self, filters: ReadingFilters, *, limit: int = 50, cursor: str | None = None) -> ReadingPage:
        """A page of the readings, latest first. InvalidInput for a cursor of another list."""
        limit, asked = min(limit, LIMIT_MAX), filters.as_asked()
        listed = cursors.digest_of(["readings", {name: str(value) for name, value in asked.items()}])
        after = cursors.read(cursor, listed, self._secret).key if cursor else None
        with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as rows:
            found = rows.execute(PAGE, {**asked, "after": after, "limit": limit + 1}).fetchall()
            (total,) = connection.execute(TOTAL, asked).fetchone() or (0,)
        items = [
            {**row, "read_at": rfc3339(row["read_at"]), "account": str(row["account"])}
            for row in found[:limit]
        ]
        return ReadingPage(items, total, self._next(listed, items) if len(found) > limit else None)

    def _next(self, listed: bytes, items: list[dict[str, Any]]) -> str:
        last = cursors.Cursor(listed, 0, BEGINNING, True, items[-1]["number"], "")  # noqa: FBT003
        return cursors.write(last, self._secret)
