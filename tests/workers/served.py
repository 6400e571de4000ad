"""A register served by the real command, with its processes in sight."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import requests

from tests.peers.running import free_port

READY_SECONDS_MAX = 180
PROGRAM = [sys.executable, "-m", "workers"]


def wait_for(what: Callable[[], Any], seconds: float = 90) -> Any:
    """What becomes true within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


class Served:
    """One data directory, and the `pledges serve` over it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "PLEDGES"))
        }
        self.environment = {**kept, "PLEDGES_DATA": str(data_dir)}

    def start(self, *options: str) -> None:
        """Start it and wait until it says that it is ready."""
        with (self.data_dir.parent / "serve.log").open("a") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--port", str(self.port), *options],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        told: queue.Queue[str] = queue.Queue()
        Thread(target=_read, args=[self.process, told], daemon=True).start()
        until = time.monotonic() + READY_SECONDS_MAX
        self.lines = []
        while not any(line.startswith("For an access token") for line in self.lines):
            assert self.process.poll() is None, (self.data_dir.parent / "serve.log").read_text()[-3000:]
            assert time.monotonic() < until, "it does not get ready"
            with suppress(queue.Empty):
                self.lines.append(told.get(timeout=0.1))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same data directory."""
        return subprocess.run(
            [*PROGRAM, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask it to stop, and wait until it has."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(timeout=90)

    # -- its processes

    def postmaster(self) -> psutil.Process | None:
        with suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):  # or half written
            first = (self.data_dir / "postgresql" / "postmaster.pid").read_text().splitlines()[0]
            process = psutil.Process(int(first))
            return (
                process if "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE else None
            )
        return None

    def processes(self) -> list[psutil.Process]:
        """All of its processes that live, the database server's too."""
        found: list[psutil.Process] = []
        if self.process is not None:
            with suppress(psutil.NoSuchProcess):
                own = psutil.Process(self.process.pid)
                found += [own, *own.children(recursive=True)]
        if (postmaster := self.postmaster()) is not None:
            with suppress(psutil.NoSuchProcess):
                found += [postmaster, *postmaster.children(recursive=True)]
        return [process for process in found if is_alive(process)]

    def child(self, name: str) -> psutil.Process:
        """The child that runs one part: work or web."""
        assert self.process is not None
        for process in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if name in process.cmdline():
                    return process
        raise AssertionError(f"there is no {name}")

    def web_worker(self) -> psutil.Process:
        """One of the processes that answer requests."""
        workers: list[psutil.Process] = wait_for(lambda: self.child("web").children())
        return workers[0]

    # -- its answers

    def token(self, *arguments: str) -> str:
        done = self.run("accounts", "add", "secretary@example.org", *arguments, "--token")
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1].removeprefix("token: ")

    def is_ready(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        return False

    def status(self) -> dict[str, Any]:
        done = self.run("status", "--json")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self.process is not None:
            self.process.wait()


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _read(process: subprocess.Popen[str], told: queue.Queue[str]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            told.put(line.rstrip("\n"))
