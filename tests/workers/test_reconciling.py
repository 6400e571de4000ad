"""`pledges reconcile`: every line of an outside sheet has one result, and all numbers add up."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from pathlib import Path

import pytest

from projections.composition import Runtime
from projections.questions import BOARD
from projections.reconciling import reconciled
from tests.workers.conftest import Pledges
from workers.reconciling import summary_line
from workers.sample import FILE as SAMPLE
from workers.sample import load_sample

Rows = list[dict[str, str]]


@pytest.fixture
def sampled(pledges: Pledges, runtime: Runtime) -> Pledges:
    """The commands on a register that holds the sample pledges."""
    load_sample(runtime)
    return pledges


def sample() -> Rows:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def written(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def told(output: str) -> Rows:
    return list(csv.DictReader(io.StringIO(output, newline="")))


def numbers(line: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", line)]


def test_the_file_that_was_imported_says_what_the_register_says(sampled: Pledges, tmp_path: Path) -> None:
    result = sampled("reconcile", SAMPLE, "-o", tmp_path / "out.csv")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.startswith(
        "38 lines: 38 same, 0 differ, 0 not here, 0 ambiguous, 0 unreadable; 38 pledges: 0 not there"
    )
    assert "was not deposited" in result.stderr
    found = told((tmp_path / "out.csv").read_text())
    assert [row["row"] for row in found] == [str(number) for number in range(2, 40)]
    sampled("deposit", SAMPLE, "--title", "The sample", "--as-of-day", "2026")
    again = sampled("reconcile", SAMPLE)
    assert "Deposited at position" in again.stderr
    assert "The sample, which speaks of 2026" in again.stderr
    assert told(again.stdout) == found


def test_an_export_of_the_same_moment_agrees_in_every_column(sampled: Pledges, tmp_path: Path) -> None:
    for form in ("csv", "xlsx"):
        path = tmp_path / f"export.{form}"
        sampled("export", "pledges", "--format", form, "-o", path)
        result = sampled("reconcile", path)
        assert result.exit_code == 0, result.stdout
        assert {row["not_compared"] for row in told(result.stdout)} == {""}
        # Before the first pledge, none of them was here.
        past = sampled("reconcile", path, "--as-of", "1")
        assert (past.exit_code, numbers(past.stderr.splitlines()[-1])[:7]) == (1, [38, 0, 0, 38, 0, 0, 0])


CHANGED = {
    "title": "Something else", "pledger": "Tuvalu", "co_pledgers": "Japan; Peru", "pledge_type": "matching",
    "forms": "other", "objectives": "1; 2; 22",
    "objectives_basis": "stated", "principles": "human rights", "amount": "12.5", "currency": "CHF",
    "scope": "Local; Regional (Nowhere)", "country_of_implementation": "Tuvalu",
    "announced_on": "1999",
    "due_on": "2199-01", "targets": "7 goats", "status_note": "Nothing so far", "summary": "(none)",
}  # fmt: skip


def test_each_column_that_says_something_else_is_named(sampled: Pledges, tmp_path: Path) -> None:
    whole = next(row for row in sample() if row["pledger_category"] == "state" and row["summary"])
    # One column a file: what goes together (amount and currency, say) is changed together.
    together = {"amount": {"currency": "CHF"}, "currency": {"amount": "12.5"}}
    for column, cell in CHANGED.items():
        changed = {**whole, **together.get(column, {}), column: cell}
        if column == "objectives_basis":
            changed[column] = "stated" if whole[column] == "inferred" else "inferred"
        result = sampled("reconcile", written(tmp_path / f"{column}.csv", [changed]))
        found = {row["column"]: row for row in told(result.stdout) if row["result"] == "differs"}
        assert set(found) == {column, *together.get(column, {})}, result.stdout
        for name, row in found.items():
            assert (row["row"], row["theirs"]) == ("2", changed[name])
            assert row["ours"] != row["theirs"]


def test_other_ways_of_writing_the_same_are_the_same(sampled: Pledges, tmp_path: Path) -> None:
    rows = sample()
    for row in rows:
        row["objectives"] = "; ".join(reversed(row["objectives"].split("; ")))
        row["principles"] = "; ".join(reversed(row["principles"].split("; "))).upper()
        row["amount"] = f"{row['amount']}.00" if row["amount"].isdigit() else row["amount"]
    state = next(row for row in rows if row["pledger"] == "Portugal" or row["pledger_category"] == "state")
    state["pledger"] = state["pledger"].replace("Portugal", "PRT")
    assert sampled("reconcile", written(tmp_path / "same.csv", rows)).exit_code == 0


def test_lines_that_are_missing_added_twice_or_broken(sampled: Pledges, tmp_path: Path) -> None:
    rows = sample()
    gone, twice, unknown, broken = rows.pop(), rows[3], dict(rows[4]), dict(rows[5])
    rows[4]["ref"] = ""  # found by title and pledger
    rows.append(twice)
    rows.append({**unknown, "ref": "NOT-OURS", "title": "Never heard of"})
    rows.append({**broken, "ref": "X", "objectives": "24"})
    result = sampled("reconcile", written(tmp_path / "odd.csv", rows))
    assert result.exit_code == 1
    assert numbers(result.stderr.splitlines()[-1])[:8] == [40, 37, 0, 1, 1, 1, 38, 1]
    found = {row["result"]: row for row in told(result.stdout)}
    assert found["ambiguous"]["note"].endswith("which row 5 names too.")
    assert "24" in found["unreadable"]["note"]
    assert found["not_there"]["row"] == ""
    assert found["not_here"]["row"] == "40"
    del gone


def test_a_line_without_a_reference_may_be_any_of_several(pledges: Pledges, tmp_path: Path) -> None:
    row = {"ref": "A", "title": "The same words", "pledger": "Kenya"}
    pledges("import", written(tmp_path / "two.csv", [row, {**row, "ref": "B"}, {**row, "ref": "C"}]))
    lines = [
        {**row, "ref": "B"},
        {**row, "ref": ""},
        {**row, "ref": "Z"},
        {**row, "pledger": "Peru", "ref": "Y"},
    ]
    result = pledges("reconcile", written(tmp_path / "lines.csv", lines))
    assert [found["result"] for found in told(result.stdout)] == [
        "same",
        "ambiguous",
        "ambiguous",
        "not_here",
    ]
    last = result.stderr.splitlines()[-1]
    assert last.startswith("4 lines: 1 same, 0 differ, 1 not here, 2 ambiguous")
    assert "3 pledges, 2 of them unclear: 0 not there" in last


def test_two_references_that_disagree_name_no_one_pledge(sampled: Pledges, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    sampled("export", "pledges", "-o", path)
    rows = told(path.read_text())
    rows[0]["ref"], rows[1]["status"], rows[2]["percent"] = rows[1]["ref"], "fulfilled", "77"
    found = told(sampled("reconcile", written(path, rows[:3])).stdout)
    assert found[0]["result"] == "ambiguous"
    assert (found[1]["column"], found[1]["theirs"], found[1]["ours"]) == ("status", "fulfilled", "made")
    assert (found[2]["column"], found[2]["theirs"]) == ("percent", "77")


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "latin": ("ref,title,pledger\nA,Café,Kenya\n".encode("latin-1"), "row 2, column title: byte 0xE9"),
    "utf16": ("ref,title,pledger\n".encode("utf-16"), "is in UTF-16"),
    "binary": (bytes(range(256)) * 40, "is not in UTF-8"),
    "nothing but zeros": (b"\0" * 5000, "no column title, pledger"),
    "twice": (b"ref,title,title,pledger\nA,B,C,Kenya\n", "The column title stands twice"),
    "status twice": (b"title,pledger,status,Status\nA,Kenya,made,made\n", "The column status stands twice"),
    "semicolons": (b"ref;title;pledger\n", "seem to be separated by semicolons"),
    "unclosed": (b'ref,title,pledger\nA,"B,Kenya\n', "is no CSV file: row 2"),
    "zip": (b"PK\x03\x04" + b"\0" * 100, "is a broken .xlsx file"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_sheet_is_said_in_one_line(pledges: Pledges, tmp_path: Path, name: str) -> None:
    content, said = HOSTILE[name]
    path, output = tmp_path / "hostile.csv", tmp_path / "out.csv"
    path.write_bytes(content)
    result = pledges("reconcile", path, "-o", output)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.stderr
    assert said in result.stderr
    assert not output.exists()


def test_memory_does_not_grow_with_the_lines(sampled: Pledges, runtime: Runtime, tmp_path: Path) -> None:
    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("ref,title,pledger,summary\n")
            file.writelines(f"R{n},Title {n},Kenya,{'words ' * 40}\n" for n in range(lines))
        moment = runtime.questions.moment(of=BOARD)
        tracemalloc.start()
        with reconciled(path, runtime.questions, runtime.import_memory, moment) as found:
            told = sum(1 for _ in found.findings)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (told, found.totals.results["not_here"]) == (lines + 38, lines)
        assert summary_line(found.totals).startswith(f"{lines} lines: 0 same")
        return most

    few, many = peak(1_000), peak(6_000)
    assert many < 1.5 * few, (few, many)
