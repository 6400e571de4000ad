"""Takes checkpoints off this machine: to witnesses that sign them too, and to where copies are kept.

What lies elsewhere cannot be changed by whoever changes the database. Must not know how checkpoints are made.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

import structlog

from domain.errors import RegisterError
from domain.log.checkpoints import WitnessRequest
from domain.log.notes import BadNote, Signature, parse_signatures
from projections.composition import Runtime
from projections.log.checking import Copy
from projections.log.questions import SignedCheckpoint
from projections.problems import OperatorProblem
from projections.settings import WitnessAt

SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 64 * 1024
COPY = "checkpoint-"

FAILURES = (OSError, ValueError, HTTPException, RegisterError, OperatorProblem)
"""Whatever somebody else answers, or does not: the others are asked, and the copy is left, all the same."""

log = structlog.get_logger(__name__)


def publish(runtime: Runtime, signed: SignedCheckpoint) -> None:
    """Have a checkpoint signed by each witness that has not, then leave a copy where copies are kept.

    Whoever cannot be reached now is asked again with the next checkpoint.
    """
    for witness in runtime.settings.witnesses:
        try:
            _ask(runtime, witness, signed)
        except FAILURES as problem:
            log.warning("witness.silent", witness=witness.key.name, problem=str(problem))
    place = runtime.settings.checkpoints_to
    if place is not None:
        try:
            _leave_copy(place, runtime.log.checkpoint(signed.checkpoint.size) or signed)
        except FAILURES as problem:
            log.warning("checkpoint.not-copied", place=place, problem=str(problem))


def _ask(runtime: Runtime, witness: WitnessAt, signed: SignedCheckpoint) -> None:
    if any(witness.key.is_by(signature) for signature in signed.note.signatures):
        return
    status, answer = _post(runtime, witness, signed, runtime.log.cosigned_size(witness.key.name))
    if status == HTTPStatus.CONFLICT:  # it remembers more, or less, than we do
        status, answer = _post(runtime, witness, signed, _size(answer))
    if status != HTTPStatus.OK:
        raise BadNote(f"it answers {status}: {answer[:200]}")
    for signature in _held(witness, signed, answer):
        runtime.log.keep_cosignature(signed.checkpoint.size, signature)


def _post(runtime: Runtime, witness: WitnessAt, signed: SignedCheckpoint, old_size: int) -> tuple[int, str]:
    hashes = runtime.log.consistency(old_size, signed.checkpoint.size)
    request = WitnessRequest(old_size, hashes, signed.note)
    return _send("POST", f"{witness.url}/add-checkpoint", str(request))


def _size(answer: str) -> int:
    if not answer.strip().isdecimal():
        raise BadNote(f"it answers 409 without a size: {answer[:80]!r}")
    return int(answer)


def _held(witness: WitnessAt, signed: SignedCheckpoint, answer: str) -> Iterator[Signature]:
    for signature in parse_signatures(answer):
        if witness.key.is_by(signature):
            if not witness.key.holds(signed.note.text, signature):
                raise BadNote("its signature does not hold")
            yield signature


def _leave_copy(place: str, signed: SignedCheckpoint) -> None:
    """In a directory, a file a checkpoint, never written over; at an address, by PUT."""
    name = f"{COPY}{signed.checkpoint.size}"
    if "://" in place:
        status, answer = _send("PUT", f"{place.rstrip('/')}/{name}", str(signed.note))
        if status >= HTTPStatus.BAD_REQUEST:
            raise OSError(f"it answers {status}: {answer[:200]}")
        return
    path = Path(place) / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{name}.new")
        unfinished.write_text(str(signed.note), encoding="utf-8")
        unfinished.replace(path)


def latest_copy(place: str | None) -> Copy | None:
    """The copy of the greatest checkpoint in a directory, if one is there and can be read."""
    if place is None or "://" in place:
        return None
    try:
        return _latest_in(place)
    except OSError as problem:  # what lies here is held against the rest all the same
        log.warning("checkpoint.copy-not-read", place=place, problem=str(problem))
        return None


def _latest_in(place: str) -> Copy | None:
    sizes = (path.name.removeprefix(COPY) for path in Path(place).glob(f"{COPY}*"))
    latest = max((int(size) for size in sizes if size.isascii() and size.isdecimal()), default=None)
    if latest is None:
        return None
    name = f"{COPY}{latest}"
    return Copy(name, (Path(place) / name).read_text(encoding="utf-8", errors="replace"))


def _send(method: str, url: str, body: str) -> tuple[int, str]:
    request = urllib.request.Request(url, body.encode(), method=method)  # noqa: S310 - an operator's setting
    request.add_header("Content-Type", "text/plain; charset=utf-8")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:  # noqa: S310
            return answer.status, answer.read(ANSWER_BYTES_MAX).decode(errors="replace")
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read(ANSWER_BYTES_MAX).decode(errors="replace")
