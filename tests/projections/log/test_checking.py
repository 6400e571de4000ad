"""A register that looks at itself finds what a superuser of the database has changed, and says where."""

from __future__ import annotations

import psycopg
import pytest

from domain.accounts.commands import AddAccount
from domain.actors import OPERATOR
from domain.log.commands import EraseField
from domain.recording import Authority, header_digest, read_header
from projections.composition import Runtime
from projections.database.recorder import EventsLost
from projections.log.checking import Copy
from projections.log.read_model import LogModel
from projections.log.signing import Tampered
from tests.conftest import Database
from tests.projections.filled import BuildRuntime, bank, record_pledge


@pytest.fixture
def register(build_runtime: BuildRuntime, founded: Runtime) -> Runtime:
    runtime = build_runtime([LogModel()])
    runtime.notary.adopt_first_key()
    record_pledge(runtime.register, bank(runtime.register))
    runtime.projector().catch_up()
    runtime.notary.sign()
    return runtime


def tamper(database: Database, *statements: str) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # as a superuser can
        for statement in statements:
            owner.execute(statement)


def test_what_fits_is_said_to_fit(register: Runtime) -> None:
    assert register.log.last_check() is None
    assert register.log.check() is None
    found = register.log.last_check()
    assert found is not None
    assert (found.size, found.problem) == (register.recorder.max_notification_id(), None)


EVENTS = "UPDATE pledges.events SET {} WHERE position = 77"
FLIPPED = "set_byte({0}, {1}, get_byte({0}, {1}) # 1)"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (EVENTS.format(f"header = {FLIPPED.format('header', 20)}"), "position 77"),
        (EVENTS.format(f"header_salt = {FLIPPED.format('header_salt', 3)}"), "position 77, header"),
        (EVENTS.format(f"header_digest = {FLIPPED.format('header_digest', 3)}"), "position 77, header"),
        (EVENTS.format(f"payload = {FLIPPED.format('payload', 12)}"), "position 77"),
        (EVENTS.format(f"payload_digest = {FLIPPED.format('payload_digest', 3)}"), "77, payload_digest"),
        (EVENTS.format("payload = set_byte(payload, 12, 255)"), "position 77 cannot be read"),
        (EVENTS.format("header = set_byte(header, 12, 255)"), "position 77 cannot be read"),
        (EVENTS.format("salts = '{}'"), "position 77, payload"),
        (EVENTS.format("payload = convert_to(convert_from(payload, 'UTF8') || ' ', 'UTF8')"), "77, payload"),
        (EVENTS.format("name = 'entity.renamed'"), "77, name: expected entity.registered, found"),
        (EVENTS.format("recorded_at = recorded_at + interval '1 second'"), "77, recorded_at"),
        ("DELETE FROM pledges.events WHERE position = 77", "position 77 is missing"),
        ("DELETE FROM pledges.events WHERE position = (SELECT max(position) FROM pledges.events)", "missing"),
        (
            "DELETE FROM pledges_log_1.log_hashes WHERE level = 0 AND index > 150",
            "has 199 events, and the log has 151",
        ),
        (
            "UPDATE pledges_log_1.log_hashes SET hash = sha256(hash) WHERE level = 0 AND index = 76",
            "77 is not",
        ),
        ("UPDATE pledges.checkpoints SET root = sha256(root)", "another checkpoint was signed"),
        ("UPDATE pledges.checkpoints SET note = replace(note, '\n1', '\n0')", "cannot be read: the size"),
        ("UPDATE pledges.checkpoints SET note = replace(note, '\n1', '\n2')", "is not what was signed"),
        ("UPDATE pledges.checkpoints SET note = 'nothing'", "cannot be read"),
    ],
)
def test_whatever_was_changed_is_named(
    register: Runtime, database: Database, statement: str, said: str
) -> None:
    tamper(database, statement)
    problem = register.log.check()
    assert problem is not None
    assert said in problem
    found = register.log.last_check()
    assert found is not None
    assert found.problem == problem


TITLE = "payload.content.title"
TAKEN = """
UPDATE pledges.events SET payload = pledges.without_words(payload, 'content.title'),
    salts = salts - 'content.title' WHERE position = {}
"""


def test_words_are_gone_where_the_log_says_so_and_nowhere_else(register: Runtime, database: Database) -> None:
    made = record_pledge(register.register, bank(register.register, "Another Bank")).position
    register.projector().catch_up()
    decision = Authority(kind="document", reference="Decision 7/2026", date="2026-03-01")
    command = EraseField(position=made, part=TITLE, ground="Article 17", authority=decision)
    register.eraser.erase(command)
    assert register.log.check() is None, "the tree has not grown to the erasure yet"
    register.projector().catch_up()
    assert register.log.check() is None
    other = record_pledge(register.register, bank(register.register, "A Third Bank")).position
    register.projector().catch_up()
    tamper(database, TAKEN.format(other))
    assert f"position {other}, {TITLE}: expected words, since no log.field-erased" in str(
        register.log.check()
    )


def test_words_that_the_log_says_are_erased_are_found(register: Runtime, database: Database) -> None:
    made = record_pledge(register.register, bank(register.register, "Another Bank")).position
    decision = Authority(kind="document", reference="Decision 7/2026", date="2026-03-01")
    command = EraseField(position=made, part=TITLE, ground="Article 17", authority=decision)
    erased_at = register.register.handle(command, by=OPERATOR).position  # and the words stay
    register.projector().catch_up()
    said = f"{TITLE}: expected nothing, as position {erased_at} says it was erased, found words"
    assert f"position {made}, {said}" in str(register.log.check())


def test_two_events_in_each_other_s_place_are_found(register: Runtime, database: Database) -> None:
    swap = "UPDATE pledges.events SET position = {} WHERE position = {}"
    tamper(database, swap.format(999_999, 77), swap.format(77, 78), swap.format(78, 999_999))
    assert "77, position: expected 78, found 77" in str(register.log.check())


def test_a_forger_who_mends_every_digest_is_found_by_what_was_signed(
    register: Runtime, database: Database
) -> None:
    """All of the event, its digests, and the tree are made anew; the checkpoint is what stays."""
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        row = owner.execute("SELECT header FROM pledges.events WHERE position = 77").fetchone()
        assert row is not None
        digest = header_digest(b"forged", row[0], read_header(row[0]).word_digests)
        owner.execute(
            "UPDATE pledges.events SET header_salt = 'forged', header_digest = %b WHERE position = 77",
            [digest],
        )
        owner.execute("TRUNCATE pledges_log_1.log_hashes")
        owner.execute("UPDATE pledges.read_models SET position = 0")
    register.projector().catch_up()
    assert "lead to the root" in str(register.log.check())


def test_a_tree_that_lost_its_end_with_all_that_was_signed_is_found_by_who_looked_before(
    register: Runtime, database: Database
) -> None:
    assert register.log.check() is None
    size = register.recorder.max_notification_id() or 0
    shorten(database, size - 1)
    assert f"An earlier self-check found {size} events, and the log has {size - 1}" in str(
        register.log.check()
    )


def shorten(database: Database, size: int) -> None:
    """What whoever rules the database can do to forget that something happened."""
    tamper(
        database,
        f"DELETE FROM pledges.events WHERE position > {size}",
        f"DELETE FROM pledges_log_1.log_hashes WHERE level = 0 AND index >= {size}",
        "DELETE FROM pledges.checkpoints",
    )


def test_a_copy_of_a_checkpoint_that_lies_elsewhere_is_held_against_the_log(
    register: Runtime, database: Database
) -> None:
    signed = register.log.latest()
    assert signed is not None
    copy = Copy("checkpoint-9", str(signed.note))
    assert register.log.check(copy) is None
    size = signed.checkpoint.size
    shorten(database, size - 1)
    tamper(database, "TRUNCATE pledges.log_checks")
    assert register.log.check() is None, "nothing that is left says so"
    said = f"The copy checkpoint-9 of a checkpoint has {size} events, and the log has {size - 1}"
    assert said in str(register.log.check(copy))
    forged = Copy("checkpoint-9", copy.note.replace(f"\n{size}\n", f"\n{size - 1}\n"))
    assert "checkpoint-9 of a checkpoint is not what was signed: no key" in str(register.log.check(forged))


def test_nothing_is_signed_while_something_was_found(register: Runtime, database: Database) -> None:
    register.notary.sign()
    tamper(database, "UPDATE pledges.events SET header_salt = sha256('x')::bytea WHERE position = 7")
    assert register.log.check()
    with pytest.raises(Tampered, match="position 7"):
        register.notary.sign()


def test_a_position_that_was_shown_is_not_given_to_another_event(
    register: Runtime, database: Database
) -> None:
    last = register.recorder.max_notification_id() or 0
    tamper(database, f"DELETE FROM pledges.events WHERE position = {last}")
    with pytest.raises(EventsLost, match=f"up to position {last} were shown"):
        register.register.handle(AddAccount(), by=OPERATOR)
    assert register.recorder.max_notification_id() == last - 1
