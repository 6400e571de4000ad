"""Keeps one row for each thing that came in, and how many came by which way to which outcome.

Must not know pledges beyond what was submitted and decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from domain.imports.events import ImportFinished, ImportStarted
from domain.recording import Recorded
from projections.batch import Batch
from projections.database.adding_rows import add_rows
from projections.intake.receipts import WAITING, Receipt, decided, decision, receipts

CREATE = """
CREATE TABLE intake_receipts (
    position bigint NOT NULL,
    number integer NOT NULL,            -- among those of one event
    way text NOT NULL,
    outcome text NOT NULL,
    received_at timestamptz NOT NULL,
    decided_at bigint,                  -- the position of the decision; null while it waits
    pledge uuid,
    entity uuid,                        -- whose it is, where that is said
    file uuid,
    ref text,
    problem text,
    PRIMARY KEY (position, number)
);
CREATE INDEX ON intake_receipts (pledge) WHERE outcome = 'submitted';
CREATE INDEX ON intake_receipts (entity, position DESC) WHERE entity IS NOT NULL;

CREATE TABLE intake_totals (
    way text NOT NULL,
    outcome text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (way, outcome)
);
CREATE TABLE intake_files (
    id uuid PRIMARY KEY,
    started_position bigint NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    sha256 text NOT NULL,
    media text NOT NULL,
    mode text NOT NULL,
    rows integer NOT NULL,
    is_sample boolean NOT NULL
);
"""

COLUMNS = (
    "position", "number", "way", "outcome", "received_at", "decided_at", "pledge", "entity", "file", "ref",
    "problem",
)  # fmt: skip
WAITING_OF: LiteralString = """
SELECT position, number, way, outcome, received_at, decided_at, pledge, entity, file, ref, problem
FROM intake_receipts WHERE outcome = 'submitted' AND pledge = ANY(%s)
"""
DECIDE = """
UPDATE intake_receipts AS kept SET outcome = said.outcome, decided_at = said.decided_at
FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::bigint[])
    AS said (position, number, outcome, decided_at)
WHERE (kept.position, kept.number) = (said.position, said.number)
"""
COUNT = """
INSERT INTO intake_totals AS kept SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
ON CONFLICT (way, outcome) DO UPDATE SET number = kept.number + EXCLUDED.number
"""
BEGIN_FILE = "INSERT INTO intake_files VALUES (%s, %s, %s, NULL, %s, %s, %s, %s, %s)"
END_FILE = "UPDATE intake_files SET finished_at = %s WHERE id = %s"

Key = tuple[int, int]


class IntakeModel:
    """The read model of what came in."""

    name = "intake"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(CREATE)

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        known = _waiting(connection, (event.header.stream for event in batch if decision(event)))
        sorting = _Sorting(known)
        for event in batch:
            sorting.take(event)
        _add(connection, sorting.added.values())
        _decide(connection, sorting.changed.values())
        _count(connection, sorting.more)
        _keep_files(connection, batch)


def _waiting(connection: Connection[Any], pledges: Iterable[UUID]) -> dict[UUID, Receipt]:
    """The submissions of these pledges that wait for a decision."""
    wanted = list(pledges)
    if not wanted:
        return {}
    with connection.cursor(row_factory=class_row(Receipt)) as cursor:
        found = cursor.execute(WAITING_OF, [wanted]).fetchall()
    return {receipt.pledge: receipt for receipt in found if receipt.pledge}


class _Sorting:
    """What came in with some events, and what they decided of what came in before them."""

    def __init__(self, waiting: Mapping[UUID, Receipt]) -> None:
        self.added: dict[Key, Receipt] = {}
        self.changed: dict[Key, Receipt] = {}
        self.more: Counter[tuple[str, str]] = Counter()
        self._waiting = dict(waiting)

    def take(self, event: Recorded) -> None:
        outcome = decision(event)
        if outcome and (waited := self._waiting.pop(event.header.stream, None)):
            settled = decided(waited, outcome, event.position)
            (self.added if waited.key in self.added else self.changed)[waited.key] = settled
            self.more[waited.way, waited.outcome] -= 1
            self.more[settled.way, settled.outcome] += 1
        for receipt in receipts(event):
            self.added[receipt.key] = receipt
            self.more[receipt.way, receipt.outcome] += 1
            if receipt.outcome == WAITING and receipt.pledge:
                self._waiting[receipt.pledge] = receipt


def _add(connection: Connection[Any], added: Iterable[Receipt]) -> None:
    rows = ([getattr(receipt, column) for column in COLUMNS] for receipt in added)
    add_rows(connection, "intake_receipts", COLUMNS, rows)


def _decide(connection: Connection[Any], changed: Iterable[Receipt]) -> None:
    rows = [(*receipt.key, receipt.outcome, receipt.decided_at) for receipt in changed]
    if rows:
        connection.execute(DECIDE, [list(column) for column in zip(*rows, strict=True)])


def _count(connection: Connection[Any], more: Mapping[tuple[str, str], int]) -> None:
    """Add to the totals. One that comes and goes within a batch gets its row, as it would in two batches."""
    rows = [(way, outcome, number) for (way, outcome), number in sorted(more.items())]
    if rows:
        connection.execute(COUNT, [list(column) for column in zip(*rows, strict=True)])


def _keep_files(connection: Connection[Any], batch: Iterable[Recorded]) -> None:
    for event in batch:
        header, fact = event.header, event.fact
        if isinstance(fact, ImportStarted):
            said = (fact.sha256, fact.media, fact.mode, fact.rows, fact.sample)
            connection.execute(BEGIN_FILE, [header.stream, header.position, header.recorded_at, *said])
        elif isinstance(fact, ImportFinished):
            connection.execute(END_FILE, [header.recorded_at, header.stream])
