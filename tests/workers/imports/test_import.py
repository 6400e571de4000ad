"""`pledges import`: what it says, what it leaves behind, and that nothing is done twice or by half."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import Result

from domain.actors import OPERATOR
from domain.entities.commands import RegisterEntity
from domain.errors import RegisterError
from domain.imports.events import ImportFinished, ImportRowsRecorded, ImportStarted
from domain.pledges.commands import AmendPledge, RecordPledge
from domain.pledges.content import Changes, Content
from domain.recording import Authority, Recorded
from domain.reference.states import state_id
from domain.register import Register
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.database.places import read_events
from tests.workers.conftest import Pledges
from workers.imports import importer
from workers.imports.importer import Importer
from workers.sample import FILE as SAMPLE

HEADER = "ref,title,pledger,pledger_category,due_on,summary\n"
LETTER = Authority(kind="email", reference="letter 7")


def sheet(folder: Path, *rows: str, header: str = HEADER, name: str = "sheet.csv") -> Path:
    path = folder / name
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def last_line(result: Result) -> str:
    return result.stdout.strip().splitlines()[-1]


def happened(runtime: Runtime, kind: str = "") -> list[Recorded]:
    with runtime.pool.connection() as connection:
        events = read_events(connection, 0, 10_000)
    return [event for event in events if event.header.name.startswith(kind)]


def refused_rows(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.name}.refused.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown(runtime: Runtime, title: str) -> dict[str, Any]:
    moment = runtime.questions.moment(None)
    found = [
        pledge
        for pledge in runtime.questions.every_pledge(PledgeFilters(), viewer=None, moment=moment)
        if pledge["title"] == title
    ]
    (pledge,) = found
    return dict(pledge)


# -- what it says


def test_the_sample_becomes_38_pledges_and_goes_out_as_it_came(pledges: Pledges, tmp_path: Path) -> None:
    result = pledges("import", SAMPLE)
    assert (result.exit_code, last_line(result)) == (
        0,
        "38 made, 0 amended, 0 unchanged, 0 refused, 0 conflicts",
    )
    assert "Not read: source_kind, confidence." in result.stdout
    pledges("export", "pledges", "-o", tmp_path / "out.csv")
    with SAMPLE.open(newline="") as before, (tmp_path / "out.csv").open(newline="") as after:
        given = {row["ref"]: row for row in csv.DictReader(before)}
        exported = {row["ref"]: row for row in csv.DictReader(after)}
    for ref, row in given.items():
        said = {column: cell for column, cell in row.items() if column in exported[ref]}
        assert {column: exported[ref][column] for column in said} == said


def test_a_sheet_again_is_unchanged_and_another_amends(
    pledges: Pledges, runtime: Runtime, tmp_path: Path
) -> None:
    path = sheet(tmp_path, "A,Schools for all,Kenya,,2030,", "B,Clean water,City of Arua,stakeholder,,")
    pledges("import", path)
    before = len(happened(runtime, "pledge."))
    assert last_line(pledges("import", path)) == "0 made, 0 amended, 2 unchanged, 0 refused, 0 conflicts"
    assert len(happened(runtime, "pledge.")) == before
    sheet(tmp_path, "A,Schools for all,Kenya,,2031,", "C,Law,Kenya,,,")
    assert last_line(pledges("import", path)) == "1 made, 1 amended, 0 unchanged, 0 refused, 0 conflicts"
    assert shown(runtime, "Schools for all")["due_on"] == "2031"


def test_refused_and_conflicting_rows_go_to_a_file_that_can_be_mended(
    pledges: Pledges, runtime: Runtime, tmp_path: Path
) -> None:
    path = sheet(tmp_path, "A,Schools for all,Kenya,,2030,", "B,=x,Atlantis,state,soon,")
    result = pledges("import", path)
    assert (result.exit_code, last_line(result)) == (
        1,
        "1 made, 0 amended, 0 unchanged, 1 refused, 0 conflicts",
    )
    (row,) = refused_rows(path)
    assert row["problem"].startswith("row 3, ")
    assert "pledger: “Atlantis” is not one of the 195 States" in row["problem"]
    assert "due_on: must be a date" in row["problem"]
    assert row["title"] == "'=x"
    assert row["problem"] in result.stderr
    pledge = shown(runtime, "Schools for all")
    amend = AmendPledge(
        pledge_id=UUID(pledge["id"]), changes=Changes(due_on="2032"), reason="agreed", authority=LETTER
    )
    runtime.register.handle(amend, by=OPERATOR)
    sheet(tmp_path, "A,Schools for all,Kenya,,2031,")
    result = pledges("import", path)
    assert (result.exit_code, last_line(result)) == (
        1,
        "0 made, 0 amended, 0 unchanged, 0 refused, 1 conflicts",
    )
    assert "is now “2032” in the register" in refused_rows(path)[0]["problem"]
    sheet(tmp_path, "A,Schools for all,Kenya,,2032,")
    assert pledges("import", path).exit_code == 0
    assert not path.with_name("sheet.csv.refused.csv").exists()


def test_a_file_of_refused_rows_that_comes_back_has_one_problem_a_row(
    pledges: Pledges, tmp_path: Path
) -> None:
    path = sheet(tmp_path, "A,Schools for all,Kenya,,soon,", "B,Law,Kenya,,soon,")
    pledges("import", path)
    back = tmp_path / "sheet.csv.refused.csv"
    back.write_text(
        back.read_text(encoding="utf-8").replace("Law,Kenya,,soon", "Law,Kenya,,2030"), encoding="utf-8"
    )
    result = pledges("import", back)
    assert "Not read: problem." in result.stdout
    assert last_line(result) == "1 made, 0 amended, 0 unchanged, 1 refused, 0 conflicts"
    header, row = (tmp_path / "sheet.csv.refused.csv.refused.csv").read_text(encoding="utf-8").splitlines()
    assert header.split(",").count("problem") == 1
    assert row.startswith('A,Schools for all,Kenya,,soon,,"row 2, due_on: ')


def test_refused_rows_are_said_where_no_file_can_be_written(pledges: Pledges, tmp_path: Path) -> None:
    path = sheet(tmp_path, "A,Schools,Atlantis,state,,", "B,Law,Kenya,,,")
    path.with_name("sheet.csv.refused.csv").mkdir()
    result = pledges("import", path)
    assert last_line(result) == "1 made, 0 amended, 0 unchanged, 1 refused, 0 conflicts"
    assert "cannot be written" in result.stderr
    assert "row 2, pledger" in result.stderr


def test_a_dry_run_records_nothing(pledges: Pledges, runtime: Runtime, tmp_path: Path) -> None:
    path = sheet(tmp_path, "A,Schools,New City,stakeholder,,", "B,Law,New City,un_entity,,", "C,x,Kenya,,,")
    before = len(happened(runtime))
    result = pledges("import", path, "--dry-run")
    assert (result.exit_code, last_line(result)) == (
        1,
        "1 made, 0 amended, 0 unchanged, 2 refused, 0 conflicts",
    )
    assert "Dry run: nothing was recorded." in result.stdout
    assert len(happened(runtime)) == before


def test_rows_are_handed_in_for_review_by_a_pledger(
    pledges: Pledges, runtime: Runtime, tmp_path: Path
) -> None:
    pledges("accounts", "add", "kenya@example.org", "--role", "pledger", "--entity", "Kenya")
    path = sheet(tmp_path, "Schools for all,Kenya", "Schools for all,Kenya", header="title,pledger\n")
    result = pledges("import", path, "--submit", "--as", "Kenya@example.org")
    assert last_line(result) == "1 submitted, 0 amended, 0 unchanged, 1 refused, 0 conflicts"
    (submitted,) = happened(runtime, "pledge.submitted")
    assert (submitted.header.role, submitted.header.actor) == (
        "pledger",
        runtime.people.account_of("kenya@example.org"),
    )
    again = pledges("import", path, "--submit", "--as", "kenya@example.org")
    assert last_line(again) == "0 submitted, 0 amended, 1 unchanged, 1 refused, 0 conflicts"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--as", "nobody@example.org"], (2, "there is no account of nobody@example.org")),
        (["--as", "kenya@example.org"], (1, "Only the Secretariat records pledges from a sheet")),
    ],
)
def test_who_may_not_import_is_told_in_one_line(
    pledges: Pledges, runtime: Runtime, tmp_path: Path, arguments: list[str], told: tuple[int, str]
) -> None:
    pledges("accounts", "add", "kenya@example.org", "--role", "pledger", "--entity", "Kenya")
    before = len(happened(runtime))
    result = pledges("import", sheet(tmp_path, "A,Schools,Kenya,,,"), *arguments)
    status, said = told
    assert result.exit_code == status
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert len(happened(runtime)) == before


def test_the_letter_that_a_sheet_came_with_is_cited(
    pledges: Pledges, runtime: Runtime, tmp_path: Path
) -> None:
    path = sheet(tmp_path, "one,Clean water,Kenya,state,2030,")
    assert pledges("import", path, "--authority", "note_verbale", "NV 12/2026").exit_code == 0
    (started,) = happened(runtime, "import.started")
    assert started.header.authority == Authority(kind="note_verbale", reference="NV 12/2026")
    for kind, reference in (("letter", "NV 12"), ("email", " "), ("email", "x" * 100_000)):
        refused = pledges("import", path, "--authority", kind, reference)
        assert refused.exit_code in {1, 2}, (kind, reference[:9])
        assert "authority" in refused.stderr


def test_columns_are_kept_when_they_are_named(pledges: Pledges, runtime: Runtime, tmp_path: Path) -> None:
    header = "ref,title,pledger,Remark,Contact\n"
    path = sheet(tmp_path, "A,Schools,Kenya,heard on the radio,Ms X", header=header)
    result = pledges("import", path, "--keep", "remark")
    assert "Not read: Contact." in result.stdout
    assert shown(runtime, "Schools")["source"] == {"ref": "A", "kept": {"Remark": "heard on the radio"}}


def test_texts_that_look_like_contact_details_are_warned_about(pledges: Pledges, tmp_path: Path) -> None:
    result = pledges("import", sheet(tmp_path, "A,Schools,Kenya,,,Write to me@example.org"))
    assert "row 2, summary" in result.stderr
    assert "stay for ever" in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\nref,title,pledger\nA,b,Kenya\n", "the first row is empty"),
        (b"ref,title\nA,b\n", "no column pledger"),
        (b"ref,title,pledger\nA,caf\xe9,Kenya\n", "row 2, column title"),
        (b'ref,title,pledger\nA,"x,Kenya\n', "no CSV file: row 2"),
        (b"PK\x03\x04no zip", "broken"),
        (b"<html><body>not a sheet</body></html>\n", "no column ref, title, pledger"),
    ],
)
def test_an_unreadable_file_changes_nothing(
    pledges: Pledges, runtime: Runtime, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    before = len(happened(runtime))
    result = pledges("import", path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert len(happened(runtime)) == before


@pytest.mark.parametrize("column", ["E-mail", "nothing"])
def test_a_column_that_cannot_be_kept_is_an_error(pledges: Pledges, tmp_path: Path, column: str) -> None:
    path = sheet(tmp_path, "A,b,Kenya,x", header="ref,title,pledger,E-mail\n")
    assert pledges("import", path, "--keep", column).exit_code == 2


def test_rows_that_are_too_short_or_too_long_are_refused(pledges: Pledges, tmp_path: Path) -> None:
    path = sheet(tmp_path, "A,Schools,Kenya,,,", "B,Sch", "C,Schools,Kenya,,,,stray", "D,Schools,Kenya,,,,")
    result = pledges("import", path)
    assert last_line(result) == "2 made, 0 amended, 0 unchanged, 2 refused, 0 conflicts"
    assert "row 3, has 2 cells, but the header has 6 columns" in result.stderr
    assert "row 4, has 7 cells" in result.stderr


def test_bad_cells_are_refused_and_the_rest_is_imported(
    pledges: Pledges, runtime: Runtime, tmp_path: Path
) -> None:
    path = sheet(
        tmp_path,
        "A,nul\0byte,Kenya,,,",
        f"B,{'x' * 10_000},Kenya,,,",
        "C,\u202eoverride,Kenya,,,",
        "D,\u200fالمدارس للجميع,كينيا,,,",
    )
    result = pledges("import", path)
    assert last_line(result) == "1 made, 0 amended, 0 unchanged, 3 refused, 0 conflicts"
    assert [row["problem"].split(":")[0] for row in refused_rows(path)] == [
        "row 2, title", "row 3, title", "row 4, title",
    ]  # fmt: skip
    assert shown(runtime, "\u200fالمدارس للجميع")["entity"]["country"] == "KEN"


# -- what it leaves behind


def test_every_file_and_row_is_accounted_for(pledges: Pledges, runtime: Runtime, tmp_path: Path) -> None:
    path = sheet(tmp_path, "A,Schools,Kenya,,,", "", "A,Again,Kenya,,,", "B,x,Kenya,,,")
    pledges("import", path)
    started, rows, finished = (event.fact for event in happened(runtime, "import."))
    assert started == ImportStarted(
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(), bytes=path.stat().st_size, media="csv",
        mode="record", rows=3,
    )  # fmt: skip
    assert isinstance(rows, ImportRowsRecorded)
    assert [(row.row, row.ref, row.outcome, row.duplicate_of) for row in rows.rows] == [
        (2, "A", "made", None), (4, "A", "duplicate", 2), (5, "B", "refused", None),
    ]  # fmt: skip
    assert finished == ImportFinished(made=1, refused=2)
    assert b"sheet.csv" not in json.dumps([str(event) for event in happened(runtime, "import.")]).encode()


def test_many_rows_go_in_batches(
    pledges: Pledges, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH_ROWS", 7)
    rows = [f"R{n},Pledge {n},City {n % 5},stakeholder,," for n in range(50)]
    result = pledges("import", sheet(tmp_path, *rows))
    assert last_line(result) == "50 made, 0 amended, 0 unchanged, 0 refused, 0 conflicts"
    assert len(happened(runtime, "import.rows-recorded")) == 8
    assert len(happened(runtime, "entity.registered")) == 195 + 5


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_registers_own_export_is_known_again(
    pledges: Pledges, runtime: Runtime, tmp_path: Path, form: str
) -> None:
    content = Content(title="Safe roads", entity=state_id("KEN"), type="individual", due_on="2030-06")
    command = RecordPledge(pledge_id=runtime.new_id(), content=content, authority=LETTER)
    runtime.register.handle(command, by=OPERATOR)
    pledges("import", sheet(tmp_path, "A,Schools for all,Kenya,,2030,"))
    path = tmp_path / f"out.{form}"
    pledges("export", "pledges", "--format", form, "-o", path)
    before = len(happened(runtime, "pledge."))
    for options in (["--dry-run"], []):
        result = pledges("import", path, *options)
        assert last_line(result) == "0 made, 0 amended, 2 unchanged, 0 refused, 0 conflicts"
    assert len(happened(runtime, "pledge.")) == before
    if form == "csv":
        path.write_text(path.read_text().replace("2030-06", "2031-06"))
        assert last_line(pledges("import", path)) == "0 made, 1 amended, 1 unchanged, 0 refused, 0 conflicts"
        assert shown(runtime, "Safe roads")["due_on"] == "2031-06"


def test_excel_files_are_imported_like_any(pledges: Pledges, tmp_path: Path) -> None:
    pledges("import", SAMPLE)
    path = tmp_path / "out.xlsx"
    pledges("export", "pledges", "--format", "xlsx", "-o", path)
    assert zipfile.is_zipfile(path)
    result = pledges("import", path)
    assert last_line(result) == "0 made, 0 amended, 38 unchanged, 0 refused, 0 conflicts"


# -- when something comes in between


def cut_off(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the power fail after some batches."""
    real = Importer._carry_out
    done = 0

    def carry_out(self: Importer, planned: Any) -> None:
        nonlocal done
        if done == after:
            raise KeyboardInterrupt
        done += 1
        real(self, planned)

    monkeypatch.setattr(Importer, "_carry_out", carry_out)


def test_an_import_that_was_cut_off_is_completed_by_the_next(
    pledges: Pledges, runtime: Runtime, tmp_path: Path
) -> None:
    path = sheet(tmp_path, *[f"R{n},Pledge {n},City {n % 5},stakeholder,," for n in range(20)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importer, "BATCH_ROWS", 6)
        cut_off(2, patch)
        assert pledges("import", path).exit_code != 0
    assert len(happened(runtime, "pledge.made")) == 12
    assert happened(runtime, "import.finished") == []
    result = pledges("import", path)
    assert last_line(result) == "8 made, 0 amended, 12 unchanged, 0 refused, 0 conflicts"
    assert len(happened(runtime, "pledge.made")) == 20


def overtaken(times: int, meanwhile: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody else record something between the plan and the recording of a batch."""
    real = Register.handle_many
    left = times

    def handle_many(self: Register, orders: Any, *, by: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            meanwhile()
        return real(self, orders, by=by)

    monkeypatch.setattr(Register, "handle_many", handle_many)


def test_a_plan_that_was_overtaken_is_made_anew(
    pledges: Pledges, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile() -> None:
        runtime.register.handle(RegisterEntity(name="New City", category="stakeholder"), by=OPERATOR)

    overtaken(1, meanwhile, monkeypatch)
    result = pledges("import", sheet(tmp_path, "A,Schools,New City,stakeholder,,", "B,Law,Kenya,,,"))
    assert last_line(result) == "2 made, 0 amended, 0 unchanged, 0 refused, 0 conflicts"
    assert len(happened(runtime, "entity.registered")) == 195 + 1
    assert len(happened(runtime, "import.rows-recorded")) == 1


def test_a_row_whose_plan_never_holds_is_refused_alone(
    pledges: Pledges, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Register, order: Any, *rest: Any) -> Any:
        if isinstance(order.command, RecordPledge) and order.command.content.title == "Never":
            return RegisterError("not today.")
        return decided(self, order, *rest)

    decided = Register._decided
    monkeypatch.setattr(Register, "_decided", refuse)
    result = pledges("import", sheet(tmp_path, "A,Schools,Kenya,,,", "B,Never,Kenya,,,", "C,Law,Kenya,,,"))
    assert last_line(result) == "2 made, 0 amended, 0 unchanged, 1 refused, 0 conflicts"
    assert "row 3, not today." in result.stderr
    recorded = happened(runtime, "import.rows-recorded")
    assert [row.outcome for event in recorded for row in event.fact.rows] == [
        "made", "refused", "made",
    ]  # fmt: skip


def test_somebody_else_with_the_same_reference_makes_no_second_pledge(
    pledges: Pledges, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path, "A,Schools,Kenya,,,")
    other = tmp_path / "other"
    other.mkdir()
    overtaken(1, lambda: pledges("import", sheet(other, "A,Schools,Kenya,,,")), monkeypatch)
    result = pledges("import", path)
    assert last_line(result) == "0 made, 0 amended, 1 unchanged, 0 refused, 0 conflicts"
    assert len(happened(runtime, "pledge.made")) == 1
