"""Where the next page of a list begins, as an opaque text that only this register can write.

It carries the moment of the first page, so that pages do not shift. Must not know what is listed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from domain.errors import invalid
from projections.moments import Moment

SIGNATURE_BYTES = 16
LENGTH_MAX = 4_000


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """After which row of which list, as of when, a page begins."""

    listed: bytes  # digest of what is listed, and in which order
    position: int
    at: datetime
    is_now: bool
    key: Any
    last: str


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Cursor)


def digest_of(listed: Any) -> bytes:
    """What tells one list from another."""
    return hashlib.sha256(msgspec.json.encode(listed, order="sorted")).digest()[:SIGNATURE_BYTES]


def write(cursor: Cursor, secret: str) -> str:
    content = _encoder.encode(cursor)
    return base64.urlsafe_b64encode(_signature(content, secret) + content).rstrip(b"=").decode()


def read(text: str, listed: bytes, secret: str) -> Cursor:
    """The cursor of a text. InvalidInput if it is not one that was given out for this list."""
    problem = invalid("cursor", "is not one that this list gave out: begin again without it.")
    try:
        if len(text) > LENGTH_MAX:
            raise problem
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise problem from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise problem
    signature, content = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(content, secret)):
        raise problem
    cursor = _decoder.decode(content)
    if cursor.listed != listed:
        raise invalid("cursor", "belongs to another list: keep filters, sort and as_of as they were.")
    return cursor


def _signature(content: bytes, secret: str) -> bytes:
    key = hashlib.sha256(b"cursors\0" + secret.encode()).digest()
    return hmac.digest(key, content, "sha256")[:SIGNATURE_BYTES]


def moment_of(cursor: Cursor, moment: Moment) -> Moment:
    """The moment of the first page. InvalidInput if another one is asked for."""
    if not moment.is_now and moment.position != cursor.position:
        raise invalid("cursor", "belongs to another moment: keep as_of as it was.")
    return replace(moment, position=cursor.position, at=cursor.at, is_now=cursor.is_now)
