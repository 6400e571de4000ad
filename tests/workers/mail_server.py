"""A real SMTP server in a process of its own, and a register that mails to it."""

from __future__ import annotations

import mailbox
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from projections.composition import Runtime

SECONDS_MAX = 90
BASE = "https://pledges.example.org"


@contextmanager
def mail_server(port: int, folder: Path) -> Iterator[None]:
    """An SMTP server that keeps what it takes."""
    kept = ["-c", "aiosmtpd.handlers.Mailbox", str(folder)]
    command = ["-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", *kept]
    process = subprocess.Popen([sys.executable, *command], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + SECONDS_MAX
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(SECONDS_MAX)


def mailing_to(runtime: Runtime, port: int) -> Runtime:
    """The register, mailing to a port under an address of its own."""
    settings = replace(runtime.settings, smtp_url=f"smtp://127.0.0.1:{port}", base_url=BASE)
    return replace(runtime, settings=settings)


def arrived(folder: Path) -> list[EmailMessage]:
    """What the server took, in the order of the addresses."""
    return sorted(in_order(folder), key=lambda one: str(one["To"]))


def in_order(folder: Path) -> list[EmailMessage]:
    """What the server took, in the order in which it did: it numbers what it keeps."""
    found = sorted(mailbox.Maildir(folder).items(), key=lambda one: _number(one[0]))
    return [message_from_bytes(one.as_bytes(), policy=policy.default) for _, one in found]  # type: ignore[misc]


def _number(name: str) -> tuple[int, int]:
    """When it was kept, and as which since the server began."""
    second, rest = name.split(".")[:2]
    return int(second), int(rest.rpartition("Q")[2])
