"""Runs what the register speaks with, from the environment of its own that `make setup` makes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import requests

PROGRAMS = Path(sys.prefix) / "peers" / "bin"
SECONDS_MAX = 60


def free_port() -> int:
    """A port of this machine at which nobody answers."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(program: str, *arguments: str, answers_at: str) -> Iterator[None]:
    """A program of that environment, from its first answer at an address until the end of the block."""
    command = [str(PROGRAMS / program), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, answers_at)
            yield
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + SECONDS_MAX
    while True:
        try:
            requests.get(address, timeout=SECONDS_MAX)
        except requests.ConnectionError:
            assert process.poll() is None, f"{process.args} ended with {process.returncode}"
            assert time.monotonic() < until, f"{process.args} does not answer"
            time.sleep(0.1)
        else:
            return
