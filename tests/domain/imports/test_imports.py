"""An import: who may start one, each row has one outcome in order, and the sample is loaded once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.actors import OPERATOR, Actor, Grant
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.imports.commands import FinishImport, RecordRows, StartImport
from domain.imports.events import ImportFinished, ImportRowsRecorded, ImportStarted, RowOutcome
from domain.recording import Authority, Fact
from domain.reference.states import state_id
from tests.domain.given import NOBODY, SECRETARIAT, an_id
from tests.domain.imports.memory import MemoryRegister

FILE = an_id(600)
PLEDGER = Actor(account=an_id(700), grants=(Grant(role="pledger", entity=state_id("KEN")),))


def start(**said: Any) -> StartImport:
    fields = {"import_id": FILE, "sha256": "a" * 64, "bytes": 10, "media": "csv", "mode": "record", "rows": 2}
    return StartImport(**(fields | said))


def rows(*outcomes: tuple[int, str], import_id: UUID = FILE) -> RecordRows:
    said = tuple(RowOutcome(row=row, outcome=outcome) for row, outcome in outcomes)  # type: ignore[arg-type]
    return RecordRows(import_id=import_id, rows=said)


@pytest.fixture
def register() -> MemoryRegister:
    return MemoryRegister()


def facts(register: MemoryRegister, command: Any, by: Actor = OPERATOR) -> list[Fact]:
    return [event.fact for event in register.handle(command, by)]


def test_an_import_says_which_file_it_is(register: MemoryRegister) -> None:
    (fact,) = facts(register, start(kept=("region",)))
    assert fact == ImportStarted(
        sha256="a" * 64, bytes=10, media="csv", mode="record", rows=2, kept=("region",)
    )


def test_an_import_cites_what_the_file_came_with(register: MemoryRegister) -> None:
    note = Authority(kind="note_verbale", reference="NV 12/2026", date="2026-05")
    (event,) = register.handle(start(authority=note), OPERATOR)
    assert event.header.authority == note
    for wrong in (Authority(kind="import", reference="x"), Authority(kind="email")):
        with pytest.raises(InvalidInput, match="authority"):
            facts(register, start(import_id=an_id(601), authority=wrong))


def test_an_import_comes_to_an_end_with_its_counts(register: MemoryRegister) -> None:
    facts(register, start(rows=4))
    assert facts(register, rows((2, "made"), (3, "refused"))) == [
        ImportRowsRecorded(rows=rows((2, "made"), (3, "refused")).rows)
    ]
    facts(register, rows((4, "duplicate"), (7, "conflict")))
    assert facts(register, FinishImport(import_id=FILE)) == [ImportFinished(made=1, refused=2, conflicts=1)]


def test_an_import_stays_quiet_when_all_was_said(register: MemoryRegister) -> None:
    facts(register, start(rows=0))
    assert facts(register, start(rows=0)) == []
    assert facts(register, rows()) == []
    facts(register, FinishImport(import_id=FILE))
    assert facts(register, FinishImport(import_id=FILE)) == []


def test_an_import_is_finished_when_each_row_has_an_outcome(register: MemoryRegister) -> None:
    facts(register, start())
    facts(register, rows((2, "made")))
    with pytest.raises(Refused) as refused:
        facts(register, FinishImport(import_id=FILE))
    assert refused.value.code == "rows-missing"


@pytest.mark.parametrize("wrong", [((2, "made"),), ((4, "made"), (4, "made")), ((5, "made"), (4, "made"))])
def test_rows_come_in_order_and_once(register: MemoryRegister, wrong: Any) -> None:
    facts(register, start(rows=9))
    facts(register, rows((2, "made"), (3, "made")))
    with pytest.raises(Refused) as refused:
        facts(register, rows(*wrong))
    assert refused.value.code == "rows-disordered"


def test_an_import_is_of_one_file_and_one_account(register: MemoryRegister) -> None:
    facts(register, start())
    with pytest.raises(Refused) as refused:
        facts(register, start(sha256="b" * 64))
    assert refused.value.code == "import-exists"
    with pytest.raises(NotFound):
        facts(register, rows((2, "made")), SECRETARIAT)
    with pytest.raises(NotFound):
        facts(register, FinishImport(import_id=an_id(1)))


@pytest.mark.parametrize("wrong", [{"sha256": "A" * 64}, {"sha256": "short"}, {"bytes": -1}, {"rows": -1}])
def test_a_file_has_a_digest_and_a_size(register: MemoryRegister, wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        facts(register, start(**wrong))


def test_the_secretariat_records_and_pledgers_hand_in(register: MemoryRegister) -> None:
    facts(register, start(mode="submit"), PLEDGER)
    assert register.log[-1].header.role == "pledger"
    for actor, mode in ((PLEDGER, "record"), (NOBODY, "record"), (NOBODY, "submit")):
        with pytest.raises(NotPermitted):
            facts(register, start(import_id=an_id(601), mode=mode), actor)


def test_the_sample_is_loaded_once(register: MemoryRegister) -> None:
    facts(register, start(sample=True))
    with pytest.raises(Refused) as refused:
        facts(register, start(import_id=an_id(601), sample=True))
    assert refused.value.code == "sample-loaded"
