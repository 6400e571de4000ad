"""Sheets that were sent in a browser: looked at, confirmed, imported, forgotten; and who has which in hand.

Must not know what cells mean, nor HTTP. Names of files stay here, outside the log: they may name people.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal, LiteralString
from uuid import UUID, uuid4

import msgspec
from psycopg import Connection, Cursor
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.imports.events import Mode
from domain.recording import Authority
from projections.database.pool import Pool

Stage = Literal["columns", "checking", "checked", "importing", "done", "failed"]
"""Columns have to be matched; it is being looked at; it was; it is being imported; it was, or cannot be."""

PIECE_BYTES = 1_000_000
FIELDS: LiteralString = """
id, account, filename, sha256, bytes, mode, authority, columns, keep, heading, ignored, stage, problem, rows,
    dealt_with, last_row, counts, position, preview, confirmed, moved_on, sent_at, changed_at, claims
"""
GET: LiteralString = f"SELECT {FIELDS} FROM sent_sheets WHERE id = %s"  # noqa: S608
LATEST: LiteralString = f"SELECT {FIELDS} FROM sent_sheets ORDER BY sent_at DESC, id LIMIT %s"  # noqa: S608
ADD: LiteralString = """
INSERT INTO sent_sheets (id, account, filename, sha256, bytes, mode, authority, heading, stage)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING RETURNING id
"""
ADD_PIECE: LiteralString = "INSERT INTO sent_sheet_pieces VALUES (%s, %s, %s)"
PIECES: LiteralString = "SELECT bytes FROM sent_sheet_pieces WHERE sheet = %s AND number = %s"
# Nobody has it in hand then: a worker that still does finds that its claim is gone, and stops.
CHECK: LiteralString = """
UPDATE sent_sheets SET columns = %s, keep = %s, mode = %s, authority = %s, stage = 'checking', problem = NULL,
    confirmed = NULL, moved_on = false, dealt_with = 0, claim = NULL, claimed_until = NULL, claims = 0,
    changed_at = clock_timestamp()
WHERE id = %s AND stage IN ('columns', 'checking', 'checked', 'failed') AND last_row = 1
    AND EXISTS (SELECT FROM sent_sheet_pieces WHERE sheet = sent_sheets.id)
RETURNING id
"""
# What was recorded since is looked at again before anything is imported: it may change what becomes of a row.
CONFIRM: LiteralString = """
UPDATE sent_sheets SET account = %s, confirmed = preview, dealt_with = 0, changed_at = clock_timestamp(),
    stage = CASE WHEN EXISTS (
        SELECT FROM events WHERE position > sent_sheets.position
            AND split_part(name, '.', 1) IN ('pledge', 'entity', 'cycle')
    ) THEN 'checking' ELSE 'importing' END
WHERE id = %s AND stage = 'checked' AND sha256 = %s AND preview = %s RETURNING id
"""
DISCARD: LiteralString = (
    "DELETE FROM sent_sheets WHERE id = %s AND stage NOT IN ('importing', 'done') RETURNING id"
)
CLAIM: LiteralString = f"""
UPDATE sent_sheets SET claim = %s, claimed_until = clock_timestamp() + %s, claims = claims + 1
WHERE id = (
    SELECT id FROM sent_sheets
    WHERE stage IN ('checking', 'importing')
        AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
    ORDER BY changed_at, id FOR UPDATE SKIP LOCKED LIMIT 1
)
RETURNING {FIELDS}
"""  # noqa: S608
HOLD: LiteralString = """
UPDATE sent_sheets SET claimed_until = clock_timestamp() + %s WHERE id = %s AND claim = %s RETURNING id
"""
RELEASE: LiteralString = """
UPDATE sent_sheets SET claim = NULL, claimed_until = NULL, claims = 0 WHERE id = %s AND claim = %s
"""
FORGET: tuple[LiteralString, ...] = (
    "DELETE FROM sent_sheets WHERE stage NOT IN ('importing', 'done') AND changed_at < {since}",
    "DELETE FROM sent_sheet_pieces USING sent_sheets WHERE sheet = id AND stage = 'done'",
    """
    DELETE FROM sent_sheet_rows USING sent_sheets
    WHERE sheet = id AND stage = 'done' AND changed_at < {since}
    """,
)
SINCE: LiteralString = "clock_timestamp() - interval '7 days'"
LEASE = "30 seconds"
"""So long a worker may say nothing before another one goes on."""


class ClaimLost(Exception):
    """Another worker has the sheet by now, or it was thrown away: what is under way is not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSheet:
    """One sheet that was sent. `position`, `preview`: where the register stood, and what was foreseen."""

    id: UUID
    account: UUID
    filename: str
    sha256: str
    bytes: int
    mode: Mode
    authority: dict[str, Any] | None
    columns: dict[str, int]
    keep: list[str]
    heading: list[str]
    ignored: list[str]
    stage: Stage
    problem: str | None
    rows: int | None
    dealt_with: int
    last_row: int
    counts: dict[str, int]
    position: int | None
    preview: str | None
    confirmed: str | None
    moved_on: bool
    sent_at: datetime
    changed_at: datetime
    claims: int
    """How often a worker took it since one got on with it."""

    @property
    def may_be_read_otherwise(self) -> bool:
        """Whether nothing of it was imported yet. Once something was, it is sent again, and goes on there."""
        return self.stage in ("columns", "checking", "checked", "failed") and self.last_row == 1

    @property
    def is_under_way(self) -> bool:
        return self.stage in ("checking", "importing")

    @property
    def cited(self) -> Authority | None:
        return msgspec.convert(self.authority, Authority) if self.authority else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a sheet is to be read, and what is to become of its rows."""

    mode: Mode
    authority: Mapping[str, Any] | None = None
    columns: Mapping[str, int] | None = None
    keep: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A sheet that a worker has in hand."""

    sheet: SentSheet
    claim: UUID


class SentSheets:
    """All sheets that were sent in browsers and are not forgotten."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(
        self, sheet: UUID, account: UUID, file: IO[bytes], *,
        filename: str, sha256: str, heading: Sequence[str], reading: Reading, is_ready: bool,
    ) -> None:  # fmt: skip
        """Keep a sheet. One that is ready is looked at next; of another one columns have to be matched."""
        stage = "checking" if is_ready else "columns"
        size = file.seek(0, 2)
        file.seek(0)
        with self._pool.connection() as connection:
            said = [sheet, account, filename, sha256, size, reading.mode, _json(reading.authority)]
            if connection.execute(ADD, [*said, Jsonb(list(heading)), stage]).fetchone() is None:
                return  # the form was sent twice
            for number, piece in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):
                connection.execute(ADD_PIECE, [sheet, number, piece])

    def get(self, sheet: UUID) -> SentSheet | None:
        """One sheet."""
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(SentSheet)) as rows,
        ):
            return rows.execute(GET, [sheet]).fetchone()

    def latest(self, limit: int) -> list[SentSheet]:
        """Those sent last, the latest first."""
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(SentSheet)) as rows,
        ):
            return rows.execute(LATEST, [limit]).fetchall()

    @contextmanager
    def file(self, sheet: UUID) -> Iterator[Path]:
        """The file as it was sent, under no name of the sender's."""
        with tempfile.TemporaryDirectory(prefix="pledges-import-") as folder:
            path = Path(folder) / "sheet"
            with path.open("wb") as file:
                number = 0
                while piece := self._piece(sheet, number):
                    file.write(piece)
                    number += 1
            yield path

    def _piece(self, sheet: UUID, number: int) -> bytes | None:
        with self._pool.connection() as connection:
            row = connection.execute(PIECES, [sheet, number]).fetchone()
        return row[0] if row else None

    # -- what people ask for

    def check(self, sheet: UUID, reading: Reading) -> bool:
        """Have it looked at, read in a way; False if it is being imported, or gone."""
        said = [Jsonb(dict(reading.columns or {})), Jsonb(list(reading.keep)), reading.mode]
        return self._changed(CHECK, [*said, _json(reading.authority), sheet])

    def confirm(self, sheet: UUID, account: UUID, *, sha256: str, preview: str) -> bool:
        """Have it imported as it was previewed; False if that is not what is there, or was done before.

        If the register moved on since, it is looked at again first, and imported if that says the same.
        """
        return self._changed(CONFIRM, [account, sheet, sha256, preview])

    def discard(self, sheet: UUID) -> bool:
        """Throw it away; False if it is being imported, or was, or is gone."""
        return self._changed(DISCARD, [sheet])

    def _changed(self, statement: LiteralString, values: Sequence[Any]) -> bool:
        with self._pool.connection() as connection:
            return connection.execute(statement, values).fetchone() is not None

    # -- what workers do

    def claim(self) -> Claimed | None:
        """The next sheet that waits, or whose worker has gone; nobody else's while this one is heard of."""
        claim = uuid4()
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(SentSheet)) as rows,
        ):
            found = rows.execute(CLAIM, [claim, LEASE]).fetchone()
        return Claimed(found, claim) if found else None

    def hold(self, claimed: Claimed) -> None:
        """Say that it is still in hand; ClaimLost if it is not."""
        with self._pool.connection() as connection:
            hold_in(connection, claimed)

    @contextmanager
    def _rows(self) -> Iterator[Cursor[SentSheet]]:
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(SentSheet)) as rows,
        ):
            yield rows

    def release(self, claimed: Claimed) -> None:
        """Let another worker go on at once."""
        with self._pool.connection() as connection:
            connection.execute(RELEASE, [claimed.sheet.id, claimed.claim])

    def forget_old(self) -> int:
        """Forget sheets that nobody confirmed, and rows of those that were dealt with, after some days."""
        with self._pool.connection() as connection:
            return sum(connection.execute(one.replace("{since}", SINCE)).rowcount for one in FORGET)


def hold_in(connection: Connection[Any], claimed: Claimed) -> None:
    """The same in a transaction: a worker that was taken for dead finds out here, and nothing is stored."""
    if connection.execute(HOLD, [LEASE, claimed.sheet.id, claimed.claim]).fetchone() is None:
        raise ClaimLost


def _json(value: Mapping[str, Any] | None) -> Jsonb | None:
    return Jsonb(dict(value)) if value else None
