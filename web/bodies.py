"""Reading what is sent: at most 1 MB of JSON, strict and shallow. Nothing beyond that is kept in memory.

A file, or a form that brings some, goes into a temporary file as it comes, within a limit of its own.

Must not know what the body means.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import IO, Any, NoReturn, TypeVar

from flask import Flask, g, request

from web.errors import RequestProblem
from web.limits import address_of
from web.places import Places, Sender

BODY_BYTES_MAX = 1_000_000
DEPTH_MAX = 20
CHUNK_BYTES = 65_536
# A sender that still writes does not read the answer; so what is too large is taken in and thrown away.
DISCARDED_BYTES_MAX = 100_000_000
DISCARDING_SECONDS_MAX = 10.0
# The server's own reads wait without end. Who stalls is given up, and never holds all who answer.
SENDING_SECONDS_MAX = 10.0
WAITING_SECONDS_MAX = 1.0
FILE_BYTES_MAX = 25_000_000
FORM = "application/x-www-form-urlencoded"
FORM_WITH_A_FILE = "multipart/form-data"
WITH_A_FILE = frozenset({"pages.compare_document", "desk.send_sheet", "files.upload"})
"""What brings a file. The views have it read."""
MAY_BRING_FILES = frozenset({"desk.give"})
"""Forms that bring files if they are sent as such."""


@dataclass(frozen=True)
class Waiting:
    """How many may send a file at once, how long each may take, and how much it may be."""

    bytes_max: int
    seconds_max: float
    places: Places


# All places together are fewer than the threads that answer (`workers/web_server.py`).
SMALL = Places(5, of_strangers=3, of_one=2)
A_FILE = Waiting(FILE_BYTES_MAX, 60.0, Places(3, of_strangers=2, of_one=1))
# People report from everywhere, over slow lines too, and wait for nobody who merely visits. A form whose file
# is too large is taken in all the same, within measure, so that what was typed beside it is not lost.
EVIDENCE = Waiting(FILE_BYTES_MAX, 300.0, Places(3, of_strangers=1, of_one=2))
FORM_WITH_EVIDENCE = Waiting(60_000_000, 300.0, EVIDENCE.places)
_idle = Semaphore(0)
"""The threads that wait for something to read. One that a sender holds up is none of them."""
_reads: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
Given = TypeVar("Given")


def init_app(app: Flask) -> None:
    """Refuse bodies that say beforehand that they are too large, whoever would read them."""
    app.before_request(_refuse_too_large)


def _refuse_too_large() -> None:
    if (request.content_length or 0) > BODY_BYTES_MAX and not brings_a_file():
        _too_large()


def brings_a_file() -> bool:
    """Whether the view has what is sent read into a file."""
    is_form = request.mimetype == FORM_WITH_A_FILE
    return request.endpoint in WITH_A_FILE or (is_form and request.endpoint in MAY_BRING_FILES)


def _too_large(bytes_max: int = BODY_BYTES_MAX) -> NoReturn:
    with suppress(RequestProblem):  # it is too large all the same
        _discard()
    advice = " Files are imported by the command line." if bytes_max == BODY_BYTES_MAX else ""
    raise RequestProblem(413, f"A body has at most {bytes_max:,} bytes.{advice}")


def _discard() -> None:
    stream = request.environ["wsgi.input"]
    left = min(request.content_length or DISCARDED_BYTES_MAX, DISCARDED_BYTES_MAX)
    _in_time(lambda: _throw_away(stream, left))


def _throw_away(stream: Any, left: int) -> None:
    until = time.monotonic() + DISCARDING_SECONDS_MAX
    while left > 0 and time.monotonic() < until:
        chunk = stream.read(min(CHUNK_BYTES, left))
        if not chunk:
            return
        left -= len(chunk)


def _in_time(read: Callable[[], Given], places: Places = SMALL, seconds: float | None = None) -> Given:
    """What is read; 408 if the sender stalls, 503 if too many others are being waited for."""
    seconds = SENDING_SECONDS_MAX if seconds is None else seconds
    with places.one_for(_sender(), WAITING_SECONDS_MAX) as has_one:
        if not has_one:
            raise RequestProblem(503, "Too many are still sending; try again.", headers={"Retry-After": "5"})
        given: Future[Given] = Future()
        if not _idle.acquire(blocking=False):
            Thread(target=_read_for_others, daemon=True).start()
        _reads.put((given, read))
        try:
            return given.result(timeout=seconds)
        except TimeoutError:
            detail = f"The body did not arrive within {seconds:.0f} seconds."
            raise RequestProblem(408, detail, code="too-slow", headers={"Connection": "close"}) from None


def _sender() -> Sender:
    actor = g.get("actor")
    return (
        Sender(str(actor.account), is_stranger=False)
        if actor
        else Sender(address_of(request), is_stranger=True)
    )


def _read_for_others() -> None:
    """One read after the other: to start a thread takes longer than to read most bodies."""
    while True:
        _give(*_reads.get())
        _idle.release()


def _give(given: Future[Given], read: Callable[[], Given]) -> None:
    try:
        given.set_result(read())
    except BaseException as problem:  # noqa: BLE001 - raised where it is waited for
        given.set_exception(problem)


def read_body() -> bytes:
    """The body, read once and kept with the request; 413 if it is too large, 400 if it broke off."""
    kept: bytes | None = request.environ.get("pledges.body")
    if kept is None:
        kept = request.environ["pledges.body"] = _read()
    return kept


def _read() -> bytes:
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return b""
    stream = request.stream
    try:
        body = _in_time(lambda: _up_to_limit(stream))
    except OSError:
        raise RequestProblem(400, "The body broke off before its end.") from None
    if len(body) > BODY_BYTES_MAX:
        _too_large()
    if _is_cut_short(len(body)):
        raise RequestProblem(400, "The body broke off before its end.")
    return body


def _is_cut_short(size: int) -> bool:
    """Whether less came than was announced. The server ends what broke off as if it were complete.

    Of a body in chunks nobody said how long it is: cut short, it is no JSON, or else nothing at all, which
    must not count as an empty object.
    """
    return not size if request.content_length is None else size < request.content_length


def read_form_with_a_file(into: IO[bytes], waiting: Waiting = A_FILE) -> None:
    """Have the form of this request read from a file, into which it goes as it comes."""
    read_into(into, waiting)
    request.stream = into


def read_into(into: IO[bytes], waiting: Waiting) -> None:
    """Put the body into a file as it comes. 413 if it is too large, 408 if too slow, 400 if it broke off."""
    stream, request.stream = request.stream, io.BytesIO()  # whoever looks for a field waits for no sender
    if (request.content_length or 0) > waiting.bytes_max:
        _too_large(waiting.bytes_max)
    try:
        size = _in_time(lambda: _copied(stream, into, waiting.bytes_max), waiting.places, waiting.seconds_max)
    except OSError:
        raise RequestProblem(400, "The body broke off before its end.") from None
    if size > waiting.bytes_max:
        _too_large(waiting.bytes_max)
    if _is_cut_short(size):
        raise RequestProblem(400, "The body broke off before its end.")
    into.seek(0)


def _copied(stream: Any, into: IO[bytes], bytes_max: int) -> int:
    """How many bytes were copied: all of them, or somewhat more than is allowed."""
    size = 0
    while size <= bytes_max and (chunk := stream.read(CHUNK_BYTES)):
        size += into.write(chunk)
    return size


def _up_to_limit(stream: Any) -> bytes:
    """All of it, or somewhat more than is allowed."""
    chunks, size = [], 0
    while size <= BODY_BYTES_MAX and (chunk := stream.read(CHUNK_BYTES)):
        size += len(chunk)
        chunks.append(chunk)
    return b"".join(chunks)


def read_json() -> Any:
    """The JSON that was sent; nothing is an empty object. 415 for what says to be something else."""
    body = read_body()
    if not body:
        return {}
    if not _says_json(request.mimetype):
        raise RequestProblem(
            415, "Send application/json (charset utf-8).", headers={"Accept": "application/json"}
        )
    return parse_json(body)


def _says_json(mimetype: str) -> bool:
    return mimetype == "application/json" or (
        mimetype.startswith("application/") and mimetype.endswith("+json")
    )


def parse_json(body: bytes) -> Any:
    """JSON in UTF-8, no name twice in an object, no NaN, at most 20 levels deep; else 400."""
    try:
        tree = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except UnicodeDecodeError as problem:
        raise RequestProblem(400, f"The body is not UTF-8 (byte {problem.start}).") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as problem:
        raise RequestProblem(400, f"The body is not JSON: {_said(problem)}.") from None
    if _is_deeper(tree, DEPTH_MAX):
        raise _too_deep()
    return tree


def _said(problem: ValueError) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg} (line {problem.lineno}, column {problem.colno})"
    return str(problem) if isinstance(problem, _NotJson) else "it holds a number that is too long"


class _NotJson(ValueError):
    """A rule that the standard library's parser does not know."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotJson("an object names the same field twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise _NotJson(f"{text} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _NotJson("it holds a number that is too large")
    return number


def _too_deep() -> RequestProblem:
    return RequestProblem(400, f"The body is nested deeper than {DEPTH_MAX} levels.", code="too-deep")


def _is_deeper(tree: Any, levels: int) -> bool:
    level = [tree]
    for _ in range(levels):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def _inside(outer: Any) -> list[Any]:
    if isinstance(outer, dict):
        return list(outer.values())
    return outer if isinstance(outer, list) else []
