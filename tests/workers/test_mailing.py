"""Mail goes out once, whatever happens on the way, over a real SMTP server in a process of its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from projections.composition import Runtime
from tests.conftest import Database
from tests.peers.running import free_port
from tests.projections.clock import jumps
from tests.workers.mail_server import arrived, in_order, mail_server, mailing_to
from workers.mailing import send_mail


@pytest.fixture
def post(runtime: Runtime, tmp_path: Path) -> tuple[Runtime, int, Path]:
    """A register that mails to a port, and the folder of whoever listens there."""
    port = free_port()
    return mailing_to(runtime, port), port, tmp_path / "mail"


def written(runtime: Runtime, subject: str = "A subject", email: str | None = None) -> None:
    account = uuid4()
    runtime.people.add(account, email or f"{account}@example.org")
    with runtime.pool.connection() as connection:
        runtime.outbox.add_in(
            connection, uuid4(), account, about="reset", subject=subject, body="Words, مرحبا, é\n"
        )


def test_what_is_due_is_sent_once_and_its_words_are_forgotten(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime)
    written(runtime)
    with mail_server(port, folder):
        assert send_mail(runtime) == 2
        assert send_mail(runtime) == 0
        found = arrived(folder)
    assert len(found) == 2
    assert {str(one["From"]) for one in found} == {"pledges@pledges.example.org"}
    assert all("مرحبا" in one.get_content() for one in found)
    assert [one.outcome for one in runtime.outbox.latest(10)] == ["sent", "sent"]
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(body) + count(subject) FROM pledges.outbox").fetchone() == (
            0,
        )


def test_an_hour_without_a_mail_server_loses_nothing_sends_nothing_twice_and_keeps_the_order(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    subjects = []
    for minute in range(60):
        if minute % 12 == 0:
            subjects.append(f"Of minute {minute}")
            written(runtime, subjects[-1])
        assert send_mail(runtime) == 0
        jumps(database.owner_url, timedelta(minutes=1))
    waiting = runtime.outbox.latest(9)
    assert [(one.standing, one.tries) for one in waiting] == [("waiting", 0)] * 5
    assert all("refused" in (one.problem or "").lower() for one in waiting)
    with mail_server(port, folder):
        assert send_mail(runtime) == 5
        assert send_mail(runtime) == 0
        assert [one["Subject"] for one in in_order(folder)] == subjects
    assert [(one.outcome, one.problem) for one in runtime.outbox.latest(9)] == [("sent", None)] * 5


def test_what_had_been_tried_before_an_outage_goes_out_in_its_order_too(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime, "Tried before")
    claimed = runtime.outbox.claim()
    assert claimed
    runtime.outbox.put_off(claimed, "451 4.3.0 try again")
    jumps(database.owner_url, timedelta(minutes=2))
    for _ in range(3):
        assert send_mail(runtime) == 0
        written(runtime, "Written in between")
        jumps(database.owner_url, timedelta(minutes=2))
    assert send_mail(runtime) == 0, "from here on all wait for the server for a minute"
    with mail_server(port, folder):
        written(runtime, "The last")
        assert send_mail(runtime) == 5
        found = [one["Subject"] for one in in_order(folder)]
        assert found == ["Tried before", *["Written in between"] * 3, "The last"]


def test_a_server_that_is_away_is_not_asked_without_end(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime, "First")
    send_mail(runtime)
    with mail_server(port, folder):
        assert send_mail(runtime) == 0, "not before a minute has passed"
        written(runtime, "Second")
        assert send_mail(runtime) == 2, "somebody else has asked it"
        assert [one["Subject"] for one in in_order(folder)] == ["First", "Second"]


def test_mail_that_was_put_off_while_the_clock_ran_ahead_goes_out_once_it_is_set_back(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime, "Put off")
    jumps(database.owner_url, timedelta(days=2))
    send_mail(runtime)
    written(runtime, "Written ahead")
    jumps(database.owner_url, -timedelta(days=2))
    with mail_server(port, folder):
        assert send_mail(runtime) == 2
        assert send_mail(runtime) == 0
        jumps(database.owner_url, timedelta(days=2))
        assert send_mail(runtime) == 0
        assert [one["Subject"] for one in in_order(folder)] == ["Put off", "Written ahead"]


def test_what_a_worker_claimed_that_died_while_the_clock_ran_ahead_is_never_sent_again(
    post: tuple[Runtime, int, Path], database: Database
) -> None:
    runtime, port, folder = post
    written(runtime)
    jumps(database.owner_url, timedelta(days=2))
    assert runtime.outbox.claim() is not None
    jumps(database.owner_url, -timedelta(days=2))
    with mail_server(port, folder):
        assert send_mail(runtime) == 0
        assert not folder.exists() or in_order(folder) == []
    assert [one.outcome for one in runtime.outbox.latest(1)] == ["unknown"]


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
        (found,) = arrived(folder)
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


def test_a_letter_has_both_forms_and_says_how_to_get_no_more(post: tuple[Runtime, int, Path]) -> None:
    runtime, port, folder = post
    account = uuid4()
    runtime.people.add(account, f"{account}@example.org")
    with runtime.pool.connection() as connection:
        runtime.outbox.add_in(
            connection, uuid4(), account, about="digest", subject="S", body="Words\n", html="<p>مرحبا</p>",
            leave_at="https://pledges.example.org/unfollow?key=k",
        )  # fmt: skip
    with mail_server(port, folder):
        assert send_mail(runtime) == 1
        (found,) = arrived(folder)
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert "مرحبا" in found.get_body(("html",)).get_content()
    assert found["List-Unsubscribe"] == "<https://pledges.example.org/unfollow?key=k>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_the_server_said_is_kept_without_the_address(post: tuple[Runtime, int, Path]) -> None:
    runtime, port, folder = post
    written(runtime, email="not an address@@example.org>")
    with mail_server(port, folder):
        send_mail(runtime)
    (told,) = runtime.outbox.latest(1)
    assert told.standing == "failed"
    assert told.problem
    assert "@@example.org" not in told.problem


@pytest.mark.parametrize("address", ["é1@x.example", "=?utf-8?q?=0d=0aBcc:x?=@x.example", "(x)@x.example"])
def test_an_address_that_no_server_can_be_told_keeps_no_other_letter_back(
    post: tuple[Runtime, int, Path], address: str
) -> None:
    runtime, port, folder = post
    with runtime.pool.connection() as connection:
        account = uuid4()
        connection.execute(
            "INSERT INTO people (account, email) VALUES (%s, %s)",
            [account, address],
        )
        runtime.outbox.add_in(connection, uuid4(), account, about="reset", subject="S", body="W\n")
    written(runtime)
    with mail_server(port, folder):
        assert send_mail(runtime) == 1
        assert len(arrived(folder)) == 1
    assert sorted(str(one.outcome) for one in runtime.outbox.latest(2)) == ["refused", "sent"]
