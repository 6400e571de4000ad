"""Mail goes out once, whatever happens on the way, over a real SMTP server in a process of its own."""

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
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from projections.composition import Runtime
from tests.conftest import Database
from workers.mailing import send_mail

SECONDS_MAX = 90


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


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


@pytest.fixture
def post(runtime: Runtime, tmp_path: Path) -> tuple[Runtime, int, Path]:
    """A register that mails to a port, and the folder of whoever listens there."""
    port = free_port()
    settings = replace(
        runtime.settings, smtp_url=f"smtp://127.0.0.1:{port}", base_url="https://pledges.example.org"
    )
    return replace(runtime, settings=settings), port, tmp_path / "mail"


def written(runtime: Runtime, subject: str = "A subject", email: str | None = None) -> None:
    account = uuid4()
    runtime.people.add(account, email or f"{account}@example.org")
    with runtime.pool.connection() as connection:
        runtime.outbox.add_in(
            connection, uuid4(), account, about="reset", subject=subject, body="Words, مرحبا, é\n"
        )


def arrived(folder: Path) -> list[bytes]:
    return [one.as_bytes() for one in mailbox.Maildir(folder)]


def test_what_is_due_is_sent_once_and_its_words_are_forgotten(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime)
    written(runtime)
    with mail_server(port, folder):
        assert send_mail(runtime) == 2
        assert send_mail(runtime) == 0
        found = [message_from_bytes(one, policy=policy.default) for one in arrived(folder)]
    assert len(found) == 2
    assert {str(one["From"]) for one in found} == {"pledges@pledges.example.org"}
    assert all("مرحبا" in one.get_content() for one in found)
    assert [one.outcome for one in runtime.outbox.latest(10)] == ["sent", "sent"]
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(body) + count(subject) FROM pledges.outbox").fetchone() == (
            0,
        )


def test_while_the_server_is_away_nothing_is_lost_and_nothing_is_sent_twice(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime)
    assert send_mail(runtime) == 0
    (waiting,) = runtime.outbox.latest(1)
    assert (waiting.outcome, waiting.tries) == (None, 1)
    assert waiting.due_at > waiting.made_at
    with mail_server(port, folder):
        assert send_mail(runtime) == 0, "it is not due yet"
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("UPDATE pledges.outbox SET due_at = clock_timestamp()")
        assert send_mail(runtime) == 1
        assert len(arrived(folder)) == 1


def test_what_was_claimed_by_a_worker_that_died_is_never_sent_again(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime)
    assert runtime.outbox.claim() is not None
    with mail_server(port, folder):
        assert send_mail(runtime) == 0
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("UPDATE pledges.outbox SET claimed_at = claimed_at - interval '11 minutes'")
        assert send_mail(runtime) == 0
        assert not folder.exists() or arrived(folder) == []
    (told,) = runtime.outbox.latest(1)
    assert told.outcome == "unknown"


@pytest.mark.parametrize("subject", ["A\r\nBcc: everybody@example.org", "A\nB", "\r\n\r\nbody"])
def test_a_subject_makes_no_headers(post: tuple[Runtime, int, Path], subject: str) -> None:
    runtime, port, folder = post
    written(runtime, subject)
    with mail_server(port, folder):
        assert send_mail(runtime) == 1
        (found,) = [message_from_bytes(one, policy=policy.default) for one in arrived(folder)]
    assert found["Bcc"] is None
    assert "\n" not in str(found["Subject"])


def test_an_address_that_the_server_refuses_is_told_and_the_others_go_out(
    post: tuple[Runtime, int, Path],
) -> None:
    runtime, port, folder = post
    written(runtime, email="not an address@@example.org>")
    written(runtime)
    with mail_server(port, folder):
        assert send_mail(runtime) == 1
    assert sorted(str(one.outcome) for one in runtime.outbox.latest(2)) == ["refused", "sent"]


def test_nothing_is_sent_for_an_account_that_was_erased(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("DELETE FROM pledges.people")
    with mail_server(port, folder):
        assert send_mail(runtime) == 0
    assert [one.outcome for one in runtime.outbox.latest(1)] == ["refused"]
