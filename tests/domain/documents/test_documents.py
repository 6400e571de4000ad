"""Outside documents: depositing one says, refuses and stays quiet."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.actors import Actor, Grant
from domain.cycles.events import CycleClosed
from domain.documents.commands import DepositDocument
from domain.documents.decide import BYTES_MAX, decide
from domain.documents.events import DocumentDeposited
from domain.documents.evolve import evolve
from domain.documents.state import Document, document_id
from domain.errors import InvalidInput, NotPermitted, UnreadableEvent
from tests.domain.given import (
    ADMINISTRATOR,
    SECRETARIAT,
    FakeWorld,
    an_id,
    context,
    folded,
    happened,
    recorded,
)

AUDITOR = Actor(account=an_id(904), grants=(Grant(role="auditor", entity=an_id(1)),))
DIGEST = "ab" * 32
REPORT = DepositDocument(sha256=DIGEST, bytes=12, media_type="text/csv", title="The old export")


def with_(**changes: Any) -> DepositDocument:
    return msgspec.structs.replace(REPORT, **changes)


@pytest.fixture
def deposited() -> Document:
    decision = decide(REPORT, None, context(FakeWorld()))
    found = folded(evolve, None, recorded(decision, 0))
    assert found is not None
    return found


@pytest.mark.parametrize(("actor", "role"), [(SECRETARIAT, "secretariat"), (AUDITOR, "auditor")])
def test_deposit_says_which_file_it_is_and_what_it_speaks_of(actor: Actor, role: str) -> None:
    command = with_(title=" The old export ", provenance="The old site", as_of_day="2026-05")
    decision = decide(command, None, context(FakeWorld(), actor=actor))
    assert decision.facts == (
        DocumentDeposited(
            sha256=DIGEST, bytes=12, media_type="text/csv", title="The old export",
            provenance="The old site", as_of_day="2026-05",
        ),
    )  # fmt: skip
    assert (decision.stream, decision.acting.role) == (document_id(DIGEST), role)


@pytest.mark.parametrize("actor", [ADMINISTRATOR, Actor(account=an_id(905), grants=(Grant(role="pledger"),))])
def test_others_deposit_nothing(actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        decide(REPORT, None, context(FakeWorld(), actor=actor))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sha256": "AB" * 32}, "sha256"),
        ({"sha256": "ab" * 31}, "sha256"),
        ({"sha256": "ab" * 32 + "\n"}, "sha256"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": BYTES_MAX + 1}, "bytes"),
        ({"media_type": "csv"}, "media_type"),
        ({"media_type": "text/csv; charset=utf-8"}, "media_type"),
        ({"title": " "}, "title"),
        ({"title": "a" * 301}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "From ann@example.org"}, "title"),
        ({"provenance": "Call +44 20 7946 0958"}, "provenance"),
        ({"provenance": "a\u202eb"}, "provenance"),
        ({"as_of_day": "2199"}, "as_of_day"),
        ({"as_of_day": "yesterday"}, "as_of_day"),
    ],
)
def test_what_no_document_can_be_is_refused_field_by_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        decide(with_(**changes), None, context(FakeWorld()))
    assert set(refusal.value.errors) == {field}


def test_the_same_bytes_again_say_nothing(deposited: Document) -> None:
    assert decide(with_(title="Another title"), deposited, context(FakeWorld())).facts == ()


def test_the_same_digest_of_another_size_is_refused(deposited: Document) -> None:
    with pytest.raises(InvalidInput) as refusal:
        decide(with_(bytes=13), deposited, context(FakeWorld()))
    assert set(refusal.value.errors) == {"bytes"}


def test_what_happens_to_others_is_not_read_as_a_document() -> None:
    with pytest.raises(UnreadableEvent):
        evolve(None, happened(CycleClosed(cycle=2022), an_id(1)))
