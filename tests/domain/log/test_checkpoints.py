from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.log.checkpoints import (
    BadProof,
    Checkpoint,
    InclusionProof,
    WitnessRequest,
    parse_checkpoint,
    parse_proof,
    parse_witness_request,
)
from domain.log.notes import BadNote, Signer, signed

ROOT = bytes(range(32))
HASHES = [bytes([number]) * 32 for number in range(3)]
CHECKPOINT = Checkpoint("register.example/log", 42, ROOT)
NOTE = signed(str(CHECKPOINT), [Signer("register.example/log", b"s" * 32)])
WORDS = "register.example/log\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_a_checkpoint_is_three_lines() -> None:
    assert str(CHECKPOINT) == WORDS
    assert parse_checkpoint(WORDS) == CHECKPOINT
    assert parse_checkpoint(WORDS + "more that says nothing\n") == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "log\n42\n",
        WORDS.replace("42", "042"), WORDS.replace("42", "-1"), WORDS.replace("42", "٤٢"),
        WORDS.replace("42", "9" * 20), WORDS.replace("AAEC", ""), WORDS.replace("8=", "9="),
        WORDS.replace("=", ""), WORDS + "\n",
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text)


@pytest.mark.parametrize("hashes", [[], HASHES])
def test_a_proof_is_read_as_it_was_written(hashes: list[bytes]) -> None:
    proof = InclusionProof(7, hashes, NOTE)
    assert parse_proof(str(proof).encode()) == proof
    assert str(proof).startswith("c2sp.org/tlog-proof@v1\nindex 7\n")
    with_more = str(proof).replace("\nindex", "\nextra YWdl\nindex")
    assert parse_proof(with_more.encode()) == proof


@pytest.mark.parametrize("hashes", [[], HASHES])
def test_a_request_to_a_witness_is_read_as_it_was_written(hashes: list[bytes]) -> None:
    request = WitnessRequest(7, hashes, NOTE)
    assert parse_witness_request(str(request).encode()) == request
    assert str(request).startswith("old 7\n")


PROOF = str(InclusionProof(7, HASHES, NOTE))
REQUEST = str(WitnessRequest(7, HASHES, NOTE))


@pytest.mark.parametrize(
    ("parse", "words"),
    [
        (parse_proof, ""),
        (parse_proof, PROOF.replace("@v1", "@v2")),
        (parse_proof, PROOF.replace("index 7", "index 07")),
        (parse_proof, PROOF.replace("index 7\n", "")),
        (parse_proof, PROOF.replace("AgIC", "!gIC")),
        (parse_proof, PROOF.replace("AgIC", "é")),
        (parse_proof, str(InclusionProof(7, HASHES * 30, NOTE))),
        (parse_proof, PROOF.partition("\n\n")[0]),
        (parse_witness_request, REQUEST.replace("old 7", "old seven")),
        (parse_witness_request, REQUEST.replace("old 7", "7")),
        (parse_witness_request, REQUEST.replace("AgIC", "")),
        (parse_witness_request, REQUEST.replace("AgIC", "é")),
    ],
)
def test_what_is_no_proof_is_refused(parse: Callable[[bytes], Any], words: str) -> None:
    with pytest.raises((BadProof, BadNote)):
        parse(words.encode())


@given(st.binary(max_size=300))
def test_whatever_comes_is_refused_with_a_reason(said: bytes) -> None:
    for parse in (parse_proof, parse_witness_request):
        with pytest.raises((BadProof, BadNote)):
            parse(said)
