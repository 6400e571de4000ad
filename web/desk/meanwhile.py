"""What changed in a pledge between opening a form and sending it. The form brings along what stood there.

Nothing is decided by it: what a form brings is shown to whoever sent it, and to nobody else.
"""

from __future__ import annotations

import hmac
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import current_app, g

from projections.questions import HISTORY
from web.api.commanding import runtime

OPENED = "opened"
"""The hidden field with what the pledge said when its form was opened."""
TRACKED = (
    "status", "percent", "title", "description", "language", "type", "forms", "objectives", "principles",
    "targets", "due_on", "due_is_firm", "amount", "to_mptf", "partners", "terms", "matches", "levels",
    "countries", "regions", "through", "seeking", "actions", "frameworks", "cycle", "champion", "mirror",
)  # fmt: skip
CHARS_MAX, SIGNATURE_BYTES = 30_000, 32


@dataclass(frozen=True)
class Changed:
    """One field: what it said when the form was opened, what it says now, and the event that says so.

    `entry` is None for a working paper, which has no history; then `at` is when it was saved.
    """

    field: str
    before: Any
    after: Any
    entry: Mapping[str, Any] | None
    at: str | None


def _plain(pledge: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({name: pledge[name] for name in TRACKED if name in pledge})


def _signature(said: bytes) -> bytes:
    key = current_app.secret_key or ""
    return hmac.digest(key.encode() if isinstance(key, str) else key, b"opened" + said, "sha256")


def packed(pledge: Mapping[str, Any]) -> str:
    """What a pledge says, signed, small enough for a hidden field; nothing for what is too much."""
    said = zlib.compress(_plain(pledge))
    text = urlsafe_b64encode(_signature(said) + said).decode()
    return text if len(text) <= CHARS_MAX else ""


def unpacked(text: str) -> dict[str, Any]:
    """The same again; nothing for what is none of ours."""
    try:
        sent = urlsafe_b64decode(text[:CHARS_MAX].encode("ascii"))
    except ValueError:
        return {}
    signature, said = sent[:SIGNATURE_BYTES], sent[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(said)):
        return {}
    found: dict[str, Any] = msgspec.json.decode(zlib.decompress(said))
    return found


def changed(opened: Mapping[str, Any], pledge: Mapping[str, Any]) -> list[Changed]:
    """Each field that says something else now, with who changed it and when."""
    now = msgspec.json.decode(_plain(pledge))
    names = [name for name in opened if opened[name] != now.get(name)]
    history = _history(pledge) if names else []
    return [_changed(name, opened[name], pledge, history) for name in names]


def _history(pledge: Mapping[str, Any]) -> list[dict[str, Any]]:
    questions = runtime().questions
    asked = questions.moment(of=HISTORY)
    return questions.history(pledge["id"], viewer=g.actor, moment=asked) or []


def _changed(name: str, before: Any, pledge: Mapping[str, Any], history: list[dict[str, Any]]) -> Changed:
    is_paper = pledge["status"] in ("draft", "returned")
    said = (one for one in reversed(history) if name in {change["field"] for change in one["changes"]})
    entry = None if is_paper else next(said, None)
    return Changed(
        name, before, pledge.get(name), entry, entry["recorded_at"] if entry else pledge["updated_at"]
    )
