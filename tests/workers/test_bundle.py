"""An auditor's pack: made from a real register, checked offline, and found out whatever is done to it."""

from __future__ import annotations

import base64
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain import recording
from domain.actors import OPERATOR
from domain.log import merkle
from domain.log.checkpoints import hash_words
from domain.log.notes import Signer, parse_verifier, signed
from domain.pledges.commands import AmendPledge, ReportProgress
from domain.pledges.content import Changes
from projections.composition import Runtime
from projections.read_models import READ_MODELS
from tests.projections.filled import AUTHORITY, BuildRuntime, bank, record_pledge
from workers import verifier
from workers.bundling import write_bundle
from workers.verifier import Key, Pack, Tree, Wrong, read_checkpoint, read_key, verify
from workers.verifying import Board, verify_bundle

Members = dict[str, bytes]
OTHER = Signer("pledges.localhost/other", b"o" * 32)


@pytest.fixture
def register(build_runtime: BuildRuntime, founded: Runtime) -> Runtime:
    """A register in which something has happened."""
    runtime = build_runtime(READ_MODELS)
    runtime.notary.adopt_first_key()
    pledge = record_pledge(runtime.register, bank(runtime.register)).stream
    said = {"pledge_id": pledge, "authority": AUTHORITY}
    runtime.register.handle(ReportProgress(**said, effective_on="2024-05", percent=40), by=OPERATOR)
    changes = AmendPledge(**said, changes=Changes(title="Écoles pour tous"), reason="Title")
    runtime.register.handle(changes, by=OPERATOR)
    record_pledge(runtime.register, bank(runtime.register, "Another"))
    return runtime


@pytest.fixture
def bundle(register: Runtime, tmp_path: Path) -> Path:
    register.projector().catch_up()
    register.notary.sign()
    record_pledge(register.register, bank(register.register, "A third"))
    path = tmp_path / "pack.zip"
    write_bundle(register, path)
    return path


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def packed(found: Mapping[str, bytes]) -> Pack:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name, content in found.items():
            pack.writestr(name, content)
    return Pack(file)


def checked(found: Mapping[str, bytes], trusted: list[Key] | None = None) -> str:
    pack, board = packed(found), Board()
    established = verify(pack, trusted, seen=board.see)
    return f"{established}; {board.compare(pack)}"


def test_a_bundle_is_verified_with_the_public_key_alone(
    register: Runtime, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    key.write_text(str(register.log.keys()[-1]))
    assert verify_bundle(bundle, key, None) == 0
    said = capsys.readouterr().out
    size = register.recorder.max_notification_id()
    assert f"verified: {size} events lead to the root" in said
    assert "under the key given" in said
    assert "1 earlier checkpoints hold" in said
    assert "3 pledges folded from them are those of the board" in said


def test_the_single_file_needs_nothing_but_python(bundle: Path) -> None:
    command = [sys.executable, "-I", verifier.__file__, str(bundle)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert "the key in the bundle" in result.stdout
    assert verifier.main([]) == 2


def test_a_key_of_another_log_is_not_believed(bundle: Path) -> None:
    found = members(bundle)
    with pytest.raises(Wrong, match="not signed under the key given"):
        checked(found, [read_key(str(OTHER.verifier))])


def test_trust_in_an_earlier_key_leads_to_the_one_that_followed(register: Runtime, tmp_path: Path) -> None:
    first = read_key(str(register.log.keys()[0]))
    write_bundle(register, tmp_path / "first.zip")
    register.notary.change_key("The safe was opened")
    path = tmp_path / "second.zip"
    write_bundle(register, path)
    found = members(path)
    assert "under the key given" in checked(found, [first])
    assert verify_bundle(path, None, tmp_path / "first.zip") == 0
    newest = read_key(str(register.log.keys()[1]))
    assert "under the key given" in checked(found, [newest])
    alone = found["checkpoint"].decode()
    text, _, lines = alone.rpartition("\n\n")
    without_old = [line for line in lines.splitlines() if first.key_id not in _value(line)]
    with pytest.raises(Wrong, match="nor under one that it led to"):
        checked({**found, "checkpoint": f"{text}\n\n{without_old[0]}\n".encode()}, [first])


def test_a_key_that_no_event_adopts_gains_nothing_by_signing_beside_the_real_one(
    register: Runtime, bundle: Path
) -> None:
    """A forger may sign a real checkpoint too, and withhold whatever would give the forgery away."""
    found, real = members(bundle), register.log.keys()
    forger = Signer(real[0].name, b"f" * 32)
    (earlier,) = (json.loads(line)["note"] for line in found["checkpoints.jsonl"].splitlines())
    both = f"{earlier}{forger.sign(earlier.rpartition(chr(10) * 2)[0] + chr(10))}\n"
    lines = found["events.jsonl"].splitlines()
    lines[-1] = json.dumps(
        {"position": len(lines), "header_digest": "00" * 32, "payload_digest": "00" * 32}
    ).encode()
    tree = Tree()
    for position, line in enumerate(lines, 1):
        tree.add(verifier.read_event(line, position).leaf)
    note = signed(f"{forger.name}\n{tree.size}\n{hash_words(tree.root())}\n", [forger])
    forged = {
        **found, "keys": f"{real[0]}\n{forger.verifier}\n".encode(), "checkpoint": str(note).encode(),
        "checkpoints.jsonl": json.dumps({"note": both}, ensure_ascii=False).encode() + b"\n",
        "events.jsonl": b"\n".join(lines) + b"\n",
    }  # fmt: skip
    with pytest.raises(Wrong, match="keys: are not those that the events say were adopted"):
        checked(forged, [read_key(str(real[0]))])


def _value(line: str) -> bytes:
    return base64.b64decode(line.rpartition(" ")[2])


# -- what is done to a bundle


def changed(found: Members, name: str, change: Callable[[list[dict[str, Any]]], None]) -> Members:
    lines = [json.loads(line) for line in found[name].splitlines()]
    change(lines)
    written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return {**found, name: written.encode()}


def swapped(lines: list[dict[str, Any]]) -> None:
    lines[10], lines[11] = {**lines[11], "position": 11}, {**lines[10], "position": 12}


def renamed(lines: list[dict[str, Any]]) -> None:
    (*_, amended) = (line for line in lines if "Écoles" in line["payload"])
    amended["payload"] = amended["payload"].replace("title", "tytle")


def resalted(lines: list[dict[str, Any]]) -> None:
    lines[5]["header_salt"] = "00" * 16


def unsalted(lines: list[dict[str, Any]]) -> None:
    lines[5]["salts"].popitem()


def later(lines: list[dict[str, Any]]) -> None:
    header = json.loads(lines[7]["header"])
    header["recorded_at"] = "2020-01-01T00:00:00Z"
    lines[7]["header"] = recording.canonical(header).decode()


def spaced(lines: list[dict[str, Any]]) -> None:
    lines[7]["header"] = lines[7]["header"].replace(",", ", ", 1)


def another_percent(lines: list[dict[str, Any]]) -> None:
    lines[0]["percent"] = 99


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("events.jsonl", swapped, "event 11, header.position: expected 11, found 12"),
        ("events.jsonl", lambda lines: lines.pop(), "ends at event"),
        ("events.jsonl", lambda lines: lines.pop(20), "event 21, position: expected 21, found 22"),
        ("events.jsonl", lambda lines: lines.append(lines[-1]), "has more events"),
        ("events.jsonl", renamed, "payload"),
        ("events.jsonl", resalted, "expected the root"),
        ("events.jsonl", unsalted, "event 6, payload"),
        ("events.jsonl", later, "event 8, header.recorded_at"),
        ("events.jsonl", spaced, "event 8, header: is not written the one way"),
        ("board.jsonl", another_percent, "percent: expected"),
        ("board.jsonl", lambda lines: lines.pop(), "is missing"),
        ("board.jsonl", lambda lines: lines.append(lines[0]), "no event makes a public pledge"),
        ("checkpoints.jsonl", lambda lines: lines[0].pop("note"), "line 1"),
    ],
)
def test_each_change_is_named(
    bundle: Path, name: str, change: Callable[[list[dict[str, Any]]], None], said: str
) -> None:
    with pytest.raises(Wrong, match=said):
        checked(changed(members(bundle), name, change))


def test_a_fork_signed_with_the_log_s_own_key_does_not_grow_from_the_older_bundle(
    register: Runtime, bundle: Path
) -> None:
    found = members(bundle)
    last = read_checkpoint(found["checkpoint"].decode(), "checkpoint")
    forged = merkle.leaf_hash(b"another history")
    (signer,) = register.notary._keys.all()
    note = signed(f"{last.origin}\n{last.size - 1}\n{hash_words(forged)}\n", [signer])
    fork = read_checkpoint(str(note), "fork")
    with pytest.raises(Wrong, match=f"checkpoint {last.size - 1}: expected the root"):
        verify(packed(found), older=fork)
    other = read_checkpoint(str(signed(f"elsewhere\n1\n{hash_words(forged)}\n", [OTHER])), "other")
    with pytest.raises(Wrong, match="the older bundle is of elsewhere"):
        verify(packed(found), older=other)
    longer = read_checkpoint(
        str(signed(f"{last.origin}\n999999\n{hash_words(forged)}\n", [signer])), "longer"
    )
    with pytest.raises(Wrong, match="it was cut"):
        verify(packed(found), older=longer)


@pytest.mark.parametrize("name", verifier.MEMBERS)
def test_a_bit_that_was_flipped_anywhere_is_found_or_changes_nothing(bundle: Path, name: str) -> None:
    found = members(bundle)
    expected = checked(found)
    chance = random.Random(name)
    for _ in range(12):
        content = bytearray(found[name])
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        if name.startswith("reference/") or name == "manifest.json":
            continue  # nothing signs them; the archive's own sums find what breaks by accident, below
        try:
            said = checked({**found, name: bytes(content)})
        except Wrong:
            continue
        assert said == expected, f"{name}, byte {place}"


def test_an_archive_that_was_damaged_is_found(bundle: Path) -> None:
    content, chance = bundle.read_bytes(), random.Random(7)
    expected = checked(members(bundle))
    for _ in range(60):
        damaged = bytearray(content)
        place = chance.randrange(len(damaged))
        damaged[place] ^= 1 << chance.randrange(8)
        try:
            pack, board = Pack(io.BytesIO(bytes(damaged))), Board()
            said = f"{verify(pack, seen=board.see)}; {board.compare(pack)}"
        except Wrong:
            continue
        assert said == expected, f"byte {place}"
    for cut in (0, 10, len(content) // 2, len(content) - 1):
        with pytest.raises(Wrong):
            Pack(io.BytesIO(content[:cut]))


def test_members_that_are_missing_twice_or_endless_are_refused(bundle: Path) -> None:
    found = members(bundle)
    for name in verifier.MEMBERS:
        with pytest.raises(Wrong, match=f"0 members {name}"):
            packed({other: content for other, content in found.items() if other != name})
    with pytest.raises(Wrong, match="should not have"):
        packed({**found, "more": b""})
    endless = {**found, "events.jsonl": b"x" * (verifier.LINE_BYTES_MAX + 2) + b"\n"}
    with pytest.raises(Wrong, match="a line of more than"):
        checked(endless)
    with pytest.raises(Wrong, match="keys: has more than"):
        checked({**found, "keys": b"k" * (verifier.SMALL_BYTES_MAX + 1)})


@pytest.mark.parametrize(
    "line", ["", "[]", "null", '{"position": 1}', '{"position": 1, "header": 5}', "{" * 100_000]
)
def test_lines_that_are_no_events_are_refused(bundle: Path, line: str) -> None:
    with pytest.raises(Wrong, match=r"event 1|events\.jsonl"):
        checked({**members(bundle), "events.jsonl": f"{line}\n".encode()})


def test_withheld_events_still_lead_to_the_root(bundle: Path, register: Runtime) -> None:
    with register.pool.connection() as connection:
        rows = connection.execute(
            "SELECT header_digest, payload_digest FROM events ORDER BY position"
        ).fetchall()

    def withhold(lines: list[dict[str, Any]]) -> None:
        for place in (200, 201):
            header, payload = rows[place]
            lines[place] = {
                "position": place + 1, "header_digest": header.hex(), "payload_digest": payload.hex(),
            }  # fmt: skip

    said = checked(changed(members(bundle), "events.jsonl", withhold))
    assert "2 events are withheld" in said
    assert "the board was not compared" in said


# -- two paths that agree


SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TREES = st.recursive(
    st.none() | st.booleans() | SAFE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


@given(TREES)
def test_both_write_json_alike(tree: Any) -> None:
    assert verifier.canonical(tree) == recording.canonical(tree)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_both_come_to_the_same_root(leaves: list[bytes]) -> None:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == merkle.root(lambda _, begin, end: leaves[begin:end], len(leaves))


# RFC 8032, section 7.1: public key, message, signature.
PUBLISHED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), PUBLISHED)
def test_published_signatures(public: str, message: str, signature: str) -> None:
    key, said, value = (bytes.fromhex(words) for words in (public, message, signature))
    assert verifier.is_signature(key, said, value)
    assert not verifier.is_signature(key, said + b"x", value)
    for place in (0, 31, 32, 63):
        bent = bytes([*value[:place], value[place] ^ 1, *value[place + 1 :]])
        assert not verifier.is_signature(key, said, bent)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_both_believe_the_same_signatures(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier.is_signature(public, message, signature)
    assert not verifier.is_signature(public, message + b"!", signature)
    assert not verifier.is_signature(public, message, signature[:-1] + bytes([signature[-1] ^ 64]))


def test_keys_are_read_alike() -> None:
    words = str(OTHER.verifier)
    assert (read_key(words).public, read_key(words).key_id) == (
        parse_verifier(words).public,
        parse_verifier(words).key_id,
    )
    for wrong in ("", "name", words[:-4], words.replace("+", "-"), "x" + words):
        with pytest.raises(Wrong):
            read_key(wrong)
