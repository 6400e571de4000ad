"""What can have happened to an import. Docstrings are the entries of the event catalogue (docs/events.md).

Must not hold a file's name: people put names into names of files. Its digest says which file it was.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from domain.recording import Fact, recorded_as
from domain.values import Value

Mode = Literal["record", "submit"]
Media = Literal["csv", "xlsx"]
RowResult = Literal["made", "submitted", "amended", "unchanged", "refused", "conflict", "duplicate"]


class RowOutcome(Value, kw_only=True):
    """What became of one row. `row` counts as spreadsheets do, the header being row 1.

    A duplicate names the row of the same file that came first.
    """

    row: int
    outcome: RowResult
    ref: str | None = None
    pledge: UUID | None = None
    problem: str | None = None
    duplicate_of: int | None = None


@recorded_as("import.started")
class ImportStarted(Fact):
    """A file of pledges began to be read: its SHA-256 (hex), size in bytes and number of rows.

    `mode` says whether its rows are recorded at once or submitted for review, `kept` which further columns
    are kept as facts of the source. `sample` marks the demonstration data.
    """

    sha256: str
    bytes: int
    media: Media
    mode: Mode
    rows: int
    kept: tuple[str, ...] = ()
    sample: bool = False


@recorded_as("import.rows-recorded")
class ImportRowsRecorded(Fact):
    """Some rows of the file were dealt with; each has one outcome."""

    rows: tuple[RowOutcome, ...]


@recorded_as("import.finished")
class ImportFinished(Fact):
    """All rows of the file were dealt with: how many had which outcome. Duplicates count as refused."""

    made: int = 0
    submitted: int = 0
    amended: int = 0
    unchanged: int = 0
    refused: int = 0
    conflicts: int = 0
