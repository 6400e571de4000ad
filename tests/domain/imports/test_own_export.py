"""The register's own export comes back: unchanged rows change nothing, changed ones amend their pledge."""

from __future__ import annotations

import pytest

from domain.imports.own_export import exported_cells
from domain.pledges.commands import AmendPledge, RecordPledge
from domain.pledges.content import Changes, Content, Source, Target
from domain.pledges.state import Pledge
from domain.recording import Authority
from domain.reference.states import state_id
from domain.values import Money
from tests.domain.given import an_id
from tests.domain.imports.memory import MemoryRegister

LETTER = Authority(kind="email", reference="letter 7")
SHEET_ROW = {"ref": "A-1", "title": "Schools for all", "pledger": "Kenya", "due_on": "2030"}
PLEDGE, OF_API, OF_SHEET = an_id(900), "2022-0001", "A-1"


@pytest.fixture
def register() -> MemoryRegister:
    """A pledge that was recorded without a source, with more than cells can say, and one of a sheet."""
    register = MemoryRegister()
    content = Content(
        title="Safe roads", entity=state_id("KEN"), type="individual", levels=("national", "local"),
        amount=Money(value="1000.00", currency="USD"), objectives=(6, 5), objectives_basis="stated",
        targets=(Target(baseline="0", target="240", unit="people"), Target(description="a law")),
        made_on="2022-05",
    )  # fmt: skip
    register.handle(RecordPledge(pledge_id=PLEDGE, content=content, authority=LETTER))
    register.load(SHEET_ROW)
    return register


def pledge(register: MemoryRegister) -> Pledge:
    found = register.work().pledge(PLEDGE)
    assert found is not None
    return found


def amend(register: MemoryRegister, pledge_id: object, **changes: object) -> None:
    command = AmendPledge(pledge_id=pledge_id, changes=Changes(**changes), reason="said so", authority=LETTER)  # type: ignore[arg-type]
    register.handle(command)


def row(register: MemoryRegister, exported_as: str, /, **cells: str) -> dict[str, str]:
    return next(row for row in register.export() if row["ref"] == exported_as) | cells


def outcomes(register: MemoryRegister, *rows: dict[str, str]) -> list[str]:
    return [outcome.outcome for outcome in register.load(*rows)]


def test_what_was_not_changed_changes_nothing(register: MemoryRegister) -> None:
    rows = register.export()
    assert [row["ref"] for row in rows] == [OF_API, OF_SHEET]
    before = len(register.log)
    assert outcomes(register, *rows) == ["unchanged", "unchanged"]
    # Nor do other ways of writing the same.
    assert outcomes(register, row(register, OF_API, objectives="5;6", amount="1000", pledger="KEN")) == [
        "unchanged"
    ]
    assert len(register.log) == before


def test_what_was_changed_is_amended_and_keeps_what_no_cell_can_say(register: MemoryRegister) -> None:
    edited = row(register, OF_API, due_on="2031", scope="Local", targets="240 people, from 0; two laws")
    assert outcomes(register, edited) == ["amended"]
    content = pledge(register).content
    assert (content.due_on, content.levels, content.amount) == (
        "2031",
        ("local",),
        Money(value="1000.00", currency="USD"),
    )
    assert [
        (target.target, target.unit, target.description) for target in content.targets if not target.retired
    ] == [
        ("240", "people", None),
        (None, None, "two laws"),
    ]
    assert register.memory.keys() == {OF_SHEET}
    # The same file again is of a version before: it says what the register says by now.
    assert outcomes(register, edited) == ["unchanged"]


def test_a_pledge_of_a_sheet_that_was_amended_since_is_known_with_that(register: MemoryRegister) -> None:
    of_sheet = register.memory[OF_SHEET].pledge
    amend(register, of_sheet, due_on="2032", targets=(Target(target="7", unit="goats"),))
    assert outcomes(register, row(register, OF_SHEET)) == ["unchanged"]
    assert outcomes(register, row(register, OF_SHEET, due_on="2033")) == ["amended"]
    # What its source said last is remembered as it was.
    assert outcomes(register, SHEET_ROW) == ["unchanged"]
    assert outcomes(register, {**SHEET_ROW, "due_on": "2034"}) == ["conflict"]


def test_an_export_that_was_overtaken_is_in_conflict_where_it_differs(register: MemoryRegister) -> None:
    old = row(register, OF_API)
    amend(register, PLEDGE, due_on="2035")
    assert outcomes(register, old) == ["unchanged"]  # its blank cell says nothing
    (outcome,) = register.load({**old, "due_on": "2031"})
    assert outcome.outcome == "conflict"
    assert outcome.problem == (
        "due_on: says something else, and the row is of version 1; it is 2 by now: begin with a new export."
    )
    # Without a version, the row speaks of today.
    assert outcomes(register, {**old, "due_on": "2031", "version": ""}) == ["amended"]


def test_another_registers_export_means_other_pledges(register: MemoryRegister) -> None:
    theirs = row(register, OF_API, ref="B-7", title="Clean water")
    assert outcomes(register, theirs) == ["made"]
    # Without the register's own column, a reference is one of any source.
    plain = {"ref": OF_API, "title": "Something else", "pledger": "Kenya"}
    assert outcomes(register, plain) == ["made"]
    (outcome,) = register.load(row(register, OF_API, reference=OF_API))
    assert outcome.outcome == "refused"
    assert "which came by a sheet" in str(outcome.problem)


def test_the_pledger_stays_who_it_is(register: MemoryRegister) -> None:
    (outcome,) = register.load(row(register, OF_API, pledger="Tuvalu"))
    assert (outcome.outcome, "hand the lead over" in str(outcome.problem)) == ("refused", True)


def test_a_source_that_came_by_no_sheet_is_known_too(register: MemoryRegister) -> None:
    content = Content(title="Law", entity=state_id("KEN"), source=Source(ref="X-1", kept={"desk": "4"}))
    register.handle(RecordPledge(pledge_id=an_id(901), content=content, authority=LETTER))
    assert outcomes(register, row(register, "X-1")) == ["unchanged"]
    assert outcomes(register, row(register, "X-1", summary="Every child.")) == ["amended"]


def test_the_cells_are_those_of_an_export(register: MemoryRegister) -> None:
    cells = exported_cells(pledge(register), register.context())
    assert cells.items() <= row(register, OF_API).items()
