"""Recorded events: the bytes, their digests, erasure that keeps the proof, versions old and new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain import recording
from domain.errors import UnreadableEvent
from domain.recording import (
    ACCOUNT_PARTS,
    ENTRY_PREFIX,
    EVENT_TYPES,
    HEADER_FORMAT,
    RENAMED,
    Acting,
    Authority,
    Fact,
    Header,
    broken_header_parts,
    broken_parts,
    canonical,
    header_digest,
    log_entry,
    payload_digest,
    read_fact,
    read_header,
    record,
    recorded_as,
    seal_header,
    seal_payload,
    without_account,
    without_words,
)
from domain.values import ERASED

SAFE = 2**53 - 1
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


class Inner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    description: str | None = None
    code: str = ""


@pytest.fixture(autouse=True)
def own_event_types(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Facts of these tests are known to these tests only."""
    monkeypatch.setattr(recording, "EVENT_TYPES", EVENT_TYPES)
    before, renamed = dict(EVENT_TYPES), dict(RENAMED)
    yield
    for names, kept in ((EVENT_TYPES, before), (RENAMED, renamed)):
        names.clear()
        names.update(kept)  # type: ignore[arg-type]


class Sample(Fact):
    """A fact with words in all places where words can be."""

    title: str
    number: int = 0
    reason: str | None = None
    actions: tuple[str, ...] = ()
    kept: dict[str, str] = {}  # noqa: RUF012 - copied by msgspec
    parts: tuple[Inner, ...] = ()


SAMPLES = st.builds(
    Sample,
    title=WORDS,
    number=st.integers(-SAFE, SAFE),
    reason=st.none() | WORDS,
    actions=st.lists(WORDS, max_size=3).map(tuple),
    kept=st.dictionaries(WORDS, WORDS, max_size=3),
    parts=st.lists(st.builds(Inner, description=st.none() | WORDS, code=WORDS), max_size=3).map(tuple),
)
FULL = Sample(
    title="A title",
    number=7,
    reason="Because",
    actions=("one", "two"),
    kept={"a.b": "dot", "~1": "tilde", "": "nothing"},
    parts=(Inner(description="words", code="X"),),
)


# -- the bytes


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(SAMPLES)
def test_canonical_bytes_of_a_fact_are_those_of_its_json(fact: Sample) -> None:
    payload = canonical(fact)
    assert payload == rfc8785.dumps(msgspec.json.decode(payload))


def test_keys_are_sorted_as_utf_16_has_them() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_what_was_not_said_takes_no_bytes() -> None:
    assert canonical(Sample(title="A")) == b'{"title":"A"}'


def fixed_header(**said: Any) -> Header:
    """The header whose bytes are known, and what else it says."""
    return Header(
        name="sample.said",
        version=1,
        stream=UUID(int=1),
        stream_version=2,
        effective_on="2022-05",
        actor=UUID(int=2),
        role="secretariat",
        position=3,
        recorded_at=datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=UTC),
        **said,
    )


def test_the_bytes_of_one_event_are_fixed_for_ever() -> None:
    """Whoever changes this test breaks every proof that was given before."""
    fact = Sample(title="Ä", number=1, reason="so", parts=(Inner(description="w", code="X"),))
    sealed = seal_payload(fact, random=lambda count: bytes(range(count)))
    authority = Authority(kind="note_verbale", reference="NV 1")
    header = fixed_header(authority=authority, digests=sealed.digests)
    assert (
        sealed.payload.decode()
        == '{"number":1,"parts":[{"code":"X","description":"w"}],"reason":"so","title":"Ä"}'
    )
    assert list(sealed.digests) == ["", "parts.0.description", "reason", "title"]
    rest = b'{"number":1,"parts":[{"code":"X","description":null}],"reason":null,"title":null}'
    assert sealed.digests[""] == hashlib.sha256(bytes(range(16)) + rest).hexdigest()
    assert sealed.digests["title"] == hashlib.sha256(bytes(range(48, 64)) + '"Ä"'.encode()).hexdigest()
    assert header_digest(bytes(16), canonical(header), ()) == _sha256(bytes(16) + canonical(header))
    entry = log_entry(header_digest(bytes(16), canonical(header), ()), payload_digest(sealed.digests))
    assert entry.startswith(ENTRY_PREFIX)
    assert len(entry) == len(ENTRY_PREFIX) + 64
    assert b'"recorded_at":"2026-11-23T12:00:00.000005Z"' in canonical(header)
    assert canonical(header) == rfc8785.dumps(msgspec.json.decode(canonical(header)))
    assert hashlib.sha256(entry).hexdigest() == FIXED_ENTRY


FIXED_ENTRY = "19244309727059521117855e0db2fafb5ffac40a38d53dd2ac581c80d2da4625"


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def test_the_bytes_of_one_header_with_words_are_fixed_for_ever() -> None:
    header, salts = seal_header(
        fixed_header(office="Ä", authority=Authority(kind="email", reference="NV 1"), format=2),
        {"": "00"},
        random=lambda count: bytes(range(count)),
    )
    office, reference = bytes(range(16)), bytes(range(16, 32))
    assert salts == {"office": office.hex(), "authority.reference": reference.hex()}
    reference_digest, office_digest = _sha256(reference + b'"NV 1"'), _sha256(office + '"Ä"'.encode())
    hashed = (
        '{"actor":"00000000-0000-0000-0000-000000000002","authority":{"kind":"email","reference":null},'
        '"digests":{"":"00"},"effective_on":"2022-05","format":2,"name":"sample.said","office":null,'
        '"position":3,"recorded_at":"2026-11-23T12:00:00.000005Z","role":"secretariat",'
        '"stream":"00000000-0000-0000-0000-000000000001","stream_version":2,"version":1,'
        '"word_digests":{"authority.reference":"'
        f'{reference_digest.hex()}","office":"{office_digest.hex()}"'
        "}}"
    ).encode()
    assert header_digest(bytes(16), canonical(header), header.word_digests) == _sha256(bytes(16) + hashed)


def test_the_bytes_of_one_header_with_an_account_are_fixed_for_ever() -> None:
    actor, request = '"00000000-0000-0000-0000-000000000002"', '"asked-1"'
    header, salts = seal_header(
        fixed_header(request_id="asked-1", format=3),
        {"": "00"},
        random=lambda count: bytes(range(count)),
    )
    of_actor, of_request = bytes(range(16)), bytes(range(16, 32))
    assert salts == {"actor": of_actor.hex(), "request_id": of_request.hex()}
    actor_digest, request_digest = _sha256(of_actor + actor.encode()), _sha256(of_request + request.encode())
    digests = f'"word_digests":{{"actor":"{actor_digest.hex()}","request_id":"{request_digest.hex()}"}}'
    rest = (
        '"digests":{"":"00"},"effective_on":"2022-05","format":3,"name":"sample.said","position":3,'
        '"recorded_at":"2026-11-23T12:00:00.000005Z","request_id":%s,"role":"secretariat",'
        '"stream":"00000000-0000-0000-0000-000000000001","stream_version":2,"version":1,'
    )
    assert canonical(header).decode() == f'{{"actor":{actor},{rest % request}{digests}}}'
    hashed = f'{{"actor":null,{rest % "null"}{digests}}}'.encode()
    assert header_digest(bytes(16), canonical(header), header.word_digests) == _sha256(bytes(16) + hashed)
    assert without_account(canonical(header), salts) == (hashed, {})


# -- digests


@given(SAMPLES)
def test_every_part_has_a_digest_and_proves_itself(fact: Sample) -> None:
    sealed = seal_payload(fact)
    assert set(sealed.salts) == set(sealed.digests)
    assert broken_parts(sealed.payload, sealed.salts, sealed.digests) == []


@given(SAMPLES)
def test_the_same_words_never_have_the_same_digest_twice(fact: Sample) -> None:
    one, other = seal_payload(fact), seal_payload(fact)
    assert not set(one.digests.values()) & set(other.digests.values())
    assert len(set(one.salts.values())) == len(one.salts)


@pytest.mark.parametrize(
    ("forged", "path"),
    [
        ({"title": "Another"}, "title"),
        ({"number": 8}, ""),
        ({"reason": None}, "reason"),
        ({"actions": ["one"]}, ""),
        ({"actions": ["two", "one"]}, "actions.0"),
        ({"actions": ["one", "two", "three"]}, ""),
        ({"parts": [{"description": "words", "code": "Y"}]}, ""),
        ({"parts": [{"description": "forged", "code": "X"}]}, "parts.0.description"),
    ],
)
def test_whatever_is_forged_is_named(forged: dict[str, Any], path: str) -> None:
    sealed = seal_payload(FULL)
    payload = canonical({**msgspec.json.decode(sealed.payload), **forged})
    assert path in broken_parts(payload, sealed.salts, sealed.digests)


def test_a_word_that_was_taken_out_of_the_bytes_is_missed() -> None:
    sealed = seal_payload(FULL)
    tree = msgspec.json.decode(sealed.payload)
    del tree["reason"]
    assert broken_parts(canonical(tree), sealed.salts, sealed.digests) == ["", "reason"]


def test_words_without_a_salt_are_broken() -> None:
    sealed = seal_payload(FULL)
    unsalted = {path: salt for path, salt in sealed.salts.items() if path != "reason"}
    assert broken_parts(sealed.payload, unsalted, sealed.digests) == ["reason"]
    erased = without_words(sealed.payload, ["reason"])
    assert broken_parts(erased, unsalted, sealed.digests) == []


@pytest.mark.parametrize("salt", ["nonsense", "00", ""])
def test_a_forged_salt_is_named(salt: str) -> None:
    sealed = seal_payload(FULL)
    assert broken_parts(sealed.payload, {**sealed.salts, "title": salt}, sealed.digests) == ["title"]
    more = {**sealed.salts, "more": salt}
    assert broken_parts(sealed.payload, more, sealed.digests) == ["more"]


# -- erasure


@given(SAMPLES, st.data())
def test_an_erased_part_leaves_the_proof_of_all_others(fact: Sample, data: st.DataObject) -> None:
    sealed = seal_payload(fact)
    path = data.draw(st.sampled_from(sorted(set(sealed.digests) - {""})))
    payload = without_words(sealed.payload, [path])
    left = {other: salt for other, salt in sealed.salts.items() if other != path}
    assert broken_parts(payload, left, sealed.digests) == []
    assert payload == canonical(msgspec.json.decode(payload))


@pytest.mark.parametrize(
    "path", ["title", "reason", "actions.1", "kept.a~1b", "kept.~01", "kept.", "parts.0.description"]
)
def test_an_erased_part_reads_as_erased(path: str) -> None:
    recorded_as("sample.said")(Sample)
    sealed = seal_payload(FULL)
    assert path in sealed.digests
    fact = read_fact("sample.said", 1, without_words(sealed.payload, [path]), frozenset({path}))
    words = seal_payload(fact)
    assert ERASED.encode() in words.payload
    assert set(words.digests) == set(sealed.digests)
    assert words.payload.count(ERASED.encode()) == 1


@given(SAMPLES)
def test_everything_may_be_erased_and_still_reads(fact: Sample) -> None:
    recorded_as(f"sample.{len(EVENT_TYPES)}")(Sample)
    sealed = seal_payload(fact)
    paths = frozenset(sealed.digests) - {""}
    read = read_fact(Sample.NAME, 1, without_words(sealed.payload, paths), paths)
    assert isinstance(read, Sample)
    assert (read.title, read.number) == (ERASED, fact.number)


# -- names and versions


def test_a_fact_reads_back_as_it_was_said() -> None:
    recorded_as("sample.said")(Sample)
    assert read_fact("sample.said", 1, canonical(FULL)) == FULL


def test_a_name_outlives_its_fact() -> None:
    recorded_as("sample.said")(Sample)
    RENAMED["sample.uttered"] = "sample.said"
    assert read_fact("sample.uttered", 1, canonical(FULL)) == FULL


def test_two_facts_cannot_have_one_name() -> None:
    recorded_as("sample.said")(Sample)
    with pytest.raises(ValueError, match="two facts"):
        recorded_as("sample.said")(Sample)


@pytest.mark.parametrize("steps", [{}, {1: dict}, {1: dict, 3: dict}, {1: dict, 2: dict, 3: dict}])
def test_every_older_version_needs_its_upcaster(steps: dict[int, Any]) -> None:
    with pytest.raises(ValueError, match="upcasters"):
        recorded_as("sample.said", 3, steps)


class Latest(Fact):
    """The third shape of a fact."""

    text: str
    count: int


UPCASTERS: dict[int, Any] = {
    1: lambda old: {"name": old["label"], "count": 1},
    2: lambda old: {"text": old["name"], "count": old["count"]},
}


@pytest.mark.parametrize(
    ("version", "payload", "count"),
    [(1, b'{"label":"A"}', 1), (2, b'{"count":5,"name":"A"}', 5), (3, b'{"count":5,"text":"A"}', 5)],
)
def test_every_older_version_is_brought_to_todays(version: int, payload: bytes, count: int) -> None:
    recorded_as("sample.latest", 3, UPCASTERS)(Latest)
    assert read_fact("sample.latest", version, payload) == Latest(text="A", count=count)


def test_what_was_erased_in_an_old_version_is_erased_in_todays() -> None:
    recorded_as("sample.latest", 3, UPCASTERS)(Latest)
    fact = read_fact("sample.latest", 1, b'{"label":null}', frozenset({"label"}))
    assert fact == Latest(text=ERASED, count=1)


@pytest.mark.parametrize(
    ("name", "version", "payload", "erased"),
    [
        ("sample.unheard-of", 1, b"{}", set()),
        ("sample.latest", 4, b'{"count":5,"text":"A"}', set()),
        ("sample.latest", 3, b'{"count":5,"text":"A","more":1}', set()),
        ("sample.latest", 3, b'{"count":"5","text":"A"}', set()),
        ("sample.latest", 3, b'{"count":5', set()),
        ("sample.latest", 3, b"\xff", set()),
        ("sample.latest", 1, b"{}", set()),
        ("sample.latest", 3, b'{"count":5,"text":"A"}', {"parts.0.text"}),
        ("sample.latest", 3, b"[]", {"text"}),
        ("sample.latest", 3, b"[" * 100_000, set()),
        ("sample.latest", 1, b'"label"', set()),
        ("sample.latest", 2, b"7", set()),
    ],
)
def test_what_does_not_read_is_refused_never_guessed(
    name: str, version: int, payload: bytes, erased: set[str]
) -> None:
    recorded_as("sample.latest", 3, UPCASTERS)(Latest)
    with pytest.raises(UnreadableEvent):
        read_fact(name, version, payload, frozenset(erased))


# -- headers


def a_header() -> Header:
    recorded_as("sample.said")(Sample)
    acting = Acting(
        actor=UUID(int=2),
        role="pledger",
        entity=UUID(int=3),
        office="Ministry",
        authority=Authority(kind="api"),
    )
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return record(FULL, stream=UUID(int=1), version=4, acting=acting, effective_on="2022", now=now).header


def test_a_header_says_who_when_and_by_what_authority() -> None:
    header = a_header()
    assert (header.name, header.version, header.stream_version) == ("sample.said", 1, 4)
    assert (header.role, header.office, header.authority) == ("pledger", "Ministry", Authority(kind="api"))
    assert read_header(canonical(header)) == header


def sealed_header() -> tuple[Header, dict[str, str]]:
    authority = Authority(kind="email", reference="Letter of Jane", date="2022")
    bare = msgspec.structs.replace(a_header(), authority=authority, request_id="asked-1")
    return seal_header(bare, seal_payload(FULL).digests)


SALT = bytes(range(16))
HEADER_WORDS = ["office", "authority.reference"]


def proof_of(header: Header) -> bytes:
    return header_digest(SALT, canonical(header), header.word_digests)


def test_words_of_a_header_are_parts_of_their_own() -> None:
    header, salts = sealed_header()
    assert set(header.word_digests) == set(salts) == {*HEADER_WORDS, *ACCOUNT_PARTS}
    assert read_header(canonical(header)) == header
    assert broken_header_parts(canonical(header), SALT, proof_of(header), salts) == []


def test_a_header_without_words_is_hashed_as_it_is() -> None:
    bare = msgspec.structs.replace(a_header(), office=None, format=2)
    header, salts = seal_header(bare, {"": "00"})
    assert (salts, header.word_digests) == ({}, {})
    assert b"word_digests" not in canonical(header)
    assert proof_of(header) == _sha256(SALT + canonical(header))


@pytest.mark.parametrize("gone", [["office"], ["authority.reference"], HEADER_WORDS])
def test_an_erased_word_of_a_header_leaves_its_proof(gone: list[str]) -> None:
    header, salts = sealed_header()
    stored = without_words(canonical(header), gone)
    left = {path: salt for path, salt in salts.items() if path not in gone}
    assert broken_header_parts(stored, SALT, proof_of(header), left) == []
    read = read_header(stored)
    assert read.office == (ERASED if "office" in gone else "Ministry")
    assert read.authority == Authority(
        kind="email",
        reference=ERASED if "authority.reference" in gone else "Letter of Jane",
        date="2022",
    )
    assert (read.actor, read.digests) == (header.actor, header.digests)


@pytest.mark.parametrize(
    ("forged", "path"),
    [
        ({"office": "Another"}, "office"),
        ({"office": None}, "office"),
        ({"authority": {"kind": "email", "reference": "Another", "date": "2022"}}, "authority.reference"),
        ({"authority": {"kind": "form", "reference": "Letter of Jane", "date": "2022"}}, ""),
        ({"authority": None}, "authority.reference"),
        ({"role": "auditor"}, ""),
        ({"actor": str(UUID(int=9))}, "actor"),
        ({"actor": None}, "actor"),
        ({"request_id": "asked-2"}, "request_id"),
        ({"word_digests": {}}, ""),
        ({"digests": {}}, ""),
        ({"format": 1}, ""),
    ],
)
def test_whatever_is_forged_in_a_header_is_named(forged: dict[str, Any], path: str) -> None:
    header, salts = sealed_header()
    stored = canonical({**msgspec.json.decode(canonical(header)), **forged})
    assert path in broken_header_parts(stored, SALT, proof_of(header), salts)


def test_words_of_a_header_without_a_salt_are_broken() -> None:
    header, salts = sealed_header()
    del salts["office"]
    assert broken_header_parts(canonical(header), SALT, proof_of(header), salts) == ["office"]


REQUESTS = st.none() | st.text("abcXYZ09._:-", min_size=1, max_size=100)


@given(st.uuids(), REQUESTS, st.none() | WORDS, SAMPLES)
def test_an_account_that_is_withheld_leaves_the_leaf(
    actor: UUID, request: str | None, office: str | None, fact: Sample
) -> None:
    said = {"actor": actor, "request_id": request, "office": office}
    header, salts = seal_header(msgspec.structs.replace(A_HEADER, **said), seal_payload(fact).digests)
    stored = canonical(header)
    shown, left = without_account(stored, salts)
    assert salts.keys() - left.keys() == {"actor"} | ({"request_id"} if request else set())
    assert str(actor).encode() not in shown
    assert header_digest(SALT, shown, header.word_digests) == proof_of(header)
    assert broken_header_parts(shown, SALT, proof_of(header), left) == []
    assert read_header(shown) == msgspec.structs.replace(header, actor=None, request_id=None)
    back = canonical({**msgspec.json.decode(shown), "actor": str(actor)})
    assert broken_header_parts(back, SALT, proof_of(header), left) == ["actor"]


A_HEADER = Header(
    name="sample.said", version=1, stream=UUID(int=1), stream_version=4, effective_on="2022",
    actor=UUID(int=2), role="pledger", format=HEADER_FORMAT,
)  # fmt: skip


@pytest.mark.parametrize("said", [{"format": 1}, {"format": 2}, {"word_digests": {}}])
def test_nobody_acted_only_where_the_account_is_withheld(said: dict[str, Any]) -> None:
    header, salts = sealed_header()
    shown, _ = without_account(canonical(header), salts)
    assert read_header(shown).actor is None
    with pytest.raises(UnreadableEvent, match="not who acted"):
        read_header(canonical({**msgspec.json.decode(shown), **said}))


@pytest.mark.parametrize(
    "newer", [{"format": HEADER_FORMAT + 1}, {"witness": "somebody"}, {"stream": "nonsense"}]
)
def test_a_header_of_a_newer_code_is_refused(newer: dict[str, Any]) -> None:
    stored = msgspec.json.decode(canonical(a_header()))
    with pytest.raises(UnreadableEvent):
        read_header(canonical({**stored, **newer}))


@pytest.mark.parametrize("stored", [b"\xff{", b"", b"[]", b"null", b"[" * 100_000])
def test_what_is_no_header_is_refused(stored: bytes) -> None:
    with pytest.raises(UnreadableEvent):
        read_header(stored)


def test_facts_are_frozen_and_refuse_what_they_do_not_know() -> None:
    with pytest.raises(AttributeError):
        FULL.title = "Other"  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"title": "A", "email": "x"}, Sample)
