"""The tree that the projector keeps, against its definition; and what is signed about it."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from domain.actors import OPERATOR
from domain.errors import NotFound, NotPermitted
from domain.log.checkpoints import parse_proof
from domain.log.commands import AdoptKey
from domain.log.merkle import is_consistent, leaf_hash, node_hash, root_from_inclusion
from domain.log.notes import Note, Signature, Signer, parse_verifier, signatures_by, signed
from domain.log.tiles import Tile, tiles_of
from domain.recording import log_entry
from projections.composition import Runtime
from projections.database import recorder
from projections.log import questions
from projections.log.keys import KEY_FILE, KeyProblem
from projections.log.questions import SignedCheckpoint
from projections.log.read_model import LogModel
from projections.log.signing import NotGrown, Tampered
from projections.rebuild import rebuild
from tests.conftest import Database
from tests.projections.filled import BuildRuntime, bank, record_pledge

OTHER = Signer("pledges.localhost/other", b"o" * 32)


@pytest.fixture
def register(build_runtime: BuildRuntime, founded: Runtime) -> Runtime:
    """A register whose log has grown over more than one tile, in uneven steps."""
    runtime = build_runtime([LogModel()])
    runtime.notary.adopt_first_key()
    entity = bank(runtime.register)
    for _ in range(2):
        pledge_several(runtime, entity, 40)
        runtime.projector().catch_up()
    return runtime


def pledge_several(runtime: Runtime, entity: UUID, count: int) -> None:
    for _ in range(count):
        record_pledge(runtime.register, entity)


def ask(runtime: Runtime, question: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    with runtime.pool.connection() as connection:
        return question(connection, *arguments, **more)


def leaves(runtime: Runtime) -> list[bytes]:
    """The leaves, from the stored bytes alone."""
    with runtime.pool.connection() as connection:
        rows = connection.execute(
            "SELECT header_digest, payload_digest FROM events ORDER BY position"
        ).fetchall()
    return [leaf_hash(log_entry(header, payload)) for header, payload in rows]


def naive_root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return node_hash(naive_root(hashes[:middle]), naive_root(hashes[middle:]))


def test_a_checkpoint_is_signed_by_the_adopted_key(register: Runtime) -> None:
    register.notary.adopt_first_key()
    register.projector().catch_up()
    found = register.notary.sign()
    kept = leaves(register)
    assert (found.checkpoint.size, found.checkpoint.root) == (len(kept), naive_root(kept))
    (key,) = register.register.consult(lambda context: context.world.log(), by=OPERATOR).keys
    assert [by for by, _ in signatures_by(found.note, [parse_verifier(key)])] == [parse_verifier(key)]
    assert found.checkpoint.origin == parse_verifier(key).name
    assert register.notary.sign() == found


def test_a_checkpoint_is_signed_no_sooner_than_its_last_event_though_the_clock_was_set_back(
    register: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.notary.adopt_first_key()
    monkeypatch.setattr(recorder, "MICROSECOND", timedelta(days=1))  # so events run ahead of the clock
    record_pledge(register.register, bank(register.register, "Another"))
    register.projector().catch_up()
    signed_at = register.notary.sign().signed_at
    with register.pool.connection() as connection:
        last, now = connection.execute("SELECT max(recorded_at), clock_timestamp() FROM events").fetchone()
    assert signed_at == last > now


def test_nothing_is_signed_under_a_key_that_the_tree_does_not_hold(
    build_runtime: BuildRuntime, founded: Runtime
) -> None:
    runtime = build_runtime([LogModel()])
    runtime.projector().catch_up()
    with pytest.raises(NotGrown):
        runtime.notary.sign()
    runtime.projector().catch_up()
    first = runtime.notary.sign()
    runtime.notary.change_key("The safe was opened")
    record_pledge(runtime.register, bank(runtime.register))
    with pytest.raises(NotGrown):
        runtime.notary.sign()
    assert ask(runtime, questions.latest_checkpoint) == first
    runtime.projector().catch_up()
    assert len(runtime.notary.sign().note.signatures) == 2


def test_the_private_key_is_its_owner_s_alone(register: Runtime, tmp_path: Path) -> None:
    register.notary.sign()
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_every_event_is_proven_under_every_checkpoint(register: Runtime) -> None:
    signed = [register.notary.sign()]
    pledge_several(register, bank(register.register, "Another"), 5)
    register.projector().catch_up()
    signed.append(register.notary.sign())
    kept = leaves(register)
    for found in signed:
        size = found.checkpoint.size
        for position in (1, 2, size // 2, 256, 257, size):
            proof = ask(register, questions.inclusion, position, found)
            assert parse_proof(str(proof).encode()) == proof
            leaf = ask(register, questions.leaf_hash, position)
            assert leaf == kept[position - 1]
            assert root_from_inclusion(leaf, proof.index, size, proof.hashes) == found.checkpoint.root
        assert ask(register, questions.inclusion, size + 1, found) is None
        assert ask(register, questions.inclusion, 0, found) is None
    first, second = (found.checkpoint for found in signed)
    proof = ask(register, questions.consistency, first.size, second.size)
    assert is_consistent(first.size, first.root, second.size, second.root, proof)
    assert [found.checkpoint for found in ask(register, questions.checkpoints)] == [second, first]


def test_tiles_and_entries_lead_to_the_root(register: Runtime) -> None:
    size = register.notary.sign().checkpoint.size
    level_0 = b"".join(ask(register, questions.tile, 0, tile, size) for tile in tiles_of(size))
    assert level_0 == b"".join(leaves(register)[:size])
    (top,) = tiles_of(size, 1)
    assert ask(register, questions.tile, 1, top, size) == naive_root(leaves(register)[:256])
    bundles = b"".join(ask(register, questions.entries, tile, size) for tile in tiles_of(size))
    entries = [bundles[at + 2 : at + 83] for at in range(0, len(bundles), 83)]
    assert [leaf_hash(entry) for entry in entries] == leaves(register)[:size]
    assert ask(register, questions.tile, 0, Tile(1, 200), size) is None
    assert ask(register, questions.entries, Tile(1, 200), size) is None


def test_a_rebuilt_tree_is_the_same(register: Runtime) -> None:
    before = register.notary.sign()
    (rebuilt,) = rebuild(register.urls.app, [LogModel()], batch=7)
    assert rebuilt.equal
    assert register.notary.sign() == before


def test_a_tree_that_was_tampered_with_is_not_signed(register: Runtime, database: Database) -> None:
    register.notary.sign()
    pledge_several(register, bank(register.register, "Another"), 1)
    register.projector().catch_up()
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(
            "UPDATE pledges_log_1.log_hashes SET hash = sha256(hash) WHERE level = 0 AND index = 270"
        )
    with pytest.raises(Tampered, match="are not those"):
        register.notary.sign()


def test_a_tree_that_lost_events_is_not_signed(register: Runtime, database: Database) -> None:
    register.notary.sign()
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("DELETE FROM pledges_log_1.log_hashes WHERE level = 0 AND index >= 270")
    with pytest.raises(Tampered, match="was signed, and the log has"):
        register.notary.sign()


def signed_twice(register: Runtime) -> tuple[SignedCheckpoint, SignedCheckpoint]:
    first = register.notary.sign()
    pledge_several(register, bank(register.register, "Another"), 1)
    register.projector().catch_up()
    return first, register.notary.sign()


def change_note(database: Database, size: int, words: str) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # as a superuser can
        done = owner.execute("UPDATE pledges.checkpoints SET note = %s WHERE size = %s", [words, size])
        assert done.rowcount == 1


def broken_notes(found: SignedCheckpoint) -> list[str]:
    words, size = str(found.note), found.checkpoint.size
    return ["", "garbage", words.replace("\n", " ", 1), words.replace(f"\n{size}\n", f"\n{size + 9}\n")]


def test_a_latest_checkpoint_that_cannot_be_read_is_passed_over_and_not_signed_again(
    register: Runtime, database: Database
) -> None:
    first, last = signed_twice(register)
    size = last.checkpoint.size
    for words in broken_notes(last):
        change_note(database, size, words)
        assert register.log.latest() == first
        assert register.log.checkpoints() == [first]
        assert register.log.proof(1)[1] == first
        with pytest.raises(NotFound, match=f"The checkpoint of {size} events cannot be read"):
            register.log.checkpoint(size)
        with pytest.raises(Tampered, match=f"checkpoint of {size} events"):
            register.notary.sign()
        assert f"checkpoint of {size} events" in (register.log.check() or "")
    record_pledge(register.register, bank(register.register, "Another still"))
    register.projector().catch_up()
    with pytest.raises(Tampered, match="self-check"):
        register.notary.sign()


def test_an_earlier_checkpoint_that_cannot_be_read_is_passed_over(
    register: Runtime, database: Database
) -> None:
    first, last = signed_twice(register)
    size = first.checkpoint.size
    for words in broken_notes(first):
        change_note(database, size, words)
        assert register.log.checkpoints(limit=1) == register.log.checkpoints() == [last]
        assert register.log.checkpoints(below=last.checkpoint.size) == []
        moment = register.questions.moment(f"checkpoint:{size}", of=())
        assert register.questions.checkpoint(moment) is None
        for question in (register.log.latest, lambda moment: register.log.proof(1, moment)):
            with pytest.raises(NotFound, match=f"The checkpoint of {size} events cannot be read"):
                question(moment)
        assert register.notary.sign() == last
    assert register.log.latest(register.questions.moment(str(size), of=())) is None


def test_a_latest_checkpoint_that_the_log_did_not_sign_is_not_signed_again(
    register: Runtime, database: Database
) -> None:
    last = register.notary.sign()
    size, words = last.checkpoint.size, str(last.note)
    (by,) = last.note.signatures
    flipped = Signature(by.name, by.key_id, bytes([by.value[0] ^ 1]) + by.value[1:])
    for note in (signed(last.note.text, [Signer(by.name, b"o" * 32)]), Note(last.note.text, (flipped,))):
        change_note(database, size, str(note))
        with pytest.raises(Tampered, match=f"the checkpoint of {size} events is not signed under"):
            register.notary.sign()
        assert register.log.latest() is not None
    change_note(database, size, words)
    assert register.notary.sign() == last


def test_a_witness_s_signature_that_cannot_be_read_is_passed_over_and_named(
    register: Runtime, database: Database
) -> None:
    last = register.notary.sign()
    size, stranger = last.checkpoint.size, Signer("stranger.example", b"s" * 32).sign(last.note.text)
    register.log.keep_cosignature(size, OTHER.sign(last.note.text))
    assert register.log.check() is None
    said = f"The signature of the witness {OTHER.name} under the checkpoint of {size} events"
    for line, wrong in (("garbage", "cannot be read"), ("", "cannot be read"), (str(stranger), "is one of")):
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            assert owner.execute("UPDATE pledges.cosignatures SET line = %s", [line]).rowcount == 1
        assert (register.log.check() or "").startswith(f"{said} {wrong}")
        assert register.log.latest() == (
            last if wrong == "cannot be read" else with_signature(last, stranger)
        )


def with_signature(found: SignedCheckpoint, more: Signature) -> SignedCheckpoint:
    return replace(found, note=Note(found.note.text, (*found.note.signatures, more)))


def test_a_key_is_changed_under_the_signatures_of_both(register: Runtime, tmp_path: Path) -> None:
    first = register.notary.sign()
    position = register.notary.change_key("The safe was opened")
    register.projector().catch_up()
    second = register.notary.sign()
    old, new = (
        parse_verifier(key)
        for key in register.register.consult(lambda context: context.world.log(), by=OPERATOR).keys
    )
    assert second.checkpoint.size >= position
    assert {by for by, _ in signatures_by(second.note, [old, new])} == {old, new}
    assert [by for by, _ in signatures_by(first.note, [old, new])] == [old]
    assert (old.name, old.public == new.public) == (new.name, False)
    pledge_several(register, bank(register.register, "Another"), 1)
    register.projector().catch_up()
    assert [by for by, _ in signatures_by(register.notary.sign().note, [old, new])] == [new]
    assert [path.name for path in tmp_path.glob("log-key*")] == [KEY_FILE]


def test_a_machine_without_the_key_signs_nothing(register: Runtime, tmp_path: Path) -> None:
    register.notary.sign()
    (tmp_path / KEY_FILE).write_text(OTHER.words())
    with pytest.raises(KeyProblem, match="PLEDGES_LOG_KEY"):
        register.notary.sign()
    (tmp_path / KEY_FILE).write_text("nonsense")
    with pytest.raises(KeyProblem, match="holds no key"):
        register.notary.sign()


def test_only_the_operator_changes_the_key(register: Runtime) -> None:
    from tests.domain.given import SECRETARIAT  # noqa: PLC0415

    with pytest.raises(NotPermitted):
        register.register.handle(AdoptKey(key=str(OTHER.verifier)), by=SECRETARIAT)


@pytest.mark.parametrize("table", ["checkpoints", "cosignatures"])
def test_what_was_signed_stays(register: Runtime, database: Database, table: str) -> None:
    register.notary.sign()
    for url in (database.app_url, database.owner_url):
        with psycopg.connect(url, autocommit=True) as connection:
            for change in ("UPDATE {} SET size = size", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(change.format(f"pledges.{table}"))


def test_a_question_sees_one_view_whatever_is_signed_meanwhile(
    register: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = register.notary.sign()
    asked = questions.inclusion

    def signed_meanwhile(connection: Any, position: int, signed: Any) -> Any:
        record_pledge(register.register, bank(register.register, "Other bank"))
        register.projector().catch_up()
        assert register.notary.sign().checkpoint.size > first.checkpoint.size
        assert questions.latest_checkpoint(connection) == signed
        return asked(connection, position, signed)

    monkeypatch.setattr(questions, "inclusion", signed_meanwhile)
    _, under = register.log.proof(1)
    assert under == first
