"""Logs of everything that starts by itself: one line an event on stderr, as text or as JSON.

Must not know what is logged.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict


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
    if form == "text":
        steps.append(_printable)
    structlog.configure(
        processors=[*steps, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    _configure_libraries(steps, renderer, quiet=quiet)


def _printable(_logger: object, _method: str, said: EventDict) -> EventDict:
    """What is logged may hold what a stranger wrote: no sign of it moves the cursor or colours a terminal."""
    return {
        name: _escaped(value, keep="\n" if name == "exception" else "") if isinstance(value, str) else value
        for name, value in said.items()
    }


def _escaped(text: str, *, keep: str) -> str:
    return "".join(
        sign if sign.isprintable() or sign in keep else sign.encode("unicode_escape").decode()
        for sign in text
    )


def _configure_libraries(steps: list[Any], renderer: Any, *, quiet: bool) -> None:
    """What libraries log goes the same way; where somebody waits, the command itself says what failed."""
    way: Any = logging.lastResort
    way.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=steps))
    way.setLevel(logging.CRITICAL if quiet else logging.WARNING)
