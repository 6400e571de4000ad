#!/usr/bin/env python3
"""Checks an auditor's pack of the register of IMRF pledges, offline: `python3 verifier.py BUNDLE [KEY-FILE]`.

One file, Python's standard library alone, nothing of the register's code: to be read before it is believed.
The rules are those of docs/events-bytes.md and docs/log.md.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, BinaryIO

LINE_BYTES_MAX, BLOCK_BYTES = 16 * 1024 * 1024, 1024 * 1024
LIST_BYTES_MAX = 66_000  # a list of members, and the most that zipfile reads to find it
FORMAT, SHORTER = "pledges bundle 1", "the older bundle has "
MEMBERS = (
    "manifest.json", "keys", "checkpoint", "checkpoints.jsonl", "events.jsonl", "board.jsonl",
    "reference/gcm-reference.csv", "reference/states.csv",
)  # fmt: skip
WHOLE = {"position", "header", "header_salt", "header_salts", "header_digest", "payload", "salts"}
WITHHELD = {"position", "header_digest", "payload_digest"}
ENTRY_PREFIX = b"pledges event v1\n"
HEADER_FORMATS = (1, 2, 3)
ACCOUNT_PARTS = ("header.actor", "header.request_id")  # withheld from who may not know accounts, never erased
ED25519, HASH_BYTES, SALT_BYTES, KEY_BYTES, SIGNATURE_BYTES, ID_BYTES = 1, 32, 16, 32, 64, 4
TIME = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,6})?Z")
KEY_ADOPTED, FIELD_ERASED = "log.key-adopted", "log.field-erased"


class Wrong(Exception):
    """Something does not hold. The text says what, where, what was expected and what was found."""


# -- canonical JSON (RFC 8785, for what events hold: no floats)
def _refuse_number(said: str) -> None:
    raise ValueError(f"{said} is no whole number")


_decode = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number).decode
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_encode_sorted = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode
_BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")


def canonical(value: Any) -> bytes:
    """The one way to write a value. Keys are sorted by UTF-16 units: by code points, but beyond 16 bits."""
    text = _encode_sorted(value)
    return (_encode(_ordered(value)) if _BEYOND_16_BITS.search(text) else text).encode(errors="surrogatepass")


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value


def _parsed(said: str | bytes, where: str, kind: type = dict) -> Any:
    try:
        value = _decode(said if isinstance(said, str) else said.decode())
    except (ValueError, RecursionError) as problem:
        raise Wrong(f"{where}: is no JSON: {problem}") from None
    if not isinstance(value, kind):
        raise Wrong(f"{where}: is not of the shape that it should have")
    return value


# -- events
@dataclass
class Event:
    """One event: its leaf and, where it is not withheld, what was read of it."""

    position: int
    leaf: bytes
    header: dict[str, Any] | None = None
    payload: dict[str, Any] | None = None
    line: dict[str, Any] = field(default_factory=dict)
    erased: Sequence[str] = ()


def read_event(line: bytes, position: int) -> Event:
    """The event of a line, with everything in it held against its digests. Raises Wrong."""
    where = f"event {position}"
    said = _parsed(line, where)
    if said.get("position") != position:
        raise Wrong(f"{where}, position: expected {position}, found {said.get('position')!r}")
    if extra := said.keys() - (WHOLE if "header" in said else WITHHELD):
        raise Wrong(f"{where}, {min(extra)}: should not be there, as nothing vouches for it")
    if "header" not in said:
        digest = _hex(said, "header_digest", where, HASH_BYTES)
        return Event(position, leaf_of(digest, _hex(said, "payload_digest", where, HASH_BYTES)), line=said)
    header, header_digest, missing = _header(said, where)
    if header.get("position") != position:
        raise Wrong(f"{where}, header.position: expected {position}, found {header.get('position')!r}")
    digests = header.get("digests")
    if not isinstance(digests, dict):
        raise Wrong(f"{where}, header.digests: are missing")
    payload, lost = _payload(said, digests, where)
    leaf = leaf_of(header_digest, sha256(canonical(digests)))
    return Event(position, leaf, header, payload, said, (*missing, *lost))


def _header(said: dict[str, Any], where: str) -> tuple[dict[str, Any], bytes, list[str]]:
    header, written = _canonical_text(said, "header", where)
    number = header.get("format", 1)
    if number not in HEADER_FORMATS:
        raise Wrong(f"{where}, header.format: {number!r} is newer than this program, which knows 1 to 3")
    words = header.get("word_digests", {})
    if not isinstance(words, dict):
        raise Wrong(f"{where}, header.word_digests: are no digests")
    salts = _salts(said, "header_salts", where)
    lost = _take_words(header, words, salts, where, "header")
    hashed = canonical(header) if words else written
    digest = sha256(_hex(said, "header_salt", where, SALT_BYTES) + hashed)
    _hold(hashed, said["header_salt"], said.get("header_digest", digest.hex()), f"{where}, header")
    return header, digest, [part for part in lost if part not in ACCOUNT_PARTS]


def _payload(said: dict[str, Any], digests: dict[str, Any], where: str) -> tuple[dict[str, Any], list[str]]:
    payload, written = _canonical_text(said, "payload", where)
    salts = _salts(said, "salts", where)
    words = {path: digest for path, digest in digests.items() if path}
    missing = _take_words(payload, words, salts, where, "payload")
    hashed = canonical(payload) if words else written
    _hold(hashed, salts.get(""), digests.get(""), f"{where}, payload")
    return payload, missing


def _canonical_text(said: dict[str, Any], name: str, where: str) -> tuple[dict[str, Any], bytes]:
    text = said.get(name)
    if not isinstance(text, str):
        raise Wrong(f"{where}, {name}: is missing")
    value: dict[str, Any] = _parsed(text, f"{where}, {name}")
    written = canonical(value)
    if written != text.encode(errors="surrogatepass"):
        raise Wrong(f"{where}, {name}: is not written the one way that is hashed")
    return value, written


def _salts(said: dict[str, Any], name: str, where: str) -> dict[str, str]:
    salts = said.get(name)
    if not isinstance(salts, dict) or not all(isinstance(salt, str) for salt in salts.values()):
        raise Wrong(f"{where}, {name}: are no salts")
    return salts


def _take_words(
    tree: dict[str, Any], words: dict[str, Any], salts: dict[str, str], where: str, name: str
) -> list[str]:
    """Put null in the place of each word, once it was held against its digest; which are erased."""
    erased = []
    for path, digest in words.items():
        part = f"{name}.{path}"
        word = put_null(tree, path, f"{where}, {part}")
        if path in salts:
            _hold(canonical(word), salts[path], digest, f"{where}, {part}")
        elif word is None:
            erased.append(part)
        else:
            raise Wrong(f"{where}, {part}: expected nothing, since its salt is gone, found words")
    if extra := salts.keys() - words.keys() - {""}:
        raise Wrong(f"{where}, {name}.{min(extra)}: has a salt and no digest")
    return erased


def put_null(tree: Any, path: str, where: str) -> Any:
    *parents, last = (step.replace("~1", ".").replace("~0", "~") for step in path.split("."))
    try:
        for step in parents:
            tree = tree[int(step)] if isinstance(tree, list) else tree[step]
        place: Any = int(last) if isinstance(tree, list) else last
        word, tree[place] = tree[place], None
    except (LookupError, TypeError, ValueError):
        raise Wrong(f"{where}: its digest is there, and it is not") from None
    return word


def _hold(content: bytes, salt: str | None, digest: Any, where: str) -> None:
    try:
        found = "no salt" if salt is None else sha256(bytes.fromhex(salt) + content).hex()
    except ValueError:
        raise Wrong(f"{where}: its salt is no hex") from None
    if salt is None or found != digest:
        raise Wrong(f"{where}: expected the digest {digest}, found {found}")


def leaf_of(header_digest: bytes, payload_digest: bytes) -> bytes:
    return sha256(b"\x00" + ENTRY_PREFIX + header_digest + payload_digest)


def _hex(said: dict[str, Any], name: str, where: str, length: int) -> bytes:
    found = said.get(name)
    if not isinstance(found, str) or not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", found):
        raise Wrong(f"{where}, {name}: is missing, or no hex of {length} bytes")
    return bytes.fromhex(found)


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


# -- the tree (RFC 6962)
class Tree:
    """The roots of whole subtrees from the left, the largest first: all that is needed to go on."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        self.size += 1
        size = self.size
        while size % 2 == 0:
            leaf, size = sha256(b"\x01" + self._whole.pop() + leaf), size // 2
        self._whole.append(leaf)

    def root(self) -> bytes:
        if not self._whole:
            return sha256(b"")
        found = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            found = sha256(b"\x01" + left + found)
        return found


# -- signed notes (C2SP) and Ed25519 (RFC 8032)
@dataclass(frozen=True)
class Key:
    """A public key of a log, and the words that say it."""

    words: str
    name: str
    key_id: bytes
    public: bytes


def read_key(words: str) -> Key:
    """A C2SP verifier key, `name+id+base64`. Raises Wrong."""
    name, _, rest = words.strip().partition("+")
    key_id, _, value = rest.partition("+")
    try:
        decoded = base64.b64decode(value, validate=True)
        found = bytes.fromhex(key_id)
    except ValueError:
        raise Wrong(f"the key {words[:60]!r} is not written name+id+base64") from None
    if len(decoded) != 1 + KEY_BYTES or decoded[0] != ED25519:
        raise Wrong(f"the key {words[:60]!r} is no Ed25519 key of a log")
    if found != sha256(f"{name}\n".encode() + decoded)[:ID_BYTES]:
        raise Wrong(f"the key of {name} does not fit its id {key_id}")
    return Key(words.strip(), name, found, decoded[1:])


def read_keys(path: str) -> list[Key]:
    """The keys in a file, parted by white space. Raises Wrong, and OSError if it cannot be read."""
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - nothing but what is needed
        return [read_key(words) for words in file.read().split()]


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement of origin, size and root."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[str, bytes], ...]

    def is_signed_by(self, key: Key) -> bool:
        """Whether the key signed it. Raises Wrong for a signature under the key that does not hold."""
        for name, value in self.signatures:
            if (name, value[:ID_BYTES]) == (key.name, key.key_id):
                if not is_signature(key.public, self.text.encode(), value[ID_BYTES:]):
                    raise Wrong(f"checkpoint {self.size}: the signature of {name} does not hold")
                return True
        return False


def read_checkpoint(note: str, where: str) -> Checkpoint:
    """A C2SP checkpoint. Raises Wrong."""
    text, _, lines = note.rpartition("\n\n")
    said = text.split("\n")
    if len(said) < 3 or not lines.endswith("\n") or not said[1].isdecimal():  # noqa: PLR2004
        raise Wrong(f"{where}: is no signed checkpoint")
    try:
        root = base64.b64decode(said[2], validate=True)
        signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    except (ValueError, IndexError):
        raise Wrong(f"{where}: is no signed checkpoint") from None
    if len(root) != HASH_BYTES or str(int(said[1])) != said[1]:
        raise Wrong(f"{where}: has no root of SHA-256, or a size that is not written plainly")
    return Checkpoint(said[0], int(said[1]), root, text + "\n", signatures)


def _signature(line: str) -> tuple[str, bytes]:
    dash, name, value = line.split(" ")
    if dash != "\N{EM DASH}":
        raise ValueError(line)
    return name, base64.b64decode(value, validate=True)


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT_OF_MINUS_ONE = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    first, second = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    third, fourth = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = second - first, fourth - third, fourth + third, second + first
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _point(encoded: bytes) -> Point | None:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    squared = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(squared, (P + 3) // 8, P)
    x = x * ROOT_OF_MINUS_ONE % P if (x * x - squared) % P else x
    if (x * x - squared) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


_BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether Ed25519 holds (RFC 8032, section 5.1.7)."""
    if len(signature) != SIGNATURE_BYTES or _BASE is None:
        return False
    key, commitment = _point(public), _point(signature[:32])
    answer = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or answer >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    due, found = _times(answer, _BASE), _add(commitment, _times(challenge, key))
    return not any((due[axis] * found[2] - found[axis] * due[2]) % P for axis in (0, 1))


# -- the pack
class _Sparing(io.BufferedReader):
    """A file of which no more is read at once than is needed, whatever the archive says of itself."""

    most = LIST_BYTES_MAX

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(self.most + 1 if size is None or not 0 <= size <= self.most else size)
        if len(found) > self.most:
            raise Wrong("its list of members is too long")
        return found

    def __del__(self) -> None:
        self.close()


class Pack:
    """The members of a bundle, read as streams."""

    def __init__(self, file: str | BinaryIO) -> None:
        try:
            sparing = _Sparing(io.FileIO(file) if isinstance(file, str) else file)  # type: ignore[arg-type]
            self._zip = zipfile.ZipFile(sparing)
        except Exception as problem:  # noqa: BLE001 - each way to be broken has errors of its own
            raise Wrong(f"the file is no bundle: {problem}") from None
        sparing.most = 2 * BLOCK_BYTES
        names = self._zip.namelist()
        for name in MEMBERS:
            if names.count(name) != 1:
                raise Wrong(f"the bundle has {names.count(name)} members {name}, and should have one")
        if min(one.header_offset for one in self._zip.infolist()):
            raise Wrong("the file has bytes before the first member, which it should not have")
        if unknown := set(names) - set(MEMBERS):
            raise Wrong(f"the bundle has a member {min(unknown)!r}, which it should not have")

    def text(self, name: str) -> str:
        """A small member as a whole."""
        pieces = self._pieces(name)
        said = next(pieces, b"")
        if next(pieces, b""):
            raise Wrong(f"{name}: has more than {BLOCK_BYTES} bytes")
        try:
            return said.decode()
        except UnicodeDecodeError:
            raise Wrong(f"{name}: is not UTF-8") from None

    def blocks(self, name: str) -> Iterator[bytes]:
        """A long member, some whole lines at a time."""
        rest, broken = b"", Wrong(f"{name}: breaks off, or has a line of more than {LINE_BYTES_MAX} bytes")
        for piece in self._pieces(name):
            lines, end, rest = (rest + piece).rpartition(b"\n")
            if max(len(rest), len(lines.split(b"\n", 1)[0])) > LINE_BYTES_MAX:
                raise broken
            if end:
                yield lines
        if rest:
            raise broken

    def lines(self, name: str) -> Iterator[bytes]:
        """A long member, line by line."""
        return (line for lines in self.blocks(name) for line in lines.split(b"\n"))

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as file:
                while piece := file.read(BLOCK_BYTES):
                    yield piece
        except Exception as bad:  # noqa: BLE001 - each way to pack has errors of its own
            raise Wrong(f"{name}: cannot be read: {bad}") from None


class Order:
    """Recorded times rise, and each stream's versions follow one another."""

    def __init__(self) -> None:
        self._at, self._gaps = "", False
        self._versions: dict[str, int] = {}

    def check(self, event: Event) -> None:
        """See that an event can follow those that were checked before. Raises Wrong."""
        if event.header is None:
            self._gaps = True  # the versions of a stream may be among what is withheld
            return
        where, header = f"event {event.position}", event.header
        padded = padded_time(header.get("recorded_at", ""))
        if padded <= self._at:
            raise Wrong(f"{where}, header.recorded_at: expected after {self._at}, found {padded}")
        self._at = padded
        stream, version = str(header.get("stream")), header.get("stream_version")
        expected = self._versions.get(stream, 0) + 1
        if not isinstance(version, int) or (version != expected and not (self._gaps and version > expected)):
            raise Wrong(f"{where}, header.stream_version: expected {expected}, found {version!r}")
        self._versions[stream] = version


def padded_time(said: Any) -> str:
    """A time with six decimals, so that texts sort as times do."""
    at = str(said).replace("Z", ".Z").partition(".")
    return f"{at[0]}.{at[2].rstrip('Z.').ljust(6, '0')}"


def counted(number: int, one: str, more: str) -> str:
    """So many of something, in words."""
    return f"{number:,} {one if number == 1 else more}"


def read_events(pack: Pack) -> Iterator[Event]:
    """The events of a pack, in an order that can be. Raises Wrong."""
    order = Order()
    for position, line in enumerate(pack.lines("events.jsonl"), 1):
        event = read_event(line, position)
        order.check(event)
        yield event


@dataclass
class Established:
    """What was found to hold."""

    checkpoint: Checkpoint
    key: Key
    is_trusted: bool
    is_led: bool = False
    withheld: int = 0
    erased: int = 0
    since: int = 0
    earlier: int = 0
    older: int | None = None
    breaks: list[int] = field(default_factory=list)
    at: str = ""  # the time of which the board is
    last: tuple[int, Any] = 0, ""  # the last event that can be read, and when it was recorded

    def __str__(self) -> str:
        root, who = base64.b64encode(self.checkpoint.root).decode(), "the key in the bundle"
        if self.is_trusted:
            who = "a key that the key given led to" if self.is_led else "the key given"
        older = "" if self.older is None else f", and begins with the {self.older:,} of the older bundle"
        # What no event under the checkpoint says was erased, but what comes with the bundle unsigned.
        since = (
            f" ({self.since:,} of them after this checkpoint, as manifest.json says)" if self.since else ""
        )
        where = ", ".join(f"{position:,}" for position in self.breaks)
        broken = f"; THE CHAIN OF KEYS IS BROKEN at event {where}: no earlier key signed for that one"
        return (
            f"{counted(self.checkpoint.size, 'event leads', 'events lead')} to the root {root}, signed by "
            f"{self.checkpoint.origin} under {who} (fingerprint {sha256(self.key.public).hex()}); "
            f"{counted(self.earlier, 'earlier checkpoint holds', 'earlier checkpoints hold')}{older}; "
            f"{counted(self.withheld, 'event is withheld', 'events are withheld')}, "
            f"{counted(self.erased, 'part', 'parts')} erased{since}{broken if where else ''}"
        )


def verify(
    pack: Pack,
    trusted: list[Key] | None = None,
    older: Checkpoint | None = None,
    events: Callable[[Pack], Iterator[Event]] = read_events,
) -> Established:
    """Everything that the pack's signatures stand for. Raises Wrong. `events` reads them."""
    manifest = _parsed(pack.text("manifest.json"), "manifest.json")
    if manifest.get("format") != FORMAT:
        raise Wrong(f"manifest.json: format {manifest.get('format')!r} is not {FORMAT!r}, which this checks")
    keys = [read_key(words) for words in pack.text("keys").splitlines()]
    last = read_checkpoint(pack.text("checkpoint"), "checkpoint")
    if (manifest.get("origin"), manifest.get("size")) != (last.origin, last.size):
        raise Wrong("manifest.json: origin and size are not those of the checkpoint")
    earlier = list(_earlier(pack, last))
    if older and older.origin != last.origin:
        raise Wrong(f"the older bundle is of {older.origin}, and this one of {last.origin}")
    checkpoints = [*earlier, *([older] if older else []), last]
    erasures = Erasures(manifest.get("erased_since", []), last.size)
    adopted, found = _check_events(events(pack), checkpoints, erasures)
    keys = _adopted_keys(keys, adopted)
    _check_signatures(keys, adopted, [*earlier, last])
    found.key, found.is_trusted = keys[-1], bool(trusted)
    found.is_led = bool(trusted) and keys[-1].public not in {key.public for key in trusted or ()}
    breaks = list(_unvouched(keys, adopted, [*earlier, last]))
    if trusted is not None:
        _check_trust(trusted, keys, breaks, adopted)
    found.breaks = [adopted[key.words] for key in breaks]
    for name in MEMBERS[-2:]:
        pack.text(name)  # nothing signs it, but it should not be broken
    found.at = _time_of_board(manifest.get("at"), *found.last)
    if older and older.size > last.size:
        raise Wrong(f"{SHORTER}{older.size} events, and this one {last.size}")
    found.earlier, found.older = len(earlier), older.size if older else None
    return found


def _time_of_board(at: Any, position: int, recorded_at: Any) -> str:
    """What manifest.json says unsigned, unless it lies before the last readable event. Raises Wrong."""
    try:
        datetime.fromisoformat(at[:19] if TIME.fullmatch(at) else "")
    except (TypeError, ValueError):
        raise Wrong(f"manifest.json: at {at!r} is no time") from None
    if padded_time(at) < padded_time(recorded_at):
        raise Wrong(f"manifest.json, at: expected {recorded_at} of event {position} or later, found {at}")
    return str(at)


def _earlier(pack: Pack, last: Checkpoint) -> Iterator[Checkpoint]:
    size = 0
    for number, line in enumerate(pack.lines("checkpoints.jsonl"), 1):
        where = f"checkpoints.jsonl, line {number}"
        note = _parsed(line, where).get("note")
        checkpoint = read_checkpoint(note if isinstance(note, str) else "", where)
        if checkpoint.origin != last.origin or not size < checkpoint.size < last.size:
            raise Wrong(f"{where}: is no earlier checkpoint of this log, in the order of sizes")
        size = checkpoint.size
        yield checkpoint


class Erasures:
    """Which words are gone, and of which it is said that they were erased: the same, if all is well."""

    def __init__(self, since: Any, size: int) -> None:
        self._gone: set[tuple[int, str]] = set()
        self._said: dict[tuple[int, str], int] = {}
        self._withheld, self._size = bytearray(1), size
        for one in since if isinstance(since, list) else [since]:
            said = one if isinstance(one, dict) else {}
            self._say(said, said.get("erased_at"), size + 1, "manifest.json, erased_since")

    def take(self, event: Event) -> None:
        """Take the next event."""
        self._withheld.append(event.header is None)
        self._gone.update((event.position, part) for part in event.erased)
        if event.header and event.header.get("name") == FIELD_ERASED:
            self._say(event.payload or {}, event.position, event.position, f"event {event.position}, payload")

    def _say(self, said: dict[str, Any], at: Any, end: int, where: str) -> None:
        of, part = said.get("position"), said.get("part")
        if not (type(of) is type(at) is int and type(part) is str and 0 < of < end <= at):
            raise Wrong(f"{where}: does not say which part of an earlier event was erased")
        self._said.setdefault((of, part), at)

    def check(self) -> tuple[int, int]:
        """How many words are gone, and how many of them since the last event. Raises Wrong."""
        for of, part in sorted(self._gone ^ self._said.keys()):
            where, at = f"event {of}, {part}", self._said.get((of, part))
            if at is not None and self._withheld[of]:
                continue
            due = "words, since no event says that they were erased, found nothing"
            due = due if at is None else f"nothing, since event {at} says it was erased, found words"
            raise Wrong(f"{where}: expected {due}")
        return len(self._gone), sum(self._said[one] > self._size for one in self._gone)


def _check_events(
    events: Iterator[Event], checkpoints: list[Checkpoint], erasures: Erasures
) -> tuple[dict[str, int], Established]:
    """See that the events lead to the root of each checkpoint."""
    last, tree = checkpoints[-1], Tree()
    found = Established(last, Key("", "", b"", b""), is_trusted=False)
    adopted, due = dict[str, int](), {checkpoint.size for checkpoint in checkpoints}
    _compare_roots(tree, checkpoints)
    for event in events:
        if tree.size == last.size:
            raise Wrong(f"events.jsonl: has more events than the {last.size} of the checkpoint")
        tree.add(event.leaf)
        found.withheld += event.header is None
        found.last = (event.position, event.header.get("recorded_at", "")) if event.header else found.last
        erasures.take(event)
        if event.header and event.payload and event.header.get("name") == KEY_ADOPTED:
            adopted[str(event.payload.get("key"))] = event.position
        if tree.size in due:
            _compare_roots(tree, checkpoints)
    if tree.size < last.size:
        raise Wrong(f"events.jsonl: ends at event {tree.size}, and the checkpoint has {last.size}")
    found.erased, found.since = erasures.check()
    return adopted, found


def _compare_roots(tree: Tree, checkpoints: list[Checkpoint]) -> None:
    for checkpoint in (each for each in checkpoints if each.size == tree.size):
        expected, found = (base64.b64encode(root).decode() for root in (checkpoint.root, tree.root()))
        if found != expected:
            said = f"expected the root {expected}, found {found} of the events up to there"
            raise Wrong(f"checkpoint {checkpoint.size}: {said}")


def _adopted_keys(keys: list[Key], adopted: dict[str, int]) -> list[Key]:
    """The keys that the events adopt. Those that follow could have been put there by anybody: not read."""
    if not keys:
        raise Wrong("keys: there is none")
    if not adopted or [key.words for key in keys[: len(adopted)]] != list(adopted):
        raise Wrong("keys: are not those that the events say were adopted")
    return keys[: len(adopted)]


def _check_signatures(keys: list[Key], adopted: dict[str, int], checkpoints: list[Checkpoint]) -> None:
    """See that each checkpoint is signed under the key of its time."""
    for checkpoint in checkpoints:
        due = [key for key in keys if adopted[key.words] <= checkpoint.size]
        if not due or not checkpoint.is_signed_by(due[-1]):
            raise Wrong(f"checkpoint {checkpoint.size}: is not signed under the log's key")


def _unvouched(keys: list[Key], adopted: dict[str, int], checkpoints: list[Checkpoint]) -> Iterator[Key]:
    """The keys, after the first, that the one before did not sign for: the chain of keys is broken there."""
    for before, key in pairwise(keys):
        first = next((found for found in checkpoints if found.size >= adopted[key.words]), None)
        if first is None or not first.is_signed_by(before):
            yield key


def _check_trust(trusted: list[Key], keys: list[Key], breaks: list[Key], adopted: dict[str, int]) -> None:
    """See that trust in a key leads to today's: each change of key since was signed under both."""
    public = {key.public for key in trusted}
    known = [number for number, key in enumerate(keys) if key.public in public]
    if not known:
        raise Wrong("the bundle is not signed under the key given, nor under one that it led to")
    for key in keys[known[-1] + 1 :]:
        if key in breaks:
            raise Wrong(
                f"the chain of keys is broken at event {adopted[key.words]}: the key {key.words} was adopted "
                "there, and the one before did not sign for it (the event says whether that one was lost). "
                "Get this key from the register by another way, and give it"
            )


def main(arguments: list[str]) -> int:
    """Check the bundle that is named first, under the key in the file that is named second."""
    if not 1 <= len(arguments) <= 2:  # noqa: PLR2004
        sys.stderr.write("usage: verifier.py BUNDLE [KEY-FILE]\n")
        return 2
    try:
        found = verify(Pack(arguments[0]), read_keys(arguments[1]) if arguments[1:] else None)
        sys.stdout.write(f"verified: {found}; the board and the reference data were not looked at\n")
    except (Wrong, OSError, RecursionError) as problem:
        sys.stderr.write(f"not verified: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
