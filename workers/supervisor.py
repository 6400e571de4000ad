"""Keeps child processes running: one that ends is started again, later each time it ends at once.

Must not know what the children do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.2, 10.0
WELL_AFTER_SECONDS = 10.0
STOP_SECONDS_MAX = 2.5
POLL_SECONDS = 0.05

log = structlog.get_logger(__name__)


@dataclass
class Child:
    """One command of ours, to be kept running."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    pause: float = PAUSE_SECONDS_MIN
    started_at: float = 0.0
    due_at: float = 0.0
    ended: int = 0

    def start(self) -> None:
        command = [sys.executable, "-m", "workers", "--die-with", str(os.getpid()), *self.arguments]
        # Ctrl-C is meant for the parent, which then stops its children in order.
        self.process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
        self.started_at = time.monotonic()

    def tend(self) -> None:
        """Start the child again if it ended and its pause is over."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self._bury(code, now)

    def _bury(self, code: int, now: float) -> None:
        # Nothing of it is left behind: a server's own children may outlive it by a moment.
        self.signal(signal.SIGKILL)
        self.process = None
        self.ended += 1
        if now - self.started_at > WELL_AFTER_SECONDS:
            self.pause = PAUSE_SECONDS_MIN
        self.due_at = now + self.pause
        log.warning("child.ended", name=self.name, code=code, restarted_in=self.pause)
        self.pause = min(self.pause * 2, PAUSE_SECONDS_MAX)

    def signal(self, number: int) -> None:
        """Signal the child and its own children."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


@dataclass
class Children:
    """All children of one parent."""

    all: list[Child] = field(default_factory=list)

    def add(self, name: str, *arguments: str) -> Child:
        child = Child(name, arguments)
        child.start()
        self.all.append(child)
        return child

    def tend(self) -> None:
        for child in self.all:
            child.tend()

    def stop(self) -> None:
        """Ask all to stop, and make those stop that do not."""
        for child in self.all:
            if child.process is not None:
                with suppress(ProcessLookupError):
                    child.process.terminate()
        until = time.monotonic() + STOP_SECONDS_MAX
        while time.monotonic() < until and any(_is_alive(child) for child in self.all):
            time.sleep(POLL_SECONDS)
        for child in self.all:
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def _is_alive(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None
