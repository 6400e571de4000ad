"""What can be asked for about imports."""

from __future__ import annotations

from uuid import UUID

from domain.imports.events import Media, Mode, RowOutcome
from domain.recording import Authority
from domain.values import Value


class StartImport(Value, kw_only=True):
    """Begin to import a file, and say which one it is. `authority` is what it came with: a letter, say."""

    import_id: UUID
    sha256: str
    bytes: int
    media: Media
    mode: Mode
    rows: int
    kept: tuple[str, ...] = ()
    sample: bool = False
    authority: Authority | None = None


class RecordRows(Value, kw_only=True):
    """Say what became of some rows."""

    import_id: UUID
    rows: tuple[RowOutcome, ...]


class FinishImport(Value, kw_only=True):
    """Say that all rows were dealt with."""

    import_id: UUID


ImportCommand = StartImport | RecordRows | FinishImport
