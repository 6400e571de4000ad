"""After an erasure nothing in the whole database holds the words, and everything else is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from psycopg import Connection, sql

from domain.actors import OPERATOR
from domain.entities.commands import RegisterEntity
from domain.errors import InvalidInput, NotFound, NotPermitted
from domain.imports.plan import Remembered
from domain.log.commands import EraseField
from domain.log.merkle import root_from_inclusion
from domain.pledges.commands import AmendPledge, RecordPledge
from domain.pledges.content import Changes, Content, Source
from domain.recording import Authority
from domain.values import ERASED
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.database.idempotency import KeptAnswer
from projections.database.import_memory import remembering
from projections.log.hashes import kept_leaves
from projections.read_models import READ_MODELS
from projections.rebuild import rebuild
from tests.conftest import Database
from tests.projections.filled import AUTHORITY, BuildRuntime, bank

DECISION = Authority(kind="document", reference="Decision 7/2026", date="2026-03-01")
TITLE, NAME = "Zanzibarquux learns", "Quuxotic Harbour"


@pytest.fixture
def register(build_runtime: BuildRuntime, founded: Runtime) -> Runtime:
    runtime = build_runtime(READ_MODELS)
    runtime.notary.adopt_first_key()
    return runtime


def erasing(position: int, part: str, ground: str = "Article 17") -> EraseField:
    return EraseField(position=position, part=part, ground=ground, authority=DECISION)


def pledge(runtime: Runtime, entity: UUID, title: str = TITLE, **said: Any) -> tuple[UUID, int]:
    """A pledge and the position at which it was made."""
    content = Content(title=title, entity=entity, **said)
    command = RecordPledge(pledge_id=uuid4(), content=content, authority=AUTHORITY)
    outcome = runtime.register.handle(command, by=OPERATOR)
    return outcome.stream, outcome.position


def erase(runtime: Runtime, position: int, part: str) -> None:
    runtime.eraser.erase(erasing(position, part))
    runtime.eraser.let_read_models_forget()
    runtime.projector().catch_up()


def holding(database: Database, *words: str) -> list[str]:
    """Every table of the database that holds some words, as text or as bytes."""
    found = []
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        tables = owner.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname LIKE 'pledges%' ORDER BY 1, 2"
        ).fetchall()
        for schema, table in tables:
            if any(_holds(owner, sql.Identifier(schema, table), said) for said in words):
                found += [f"{schema}.{table}"]
    return found


def _holds(owner: Connection[Any], table: sql.Identifier, words: str) -> bool:
    question = sql.SQL(
        "SELECT EXISTS (SELECT FROM {} AS t WHERE strpos(lower(t::text), lower(%s)) > 0 "
        "OR strpos(t::text, %s) > 0)"
    )
    row = owner.execute(question.format(table), [words, words.encode().hex()]).fetchone()
    return bool(row and row[0])


def test_everything_forgets_a_title_and_past_moments_too(register: Runtime, database: Database) -> None:
    entity = bank(register.register)
    pledge_id, made = pledge(register, entity)
    _, other = pledge(register, entity, "Another one")
    register.projector().catch_up()
    assert "pledges_board_1.board_states" in holding(database, TITLE)
    before = register.questions.moment(str(made))
    known = register.questions.pledge(str(pledge_id), viewer=None, moment=before)
    untouched = register.questions.moment(str(other))

    erase(register, made, "payload.content.title")

    assert holding(database, TITLE, "zanzibarquux") == []
    (told,) = _pledge(register, pledge_id)["erased"]
    assert (told["position"], told["part"], told["ground"]) == (made, "payload.content.title", "Article 17")
    assert told["decision"] == {"reference": "Decision 7/2026", "date": "2026-03-01"}
    assert register.questions.pledge(str(pledge_id), viewer=None, moment=before) == {
        **known, "title": ERASED, "erased": [told],
    }  # fmt: skip
    (entry,) = register.questions.history(str(pledge_id), viewer=None, moment=untouched) or []
    assert entry["erased"] == [told]
    assert {"field": "title", "before": None, "after": ERASED} in entry["changes"]
    sought = PledgeFilters(q=("zanzibarquux",))
    assert register.questions.pledges(sought, viewer=None, moment=untouched).total == 0


def _pledge(runtime: Runtime, pledge_id: UUID) -> dict[str, Any]:
    found = runtime.questions.pledge(str(pledge_id), viewer=None, moment=runtime.questions.moment())
    assert found is not None
    return found


@contextmanager
def leading(runtime: Runtime) -> Iterator[None]:
    """A projector that goes on running, with what it keeps in memory."""
    stop = Event()
    thread = Thread(target=runtime.projector().run, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_read_models_are_equal_to_a_rebuild_also_after_more_was_said(
    register: Runtime, database: Database
) -> None:
    """The projector has kept the pledge as it was; what follows must not bring the words back."""
    pledge_id, made = pledge(register, bank(register.register))
    with leading(register):
        assert register.readers.wait_for(made, 20)
        said = register.eraser.erase(erasing(made, "payload.content.title"))
        assert register.readers.wait_for(said, 20)
        register.eraser.let_read_models_forget()
        amend = AmendPledge(
            pledge_id=pledge_id, changes=Changes(description="More"), reason="Why", authority=AUTHORITY
        )
        amended = register.register.handle(amend, by=OPERATOR).position
        assert register.readers.wait_for(amended, 20), register.questions.read_model_status()
    assert holding(database, TITLE) == []
    rebuilt = rebuild(register.urls.app, register.read_models)
    assert {one.name: one.equal for one in rebuilt} == {model.name: True for model in READ_MODELS}


def test_the_log_holds_as_before(register: Runtime) -> None:
    pledge_id, made = pledge(register, bank(register.register), description="Quux " * 70)
    register.projector().catch_up()
    signed = register.notary.sign()
    proof, _ = register.log.proof(made)
    with register.pool.connection() as connection:
        leaf = kept_leaves(connection, [made])[made]
    for part in ("payload.content.title", "payload.content.description", "header.authority.reference"):
        erase(register, made, part)
    assert register.log.check() is None
    assert register.log.checkpoint(signed.checkpoint.size) == signed
    again = register.notary.sign()
    assert register.log.consistency(signed.checkpoint.size, again.checkpoint.size)
    with register.pool.connection() as connection:
        assert kept_leaves(connection, [made])[made] == leaf
    held = root_from_inclusion(leaf, proof.index, signed.checkpoint.size, proof.hashes)
    assert held == signed.checkpoint.root
    assert _pledge(register, pledge_id)["description"] == ERASED


def test_an_entity_s_name_is_forgotten_by_caches_and_free_again(
    register: Runtime, database: Database
) -> None:
    command = RegisterEntity(name=NAME, category="stakeholder", kind="academia")
    outcome = register.register.handle(command, by=OPERATOR)
    pledge_id, _ = pledge(register, outcome.stream, "A pledge")  # so that the entity is kept
    register.projector().catch_up()
    erase(register, outcome.position, "payload.name")
    erase(register, outcome.position, "payload.slug")
    assert holding(database, NAME, "quuxotic") == []
    known = register.register.consult(lambda context: context.world.entity(outcome.stream), by=OPERATOR)
    assert known is not None
    assert known.name == ERASED
    assert _pledge(register, pledge_id)["entity"]["name"] == ERASED
    again = register.register.handle(command, by=OPERATOR)
    assert again.stream != outcome.stream


def test_what_is_kept_beside_the_events_forgets(register: Runtime, database: Database) -> None:
    pledge_id, made = pledge(register, bank(register.register), source=Source(ref="quux-77"))
    with register.pool.connection() as connection:
        remember = remembering({"quux-77": Remembered(pledge_id, {"title": TITLE, "type": "common"})})
        remember(connection, [_recorded(register, made)])
        connection.execute(
            "INSERT INTO working_papers (id, entity, account, content) VALUES (%s, %s, %s, %s)",
            [pledge_id, uuid4(), uuid4(), msgspec.json.encode({"title": f"{TITLE} anew"}).decode()],
        )
    claim = register.idempotency.claim(
        account=uuid4(), method="POST", path="/x", key="k", request_digest=b"1"
    )
    body = msgspec.json.encode({"id": str(pledge_id), "title": TITLE})
    register.idempotency.keep(claim, KeptAnswer(200, [], body))
    register.projector().catch_up()
    found = register.eraser.find(made, "payload.content.title")
    assert len(found.beside) == 3
    assert found.words == TITLE

    erase(register, made, "payload.content.title")
    erase(register, made, "payload.content.source.ref")
    assert holding(database, TITLE, "quux-77") == []
    with register.pool.connection() as connection:
        (cells,) = connection.execute("SELECT cells FROM import_memory").fetchone() or ()
    assert cells == {"title": ERASED, "type": "common"}


def _recorded(runtime: Runtime, position: int) -> Any:
    return runtime.register.consult(lambda context: context.world.event(position), by=OPERATOR)


def test_where_else_the_words_are_is_said_and_once_is_enough(register: Runtime) -> None:
    pledge_id, made = pledge(register, bank(register.register))
    change = AmendPledge(
        pledge_id=pledge_id, changes=Changes(description=f"About {TITLE}"), reason="Why", authority=AUTHORITY
    )
    amended = register.register.handle(change, by=OPERATOR).position
    found = register.eraser.find(made, "payload.content.title")
    assert (found.words, found.elsewhere) == (TITLE, [(amended, "payload.changes.description")])
    first = register.eraser.erase(erasing(made, "payload.content.title"))
    assert register.eraser.find(made, "payload.content.title").words is None
    assert register.eraser.erase(erasing(made, "payload.content.title")) == first


def test_what_cannot_be_erased_is_refused(register: Runtime) -> None:
    _, made = pledge(register, bank(register.register))
    for part in ("payload.reference", "payload.", "payload", "header.actor", "title", "header.office"):
        with pytest.raises(InvalidInput, match=r"payload\.content\.title"):
            register.eraser.erase(erasing(made, part))
    for ask in (register.eraser.erase, lambda order: register.eraser.find(order.position, order.part)):
        with pytest.raises(InvalidInput, match=r"withheld from readers, never erased"):
            ask(erasing(made, "header.actor"))
    with pytest.raises(NotFound):
        register.eraser.erase(erasing(99_999, "payload.content.title"))
    with pytest.raises(InvalidInput, match="legal reason"):
        register.eraser.erase(erasing(made, "payload.content.title", ground=" "))
    with pytest.raises(NotPermitted):
        other = msgspec.structs.replace(OPERATOR, account=uuid4())
        register.register.handle(erasing(made, "payload.content.title"), by=other)
