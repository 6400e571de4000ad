"""Reads what mail servers say of letters that they could not deliver, and notes it in the outbox.

Anybody can mail such a report: it speaks of a letter of ours only if it holds the letter's signed Message-ID.
Must not know where reports come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from typing import Any, Literal
from uuid import UUID

from projections.composition import Runtime
from projections.letters.message_ids import letter_of

BYTES_MAX = 2 * 1024 * 1024
FIELD_BYTES_MAX = 8_000
"""The library takes time by the square of a field's length; what mail servers write is far shorter."""
FIELD = re.compile(rb"^[!-9;-~]{1,200}:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.MULTILINE)
REPORT, STATUS = "multipart/report", "message/delivery-status"
RETURNED = ("message/rfc822", "message/global")
RETURNED_HEADERS = ("text/rfc822-headers", "message/global-headers")
CODE = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
MEANINGS = {
    "0": "no reason was given",
    "1": "the address is not known there",
    "2": "the mailbox takes nothing: it is full or closed",
    "3": "the mail system there takes nothing",
    "4": "the way there is broken",
    "5": "the mail systems do not understand each other",
    "6": "the letter's form is not taken there",
    "7": "a rule there refuses it",
}
"""What the second number of a code means."""

What = Literal["failed", "delayed"]
WHATS: tuple[What, ...] = ("failed", "delayed")


class NoReport(Exception):
    """It is no report on a letter of ours that did not arrive; the text says why."""


class Unreadable(Exception):
    """It is no message at all, or too much of one."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says of a letter: that it failed or is delayed, with its code."""

    letter: UUID
    what: What
    words: str


def note_bounce(runtime: Runtime, message: bytes) -> str:
    """Note what a report says of its letter, once; a sentence on what was noted.

    Raises NoReport, and Unreadable.
    """
    found = read_report(message, runtime.settings.secret_key)
    noted = (
        runtime.outbox.came_back(found.letter, found.words)
        if found.what == "failed"
        else runtime.outbox.is_delayed(found.letter, found.words)
    )
    if not noted:
        raise NoReport("its letter is not among those that were sent in the last 90 days.")
    said = "came back" if found.what == "failed" else "is delayed"
    return f"The letter {found.letter} {said}: {found.words}"


def read_report(message: bytes, secret: str) -> Bounce:
    """What a delivery status notification (RFC 3464) says. Raises NoReport, and Unreadable."""
    parts = _parts_of_report(message)
    letter = next(
        (found for text in _message_ids(parts) if (found := letter_of(text, secret)) is not None), None
    )
    if letter is None:
        raise NoReport("it returns no letter of this register.")
    for what in WHATS:
        for fields in _recipients(parts):
            if _value(fields, "Action").strip().lower() == what:
                return Bounce(letter, what, _words(fields))
    raise NoReport("it tells of no letter that failed or is delayed.")


def _parts_of_report(message: bytes) -> list[Message[str, str]]:
    if len(message) > BYTES_MAX:
        raise Unreadable(f"it has more than {BYTES_MAX:,} bytes.")
    if any(len(field[0]) > FIELD_BYTES_MAX for field in FIELD.finditer(message)):
        raise Unreadable(f"it has a field of more than {FIELD_BYTES_MAX:,} bytes.")
    try:
        parsed = message_from_bytes(message)
    except RecursionError:
        raise Unreadable("its parts are nested too deeply.") from None
    if not parsed.keys():
        raise Unreadable("it is no e-mail message.")
    parts = parsed.get_payload()
    if parsed.get_content_type() != REPORT or not isinstance(parts, list):
        raise NoReport("it is no delivery status notification (RFC 3464).")
    return [part for part in parts if isinstance(part, Message)]


def _message_ids(parts: list[Message[str, str]]) -> Iterator[str]:
    """Of the letters that a report returns, whole or by their headers."""
    for part in parts:
        payload: Any = part.get_payload()
        if part.get_content_type() in RETURNED and isinstance(payload, list):
            yield from (_value(one, "Message-ID") for one in payload)
        elif part.get_content_type() in RETURNED_HEADERS:
            decoded = part.get_payload(decode=True)
            text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload)
            yield _value(HeaderParser().parsestr(text), "Message-ID")


def _recipients(parts: list[Message[str, str]]) -> Iterator[Message[str, str]]:
    """The fields that a report has for each recipient; those of the message as a whole come first."""
    for part in parts:
        payload: Any = part.get_payload()
        if part.get_content_type() == STATUS and isinstance(payload, list):
            yield from payload[1:]


def _value(fields: Message[str, str], name: str) -> str:
    return str(fields.get(name, ""))


def _words(fields: Message[str, str]) -> str:
    """The code, and what it means (RFC 3463): the server's own words may name people."""
    code = CODE.match(_value(fields, "Status"))
    if code is None:
        return "no code: no reason was given"
    return f"{code[1]}: {MEANINGS.get(code[1].split('.')[1], MEANINGS['0'])}"
