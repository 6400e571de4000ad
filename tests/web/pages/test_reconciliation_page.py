"""The page that compares a document with the register: counts, then lines; nothing of the file is kept."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

import pytest
import requests

from tests.web.browsing import TOKEN, Browser
from tests.web.demonstration import FORMULA, HOSTILE, Demonstration
from tests.web.live import SECONDS_MAX
from tests.web.pages.test_pages import KILOBYTES_MAX, Page
from web.bodies import FILE_BYTES_MAX
from web.reconciling import LINES_MAX
from workers.sample import FILE as SAMPLE

FIGURE = re.compile(r"<dd>(?:<a[^>]*>)?([\d,]+)")
NAMES = ("same", "differs", "not_here", "not_there", "ambiguous", "unreadable")
HEADER = b"title,pledger\n"


def rows() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sheet(lines: list[dict[str, str]]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return written.getvalue().encode()


def sent(
    demonstration: Demonstration, content: bytes, *, name: str = "list.csv", lang: str = "", **said: str
) -> requests.Response:
    """The form as a browser sends it."""
    browser = Browser(demonstration.live)
    token = TOKEN.search(browser.get("/reconcile").text)
    assert token
    return browser.session.post(
        f"{demonstration.live.url}/reconcile{lang and f'?lang={lang}'}",
        data={"csrf_token": unescape(token[1]), **said},
        files={"file": (name, content)},
        timeout=SECONDS_MAX,
    )


def sound(answer: requests.Response, status: int = 200) -> str:
    """The page, which is small and in order whatever was sent."""
    assert answer.status_code == status, answer.text
    page = Page(answer.text)
    assert (page.wrong, len(page.ids)) == ([], len(set(page.ids)))
    assert len(answer.content) < KILOBYTES_MAX * 1000
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


def figures(page: str) -> dict[str, int]:
    return dict(zip(NAMES, (int(one.replace(",", "")) for one in FIGURE.findall(page)), strict=True))


def test_what_was_imported_agrees(demonstration: Demonstration) -> None:
    content = SAMPLE.read_bytes()
    page = sound(sent(demonstration, content, as_of=demonstration.samples_alone))
    assert figures(page) == dict.fromkeys(NAMES, 0) | {"same": 38}
    assert "The document and the register say the same." in page
    assert "This very file was not deposited here." in page
    assert hashlib.sha256(content).hexdigest() in page


def test_counts_come_first_and_then_each_line_that_differs(demonstration: Demonstration) -> None:
    lines = rows()
    changed, gone = lines[4], lines.pop()
    changed["due_on"], changed["status_note"] = "2199-01", HOSTILE
    changed["summary"] += " Or so it seems."
    lines += [
        {**lines[0], "ref": "X", "title": "Never heard of"},
        lines[0],
        {**lines[1], "currency": "EURO"},
    ]
    content = sheet(lines)
    page = sound(sent(demonstration, content, as_of=demonstration.samples_alone))
    expected = {"same": 36, "differs": 1, "not_here": 1, "not_there": 1, "ambiguous": 1, "unreadable": 1}
    assert figures(page) == expected
    assert [page.index(f'id="{name}"') for name in NAMES[1:]] == sorted(
        page.index(f'id="{name}"') for name in NAMES[1:]
    )
    (row,) = [row for row in page.split("<tr>") if ">due_on<" in row]
    assert "2199-01" in row
    assert '<td data-label="Line">6</td>' in row
    # Its pledge is shown as it was at the moment that was compared.
    assert f"as_of={demonstration.samples_alone[:10]}" in row
    assert HOSTILE not in page
    # Of long cells, what is shown is where they differ.
    assert "Or so it seems.</bdi>" in page
    assert changed["summary"][:40] not in page
    assert "“Never heard of”" in page
    assert f"“{gone['title'][:100]}" in unescape(page)
    assert "currency" in page[page.index('id="unreadable"') :]


def test_all_of_it_comes_as_csv(demonstration: Demonstration) -> None:
    lines = [
        {"title": FORMULA, "pledger": "Kenya"},
        *({"title": f"T{n}", "pledger": "Kenya"} for n in range(50)),
    ]
    said = {"as_of": demonstration.samples_alone, "form": "csv"}
    answer = sent(demonstration, sheet(lines), **said)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert re.fullmatch(r'attachment; filename="reconciled-\d+\.csv"', answer.headers["Content-Disposition"])
    found = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert len(found) == 51 + 38
    assert found[0]["note"].startswith("“=HYPERLINK")
    page = sound(sent(demonstration, sheet(lines), as_of=demonstration.samples_alone))
    assert "31 more are in the CSV." in page


def test_the_page_stays_small_whatever_differs(demonstration: Demonstration) -> None:
    hostile = HOSTILE * 20
    lines = [
        {**row, "title": hostile, "summary": hostile, "targets": hostile, "due_on": "2199"} for row in rows()
    ]
    lines += [{**lines[0], "ref": f"X{n}"} for n in range(30)] + [{**lines[0], "due_on": hostile}] * 30
    page = sound(sent(demonstration, sheet(lines), as_of=demonstration.samples_alone))
    assert figures(page)["differs"] == 38


def test_a_deposited_file_is_named_with_when_and_as_what(demonstration: Demonstration) -> None:
    content = HEADER + b"An old promise,Kenya\n"
    body = {
        "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "media_type": "text/csv",
        "title": "A printed list", "as_of_day": "2021-05",
    }  # fmt: skip
    made = demonstration.live.as_("auditor").post("/documents", body).json
    page = sound(sent(demonstration, content))
    assert "This very file was not deposited here." not in page
    assert f'as_of={made["position"]}#{made["sha256"]}"><bdi>A printed list</bdi></a>, ' in page
    assert "<dt>Speaks of</dt><dd>May 2021</dd>" in page
    assert f'href="/log/{made["position"]}"' in page


def test_a_workbook_is_read_too(demonstration: Demonstration) -> None:
    book = demonstration.get(f"/pledges.xlsx?as_of={demonstration.samples_alone}").content
    page = sound(sent(demonstration, book, name="book.xlsx", as_of=demonstration.samples_alone))
    assert figures(page)["same"] == 38
    assert "Not read: <bdi>sheet Notes</bdi>" in page


def broken_books() -> Iterator[bytes]:
    yield b"PK\x03\x04" + b"\0" * 99
    with zipfile.ZipFile(book := io.BytesIO(), "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    yield book.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty: its first row has to name the columns"),
        (b"%PDF-1.7\n", "the file is a PDF"),
        (b"a,b\n1,2\n", "no column title, pledger"),
        (b"title;pledger\n", "separated by semicolons"),
        ("title,pledger\nCafé,Kenya\n".encode("latin-1"), "not in UTF-8: row 2, column title"),
        (b'title,pledger\n"a,b\n', "is no CSV file"),
        (HEADER + b"a,b\n" * (LINES_MAX + 80_000), "has 100,000 lines; 20,000 is the most here"),
        *zip(broken_books(), ("is a broken .xlsx file", "has no part xl/workbook.xml"), strict=True),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_no_sheet_is_said_beside_the_field(
    demonstration: Demonstration, content: bytes, said: str
) -> None:
    page = sound(sent(demonstration, content, as_of=" 2026-01-01 "), 422)
    (beside,) = re.findall(r'id="file-error-1"><bdi>([^<]+)<', page)
    assert said in unescape(beside)
    assert "/tmp" not in page
    assert 'aria-invalid="true"' in page
    assert 'value="2026-01-01"' in page


def test_no_file_no_moment_and_too_much_are_said_beside_their_fields(demonstration: Demonstration) -> None:
    assert "Choose a file." in sound(sent(demonstration, b"", name=""), 422)
    page = sound(sent(demonstration, HEADER, as_of="2199-01-01<b>"), 422)
    assert 'id="as_of-error-1"' in page
    assert 'id="as_of-error-1"' in sound(sent(demonstration, HEADER, as_of="\0"), 422)
    page = sound(sent(demonstration, HEADER + b"x" * FILE_BYTES_MAX), 413)
    assert "The file is too large: 25,000,000 bytes" in page
    assert 'id="file-error-1"' in page


def test_a_form_that_is_none_of_ours_is_refused(demonstration: Demonstration) -> None:
    url = f"{demonstration.live.url}/reconcile"
    browser = Browser(demonstration.live)
    assert browser.post("/reconcile", as_of="1").status_code == 415
    for headers, body in (
        ({}, None),
        ({"Content-Type": "multipart/form-data"}, b"--x"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nContent-Disposition: form-data"),
    ):
        files = {"file": ("a", HEADER)} if body is None else None
        answer = browser.session.post(url, files=files, data=body, headers=headers, timeout=SECONDS_MAX)
        assert answer.status_code == 400
        assert not Page(answer.text).wrong


@pytest.mark.parametrize(("lang", "words"), [("fr", "Différentes"), ("ar", "مختلفة")])
def test_it_speaks_the_readers_language(demonstration: Demonstration, lang: str, words: str) -> None:
    page = sound(sent(demonstration, SAMPLE.read_bytes(), lang=lang))
    assert f'<html lang="{lang}"' in page
    assert words in page
