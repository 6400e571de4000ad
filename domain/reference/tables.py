"""Reads the tables that are shipped with the code, row by row. Must not know what the rows mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from importlib import resources


def rows(filename: str) -> Iterator[dict[str, str]]:
    """The rows of one CSV file of this package."""
    text = resources.files(__package__).joinpath(filename).read_text(encoding="utf-8")
    yield from csv.DictReader(io.StringIO(text, newline=""))
