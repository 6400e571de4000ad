"""The transparency log for people: what it is, its checkpoints, and the proof of one event.

What may be seen of an event is decided where its history is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Response, redirect, request

from domain.errors import UnreadableEvent, invalid
from domain.log.checkpoints import hash_words
from domain.log.notes import Note, Verifier
from domain.recording import is_account_told, read_header
from domain.values import rfc3339
from projections.log.questions import SignedCheckpoint
from projections.moments import Moment
from projections.questions import HISTORY
from web.api.log import evidence_of, shown
from web.moments import told
from web.pages.addresses import address, at, link
from web.pages.blueprint import as_csv, as_json, asked_moment, forms_of, page, pages, runtime, viewer

CHECKPOINTS_SHOWN = 20
CHECKPOINTS_IN_DATA = 1_000
DIGITS_MAX = 15


# -- the log


def _number(name: str) -> int | None:
    given = request.args.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS_MAX):
        raise invalid(name, "must be a whole number, the position of an event.")
    return int(given)


def _checkpoints(moment: Moment, limit: int) -> list[SignedCheckpoint]:
    before = _number("before")
    below = moment.position + 1 if before is None else min(before, moment.position + 1)
    return runtime().log.checkpoints(below=below, limit=limit)


def _row(signed: SignedCheckpoint) -> dict[str, Any]:
    return {
        "size": signed.checkpoint.size,
        "root": hash_words(signed.checkpoint.root),
        "signed_at": rfc3339(signed.signed_at),
        "signed_by": [signature.name for signature in signed.note.signatures],
        "note": str(signed.note),
    }


@dataclass(frozen=True)
class Signed:
    """Who signed a checkpoint: the log itself, under which key, or a witness."""

    name: str
    key_id: str
    is_of_the_log: bool


def _signatures(note: Note, keys: list[Verifier]) -> list[Signed]:
    return [
        Signed(one.name, one.key_id.hex(), any(key.is_by(one) for key in keys)) for one in note.signatures
    ]


@pages.get("/log")
def log() -> Any:
    """The log as a page; or, where a position is asked for, on to the proof of that event."""
    position = _number("position")
    if position is not None:
        return redirect(link("pages.log_event", position=position, **at()))
    moment = asked_moment(HISTORY)
    found = _checkpoints(moment, CHECKPOINTS_SHOWN + 1)
    latest = next(iter(runtime().log.checkpoints(below=moment.position + 1, limit=1)), None)
    keys = runtime().log.keys()
    last = found[CHECKPOINTS_SHOWN - 1].checkpoint.size if len(found) > CHECKPOINTS_SHOWN else None
    return page(
        "pages/log.html",
        moment,
        forms=forms_of("pages.log", "csv", "json", before=None),
        latest=latest and _row(latest),
        keys=list(reversed(keys)),
        signatures=_signatures(latest.note, keys) if latest else [],
        checked=runtime().log.last_check(),
        checkpoints=[_row(signed) for signed in found[:CHECKPOINTS_SHOWN]],
        first=address("pages.log", before=None) if _number("before") is not None else None,
        following=address("pages.log", before=last) if last else None,
    )


@pages.get("/log.json")
def log_json() -> Response:
    """The log and its latest checkpoints as JSON."""
    moment, checked = asked_moment(HISTORY), runtime().log.last_check()
    last_check = checked and {
        "size": checked.size, "problem": checked.problem, "checked_at": rfc3339(checked.checked_at)
    }  # fmt: skip
    found = [_row(signed) for signed in _checkpoints(moment, CHECKPOINTS_IN_DATA)]
    return as_json({**shown(moment), "last_check": last_check, "checkpoints": found, **told(moment)})


CHECKPOINT_COLUMNS = ("size", "root", "signed_at", "signed_by")


@pages.get("/log.csv")
def log_csv() -> Response:
    """The latest checkpoints as CSV."""
    found = map(_row, _checkpoints(asked_moment(HISTORY), CHECKPOINTS_IN_DATA))
    return as_csv(CHECKPOINT_COLUMNS, ([row[name] for name in CHECKPOINT_COLUMNS] for row in found), "log")


# -- one event


def _set_out(words: str | None) -> str | None:
    """JSON for the eye, a line a value; what was tampered with and is no JSON as it is."""
    try:
        return words and msgspec.json.format(words, indent=2)
    except msgspec.DecodeError:
        return words


def _tells_account(header: str | None) -> bool:
    """Whether nothing has to be said about a withheld account; what was tampered with says nothing of it."""
    try:
        return header is None or is_account_told(read_header(header.encode()))
    except UnreadableEvent:
        return True


@pages.get("/log/<int:position>")
def log_event(position: int) -> Response:
    """One event's entry with all that is needed to check it."""
    moment = asked_moment(HISTORY)
    found = evidence_of(position, viewer(), moment)
    return page(
        "pages/log_event.html",
        moment,
        forms=forms_of("pages.log_event", "csv", "json"),
        found=found,
        header=_set_out(found["header"]),
        account_told=_tells_account(found["header"]),
        payload=_set_out(found["payload"]),
    )


@pages.get("/log/<int:position>.json")
def log_event_json(position: int) -> Response:
    """The same as JSON, in the shape of the programming interface."""
    return as_json(evidence_of(position, viewer(), asked_moment(HISTORY)))


@pages.get("/log/<int:position>.csv")
def log_event_csv(position: int) -> Response:
    """The same as CSV: a row a value, by dotted path."""
    rows = _values("", evidence_of(position, viewer(), asked_moment(HISTORY)))
    return as_csv(("name", "value"), rows, f"event-{position}")


def _values(name: str, found: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(found, dict | list):
        inner = found.items() if isinstance(found, dict) else enumerate(found)
        for key, value in inner:
            yield from _values(f"{name}.{key}" if name else str(key), value)
    else:
        yield name, found
