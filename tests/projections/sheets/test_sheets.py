"""Files as rows: what is no sheet is refused with the row, what is one is read faithfully."""

from __future__ import annotations

import csv
import tracemalloc
import zipfile
from pathlib import Path
from xml.parsers import expat

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from projections.sheets import archive
from projections.sheets.opening import open_sheet
from projections.sheets.sheets import UnreadableFile
from projections.sheets.spool import Spool
from tests.projections.sheets.xlsx_files import MAIN, write


def rows_of(path: Path) -> list[tuple[int, list[str]]]:
    return list(open_sheet(path).rows())


def cells_of(path: Path) -> list[list[str]]:
    return [cells for _, cells in rows_of(path)]


def csv_file(folder: Path, content: bytes | str, name: str = "sheet.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# -- CSV


def test_rows_are_counted_as_spreadsheets_count_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'ref,title\r\nA,"two\nlines"\r\n\r\nB,"say ""hi"""\r\n')
    assert rows_of(path) == [(1, ["ref", "title"]), (2, ["A", "two\nlines"]), (3, []), (4, ["B", 'say "hi"'])]


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    assert cells_of(csv_file(tmp_path, b"\xef\xbb\xbfref,title\n")) == [["ref", "title"]]


def test_the_apostrophe_that_guards_a_cell_is_taken_off(tmp_path: Path) -> None:
    assert cells_of(csv_file(tmp_path, "'=1+1,'quoted',''=x\n")) == [["=1+1", "'quoted'", "'=x"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ref,title\nA,caf\xe9\n", "row 2, column title: byte 0xE9"),
        (b"ref,caf\xe9\n", "row 1, column 2: byte 0xE9"),
        (b'ref,title\nA,"never closed\n', "row 2"),
        (b'ref,title\nA,"closed" too early\n', "row 2"),
        ("ref,title\n".encode("utf-16"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0rest", "old or encrypted Excel"),
        (b"ref,title\nA," + b"x" * 1_100_000, "row 2"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not in UTF-8"),
    ],
)
def test_what_is_no_csv_is_refused_with_the_row(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        rows_of(csv_file(tmp_path, content))


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        open_sheet(tmp_path / "none.csv")
    with pytest.raises(UnreadableFile, match="directory"):
        open_sheet(tmp_path)


def test_nothing_is_used_of_a_file_that_is_broken_at_its_end(tmp_path: Path) -> None:
    path = csv_file(tmp_path, b"ref,title\n" + b"A,b\n" * 100_000 + b"A,\xff\n")
    with pytest.raises(UnreadableFile, match="row 100002"), Spool(open_sheet(path)):
        pytest.fail("was read")  # pragma: no cover


def test_a_spool_leaves_out_rows_that_say_nothing(tmp_path: Path) -> None:
    with Spool(open_sheet(csv_file(tmp_path, "ref,title\n,\nA,b\n\n , \nB,c\n"))) as spool:
        assert (spool.header, spool.count) == (["ref", "title"], 2)
        assert list(spool.rows()) == list(spool.rows()) == [(3, ["A", "b"]), (6, ["B", "c"])]


# -- Excel


def test_every_sort_of_cell_is_read_as_it_is_shown(tmp_path: Path) -> None:
    path = write(
        tmp_path / "cells.xlsx",
        '<row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="C1" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>'
        '<row r="3"><c r="A3"><v>200000</v></c><c r="B3"><v>0.10000000000000001</v></c>'
        '<c r="C3" t="b"><v>1</v></c>'
        '<c r="D3" t="str"><f>A1&amp;"x"</f><v>calculated</v></c><c r="E3" t="e"><v>#REF!</v></c>'
        '<c r="F3"><f>1+1</f></c><c r="G3" t="s"><v>1</v></c><c r="H3"><v>1E+20</v></c></row>',
        shared="<si><t>ref</t><rPh><t>pronounced</t></rPh></si><si><t>a_x000A_b &amp; _x005F_x0041_</t></si>",
    )
    assert rows_of(path) == [
        (1, ["ref", "", "inline"]),
        (
            3,
            [
                "200000",
                "0.1",
                "TRUE",
                "calculated",
                "#REF!",
                "#UNCALCULATED!",
                "a\nb & _x0041_",
                "1" + "0" * 20,
            ],
        ),
    ]


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (0, "44698", "44698"),
        (1, "44698", "2022-05-17"),
        (2, "44562", "2022"),
        (3, "44682", "2022-05"),
        (4, "44698", "2022-05-17"),
        (5, "44698", "44698"),
        (6, "44698.5", "2022-05-17T12:00:00"),
        (1, "1", "1900-01-01"),
        (1, "61", "1900-03-01"),
        (1, "-1e99", "-1" + "0" * 99),
    ],
)
def test_dates_keep_the_precision_in_which_they_are_shown(
    tmp_path: Path, style: int, value: str, text: str
) -> None:
    path = write(tmp_path / "dates.xlsx", f'<row r="1"><c r="A1" s="{style}"><v>{value}</v></c></row>')
    assert cells_of(path) == [[text]]


def test_dates_may_count_from_1904(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" s="1"><v>43236</v></c></row>'
    assert cells_of(write(tmp_path / "mac.xlsx", rows, dates=' date1904="1"')) == [["2022-05-17"]]


def test_other_sheets_are_named_as_not_read(tmp_path: Path) -> None:
    sheet = open_sheet(
        write(tmp_path / "more.xlsx", "", more_sheets='<sheet name="Notes" sheetId="2" r:id="rId9"/>')
    )
    assert sheet.ignored == ("sheet Notes",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ref,title,pledger\n", "no such file"),
        (b"PK\x03\x04 and nothing else", "broken"),
    ],
)
def test_what_only_claims_to_be_an_excel_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        rows_of(csv_file(tmp_path, content, "sheet.xlsx"))


def test_another_archive_is_no_excel_file(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFile, match=r"no part xl/workbook\.xml"):
        open_sheet(path)


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c r='1'><v>1</v></c></row>",
        "<row><c t='s'><v>7</v></c></row>",
        "<row><c t='s'><v>x</v></c></row>",
        "<row r='x'/>",
        "<row>",
        f"<row><c t='inlineStr'><is><t>{'x' * 1_100_000}</t></is></c></row>",
    ],
)
def test_a_broken_sheet_is_refused(tmp_path: Path, rows: str) -> None:
    with pytest.raises(UnreadableFile):
        rows_of(write(tmp_path / "broken.xlsx", rows))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_entities_are_refused(tmp_path: Path, part: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    path = write(tmp_path / "laughs.xlsx", '<row><c t="s"><v>0</v></c></row>', parts={part: bomb})
    with pytest.raises(UnreadableFile, match="document type"):
        rows_of(path)


def test_a_zip_bomb_is_refused_before_it_inflates(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("xl/workbook.xml", "w") as part:
        for _ in range(64):
            part.write(b"\0" * 1024 * 1024)
    with pytest.raises(UnreadableFile, match="would inflate"):
        open_sheet(path)


@pytest.mark.parametrize("begun", [b"", b"<", b"<worksheet><!--", b'<worksheet a="'])
def test_a_part_that_is_one_endless_piece_is_given_up(tmp_path: Path, begun: bytes) -> None:
    path = tmp_path / "endless.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        bomb.writestr("part.xml", begun + b"a" * 4 * archive.UNENDED_BYTES_MAX)
    with zipfile.ZipFile(path) as bomb, pytest.raises(UnreadableFile, match="does not end"):
        list(archive.parse(path, bomb, "part.xml", expat.ParserCreate()))


@pytest.mark.parametrize(("limit", "said"), [("MEMBERS_MAX", "parts"), ("INFLATED_BYTES_MAX", "inflate to")])
def test_an_archive_has_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, said: str
) -> None:
    path = write(tmp_path / "sheet.xlsx", "")
    monkeypatch.setattr(archive, limit, 3)
    with pytest.raises(UnreadableFile, match=said):
        open_sheet(path)


def test_a_directory_that_lies_about_sizes_inflates_no_more_than_it_says(tmp_path: Path) -> None:
    path = write(tmp_path / "liar.xlsx", "<row/>" * 100_000)
    raw = path.read_bytes()
    size = len(f'<worksheet xmlns="{MAIN}"><sheetData>{"<row/>" * 100_000}</sheetData></worksheet>')
    path.write_bytes(raw.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(UnreadableFile, match="broken"):
        rows_of(path)


def peak_of_reading(path: Path) -> int:
    """How many bytes Python held at most while the sheet was spooled."""
    tracemalloc.start()
    try:
        with Spool(open_sheet(path)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["csv", "inline.xlsx", "shared.xlsx"])
def test_memory_does_not_grow_with_the_sheet(tmp_path: Path, form: str) -> None:
    peaks = []
    for count in (20_000, 60_000):
        path = tmp_path / f"{count}.{form}"
        rows = [[f"ref {number}", f"a text of its own, {number} times over"] for number in range(count)]
        if form == "csv":
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(rows)
        else:
            options = {"constant_memory": form.startswith("inline"), "tmpdir": str(tmp_path)}
            with xlsxwriter.Workbook(path, options) as book:
                sheet = book.add_worksheet()
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        del rows
        peaks.append(peak_of_reading(path))
    assert peaks[1] - peaks[0] < 1_500_000, peaks


CELLS = st.one_of(
    st.text(max_size=8).filter(lambda text: text.isprintable()),
    st.integers(-(10**14), 10**14),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
)


@pytest.mark.parametrize("constant_memory", ["inline", ""])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_another_reader_finds_the_same(
    table: list[list[str | int | float]], constant_memory: str, tmp_path: Path
) -> None:
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(
        path, {"constant_memory": bool(constant_memory), "tmpdir": str(tmp_path)}
    ) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(table):
            for place, cell in enumerate(row):
                (sheet.write_string if isinstance(cell, str) else sheet.write_number)(number, place, cell)
    theirs = load_workbook(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    ours = dict(rows_of(path))
    for number, row in enumerate(theirs, 1):
        found = [*ours.get(number, []), *[""] * len(row)]
        for place, cell in enumerate(row):
            said = found[place]
            assert (said == cell) if isinstance(cell, str) else (float(said or "nan") == cell)
