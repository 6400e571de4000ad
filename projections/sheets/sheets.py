"""A file as rows of texts, whatever its format. Row 1 is the header, as spreadsheets count.

Must not know what cells mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from domain.imports.events import Media
from projections.problems import OperatorProblem

CELL_CHARS_MAX = 1_000_000


class UnreadableFile(OperatorProblem):
    """The file cannot be read as a sheet. Nothing of it was used."""


class Sheet(Protocol):
    """One sheet of a file; it can be read more than once."""

    media: Media
    pads: bool
    """Whether rows end at their last cell that says something, so that a short row is no damage."""
    ignored: tuple[str, ...]
    """What else is in the file and is not read."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows with their numbers; rows without any cell may be left out. Raises UnreadableFile."""
        ...
