"""What is known of the log as its own events have made it."""

from __future__ import annotations

from domain.reference.identifiers import fixed_id
from domain.values import Value

LOG_ID = fixed_id("log", "all")
"""The one stream that tells of the log, the same in every register."""


class LogState(Value, kw_only=True):
    """The keys under which the log was signed, the oldest first: the last one is today's.

    `adopted_at` is the position of the event that adopted it.
    """

    version: int = 0
    keys: tuple[str, ...] = ()
    adopted_at: int = 0
