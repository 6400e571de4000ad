"""Reads a bundle's events as the single file does, but faster: some lines at a time in several processes.

What the quick way cannot vouch for is left to the single file, so that both give the same verdicts in the
same words. Sets aside what the board is folded from. Must not know what events mean.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from domain.recording import canonical
from workers.setting_aside import Aside, Shelf, set_aside
from workers.verifier import (
    ACCOUNT_PARTS,
    FIELD_ERASED,
    HEADER_FORMATS,
    KEY_ADOPTED,
    SALT_BYTES,
    Event,
    Order,
    Pack,
    Wrong,
    leaf_of,
    put_null,
    read_event,
)

FOR_ALL = ("entity.", "log.")
FOLDED = ("pledge.", "entity.")
OF_LOG = (KEY_ADOPTED, FIELD_ERASED)
"""What the single file looks into."""
EVENTS_EACH_PARTITION = 8192
PARTITIONS_MAX = 512
AHEAD = 4
"""How many pieces each process has before it."""


def _refuse(said: str) -> None:
    raise ValueError(f"{said} is no whole number")


_decode = msgspec.json.Decoder(float_hook=_refuse).decode
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_PLAIN_TIME = re.compile(r"[0-9T:-]{19}(\.[0-9]{6})?Z")
_BEYOND_16_BITS = re.compile(rb"[\xf0-\xf4]")
_DOUBT = (msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError, RecursionError, Wrong)


At = tuple[int, Any]
"""An event's position, and what its header says of when it was recorded."""


class Whole(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The line of an event that is not withheld."""

    position: int
    header: str
    header_salt: str
    header_salts: dict[str, str]
    payload: str
    salts: dict[str, str]
    header_digest: str | msgspec.UnsetType = msgspec.UNSET  # bundles of before do not tell it


_decode_line = msgspec.json.Decoder(Whole).decode


class Kept(msgspec.Struct, array_like=True, gc=False):
    """What is set aside of an event until all those of its stream are together."""

    position: int
    stream: str
    version: Any
    header: bytes = b""
    payload: bytes = b""
    erased: list[str] = []


# -- one event


def read_quickly(line: bytes, position: int) -> Event:
    """The same event as `read_event` gives. Raises Wrong in the same words."""
    try:
        return _read(line, position)
    except _DOUBT:
        return read_event(line, position)


def _read(line: bytes, position: int) -> Event:
    said = _decode_line(line)
    header, payload = _written_once(said.header), _written_once(said.payload)
    digests, words, salts = header["digests"], header.get("word_digests", {}), said.salts
    _see(
        said.position == position == header["position"]
        and header.get("format", 1) in HEADER_FORMATS
        and "" not in words
    )
    missing = _take_words(header, words, said.header_salts, "header")
    erased = [part for part in missing if part not in ACCOUNT_PARTS]
    salt = bytes.fromhex(said.header_salt)
    _see(len(salt) == SALT_BYTES and salt.hex() == said.header_salt)
    hashed = sha256(salt + (_encode(header) if words else said.header.encode())).digest()
    _see(said.header_digest in (msgspec.UNSET, hashed.hex()))
    erased += _take_words(payload, digests, salts, "payload")
    _see(_salted(salts[""], payload) == digests[""])
    leaf = leaf_of(hashed, sha256(_encode(digests)).digest())
    told = {"header": said.header, "payload": said.payload, "salts": salts}
    return Event(position, leaf, header, payload, told, erased)


def _see(holds: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise ValueError


def _written_once(text: str) -> dict[str, Any]:
    """An object that is written the one way that is hashed: what it is written as again is the same."""
    content = text.encode()
    value = _decode(content)
    # Up to 16 bits, keys that are sorted as they are encoded are sorted as the rule says.
    is_plain = content.isascii() or not _BEYOND_16_BITS.search(content)
    _see(type(value) is dict and (_encode_sorted(value) if is_plain else canonical(value)) == content)
    return value  # type: ignore[no-any-return]


def _take_words(tree: Any, digests: Mapping[str, str], salts: Mapping[str, str], name: str) -> list[str]:
    """Put null in the place of each word; which are erased. The path "" is the rest, which is no word."""
    erased, held = list[str](), int("" in salts)
    for path, digest in digests.items():
        if not path:
            continue
        if "~" in path:
            word = put_null(tree, path, path)
        elif "." in path:
            word = _put_null(tree, path)
        else:
            word, tree[path] = tree[path], None
        salt = salts.get(path)
        if salt is not None:
            _see(_salted(salt, word) == digest)
            held += 1
        else:
            _see(word is None)
            erased.append(f"{name}.{path}")
    _see(len(salts) == held)
    return erased


def _put_null(tree: Any, path: str) -> Any:
    """The same as `put_null`, for a path of several steps without escapes."""
    *parents, step = path.split(".")
    for parent in parents:
        tree = tree[int(parent)] if type(tree) is list else tree[parent]
    last: Any = int(step) if type(tree) is list else step
    word, tree[last] = tree[last], None
    return word


def _salted(salt: str, content: Any) -> str:
    return sha256(bytes.fromhex(salt) + _encode(content)).hexdigest()


# -- some lines


@dataclass
class Found:
    """What some lines hold: their leaves in a row, and what the log says of itself in them."""

    leaves: list[bytes]
    withheld: dict[int, bool] = field(default_factory=dict)
    erased: dict[int, Sequence[str]] = field(default_factory=dict)
    of_log: dict[int, Event] = field(default_factory=dict)
    times: list[At] = field(default_factory=list)
    problem: str | None = None
    aside: Aside | None = None


def read_lines(lines: bytes, first: int, partitions: int, folder: Path | None) -> Found:
    """Read some lines, the first of which has a position; set aside what follows, if there is a folder."""
    found, kept, last = Found([]), dict[int, list[Kept]](), (0, "")
    try:
        for position, line in enumerate(lines.split(b"\n"), first):
            event = read_quickly(line, position)
            if event.header is None:
                found.withheld[position] = True
            else:
                last = _in_time(last, (position, event.header.get("recorded_at", "")))
                name = str(event.header.get("name"))
                if folder is not None:
                    one = _kept(event, name)
                    kept.setdefault(partition_of(name, one.stream, partitions), []).append(one)
                if name in OF_LOG:
                    found.of_log[position] = Event(position, event.leaf, event.header, event.payload)
                found.times[1:] = [last]
            found.leaves.append(event.leaf)
            if event.erased:
                found.erased[position] = event.erased
    except Wrong as problem:
        found.problem = str(problem)
    if folder is not None:
        found.aside = set_aside(folder, partitions, kept)
    return found


def _in_time(before: At, now: At) -> At:
    """When an event was recorded, if that is after the one before it. Raises Wrong."""
    (_, was), (_, at) = before, now
    # Both are written alike almost always: then their texts sort as the times do.
    is_alike = type(was) is str is type(at) and len(was) == len(at) and _PLAIN_TIME.fullmatch(at)
    if not (is_alike and was < at and _PLAIN_TIME.fullmatch(was)):
        check_times([before, now])
    return now


def check_times(times: list[At]) -> None:
    """See that times of events, by their positions, rise. Raises Wrong in the words of the single file."""
    order = Order()
    for position, at in times:
        if position:
            header = {"recorded_at": at, "stream": position, "stream_version": 1}  # of a stream of its own
            order.check(Event(position, b"", header))


def _kept(event: Event, name: str) -> Kept:
    header: dict[str, Any] = event.header or {}
    found = Kept(event.position, str(header.get("stream")), header.get("stream_version"))
    if name.startswith(FOLDED) or name == FIELD_ERASED:
        found.header, found.payload = event.line["header"].encode(), event.line["payload"].encode()
        if event.erased:
            found.erased = sorted(header["digests"].keys() - event.line["salts"].keys())
    return found


def partition_of(name: str, stream: str, partitions: int) -> int:
    """Where an event is set aside: what all pledges are compared with, in the first partition."""
    return 0 if name.startswith(FOR_ALL) else partition_of_stream(stream, partitions)


def partition_of_stream(stream: str, partitions: int) -> int:
    """Where the events of a stream are set aside, if they are not for all."""
    return 1 + zlib.crc32(stream.encode(errors="surrogatepass")) % (partitions - 1)


def partitions_for(size: int) -> int:
    """How many partitions, so that one has about as many events whatever their number."""
    return 2 + min(size // EVENTS_EACH_PARTITION, PARTITIONS_MAX)


# -- all of them


class Reader:
    """Reads all events of a pack, by an executor; afterwards knows what was set aside of them."""

    def __init__(self, executor: Executor, processes: int, size: int, folder: Path | None) -> None:
        self._executor, self._ahead, self._folder = executor, processes * AHEAD, folder
        self.shelf = Shelf(partitions_for(size))
        self.position = 0
        self.first_withheld: int | None = None
        self.withheld = 0
        self.bytes = 0

    def __call__(self, pack: Pack) -> Iterator[Event]:
        last: list[At] = []
        for first, found in self._in_turn(pack):
            if found.aside:
                self.shelf.add(found.aside)
            try:
                check_times([*last, *found.times[:1]])
            except Wrong as problem:  # between pieces, each of which is in order
                del found.leaves[found.times[0][0] - first :]
                found.problem = str(problem)
            last = found.times[-1:] or last
            yield from self._events(first, found)
            if found.problem:
                raise Wrong(found.problem)

    def _events(self, first: int, found: Found) -> Iterator[Event]:
        self.withheld += len(found.withheld)
        if found.withheld and self.first_withheld is None:
            self.first_withheld = min(found.withheld)
        last, at = found.times[-1] if found.times else (0, "")
        for self.position, leaf in enumerate(found.leaves, first):
            header = None if self.position in found.withheld else _NOTHING
            header = {"recorded_at": at} if self.position == last else header
            event = found.of_log.get(self.position) or Event(self.position, leaf, header)
            event.erased = found.erased.get(self.position, ())
            yield event

    def _in_turn(self, pack: Pack) -> Iterator[tuple[int, Found]]:
        waiting: deque[tuple[int, Future[Found]]] = deque()
        first, blocks, broken = 1, pack.blocks("events.jsonl"), None
        while True:
            try:
                lines = next(blocks, None)
            except Wrong as problem:  # what comes before it is told first
                lines, broken = None, problem
            if lines is not None:
                self.bytes += len(lines)
                job: Callable[..., Found] = read_lines
                sent = self._executor.submit(job, lines, first, self.shelf.partitions, self._folder)
                waiting.append((first, sent))
                first += lines.count(b"\n") + 1
            while waiting and (lines is None or len(waiting) >= self._ahead):
                position, sent = waiting.popleft()
                yield position, sent.result()
            if lines is None:
                break
        if broken:
            raise broken


_NOTHING: dict[str, Any] = {}
