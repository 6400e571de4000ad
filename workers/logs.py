"""Logs of everything that starts by itself: one line an event on stderr, as text or as JSON.

Must not know what is logged.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def configure_logs(form: str, *, quiet: bool = False) -> None:
    """Logs in one form, for the whole process; a command that somebody waits for says only what is wrong."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*steps, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    _configure_libraries(steps, renderer, quiet=quiet)


def _configure_libraries(steps: list[Any], renderer: Any, *, quiet: bool) -> None:
    """What libraries log goes the same way; where somebody waits, the command itself says what failed."""
    way: Any = logging.lastResort
    way.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=steps))
    way.setLevel(logging.CRITICAL if quiet else logging.WARNING)
