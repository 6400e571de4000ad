"""Importing is reconciling: made, amended, unchanged, refused, in conflict; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.actors import Actor, Grant
from domain.entities.commands import RegisterEntity
from domain.imports.plan import given_ref
from domain.pledges.commands import (
    AmendPledge,
    PublishPledge,
    RecordPledge,
    RejectPledge,
    ReturnPledge,
    WithdrawPledge,
)
from domain.pledges.content import Changes, Content, Source, Target
from domain.recording import Authority
from domain.reference.states import state_id
from tests.domain.given import an_id
from tests.domain.imports.memory import MemoryRegister

ROW = {
    "ref": "A-1", "title": "Schools for all", "pledger": "Kenya", "pledge_type": "individual",
    "forms": "policy", "objectives": "15", "objectives_basis": "inferred", "scope": "National",
    "country_of_implementation": "Kenya",
    "announced_on": "2022-05", "due_on": "2024", "targets": "40 schools; a law", "summary": "Every child.",
}  # fmt: skip
CITY = {"ref": "B-1", "title": "Clean water", "pledger": "City of Arua", "pledger_category": "stakeholder"}
LETTER = Authority(kind="email", reference="letter 7")
KENYAN = Actor(account=an_id(700), grants=(Grant(role="pledger", entity=state_id("KEN")),))


@pytest.fixture
def register() -> MemoryRegister:
    return MemoryRegister()


def changed(row: Mapping[str, str], **cells: str) -> dict[str, str]:
    return {**row, **cells}


def one(register: MemoryRegister, row: Mapping[str, str], **options: object) -> tuple[str, str | None]:
    (outcome,) = register.load(row, **options)  # type: ignore[arg-type]
    return outcome.outcome, outcome.problem


def amend(register: MemoryRegister, ref: str, **changes: object) -> None:
    register.handle(
        AmendPledge(
            pledge_id=register.pledge(ref).id, changes=Changes(**changes), reason="said so", authority=LETTER
        )
    )


def last_facts(register: MemoryRegister, since: int) -> list[str]:
    return [event.header.name for event in register.log[since:]]


# -- new rows


def test_a_row_becomes_a_pledge_with_what_it_says(register: MemoryRegister) -> None:
    assert one(register, ROW) == ("made", None)
    pledge = register.pledge("A-1")
    assert pledge.reference == "2022-0001"
    assert pledge.made_on == "2022-05"
    assert pledge.content.source == Source(ref="A-1")
    assert pledge.content.targets == (
        Target(id="t1", description="40 schools"),
        Target(id="t2", description="a law"),
    )
    assert register.exported("A-1") | ROW == register.exported("A-1")


def test_its_authority_is_the_file_and_the_row(register: MemoryRegister) -> None:
    register.load(CITY, ROW)
    header = register.log[-1].header
    assert header.authority == Authority(kind="import", reference=f"sha256:{'0' * 64} row 3")
    assert (header.role, header.on_behalf_of) == ("secretariat", state_id("KEN"))


def test_an_unknown_pledger_is_registered_once(register: MemoryRegister) -> None:
    register.load(CITY, changed(CITY, ref="B-2", title="Clean air", pledger="city  of ARUA"))
    assert [event.header.name for event in register.log].count("entity.registered") == 195 + 1
    assert register.pledge("B-1").owner == register.pledge("B-2").owner


def test_of_a_co_pledger_that_is_unknown_only_the_name_is_known(register: MemoryRegister) -> None:
    register.load(changed(ROW, co_pledgers="UNICEF; Uganda"))
    unicef, uganda = register.pledge("A-1").partners
    assert (unicef.state, uganda.state) == ("named", "named")
    assert uganda.entity == state_id("UGA")
    assert register.shown(register.pledge("A-1"))["partners"][0]["entity"]["category"] is None


def test_what_a_later_row_says_of_it_is_filled_in(register: MemoryRegister) -> None:
    register.load(
        changed(ROW, co_pledgers="UNICEF"),
        {"ref": "C-1", "title": "For children", "pledger": "UNICEF", "pledger_category": "un_entity"},
    )
    assert register.exported("C-1")["pledger_category"] == "un_entity"
    assert register.pledge("C-1").owner == register.pledge("A-1").partners[0].entity


def test_what_is_known_of_a_pledger_is_not_contradicted(register: MemoryRegister) -> None:
    register.load(CITY)
    outcome, problem = one(register, changed(CITY, ref="B-2", pledger_category="un_entity"))
    assert outcome == "refused"
    assert problem == "pledger_category: is un_entity, but City of Arua is known as stakeholder."


def test_a_refused_row_registers_nobody(register: MemoryRegister) -> None:
    before = len(register.log)
    outcome, problem = one(register, changed(CITY, due_on="2020", announced_on="2022"))
    assert (outcome, (problem or "").split(":")[0]) == ("refused", "due_on")
    assert len(register.log) == before


def test_who_a_refused_row_would_have_registered_is_still_unknown_to_the_next(
    register: MemoryRegister,
) -> None:
    register.load(changed(CITY, title="x"), changed(CITY, ref="B-2"))
    assert register.pledge("B-2").content.title == "Clean water"


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"title": "x" * 10_000}, "title"),
        ({"title": "x"}, "title"),
        ({"summary": "x" * 3001}, "summary"),
        ({"status_note": "x" * 3001}, "status_note"),
        ({"due_on": "2021"}, "due_on"),
        ({"announced_on": "2027"}, "announced_on"),
        ({"targets": "x" * 1001}, "targets"),
        ({"pledger": "x" * 301}, "pledger"),
        ({"pledger": "two\nlines"}, "pledger"),
        ({"co_pledgers": "Kenya"}, "co_pledgers"),
        ({"amount": "-5", "currency": "EUR"}, "amount"),
        ({"title": "nul\0"}, "title"),
    ],
)
def test_a_refusal_names_the_column_and_the_rule(
    register: MemoryRegister, cells: dict[str, str], column: str
) -> None:
    outcome, problem = one(register, changed(ROW, **cells))
    assert outcome == "refused"
    assert problem is not None
    assert problem.startswith(f"{column}: ")


def test_the_second_row_with_a_reference_is_a_duplicate(register: MemoryRegister) -> None:
    first, second = register.load(ROW, changed(ROW, title="Another"))
    assert (first.outcome, second.outcome, second.duplicate_of) == ("made", "duplicate", 2)
    assert register.pledge("A-1").content.title == "Schools for all"


def test_a_reference_that_was_recorded_otherwise_is_refused(register: MemoryRegister) -> None:
    content = Content(title="By letter", entity=state_id("KEN"), source=Source(ref="A-1"))
    register.handle(RecordPledge(pledge_id=an_id(500), content=content, authority=LETTER))
    outcome, problem = one(register, ROW)
    assert outcome == "refused"
    assert "was not imported by a sheet" in (problem or "")


def test_a_status_note_is_a_first_report_in_words(register: MemoryRegister) -> None:
    register.load(changed(ROW, status_note="Half of the schools stand."))
    (report,) = register.pledge("A-1").reports
    assert (report.narrative, report.percent, report.effective_on) == (
        "Half of the schools stand.",
        None,
        register.now.date().isoformat(),
    )


# -- known rows


def test_the_same_sheet_again_changes_nothing(register: MemoryRegister) -> None:
    rows = (changed(ROW, status_note="Begun.", co_pledgers="UNICEF"), CITY)
    register.load(*rows)
    before = len(register.log)
    assert [outcome.outcome for outcome in register.load(*rows)] == ["unchanged", "unchanged"]
    assert len(register.log) == before


def test_only_cells_that_changed_are_amended(register: MemoryRegister) -> None:
    register.load(ROW)
    amend(register, "A-1", description="Said better.")
    assert one(register, changed(ROW, due_on="2026", forms="policy; process")) == ("amended", None)
    pledge = register.pledge("A-1")
    assert pledge.content.description == "Said better."
    assert (pledge.content.due_on, pledge.content.forms) == ("2026", ("policy", "process"))


def test_what_the_register_changed_since_is_a_conflict(register: MemoryRegister) -> None:
    register.load(ROW)
    amend(register, "A-1", due_on="2025")
    outcome, problem = one(register, changed(ROW, due_on="2026", title="Schools for everybody"))
    assert outcome == "conflict"
    assert "due_on: was “2024” when last imported, and is now “2025” in the register" in (problem or "")
    assert register.pledge("A-1").content.title == "Schools for all"


def test_what_both_changed_alike_is_no_conflict(register: MemoryRegister) -> None:
    register.load(ROW)
    amend(register, "A-1", due_on="2026")
    assert one(register, changed(ROW, due_on="2026")) == ("unchanged", None)
    assert one(register, changed(ROW, due_on="2027")) == ("amended", None)


def test_a_conflict_is_over_once_the_sheet_says_what_the_register_says(register: MemoryRegister) -> None:
    register.load(ROW)
    amend(register, "A-1", due_on="2025")
    assert one(register, changed(ROW, due_on="2026"))[0] == "conflict"
    assert one(register, changed(ROW, due_on="2025")) == ("unchanged", None)


def test_blank_leaves_and_a_word_clears(register: MemoryRegister) -> None:
    register.load(ROW)
    assert one(register, changed(ROW, due_on="", targets="")) == ("unchanged", None)
    assert (
        one(
            register,
            changed(ROW, due_on="(none)", targets="(none)", objectives="(none)", objectives_basis="(none)"),
        )[0]
        == "amended"
    )
    content = register.pledge("A-1").content
    assert (content.due_on, content.targets, content.objectives) == (None, (), ())
    assert (
        one(
            register,
            changed(ROW, due_on="(none)", targets="(none)", objectives="(none)", objectives_basis="(none)"),
        )[0]
        == "unchanged"
    )


def test_a_column_that_is_gone_leaves(register: MemoryRegister) -> None:
    register.load(ROW)
    assert one(register, {"ref": "A-1", "title": "Schools for all", "pledger": "Kenya"}) == (
        "unchanged",
        None,
    )


def test_targets_keep_their_ids(register: MemoryRegister) -> None:
    register.load(ROW)
    register.load(changed(ROW, targets="a law; 60 schools"))
    kept, new = register.pledge("A-1").content.targets
    assert (kept.id, kept.description) == ("t2", "a law")
    assert new.id not in ("t1", "t2")


def test_a_source_may_learn_when_a_pledge_was_made(register: MemoryRegister) -> None:
    register.load(changed(ROW, announced_on=""))
    assert one(register, ROW) == ("amended", None)
    assert register.pledge("A-1").made_on == "2022-05"
    outcome, problem = one(register, changed(ROW, announced_on="2025"))
    assert (outcome, (problem or "").split(":")[0]) == ("refused", "due_on")


def test_a_pledge_that_was_published_was_made_on_that_day(register: MemoryRegister) -> None:
    row = changed(ROW, announced_on="", due_on="2030")
    register.load(row, mode="submit")
    register.handle(PublishPledge(pledge_id=register.pledge("A-1").id))
    outcome, problem = one(register, changed(row, announced_on="2021"), mode="submit")
    assert (outcome, problem) == (
        "refused",
        "announced_on: is 2026-11-23, the day on which it was published.",
    )


def test_a_changed_note_is_another_report(register: MemoryRegister) -> None:
    register.load(changed(ROW, status_note="Begun."))
    assert one(register, changed(ROW, status_note="Done."))[0] == "amended"
    assert [report.narrative for report in register.pledge("A-1").reports] == ["Begun.", "Done."]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"pledger": "Uganda"}, "pledger"),
        ({"co_pledgers": "Uganda"}, "co_pledgers"),
        ({"status_note": "(none)"}, "status_note"),
        ({"remark": "new"}, "remark"),
    ],
)
def test_what_needs_an_event_of_its_own_is_refused(
    register: MemoryRegister, cells: dict[str, str], column: str
) -> None:
    row = changed(ROW, status_note="Begun.", remark="old")
    register.load(row)
    outcome, problem = one(register, changed(row, **cells))
    assert outcome == "refused"
    assert (problem or "").startswith(f"{column}: ")


def test_another_name_of_the_same_pledger_is_no_change(register: MemoryRegister) -> None:
    register.handle(RegisterEntity(name="City of Arua", category="stakeholder", aliases=("Arua City",)))
    register.load(CITY, ROW)
    assert one(register, changed(CITY, pledger="Arua City")) == ("unchanged", None)
    assert one(register, changed(ROW, pledger="KEN")) == ("unchanged", None)


def test_a_closed_pledge_is_not_changed(register: MemoryRegister) -> None:
    register.load(ROW)
    register.handle(WithdrawPledge(pledge_id=register.pledge("A-1").id, reason="no money", authority=LETTER))
    assert one(register, ROW) == ("unchanged", None)
    outcome, problem = one(register, changed(ROW, due_on="2026"))
    assert (outcome, problem) == (
        "refused",
        "ref: is the source of a pledge that is withdrawn; nothing was changed.",
    )


# -- handed in for review


def test_rows_are_handed_in(register: MemoryRegister) -> None:
    assert one(register, changed(ROW, status_note="Begun."), mode="submit") == ("submitted", None)
    pledge = register.pledge("A-1")
    assert pledge.phase == "submitted"
    assert pledge.content.source == Source(ref="A-1", kept={"status_note": "Begun."})


def test_a_pledger_hands_in_for_its_own_entity_only(register: MemoryRegister) -> None:
    assert one(register, ROW, mode="submit", actor=KENYAN) == ("submitted", None)
    other, unknown = register.load(
        changed(ROW, ref="A-2", pledger="Uganda", country_of_implementation=""),
        CITY,
        mode="submit",
        actor=KENYAN,
    )
    assert "not an entity that this account pledges for" in (other.problem or "")
    assert "only the Secretariat makes entities known" in (unknown.problem or "")


def test_a_submission_that_waits_is_handed_in_again(register: MemoryRegister) -> None:
    register.load(ROW, mode="submit", actor=KENYAN)
    before = len(register.log)
    assert one(register, changed(ROW, due_on="2026"), mode="submit", actor=KENYAN) == ("amended", None)
    assert last_facts(register, before) == ["pledge.recalled", "pledge.submitted"]
    assert register.pledge("A-1").content.due_on == "2026"


def test_a_returned_submission_is_handed_in_again(register: MemoryRegister) -> None:
    register.load(ROW, mode="submit")
    register.handle(ReturnPledge(pledge_id=register.pledge("A-1").id, reason="which schools?"))
    before = len(register.log)
    assert one(register, changed(ROW, summary="All primary schools."), mode="submit")[0] == "amended"
    assert last_facts(register, before) == ["pledge.submitted"]


def test_a_rejected_submission_stays_rejected(register: MemoryRegister) -> None:
    register.load(ROW, mode="submit")
    register.handle(
        RejectPledge(pledge_id=register.pledge("A-1").id, reason="refugees", code="refugee-compact")
    )
    assert one(register, changed(ROW, due_on="2026"), mode="submit")[0] == "refused"


def test_a_published_submission_is_amended(register: MemoryRegister) -> None:
    register.load(ROW, mode="submit")
    register.handle(PublishPledge(pledge_id=register.pledge("A-1").id))
    assert one(register, changed(ROW, title="Schools for each child"), mode="submit") == ("amended", None)
    assert register.pledge("A-1").content.title == "Schools for each child"


def test_a_given_reference_follows_from_title_and_pledger() -> None:
    assert given_ref({"title": "A", "pledger": "B"}) == given_ref(
        {"title": " a", "pledger": "b ", "due_on": "2024"}
    )
    assert given_ref({"title": "A", "pledger": "B"}) != given_ref({"title": "B", "pledger": "A"})


@pytest.mark.parametrize(
    ("column", "cell", "given"),
    [
        ("title", "[erased]", "Schools for each"),
        ("title", "[erased]", "Schools for all"),
        ("summary", "About [erased] alone", "About the person alone"),
        ("status_note", "[erased]", "It is built."),
        ("targets", "40 schools; [erased]", "40 schools; a law"),
    ],
)
def test_an_import_does_not_bring_back_what_was_erased_by_law(
    register: MemoryRegister, column: str, cell: str, given: str
) -> None:
    """What is remembered of the last import has lost the words, as an erasure leaves it."""
    row = changed(ROW, status_note="It is planned.")
    one(register, row)
    known = register.memory["A-1"]
    register.memory["A-1"] = replace(known, cells={**known.cells, column: cell})
    before = len(register.log)
    outcome, problem = one(register, changed(row, **{column: given}))
    # The pledge of this test still says what it said, and what both say alike is no conflict.
    expected = "conflict" if given != row.get(column) else "unchanged"
    assert outcome == expected
    if expected == "conflict":
        assert f"{column}: held words that had to be erased by law" in str(problem)
    assert last_facts(register, before) == []
    for blank in ("", "[erased]"):
        register.memory["A-1"] = replace(known, cells={**known.cells, column: cell})
        assert one(register, changed(row, **{column: blank}))[0] == "unchanged"
