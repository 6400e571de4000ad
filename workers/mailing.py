"""Sends the mail of the outbox over SMTP, each at most once. Must not know what it says."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import structlog

from projections.composition import Runtime
from projections.letters.message_ids import message_id
from projections.outbox import Letter

SECONDS_MAX = 20.0
PERMANENT = 500
PORTS = {"smtp": 25, "smtps": 465}
ANSWERED = 250
PROBLEM_CHARS_MAX = 300

log = structlog.get_logger(__name__)


class _NotTaken(Exception):
    """The server did not take a mail, and said so before it had it."""

    def __init__(self, code: int, said: bytes | str) -> None:
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        super().__init__(f"{code} {words}")
        self.is_final = code >= PERMANENT


def send_mail(runtime: Runtime) -> int:
    """Send what is due, what was written first first; how many were sent. Without SMTP_URL everything waits.

    While the server cannot be reached everything waits for it, however long that takes.
    """
    outbox, url = runtime.outbox, runtime.settings.smtp_url
    if url is None:
        return 0
    outbox.end_what_was_cut_short()
    if not outbox.is_any_due():
        return 0
    sent, letter = 0, None
    try:
        with _connected(url) as server:
            outbox.server_answers()
            while letter := outbox.claim():
                sent += _send(runtime, server, letter)
    except (OSError, smtplib.SMTPException) as problem:
        if letter is None:
            outbox.wait_for_server(str(problem)[:PROBLEM_CHARS_MAX])
        else:
            # Nothing was said about this one yet; what breaks off later is ended where it happens.
            outbox.put_off(letter, _told(problem, letter))
        log.warning("mail.put-off", problem=str(problem)[:PROBLEM_CHARS_MAX])
    return sent


@contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=SECONDS_MAX, context=context)
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=SECONDS_MAX)
    )
    try:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _send(runtime: Runtime, server: smtplib.SMTP, letter: Letter) -> int:
    """Send one mail and write down what became of it; 1 if it was sent."""
    if letter.address is None:
        runtime.outbox.end(letter.id, "refused", "the account has no address any more")
        return 0
    try:
        message = _message(runtime, letter, letter.address)
        written = message.as_bytes(policy=SMTP)
        _offer(server, str(message["From"]), letter.address)
    except (ValueError, LookupError, MessageError) as problem:
        # An address that no server can be told ends its own letter, and keeps no other back.
        with suppress(OSError, smtplib.SMTPException):
            server.rset()
        runtime.outbox.end(letter.id, "refused", f"cannot be sent to this address ({type(problem).__name__})")
        log.warning("mail.not-built", letter=str(letter.id), problem=type(problem).__name__)
        return 0
    except _NotTaken as problem:
        with suppress(OSError, smtplib.SMTPException):
            server.rset()
        if problem.is_final:
            runtime.outbox.end(letter.id, "refused", _told(problem, letter))
        else:
            runtime.outbox.put_off(letter, _told(problem, letter))
        return 0
    return _hand_over(runtime, server, letter, written)


def _offer(server: smtplib.SMTP, sender: str, recipient: str) -> None:
    for code, said in (server.mail(sender), server.rcpt(recipient)):
        if code not in (ANSWERED, ANSWERED + 1):
            raise _NotTaken(code, said)


def _hand_over(runtime: Runtime, server: smtplib.SMTP, letter: Letter, written: bytes) -> int:
    """The words themselves. From here on, what breaks off may have arrived, and is not sent again."""
    said: bytes | str
    try:
        code, said = server.data(written)
    except smtplib.SMTPDataError as refused:
        code, said = refused.smtp_code, refused.smtp_error
    except (OSError, smtplib.SMTPException) as problem:
        runtime.outbox.end(
            letter.id, "unknown", _told(f"broke off while it was handed over: {problem}", letter)
        )
        return 0
    if code == ANSWERED:
        runtime.outbox.end(letter.id, "sent")
        return 1
    refusal = _NotTaken(code, said)
    if refusal.is_final:
        runtime.outbox.end(letter.id, "refused", _told(refusal, letter))
    else:
        runtime.outbox.put_off(letter, _told(refusal, letter))
    return 0


def _told(problem: object, letter: Letter) -> str:
    """What the server said, without the address, which is a person's and is kept in one place alone."""
    told = str(problem)
    if letter.address:
        told = re.sub(re.escape(letter.address), "…", told, flags=re.IGNORECASE)
    return told[:PROBLEM_CHARS_MAX]


def _message(runtime: Runtime, letter: Letter, recipient: str) -> EmailMessage:
    host = urlsplit(runtime.settings.base_url or "").hostname or "localhost"
    message = EmailMessage()
    message["Subject"] = " ".join(letter.subject.split())
    message["From"] = f"pledges@{host}"
    message["To"] = recipient
    message["Date"] = format_datetime(runtime.clock())
    message["Message-ID"] = message_id(letter.id, host, runtime.settings.secret_key)
    message["Auto-Submitted"] = "auto-generated"
    if letter.leave_at:  # RFC 8058: mail programs leave for their readers
        message["List-Unsubscribe"] = f"<{letter.leave_at}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.body)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message
