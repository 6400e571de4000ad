"""What was stored is read for ever: each sample is an event as some version of this code wrote it."""

from __future__ import annotations

import json

import msgspec
import pytest

from domain.errors import UnreadableEvent
from domain.recording import (
    EVENT_TYPES,
    HEADER_FORMAT,
    Authority,
    broken_header_parts,
    broken_parts,
    canonical,
    header_digest,
    log_entry,
    payload_digest,
    read_fact,
    read_header,
)
from domain.values import ERASED
from tests.domain import kept_samples
from tests.domain.kept_samples import DIGESTS, HEADERS, SAMPLES, digests, expected, path_of, read, versions

ALL = sorted(expected())


def test_every_version_of_every_event_has_its_sample() -> None:
    assert versions() == set(expected())
    assert {path_of(*key).name for key in expected()} == {path.name for path in SAMPLES.glob("*.json")}


def test_no_sample_was_ever_edited() -> None:
    """Whoever changes what an event looks like adds another version of it, and another sample."""
    kept = dict(reversed(line.split()) for line in DIGESTS.read_text(encoding="utf-8").splitlines())
    assert dict(digests()) == kept


@pytest.mark.parametrize(("name", "version"), ALL)
def test_a_sample_is_read_as_what_was_said(name: str, version: int) -> None:
    sample = read(name, version)
    header = read_header(sample.header)
    assert (header.name, header.version) == (name, version)
    assert read_fact(name, version, sample.payload) == expected()[name, version]


@pytest.mark.parametrize(("name", "version"), ALL)
def test_a_sample_still_proves_itself(name: str, version: int) -> None:
    sample = read(name, version)
    assert broken_parts(sample.payload, sample.salts, read_header(sample.header).digests) == []
    assert canonical(read_header(sample.header)) == sample.header


FORMATS = range(1, HEADER_FORMAT + 1)


def test_every_format_of_headers_has_its_sample() -> None:
    assert {path.name for path in HEADERS.glob("*.json")} == {f"format-{number}.json" for number in FORMATS}


@pytest.mark.parametrize("number", FORMATS)
def test_a_header_of_every_format_is_read_and_proves_itself(number: int) -> None:
    told = json.loads((HEADERS / f"format-{number}.json").read_text(encoding="utf-8"))
    stored, salt = canonical(told["header"]), bytes.fromhex(told["header_salt"])
    header = read_header(stored)
    assert header.format == number
    assert header.office == "Ministry of Labour"
    assert header.authority == Authority(kind="note_verbale", reference="NV 12/2024", date="2024-11")
    assert read_fact(header.name, header.version, canonical(told["payload"])) == kept_samples.WITH_LINKS
    found = header_digest(salt, stored, header.word_digests)
    assert found.hex() == told["header_digest"]
    assert broken_header_parts(stored, salt, found, told["header_salts"]) == []
    assert log_entry(found, payload_digest(header.digests)).hex() == told["entry"]


@pytest.mark.parametrize("fact", kept_samples.EXAMPLES, ids=lambda fact: fact.NAME)
def test_what_is_written_today_looks_like_the_sample(fact: kept_samples.Fact) -> None:
    assert canonical(fact) == read(fact.NAME, fact.VERSION).payload


@pytest.mark.parametrize("fact", kept_samples.EXAMPLES, ids=lambda fact: fact.NAME)
def test_a_sample_says_all_that_can_be_said(fact: kept_samples.Fact) -> None:
    """So that a field that is renamed or dropped is noticed."""
    unsaid = {
        field.name for field in msgspec.structs.fields(fact) if getattr(fact, field.name) == field.default
    }
    # A State has no kind, and only a State is a member: no entity has every field. A pledge was recorded or
    # published; what is recorded stands in version 1.
    assert unsaid <= {"membership", "content"}


def test_bare_links_have_become_evidence() -> None:
    old, new = read("pledge.progress-reported", 1), read("pledge.progress-reported", 2)
    assert msgspec.json.decode(old.payload)["evidence"] == ["https://example.org/law"]
    assert msgspec.json.decode(new.payload)["evidence"] == [
        {"title": "The law", "url": "https://example.org/law"}
    ]
    was = read_fact("pledge.progress-reported", 1, old.payload)
    now = read_fact("pledge.progress-reported", 2, new.payload)
    assert [link.url for link in was.evidence] == [link.url for link in now.evidence]
    assert was.evidence[0].title == "https://example.org/law"


def test_an_old_report_without_links_has_none() -> None:
    assert read_fact("pledge.progress-reported", 1, b'{"percent":40}').evidence == ()


def test_a_version_that_is_not_known_yet_is_refused() -> None:
    for name, kind in EVENT_TYPES.items():
        with pytest.raises(UnreadableEvent, match=f"stored in version {kind.version + 1}"):
            read_fact(name, kind.version + 1, b"{}")


@pytest.mark.parametrize(("name", "version"), ALL)
def test_each_worded_field_may_be_erased(name: str, version: int) -> None:
    sample = read(name, version)
    for part in sample.salts:
        if part:
            fact = read_fact(name, version, sample.payload, frozenset({part}))
            assert ERASED in canonical(fact).decode()
