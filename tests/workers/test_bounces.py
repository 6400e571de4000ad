"""What mail servers say of letters that they could not deliver is noted, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.composition import Runtime
from projections.letters.message_ids import message_id
from tests.peers.running import free_port
from tests.workers.conftest import Pledges, run
from tests.workers.mail_server import arrived, mail_server, mailing_to
from tests.workers.reports_of_mail_servers import POSTFIX, SERVERS
from workers.bounces import BYTES_MAX, FIELD_BYTES_MAX, NoReport, Unreadable, note_bounce, read_report
from workers.mailing import send_mail

SECRET = "the register's own secret, of that length"


@pytest.fixture
def letter(runtime: Runtime, tmp_path: Path) -> tuple[UUID, str]:
    """A letter that a real server took; and its Message-ID, as the server has it."""
    account, port = uuid4(), free_port()
    runtime.people.add(account, "office@ministry.example.org")
    with runtime.pool.connection() as connection:
        runtime.outbox.add_in(
            connection, uuid4(), account, about="asking", subject="A subject", body="Words\n"
        )
    with mail_server(port, tmp_path / "mail"):
        assert send_mail(mailing_to(runtime, port)) == 1
        (found,) = arrived(tmp_path / "mail")
    return runtime.outbox.latest(1)[0].id, str(found["Message-ID"])


def report(
    template: str, known_as: str, *, action: str = "failed", status: str = "5.1.1", line_end: str = "\r\n"
) -> bytes:
    written = template.format(message_id=known_as, action=action, status=status)
    return written.replace("\n", line_end).encode()


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_letter_that_came_back_is_known_by_what_it_returns(
    runtime: Runtime, letter: tuple[UUID, str], server: str, line_end: str
) -> None:
    one, known_as = letter
    said = report(SERVERS[server], known_as, line_end=line_end)
    for _ in range(2):
        assert str(one) in note_bounce(runtime, said)
    (told,) = runtime.outbox.latest(1)
    assert (told.standing, told.outcome) == ("bounced", "bounced")
    assert told.problem
    assert told.problem == "5.1.1: the address is not known there", (
        "what else the server said may name people"
    )
    assert set(runtime.outbox.last_came_back([told.account])) == {told.account}


def test_a_delay_is_noted_and_undoes_nothing(runtime: Runtime, letter: tuple[UUID, str]) -> None:
    _, known_as = letter
    late = report(POSTFIX, known_as, action="delayed", status="4.4.1")
    assert "is delayed" in note_bounce(runtime, late)
    (told,) = runtime.outbox.latest(1)
    assert told.standing == "sent"
    assert told.problem
    assert told.problem == "4.4.1: the way there is broken"
    assert not runtime.outbox.last_came_back([told.account])
    note_bounce(runtime, report(POSTFIX, known_as))
    note_bounce(runtime, late)
    (told,) = runtime.outbox.latest(1)
    assert told.standing == "bounced"
    assert told.problem
    assert told.problem.startswith("5.1.1")


@pytest.mark.parametrize("is_said_first", [True, False])
def test_a_letter_that_was_sent_later_and_arrived_counts_whenever_the_report_comes(
    runtime: Runtime, letter: tuple[UUID, str], tmp_path: Path, *, is_said_first: bool
) -> None:
    said = report(POSTFIX, letter[1])
    (told,) = runtime.outbox.latest(1)
    if is_said_first:
        note_bounce(runtime, said)
    with runtime.pool.connection() as connection:
        runtime.outbox.add_in(connection, uuid4(), told.account, about="asking", subject="S", body="W\n")
    port = free_port()
    with mail_server(port, tmp_path / "again"):
        assert send_mail(mailing_to(runtime, port)) == 1
    if not is_said_first:
        note_bounce(runtime, said)
    assert "bounced" in {one.standing for one in runtime.outbox.latest(2)}
    assert not runtime.outbox.last_came_back([told.account])


def test_nobody_can_say_that_a_letter_came_back_who_never_saw_it(
    runtime: Runtime, letter: tuple[UUID, str]
) -> None:
    one, _ = letter
    for forged in (
        f"<{one.hex}@pledges.example.org>",
        f"<{one.hex}.{'0' * 24}@pledges.example.org>",
        message_id(one, "pledges.example.org", "another secret"),
        "",
        "<\x00>",
    ):
        with pytest.raises(NoReport, match="returns no letter of this register"):
            note_bounce(runtime, report(POSTFIX, forged))
    assert runtime.outbox.latest(1)[0].standing == "sent"


def test_of_a_letter_that_is_not_known_any_more_nothing_is_noted(runtime: Runtime) -> None:
    gone = message_id(uuid4(), "pledges.example.org", runtime.settings.secret_key)
    with pytest.raises(NoReport, match="not among those that were sent"):
        note_bounce(runtime, report(POSTFIX, gone))


def test_a_letter_that_waits_cannot_have_come_back(runtime: Runtime) -> None:
    one = uuid4()
    with runtime.pool.connection() as connection:
        runtime.outbox.add_in(connection, one, uuid4(), about="asking", subject="S", body="W\n")
    known_as = message_id(one, "pledges.example.org", runtime.settings.secret_key)
    with pytest.raises(NoReport):
        note_bounce(runtime, report(POSTFIX, known_as))
    assert runtime.outbox.latest(1)[0].standing == "waiting"


@pytest.mark.parametrize(
    ("action", "why"), [("delivered", "no letter that failed"), ("", "no letter that failed")]
)
def test_what_tells_of_no_failure_is_none(action: str, why: str) -> None:
    known_as = message_id(uuid4(), "pledges.example.org", SECRET)
    with pytest.raises(NoReport, match=why):
        read_report(report(POSTFIX, known_as, action=action), SECRET)


@pytest.mark.parametrize(
    "message",
    [
        b"Subject: out of office\n\nBack on Monday",
        b"Content-Type: multipart/report; boundary=x\n\nno part",
        b"Content-Type: multipart/report\n\n--x\n",
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n--x--",
    ],
)
def test_what_is_no_report_says_so(message: bytes) -> None:
    with pytest.raises(NoReport):
        read_report(message, SECRET)


def nested(depth: int) -> bytes:
    parts = (f"Content-Type: multipart/mixed; boundary=b{one}\n\n--b{one}\n" for one in range(depth))
    return "".join(parts).encode()


@pytest.mark.parametrize("message", [b"", b"\x00\xff", b"x" * (BYTES_MAX + 1), nested(5_000)])
def test_what_cannot_be_read_says_so(message: bytes) -> None:
    with pytest.raises(Unreadable):
        read_report(message, SECRET)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_message_breaks_the_reading(data: st.DataObject) -> None:
    whole = report(POSTFIX, message_id(UUID(int=1), "pledges.example.org", SECRET))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    changed = whole[:start] + data.draw(st.binary(max_size=60)) + whole[end:]
    with suppress(NoReport, Unreadable):
        assert read_report(changed, SECRET).letter == UUID(int=1)


def test_the_command_says_what_became_of_the_message(
    runtime: Runtime, letter: tuple[UUID, str], pledges: Pledges, tmp_path: Path
) -> None:
    one, known_as = letter
    said, other = tmp_path / "said", tmp_path / "other"
    said.write_bytes(report(POSTFIX, known_as))
    other.write_bytes(b"Subject: out of office\n\nBack on Monday")
    noted = pledges("bounced", said)
    assert (noted.exit_code, noted.stdout[:20]) == (0, f"The letter {one}"[:20]), noted.stderr
    assert runtime.outbox.latest(1)[0].standing == "bounced"
    refused = pledges("bounced", other)
    assert (refused.exit_code, "no delivery status notification" in refused.stderr) == (1, True)
    other.write_bytes(b"")
    assert pledges("bounced", other).exit_code == 2
    assert pledges("bounced", tmp_path / "none").exit_code == 2


def test_while_the_register_does_not_answer_the_mail_server_is_to_try_again(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    (tmp_path / "said").write_bytes(report(POSTFIX, "<x@y>"))
    refused = run("bounced", tmp_path / "said")
    assert (refused.exit_code, "does not answer" in refused.stderr) == (75, True), refused.stderr


def test_the_command_reads_its_standard_input(
    letter: tuple[UUID, str], environment: dict[str, str], runtime: Runtime
) -> None:
    command = [sys.executable, "-m", "workers", "bounced"]
    said = report(POSTFIX, letter[1])
    done = subprocess.run(
        command, input=said, capture_output=True, env={**os.environ, **environment}, check=True
    )
    assert b"came back: 5.1.1" in done.stdout
    assert runtime.outbox.latest(1)[0].standing == "bounced"


@pytest.mark.parametrize("sign", [";a=b", ' "', "\n ;x"])
def test_a_field_without_end_is_not_read(sign: str) -> None:
    field = "Content-Type: multipart/report" + sign * FIELD_BYTES_MAX
    with pytest.raises(Unreadable, match="has a field of more than"):
        read_report(f"From: a@b.example\n{field}\n\nWords".encode(), SECRET)
    within = f"From: a@b.example\nContent-Type: multipart/report; boundary=x\n\n--x\n{field}\n\n--x--\n"
    with pytest.raises(Unreadable, match="has a field of more than"):
        read_report(within.encode(), SECRET)
