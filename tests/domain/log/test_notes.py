"""Signed notes against the example of the Go library that began them, and against whoever forges."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.log.notes import (
    COSIGNATURE,
    SIGNATURES_MAX,
    BadKey,
    BadNote,
    Signature,
    Signer,
    cosigned_at,
    parse_note,
    parse_signer,
    parse_verifier,
    signatures_by,
    signed,
)

# From the documentation of golang.org/x/mod/sumdb/note.
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{LINE}".encode()
OTHER = Signer("register.example/log", bytes(range(32)))


def test_a_published_note() -> None:
    verifier = parse_verifier(KEY)
    note = parse_note(NOTE)
    assert note.text == TEXT
    assert [found for found, _ in signatures_by(note, [verifier])] == [verifier]
    assert str(note).encode() == NOTE
    assert str(signed(TEXT, [parse_signer(PRIVATE)])).encode() == NOTE
    assert parse_signer(PRIVATE).words() == PRIVATE
    assert str(parse_signer(PRIVATE).verifier) == KEY == str(verifier)


def test_a_private_key_is_never_shown() -> None:
    signer = parse_signer(PRIVATE)
    assert "AYEK" not in f"{signer!r} {signer}"
    with pytest.raises(BadKey) as refused:
        parse_signer(PRIVATE[:-4] + "AAAA")
    assert "AYEK" not in str(refused.value)


def test_a_witness_says_when_it_saw_a_checkpoint() -> None:
    witness = Signer("witness.example", b"w" * 32, COSIGNATURE)
    line = witness.cosign("log\n1\nroot\n", 1_679_315_147)
    assert line.value[:8] == struct.pack(">Q", 1_679_315_147)
    assert cosigned_at(line) == 1_679_315_147
    assert parse_verifier(str(witness.verifier)) == witness.verifier
    assert witness.verifier.holds("log\n1\nroot\n", line)
    assert not witness.verifier.holds("log\n2\nroot\n", line)
    later = Signature(line.name, line.key_id, struct.pack(">Q", 1_679_315_148) + line.value[8:])
    assert not witness.verifier.holds("log\n1\nroot\n", later)
    short = Signature(line.name, line.key_id, b"short")
    assert not witness.verifier.holds("log\n1\nroot\n", short)


def test_the_text_ends_at_the_last_blank_line() -> None:
    note = signed("one\n\ntwo\n", [OTHER])
    assert parse_note(str(note).encode()) == note


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "a text, a blank line"),
        (TEXT.encode(), "a text, a blank line"),
        (NOTE.rstrip(b"\n"), "a text, a blank line"),
        (NOTE.replace(b"\xe2\x80\x94 Peter", b"- Peter"), "no line of a signature"),
        (NOTE.replace("— PeterNeumann".encode(), "— Peter+Neumann".encode()), "no line of a signature"),
        (NOTE.replace(b"x08go", b"x08g!"), "not base64"),
        (f"{TEXT}\n— PeterNeumann x08gowA=\n".encode(), None),
        (f"{TEXT}\n— PeterNeumann x08g\n".encode(), "too short"),
        (NOTE.replace(b"crypto", b"\xff"), "UTF-8"),
        (NOTE.replace(b"crypto", b"\x00"), "control characters"),
        (b"x" * 70_000, "at most"),
        (f"{TEXT}\n".encode() + LINE.encode() * (SIGNATURES_MAX + 1), "at most"),
    ],
)
def test_what_is_no_note_is_refused_with_a_reason(said: bytes, why: str | None) -> None:
    if why is None:
        with pytest.raises(BadNote, match="does not hold"):
            signatures_by(parse_note(said), [parse_verifier(KEY)])
        return
    with pytest.raises(BadNote, match=why):
        parse_note(said)


def test_a_bad_signature_of_a_known_key_spoils_the_note_and_an_unknown_one_is_ignored() -> None:
    known = parse_verifier(KEY)
    with pytest.raises(BadNote, match="PeterNeumann does not hold"):
        signatures_by(parse_note(NOTE.replace(b"problem", b"Problem")), [known])
    both = parse_note(NOTE + f"{OTHER.sign('something else')}\n".encode())
    assert len(signatures_by(both, [known])) == 1
    with pytest.raises(BadNote, match="no known key"):
        signatures_by(parse_note(NOTE), [OTHER.verifier])


@pytest.mark.parametrize(
    "words",
    ["", "name", "name+00000000+AA==", KEY.replace("c74f20a3", "c74f20a4"), KEY[:-4], "a b" + KEY[12:]],
)
def test_what_is_no_key_is_refused(words: str) -> None:
    with pytest.raises(BadKey):
        parse_verifier(words)
    with pytest.raises(BadKey):
        parse_signer(words)


def test_a_key_of_another_kind_is_refused() -> None:
    other = base64.b64encode(b"\x02" + b"k" * 32).decode()
    with pytest.raises(BadKey, match="kind 1 or 4"):
        parse_verifier(f"name+00000000+{other}")


@given(st.binary(max_size=400))
def test_whatever_comes_is_a_note_or_refused(said: bytes) -> None:
    for given_ in (said, said + b"\n\n" + LINE.encode()):
        try:
            note = parse_note(given_)
        except BadNote:
            continue
        assert parse_note(str(note).encode()) == note
