"""What is exported and imported into an empty register says the same again, in the columns of imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.actors import Authority
from domain.entities.commands import RegisterEntity
from domain.imports.columns import COLUMNS, read_header
from domain.imports.render import EXPORT_COLUMNS
from domain.pledges.commands import AmendPledge, RecordPledge, ReportProgress
from domain.pledges.content import Changes, Content, Target
from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES, find_state, state_id
from domain.reservations import name_key
from domain.values import Money, clean_text
from projections import exports
from projections.sheets.opening import open_sheet
from tests.domain.given import an_id
from tests.domain.imports.memory import MemoryRegister

LETTER = Authority(kind="email", reference="letter 7")
SIGNS = "aé 'a\";,=+-@|\n()none\u0645\u200f中🙂1"


def is_clean(text: str) -> bool:
    return bool(text) and clean_text(text) == text


def texts(least: int, most: int) -> st.SearchStrategy[str]:
    return (
        st.text(alphabet=SIGNS, min_size=least, max_size=most)
        .map(clean_text)
        .filter(lambda t: len(t) >= least)
    )


NAMES = (
    texts(3, 20)
    .map(lambda name: " ".join(name.split()))
    .filter(
        lambda name: is_clean(name) and find_state(name) is None and find_state(name.split("(")[0]) is None
    )
)
KINDS = st.sampled_from(
    [
        ("un_entity", None),
        ("stakeholder", None),
        ("stakeholder", "academia"),
        ("stakeholder", "other"),
        (None, None),
    ]
)
TARGETS = st.one_of(
    st.builds(Target, description=texts(1, 20)),
    st.builds(Target, unit=st.just("people"), target=st.just("240"), baseline=st.sampled_from([None, "3"])),
    st.builds(Target, description=texts(1, 20), unit=st.just("laws"), target=st.just("2")),
)


def some(items: Any, most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(sorted(items)), unique=True, max_size=most).map(tuple)


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    objectives = draw(some(OBJECTIVES))
    return {
        "title": draw(texts(3, 30)),
        "description": draw(st.none() | texts(1, 60)),
        "type": draw(st.sampled_from([None, "individual", "common", "partnership", "matching"])),
        "forms": draw(some(["financial", "human_resource", "process", "policy", "in_kind", "other"])),
        "objectives": objectives,
        "objectives_basis": draw(st.sampled_from([None, "stated", "inferred"])) if objectives else None,
        "principles": draw(some(PRINCIPLES)),
        "levels": draw(some(["local", "national", "regional", "international"])),
        "scope_in_words": draw(st.sampled_from([None, "Global", "Regional (UNECE)", "nonsense"])),
        "countries": draw(some(STATES)),
        "targets": draw(st.lists(TARGETS, max_size=3).map(tuple)),
        "amount": draw(st.none() | st.just(Money(value="200000.00", currency="EUR"))),
        "made_on": draw(st.sampled_from([None, "2022", "2022-05", "2022-05-17"])),
        "due_on": draw(st.sampled_from([None, "2030", "2030-12-31"])),
    }


def recorded(register: MemoryRegister, draw: Any) -> str:
    """A pledge as it may have come to be: its answer is the reference under which it is public."""
    entity: UUID = state_id("BOL")
    through = draw(st.none() | texts(1, 12).map(lambda office: office.replace("\n", " ")))
    if draw(st.booleans()):
        entity, through = an_id(800), None
        register_entity(register, entity, draw(NAMES), draw(KINDS), draw)
    named = [state_id("KEN")] if draw(st.booleans()) else []
    if draw(st.booleans()):
        register_entity(
            register, an_id(801), draw(NAMES.filter(lambda name: is_new(register, name))), (None, None), draw
        )
        named.append(an_id(801))
    content = Content(entity=entity, through=through, named=tuple(named), **draw(contents()))
    (made, *_) = register.handle(RecordPledge(pledge_id=an_id(900), content=content, authority=LETTER))
    note = draw(st.none() | texts(1, 30))
    if note:
        register.handle(
            ReportProgress(
                pledge_id=an_id(900),
                effective_on="2026",
                narrative=note,
                percent=10,
                part=0,
                authority=LETTER,
            )
        )
    if draw(st.booleans()):
        changes = Changes(title="Another title; =1+1")
        register.handle(AmendPledge(pledge_id=an_id(900), changes=changes, reason="why", authority=LETTER))
    return str(made.fact.reference)


def is_new(register: MemoryRegister, name: str) -> bool:
    return register.holder("entity-name", name_key(name)) is None


def register_entity(register: MemoryRegister, entity: UUID, name: str, kind: Any, draw: Any) -> None:
    category, its_kind = kind
    words = (
        draw(texts(2, 10).map(lambda word: " ".join(word.split())).filter(is_clean))
        if its_kind == "other"
        else None
    )
    register.handle(
        RegisterEntity(entity=entity, name=name, category=category, kind=its_kind, kind_in_words=words)
    )


def as_sheet(chunks: Any, path: Path) -> list[dict[str, str]]:
    """The file, read as an import reads it."""
    path.write_bytes(b"".join(chunks))
    rows = [cells for _, cells in open_sheet(path).rows()]
    places = read_header(rows[0]).places
    return [
        {column: cells[at] if at < len(cells) else "" for column, at in places.items()} for cells in rows[1:]
    ]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_exported_and_imported_it_says_the_same_again(form: str, data: st.DataObject, tmp_path: Path) -> None:
    register = MemoryRegister()
    recorded(register, data.draw)
    pledge = register.work().pledge(an_id(900))
    assert pledge is not None
    write = {"csv": exports.write_csv, "xlsx": exports.write_xlsx}[form]
    (first,) = as_sheet(write([register.shown(pledge)]), tmp_path / f"first.{form}")
    empty = MemoryRegister()
    (outcome,) = empty.load(first)
    assert outcome.problem is None
    (second,) = as_sheet(write([empty.shown(empty.pledge(first["ref"]))]), tmp_path / f"second.{form}")
    assert second == first


# -- formats


def a_pledge(**changes: Any) -> Mapping[str, Any]:
    register = MemoryRegister()
    content = Content(title="=1+1", entity=state_id("KEN"), description="two\nlines")
    register.handle(RecordPledge(pledge_id=an_id(900), content=content, authority=LETTER))
    pledge = register.work().pledge(an_id(900))
    assert pledge is not None
    return {**register.shown(pledge), **changes}


def test_no_cell_of_a_csv_file_is_a_formula() -> None:
    text = b"".join(exports.write_csv([a_pledge()])).decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert tuple(row) == EXPORT_COLUMNS
    assert row["title"] == "'=1+1"
    assert (row["reference"], row["status"], row["percent"], row["version"]) == (
        "2022-0001",
        "made",
        "0",
        "1",
    )


def test_a_pledge_without_a_source_goes_by_its_reference() -> None:
    (row,) = csv.DictReader(io.StringIO(b"".join(exports.write_csv([a_pledge()])).decode(), newline=""))
    assert row["ref"] == row["reference"]


def test_files_are_written_as_pledges_come() -> None:
    taken = 0

    def many() -> Any:
        nonlocal taken
        pledge = a_pledge()
        for _ in range(10 * exports.ROWS_AT_ONCE):
            taken += 1
            yield pledge

    for write in (exports.write_csv, exports.write_jsonl):
        taken = 0
        next(iter(write(many())))
        assert taken <= exports.ROWS_AT_ONCE


def test_no_pledges_make_a_file_with_a_header() -> None:
    assert b"".join(exports.write_csv([])).decode() == ",".join(EXPORT_COLUMNS) + "\r\n"
    assert b"".join(exports.write_jsonl([])) == b""


def test_json_lines_hold_pledges_whole() -> None:
    (line,) = b"".join(exports.write_jsonl([a_pledge()])).splitlines()
    assert msgspec.json.decode(line)["description"] == "two\nlines"


def test_excel_carries_its_notes_on_a_sheet_of_their_own(tmp_path: Path) -> None:
    from python_calamine import load_workbook  # noqa: PLC0415 - another program's eyes

    path = tmp_path / "pledges.xlsx"
    path.write_bytes(b"".join(exports.write_xlsx([a_pledge()])))
    book = load_workbook(path)
    assert book.sheet_names == ["Pledges", "Notes"]
    header, row = book.get_sheet_by_name("Pledges").to_python()
    assert tuple(header) == EXPORT_COLUMNS
    assert (row[1], row[EXPORT_COLUMNS.index("version")]) == ("=1+1", 1)
    assert book.get_sheet_by_name("Notes").to_python()[1][0] == "Licence"


def test_a_cell_too_long_for_excel_says_that_it_was_cut(tmp_path: Path) -> None:
    targets = [{"description": "x" * 1000, "retired": False}] * 40
    path = tmp_path / "pledges.xlsx"
    path.write_bytes(b"".join(exports.write_xlsx([a_pledge(targets=targets)])))
    (row,) = as_sheet([path.read_bytes()], path)
    assert row["targets"].endswith(exports.CUT)
    assert set(COLUMNS) <= set(row)
