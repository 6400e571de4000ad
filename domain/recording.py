"""How a fact becomes a record: header and payload, the bytes that are hashed, names, versions, upcasting.

The bytes are a promise (docs/events.md describes them, so that others can rebuild them).
Must not know a database or a clock.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec

from domain.errors import UnreadableEvent
from domain.values import ERASED, Value

HEADER_FORMAT = 3
ENTRY_PREFIX = b"pledges event v1\n"
SALT_BYTES = 16
UNSETTLED = 1 << 62
"""Positions from here on are not given yet: what is being decided comes after everything that is stored."""

WORDS = frozenset(
    {
        "actions", "alias", "aliases", "basis", "condition", "description", "fields",
        "frameworks", "ground", "kept", "kind_in_words", "label", "mandate", "matches_elsewhere", "name",
        "names", "narrative", "nomination", "office", "old_name", "problem", "provenance", "reason", "ref",
        "scope_in_words", "seeking", "slug", "through", "title", "unit", "url",
    }
)  # fmt: skip
"""Names of payload fields that somebody writes in words. Each such string has a salted digest of its own.

Keys are no words: columns that an operator chose to keep, languages, fields that a reason is about.
"""


ACCOUNT_PARTS = ("actor", "request_id")
"""Parts of a header, since format 3, by which all that one account did can be linked.

A copy for who may not know accounts has null in their place, and no salts. The store always has them.
"""
_ACCOUNT_PARTS_SINCE = 3


class Authority(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """By what right something was recorded.

    `kind` is the way it came in (`api`, `form`, `email`, `note_verbale`, `document`, `statement`, `import`);
    then what it cites, and that document's date.
    """

    kind: str
    reference: str | None = None
    date: str | None = None


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who recorded what, when, in which role and by what authority.

    `position` and `recorded_at` are given by the store under the append lock. Until then the one lies behind
    all that are stored, and the other is the time of deciding. `digests` are of the parts of the payload,
    `word_digests` of the header's own, by their paths. `actor` is None in a copy that withholds it.
    """

    name: str
    version: int
    stream: UUID
    stream_version: int
    effective_on: str
    actor: UUID | None
    role: str
    entity: UUID | None = None
    on_behalf_of: UUID | None = None
    office: str | None = None
    authority: Authority | None = None
    request_id: str | None = None
    command_id: UUID | None = None
    position: int = 0
    recorded_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    digests: dict[str, str] = {}
    word_digests: dict[str, str] = {}
    format: int = 1  # what a stored header without it has, for ever; `record` says today's


class Fact(Value, frozen=True, kw_only=True):
    """The payload of an event: what was said. Subclasses are registered with `recorded_as`."""

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event: its header and its fact. `originator_*` are what the event store library calls things."""

    header: Header
    fact: Any
    erased: frozenset[str] = frozenset()

    @property
    def originator_id(self) -> UUID:
        return self.header.stream

    @property
    def originator_version(self) -> int:
        return self.header.stream_version

    @property
    def position(self) -> int:
        return self.header.position


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
F = TypeVar("F", bound=type[Fact])


@dataclass(frozen=True, slots=True)
class _EventType:
    fact: type[Fact]
    version: int
    upcasters: Mapping[int, Upcaster]
    decoder: msgspec.json.Decoder[Any]


EVENT_TYPES: dict[str, _EventType] = {}
RENAMED: dict[str, str] = {}
"""Old storage names and what they are called today; an old name is read for ever and never written again."""


def recorded_as(
    name: str, version: int = 1, upcasters: Mapping[int, Upcaster] | None = None
) -> Callable[[F], F]:
    """Give a fact the storage name and version that outlive its module.

    `upcasters[n]` turns a payload of version n into one of version n + 1.
    """
    steps = dict(upcasters or {})
    if set(steps) != set(range(1, version)):
        raise ValueError(f"{name} version {version} needs upcasters from each of the versions before it")

    def register(fact: F) -> F:
        if name in EVENT_TYPES:
            raise ValueError(f"two facts are called {name}")
        fact.NAME, fact.VERSION = name, version
        EVENT_TYPES[name] = _EventType(fact, version, steps, msgspec.json.Decoder(fact))
        return fact

    return register


def canonical(value: object) -> bytes:
    """JSON as RFC 8785 has it: sorted keys, no white space, UTF-8.

    For values without floats and with whole numbers below 2**53, which is all that events hold.
    """
    encoded = msgspec.json.encode(value, order="sorted")
    # RFC 8785 sorts keys by UTF-16 units, the encoder by code points. The difference is in signs beyond
    # U+FFFF, which take four bytes.
    if _BEYOND_16_BITS.search(encoded):
        return msgspec.json.encode(_sorted_by_utf16(msgspec.json.decode(encoded)))
    return encoded


_BEYOND_16_BITS = re.compile(rb"[\xf0-\xf4]")


def _sorted_by_utf16(value: object) -> object:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _sorted_by_utf16(value[key]) for key in keys}
    if isinstance(value, list):
        return [_sorted_by_utf16(inner) for inner in value]
    return value


# -- words and digests


# Paths are keys and places in lists, joined by dots. A dot (or a tilde) within a key is written ~1 (or ~0).
def _step(path: str, key: str) -> str:
    key = key.replace("~", "~0").replace(".", "~1")
    return f"{path}.{key}" if path else key


def _words(value: object, path: str = "", *, worded: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if worded:
            yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _words(inner, _step(path, key), worded=worded or key in WORDS)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _words(inner, _step(path, str(index)), worded=worded)


def _without_words(value: object, *, worded: bool = False) -> object:
    if isinstance(value, str):
        return None if worded else value
    if isinstance(value, dict):
        return {key: _without_words(inner, worded=worded or key in WORDS) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_words(inner, worded=worded) for inner in value]
    return value


def salted_digest(salt: bytes, content: bytes) -> str:
    """SHA-256 of the salt and the content, in hex."""
    return hashlib.sha256(salt + content).hexdigest()


def _seal(
    parts: Mapping[str, bytes], random: Callable[[int], bytes]
) -> tuple[dict[str, str], dict[str, str]]:
    """Fresh salts for parts, in hex, and the parts' digests."""
    noise = random(SALT_BYTES * len(parts))
    salts = {path: noise[SALT_BYTES * i : SALT_BYTES * (i + 1)] for i, path in enumerate(parts)}
    digests = {path: salted_digest(salts[path], content) for path, content in parts.items()}
    return {path: salt.hex() for path, salt in salts.items()}, digests


@dataclass(frozen=True, slots=True)
class SealedPayload:
    """A payload's canonical bytes with the salt and the digest of each of its parts.

    Parts are named by dotted paths; the part named "" is the payload with null in the place of all words.
    """

    payload: bytes
    salts: dict[str, str]
    digests: dict[str, str]


def seal_payload(fact: Fact, random: Callable[[int], bytes] = os.urandom) -> SealedPayload:
    """The bytes to store for a fact, with fresh salts and their digests."""
    payload = canonical(fact)
    tree = msgspec.json.decode(payload)
    parts = {"": canonical(_without_words(tree)), **{path: canonical(said) for path, said in _words(tree)}}
    salts, digests = _seal(parts, random)
    return SealedPayload(payload, salts, digests)


def seal_header(
    header: Header, digests: Mapping[str, str], random: Callable[[int], bytes] = os.urandom
) -> tuple[Header, dict[str, str]]:
    """The header with the digests of the payload's parts and of its own, and the salts of its own."""
    parts: dict[str, object] = {
        "office": header.office,
        "authority.reference": header.authority and header.authority.reference,
    }
    if header.format >= _ACCOUNT_PARTS_SINCE:
        parts |= {path: getattr(header, path) for path in ACCOUNT_PARTS}
    words = {path: canonical(said) for path, said in parts.items() if said is not None}
    salts, word_digests = _seal(words, random) if words else ({}, {})
    return msgspec.structs.replace(header, digests=dict(digests), word_digests=word_digests), salts


def payload_digest(digests: Mapping[str, str]) -> bytes:
    """The digest of a payload: SHA-256 of the canonical map of its parts' digests, which are salted each."""
    return hashlib.sha256(canonical(dict(digests))).digest()


def header_digest(salt: bytes, header: bytes, words: Collection[str]) -> bytes:
    """The salted digest of a header's canonical bytes, with null in the place of its words."""
    return hashlib.sha256(salt + without_words(header, words)).digest()


def log_entry(header_sha256: bytes, payload_sha256: bytes) -> bytes:
    """The bytes that the transparency log hashes for one event. By themselves they say nothing."""
    return ENTRY_PREFIX + header_sha256 + payload_sha256


def broken_parts(content: bytes, salts: Mapping[str, str], digests: Mapping[str, str]) -> list[str]:
    """The parts that do not match their digest. One that is null without a salt was withheld or erased.

    Which parts there are is what the header's digests say, not what counts as words today.
    """
    tree = msgspec.json.decode(content)
    parts: dict[str, bytes] = {}
    for path in digests:
        with suppress(LookupError, ValueError, TypeError):  # what is not there is broken, and named below
            if path:
                parts[path] = canonical(_put(tree, path, None))
    parts[""] = canonical(tree)
    return [
        path
        for path in {**digests, **salts}
        if not _holds(parts.get(path), salts.get(path), digests.get(path))
    ]


def _holds(content: bytes | None, salt: str | None, digest: str | None) -> bool:
    if content is None or salt is None:
        return content == b"null"
    try:
        return salted_digest(bytes.fromhex(salt), content) == digest
    except ValueError:
        return False


def broken_header_parts(header: bytes, salt: bytes, digest: bytes, salts: Mapping[str, str]) -> list[str]:
    """The words of a header that do not match their digests, and "" if all the rest does not match its own.

    Raises UnreadableEvent for what is no header that this code knows.
    """
    words = read_header(header).word_digests
    return broken_parts(header, {**salts, "": salt.hex()}, {**words, "": digest.hex()})


def words_of(header: bytes, payload: bytes) -> dict[str, str | None]:
    """The words of an event as it is stored, by `payload.` or `header.` and their path; None once erased."""
    said = read_header(header)
    found: dict[str, str | None] = {}
    for whole, content, paths in (
        ("header", header, [path for path in said.word_digests if path not in ACCOUNT_PARTS]),
        ("payload", payload, said.digests),
    ):
        tree = msgspec.json.decode(content)
        found |= {f"{whole}.{path}": _put(tree, path, None) for path in paths if path}  # type: ignore[misc]
    return found


def has_part(recorded: Recorded, part: str) -> bool:
    """Whether `payload.` or `header.` and a path name words that can be erased by themselves."""
    return part in parts_of(recorded)


def parts_of(recorded: Recorded) -> list[str]:
    """The words of an event that can be erased by themselves, by `payload.` or `header.` and their paths."""
    of_header = recorded.header.word_digests.keys() - set(ACCOUNT_PARTS)
    of_payload = recorded.header.digests.keys() - {""}
    return sorted([f"header.{path}" for path in of_header] + [f"payload.{path}" for path in of_payload])


def is_erased(recorded: Recorded, part: str) -> bool:
    """Whether such words of an event as it was read are erased."""
    whole, _, path = part.partition(".")
    if whole == "payload":
        return path in recorded.erased
    header = recorded.header
    said = header.office if path == "office" else header.authority and header.authority.reference
    return said == ERASED


def without_words(content: bytes, paths: Collection[str]) -> bytes:
    """A header or payload with null in the place of words: as it is hashed, or kept once they are erased.

    The digests of the words in the header go on proving the event.
    """
    if not paths:
        return content
    tree = msgspec.json.decode(content)
    for path in paths:
        _put(tree, path, None)
    return canonical(tree)


def without_account(header: bytes, salts: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """A header of format 3 and its salts, for who may not know by which account and request it came."""
    tree = msgspec.json.decode(header)
    withheld = canonical({path: None if path in ACCOUNT_PARTS else said for path, said in tree.items()})
    return withheld, {path: salt for path, salt in salts.items() if path not in ACCOUNT_PARTS}


# -- reading back


def _put(tree: Any, path: str, value: object) -> object:
    """Put a value at a path, and answer what was there."""
    *parents, last = (step.replace("~1", ".").replace("~0", "~") for step in path.split("."))
    for step in parents:
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    place = int(last) if isinstance(tree, list) else last
    before: object = tree[place]
    tree[place] = value
    return before


# What decoders and upcasters raise for bytes that no version of this code has written.
_ODD = (msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def read_fact(name: str, version: int, payload: bytes, erased: frozenset[str] = frozenset()) -> Fact:
    """The fact of a stored payload, brought to today's version. Erased words read as `[erased]`.

    Raises UnreadableEvent for a name this code does not know and for a version newer than this code.
    """
    kind = EVENT_TYPES.get(RENAMED.get(name, name))
    if kind is None:
        raise UnreadableEvent(
            f"This code does not know events called {name!r}; newer code may have written it."
        )
    if version > kind.version:
        raise UnreadableEvent(
            f"{name} is stored in version {version}, and this code reads up to {kind.version}."
        )
    try:
        if version == kind.version and not erased:
            return kind.decoder.decode(payload)  # type: ignore[no-any-return]
        tree = msgspec.json.decode(payload)
        for path in erased:
            _put(tree, path, ERASED)
        for step in range(version, kind.version):
            tree = kind.upcasters[step](tree)
        return msgspec.convert(tree, kind.fact)
    except _ODD as problem:
        raise UnreadableEvent(f"{name} version {version} does not read: {problem}") from problem


_header_decoder = msgspec.json.Decoder(Header)


def read_header(header: bytes) -> Header:
    """A stored header, or a copy of one. Erased words read as `[erased]`, a withheld account as None.

    Raises UnreadableEvent if a newer code wrote it.
    """
    try:
        found = _header_decoder.decode(header)
    except _ODD as problem:
        raise UnreadableEvent(f"An event's header does not read: {problem}") from problem
    if found.format > HEADER_FORMAT:
        raise UnreadableEvent(f"A header has format {found.format}, and this code knows {HEADER_FORMAT}.")
    if found.actor is None and (found.format < _ACCOUNT_PARTS_SINCE or "actor" not in found.word_digests):
        raise UnreadableEvent("A header says not who acted, and not that this is withheld.")
    return _with_erased(found) if found.word_digests else found


def is_account_told(header: Header) -> bool:
    """Whether a header says by which account and request it came, as every stored one does."""
    has_request = header.request_id is not None or "request_id" not in header.word_digests
    return header.actor is not None and has_request


def _with_erased(header: Header) -> Header:
    office, authority = header.office, header.authority
    if office is None and "office" in header.word_digests:
        office = ERASED
    if authority is not None and authority.reference is None and "authority.reference" in header.word_digests:
        authority = msgspec.structs.replace(authority, reference=ERASED)
    if office is header.office and authority is header.authority:
        return header
    return msgspec.structs.replace(header, office=office, authority=authority)


@dataclass(frozen=True, slots=True)
class Acting:
    """In which role, for whom and by what right an actor does one thing: what the header will say."""

    actor: UUID
    role: str
    entity: UUID | None = None
    on_behalf_of: UUID | None = None
    office: str | None = None
    authority: Authority | None = None
    request_id: str | None = None
    command_id: UUID | None = field(default=None)


def record(
    fact: Fact, *, stream: UUID, version: int, acting: Acting, effective_on: str, now: datetime
) -> Recorded:
    """The event that says a fact, ready to be stored as the stream's next version."""
    return Recorded(
        Header(
            name=fact.NAME,
            version=fact.VERSION,
            stream=stream,
            stream_version=version,
            effective_on=effective_on,
            actor=acting.actor,
            role=acting.role,
            entity=acting.entity,
            on_behalf_of=acting.on_behalf_of,
            office=acting.office,
            authority=acting.authority,
            request_id=acting.request_id,
            command_id=acting.command_id,
            recorded_at=now,
            position=UNSETTLED + version,
            format=HEADER_FORMAT,
        ),
        fact,
    )
