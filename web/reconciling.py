"""What the API and the page share of comparing a sheet with the register: how long it may be, how many wait.

Must not know how lines and pledges are compared, nor how it is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from flask import current_app

from domain.errors import invalid
from domain.imports.columns import WrongHeader
from projections.moments import Moment
from projections.reconciling import Reconciliation, reconciled
from projections.sheets.sheets import UnreadableFile
from web.errors import RequestProblem

if TYPE_CHECKING:
    from projections.composition import Runtime

LINES_MAX = 20_000
# Each reads every pledge of a moment, as a download does.
AT_ONCE_MAX = 2
WAIT_SECONDS_MAX = 5.0
_places = BoundedSemaphore(AT_ONCE_MAX)


@contextmanager
def comparing(path: Path, moment: Moment, *, field: str) -> Iterator[Reconciliation]:
    """A sheet beside the register. InvalidInput names the field if it is no sheet, or too long."""
    runtime: Runtime = current_app.extensions["pledges"]
    with _place():
        try:
            with reconciled(
                path, runtime.questions, runtime.import_memory, moment, lines_max=LINES_MAX
            ) as found:
                yield found
        except (UnreadableFile, WrongHeader) as problem:
            raise invalid(field, str(problem).replace(str(path), "the file")) from None


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_SECONDS_MAX):
        raise RequestProblem(
            503, "Others are comparing; try again in a moment.", headers={"Retry-After": "10"}
        )
    try:
        yield
    finally:
        _places.release()
