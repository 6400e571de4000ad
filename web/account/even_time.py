"""Answers that take as long whatever they find, so that a clock does not tell who is known here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 0.1
"""Longer than to write a letter takes, but on a machine that has too much to do."""


@contextmanager
def even_time() -> Iterator[None]:
    """Make the block last `SECONDS`."""
    until = time.monotonic() + SECONDS
    yield
    time.sleep(max(0.0, until - time.monotonic()))
