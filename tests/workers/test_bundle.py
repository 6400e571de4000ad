"""An auditor's pack: made from a real register, checked offline, and found out whatever is done to it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain import recording
from domain.actors import OPERATOR, Actor, Grant
from domain.documents.commands import DepositDocument
from domain.log import merkle
from domain.log.checkpoints import hash_words
from domain.log.commands import EraseField
from domain.log.notes import Signer, parse_verifier, signed
from domain.pledges.commands import (
    AmendPledge,
    PublishPledge,
    ReportProgress,
    ReturnPledge,
    SubmitPledge,
)
from domain.pledges.content import Changes
from domain.pledges.events import PledgeMade
from domain.recording import Authority, Header
from domain.reference.states import state_id
from projections.composition import Runtime
from projections.database import mapper
from projections.problems import OperatorProblem
from projections.read_models import READ_MODELS
from tests.domain.pledges.life import content
from tests.projections.filled import AUTHORITY, BuildRuntime, bank, record_pledge
from tests.workers.packs import Lines, changed, checked, members, packed, refusal
from workers import verifier
from workers.bundling import write_bundle
from workers.verifier import Tree, Wrong, read_checkpoint, read_key, verify
from workers.verifying import verify_bundle

TODAY = datetime.now(UTC).date().isoformat()
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
    assert "1 earlier checkpoint holds" in said
    assert "3 pledges folded from them are those of the board" in said


def test_what_was_erased_is_on_the_board_as_the_events_say(register: Runtime, tmp_path: Path) -> None:
    register.projector().catch_up()
    last = register.recorder.max_notification_id()
    decision = Authority(kind="document", reference="Decision 7/2026", date="2026-03-01")
    for part in ("payload.content.title", "header.authority.reference"):
        register.eraser.erase(EraseField(position=last, part=part, ground="Article 17", authority=decision))
    register.eraser.let_read_models_forget()
    path = tmp_path / "pack.zip"
    write_bundle(register, path)
    found = members(path)
    assert "2 parts erased; 2 pledges folded from them are those of the board" in checked(found)
    kept_quiet = {**found, "board.jsonl": found["board.jsonl"].replace(b"Article 17", b"Article 18")}
    with pytest.raises(Wrong, match=", erased: expected"):
        checked(kept_quiet)


def test_words_are_gone_if_and_only_if_the_log_says_so(register: Runtime, tmp_path: Path) -> None:
    """Also where it says so after the checkpoint, and in the public's bundle."""
    last, kept = register.recorder.max_notification_id(), tmp_path / "kept.zip"
    write_bundle(register, kept)
    signed_before = read_checkpoint(members(kept)["checkpoint"].decode(), "before").size
    decision = Authority(kind="document", reference="Decision 8/2026", date="2026-03-01")
    for part in ("payload.content.title", "header.authority.reference"):
        register.eraser.erase(EraseField(position=last, part=part, ground="Article 17", authority=decision))
    register.eraser.let_read_models_forget()
    now, then = tmp_path / "now.zip", tmp_path / "then.zip"
    write_bundle(register, now, public=True)
    write_bundle(register, then, at=signed_before)
    assert "2 parts erased; 2 pledges folded from them are those of the board" in checked(members(now))
    since = "2 parts erased (2 of them after this checkpoint, as manifest.json says); 2 pledges folded"
    assert since in checked(members(then))
    before, after = (members(path)["events.jsonl"].splitlines(keepends=True) for path in (kept, now))
    brought_back = [*after[: last - 1], before[last - 1], *after[last:]]
    with pytest.raises(Wrong) as still_there:
        checked({**members(now), "events.jsonl": b"".join(brought_back)})
    assert str(still_there.value) == (
        f"event {last}, header.authority.reference: expected nothing, since event {last + 2} says it was "
        "erased, found words"
    )
    quiet = {**json.loads(members(then)["manifest.json"]), "erased_since": []}
    with pytest.raises(Wrong) as unsaid:
        checked({**members(then), "manifest.json": json.dumps(quiet).encode()})
    assert str(unsaid.value) == (
        f"event {last}, header.authority.reference: expected words, since no event says that they were "
        "erased, found nothing"
    )
    for odd in (None, [0], [{"position": last, "part": "payload.content.title", "erased_at": last}]):
        odd_since = {**quiet, "erased_since": odd}
        with pytest.raises(Wrong, match=r"manifest.json, erased_since: does not say which part"):
            checked({**members(then), "manifest.json": json.dumps(odd_since).encode()})


def test_the_single_file_needs_nothing_but_python(bundle: Path) -> None:
    command = [sys.executable, "-I", verifier.__file__, str(bundle)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert "the key in the bundle" in result.stdout
    assert result.stdout.endswith("; the board and the reference data were not looked at\n")
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
    assert "under a key that the key given led to" in checked(found, [first])
    assert verify_bundle(path, None, tmp_path / "first.zip") == 0
    newest = read_key(str(register.log.keys()[1]))
    assert "under the key given" in checked(found, [newest])
    alone = found["checkpoint"].decode()
    text, _, lines = alone.rpartition("\n\n")
    without_old = [line for line in lines.splitlines() if first.key_id not in _value(line)]
    with pytest.raises(Wrong, match="the chain of keys is broken at event 205: the key"):
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
    with pytest.raises(Wrong, match=f"checkpoint {len(lines)}: is not signed under the log's key"):
        checked(forged, [read_key(str(real[0]))])


def _value(line: str) -> bytes:
    return base64.b64decode(line.rpartition(" ")[2])


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
    with pytest.raises(Wrong, match="the older bundle has 999999 events, and this one"):
        verify(packed(found), older=longer)


# -- for whose eyes


@pytest.fixture
def submitted(register: Runtime) -> UUID:
    """A submission that was returned, beside what is public."""
    pledge, said = uuid4(), content(entity=bank(register.register, "A fourth"))
    order = SubmitPledge(pledge_id=pledge, content=said, authority=AUTHORITY)
    register.register.handle(order, by=OPERATOR)
    register.register.handle(ReturnPledge(pledge_id=pledge, reason="Of which year?"), by=OPERATOR)
    register.projector().catch_up()
    return pledge


def test_the_public_s_bundle_leads_to_the_same_root_without_what_is_not_public(
    register: Runtime, submitted: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "public.zip"
    write_bundle(register, path, public=True)
    found = members(path)
    assert json.loads(found["manifest.json"])["sees"] == "public"
    assert str(submitted).encode() not in b"".join(found.values())
    assert "2 events are withheld" in checked(found)
    assert verify_bundle(path, None, None) == 0
    assert "2 events are withheld" in capsys.readouterr().out


@pytest.mark.parametrize(("of", "withheld"), [("A fourth", 0), ("Another", 2)])
def test_an_account_s_bundle_holds_what_it_may_read(
    register: Runtime, submitted: UUID, tmp_path: Path, of: str, withheld: int
) -> None:
    entity = register.questions.entity_named(of)
    viewer = Actor(account=uuid4(), grants=(Grant(role="auditor", entity=entity),))
    path = tmp_path / "pack.zip"
    write_bundle(register, path, viewer=viewer)
    found = members(path)
    assert json.loads(found["manifest.json"])["sees"] == f"auditor of {entity}"
    assert f"{withheld} events are withheld" in checked(found)
    assert str(submitted).encode() not in found["board.jsonl"]


@pytest.mark.parametrize(("of", "withheld"), [(None, 4), ("KEN", 0), ("FRA", 4)])
def test_pledges_that_were_submitted_are_compared_for_all_eyes(
    register: Runtime, tmp_path: Path, of: str | None, withheld: int
) -> None:
    """What was submitted, returned and submitted again is public since it was published."""
    pledge = uuid4()
    order = SubmitPledge(pledge_id=pledge, content=content(entity=state_id("KEN")), authority=AUTHORITY)
    register.register.handle(order, by=OPERATOR)
    register.register.handle(ReturnPledge(pledge_id=pledge, reason="Of which year?"), by=OPERATOR)
    register.register.handle(order, by=OPERATOR)
    register.register.handle(PublishPledge(pledge_id=pledge), by=OPERATOR)
    deposit = DepositDocument(sha256="ab" * 32, bytes=5, media_type="text/csv", title="The old dashboard")
    deposited = register.register.handle(deposit, by=OPERATOR).stream
    decision = Authority(kind="document", reference="Decision 9/2026", date="2026-03-01")
    last = register.recorder.max_notification_id()
    order = EraseField(position=last, part="payload.title", ground="Article 17", authority=decision)
    register.eraser.erase(order)
    order = EraseField(position=last - 4, part="payload.content.title", ground="17", authority=decision)
    register.eraser.erase(order)  # of an event that not everybody may read, nor this one
    register.eraser.let_read_models_forget()
    path = tmp_path / "pack.zip"
    grants = (Grant(role="auditor", entity=state_id(of)),) if of else ()
    viewer = Actor(account=uuid4(), grants=grants) if of else None
    write_bundle(register, path, viewer=viewer, public=of is None)
    found = members(path)
    assert str(deposited).encode() in found["events.jsonl"]
    said = checked(found)
    assert f" {withheld} events are withheld" in said
    assert "; 3 pledges folded from them are those of the board; the board as of " in said
    forged = found["board.jsonl"].replace(b"More places of learning", b"Fewer places of learning", 1)
    assert forged != found["board.jsonl"]
    with pytest.raises(Wrong, match=", title: expected 'More places of learning', found 'Fewer"):
        checked({**found, "board.jsonl": forged})


def test_an_earlier_checkpoint_is_bundled_with_the_keys_of_its_time(
    register: Runtime, bundle: Path, tmp_path: Path
) -> None:
    first = read_checkpoint(members(bundle)["checkpoint"].decode(), "first").size
    register.notary.change_key("Another machine")
    register.projector().catch_up()
    register.notary.sign()
    path = tmp_path / "earlier.zip"
    write_bundle(register, path, at=first)
    found = members(path)
    assert f"{first} events lead to the root" in checked(found)
    again = members(bundle)
    changing = {"manifest.json"}
    assert {name: found[name] for name in found.keys() - changing} == {
        name: again[name] for name in again.keys() - changing
    }


def test_a_size_that_no_checkpoint_has_is_refused_with_the_nearest(
    register: Runtime, bundle: Path, tmp_path: Path
) -> None:
    size = read_checkpoint(members(bundle)["checkpoint"].decode(), "last").size
    with pytest.raises(OperatorProblem, match=f"the nearest has {size}"):
        write_bundle(register, tmp_path / "none.zip", at=size + 1)
    assert not list(tmp_path.glob("none.zip*"))


# -- by which account


@dataclass(frozen=True)
class Person:
    """Somebody who pledges: the account, and what was asked by it."""

    actor: Actor
    entity: UUID

    @property
    def traces(self) -> tuple[bytes, bytes]:
        return str(self.actor.account).encode(), str(self.actor.request_id).encode()


@pytest.fixture
def person(register: Runtime) -> Person:
    """Whose pledge was published, and reported on."""
    entity = bank(register.register, "A fifth")
    actor = Actor(
        account=uuid4(), grants=(Grant(role="pledger", entity=entity),), request_id=f"asked-{uuid4()}"
    )
    pledge = uuid4()
    register.register.handle(SubmitPledge(pledge_id=pledge, content=content(entity=entity)), by=actor)
    register.register.handle(PublishPledge(pledge_id=pledge), by=OPERATOR)
    register.register.handle(ReportProgress(pledge_id=pledge, effective_on=TODAY, percent=40), by=actor)
    register.projector().catch_up()
    return Person(actor, entity)


def bundle_for(register: Runtime, path: Path, **eyes: Any) -> dict[str, bytes]:
    write_bundle(register, path, **eyes)
    return members(path)


def test_the_public_s_bundle_names_no_account_and_is_verified(
    register: Runtime, person: Person, tmp_path: Path
) -> None:
    public = bundle_for(register, tmp_path / "public.zip", public=True)
    whole = bundle_for(register, tmp_path / "whole.zip")
    own = bundle_for(register, tmp_path / "own.zip", viewer=person.actor)
    auditor = Actor(account=uuid4(), grants=(Grant(role="auditor", entity=person.entity),))
    audited = bundle_for(register, tmp_path / "audited.zip", viewer=auditor)
    for trace in person.traces:
        assert trace not in b"".join(public.values())
        for found in (whole, own, audited):
            assert trace in found["events.jsonl"]
    assert str(OPERATOR.account).encode() not in public["events.jsonl"]
    assert "3 pledges folded from them" in checked(public)
    assert "3 pledges folded from them" in checked(whole)
    assert all(", 0 parts erased" in checked(found) for found in (public, whole, own, audited))
    # Whoever has both sees that one log is in them.
    assert verify_bundle(tmp_path / "whole.zip", None, tmp_path / "public.zip") == 0


def test_an_account_that_is_put_back_wrong_is_named(
    register: Runtime, person: Person, tmp_path: Path
) -> None:
    def forge(found: dict[str, bytes]) -> dict[str, bytes]:
        def change(lines: Lines) -> None:
            header = json.loads(lines[-1]["header"])
            lines[-1]["header"] = recording.canonical({**header, "actor": str(uuid4())}).decode()

        return changed(found, "events.jsonl", change)

    size = register.recorder.max_notification_id()
    at = f"event {size}, header.actor: expected"
    public = forge(bundle_for(register, tmp_path / "public.zip", public=True))
    assert refusal(public) == f"{at} nothing, since its salt is gone, found words"
    whole = forge(bundle_for(register, tmp_path / "whole.zip"))
    assert refusal(whole).startswith(f"{at} the digest ")


@pytest.fixture
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers are sealed as they were in format 2, when `pledge.made` had version 1."""

    def seal(header: Header, digests: Mapping[str, str]) -> tuple[Header, dict[str, str]]:
        return recording.seal_header(msgspec.structs.replace(header, format=2), digests)

    monkeypatch.setattr(mapper, "seal_header", seal)
    monkeypatch.setattr(PledgeMade, "VERSION", 1)


@pytest.mark.usefixtures("as_before")
def test_events_of_before_are_withheld_whole_where_a_person_s_account_stands_in_them(
    register: Runtime, person: Person, tmp_path: Path
) -> None:
    public = bundle_for(register, tmp_path / "public.zip", public=True)
    whole = bundle_for(register, tmp_path / "whole.zip")
    for trace in person.traces:
        assert trace not in b"".join(public.values())
        assert trace in whole["events.jsonl"]
    lines = [json.loads(line) for line in public["events.jsonl"].splitlines()]
    # It was handed in, published by the operator, reported on, and so fulfilled in part.
    assert ["header" in line for line in lines[-4:]] == [False, True, False, False]
    size = register.recorder.max_notification_id() or 0
    found = register.questions.evidence(size, viewer=None)
    assert found is not None
    assert (found.header, found.payload) == (None, None)
    assert found.event is not None  # history still tells of it
    assert "events are withheld" in checked(public)
    assert "3 pledges folded from them" in checked(whole)


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
