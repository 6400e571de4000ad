"""Sheets in the browser: sent, looked at, confirmed as they were previewed, by the Secretariat alone."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
import requests
from python_calamine import CalamineWorkbook

from domain.imports.columns import COLUMNS, read_header
from tests.projections.sheets.test_sheets import rows_of
from tests.web.browsing import TOKEN, Browser, signed_in, somebody
from tests.web.live import KENYA, SECONDS_MAX, Register
from tests.web.pages.test_pages import KILOBYTES_MAX, Page
from web.bodies import FILE_BYTES_MAX
from workers.imports.sent import carry_out_next

HEADER = "ref,title,pledger,due_on"
RECORD = {"mode": "record", "authority.kind": "note_verbale", "authority.reference": "NV 12/2026"}
FIGURE = re.compile(r"<div><dt>([^<]+)</dt><dd>(?:<a[^>]*>)?([\d,]+)")
HIDDEN = re.compile(r'name="(once|version|sha256|preview)" value="([^"]*)"')


@pytest.fixture(scope="module")
def secretariat(live: Register) -> Browser:
    return signed_in(live, somebody(live))


def new(*rows: str, header: str = HEADER) -> bytes:
    """A sheet whose references no other test has: `%` stands for them."""
    return "\n".join([header, *(row.replace("%", uuid4().hex[:12]) for row in rows)]).encode()


def sends(browser: Browser, content: bytes, *, name: str = "list.csv", **said: str) -> requests.Response:
    """The form as a browser sends it."""
    page = browser.get("/desk/imports").text
    token = TOKEN.search(page)
    assert token
    return browser.session.post(
        f"{browser.live.url}/desk/imports",
        data={"csrf_token": unescape(token[1]), **dict(HIDDEN.findall(page)), **said},
        files={"file": (name, content)}, timeout=SECONDS_MAX, allow_redirects=False,
    )  # fmt: skip


def sent(browser: Browser, content: bytes, **said: str) -> str:
    """Where a sheet is that was taken."""
    answer = sends(browser, content, **(said or RECORD))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def works(live: Register) -> None:
    while carry_out_next(live.runtime, Event()):
        pass
    position = live.runtime.recorder.max_notification_id() or 0
    assert live.runtime.readers.wait_for(position, SECONDS_MAX)


def sound(browser: Browser, path: str, status: int = 200) -> str:
    """The page, which is small and in order."""
    return in_order(browser.get(path), status)


def in_order(answer: requests.Response, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    page = Page(answer.text)
    assert (page.wrong, len(page.ids)) == ([], len(set(page.ids)))
    assert len(answer.content) < KILOBYTES_MAX * 1000
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.text


def figures(page: str) -> dict[str, int]:
    return {name: int(number.replace(",", "")) for name, number in FIGURE.findall(page)}


def confirms(browser: Browser, path: str, page: str) -> requests.Response:
    return browser.send(f"{path}/confirmation", form_of=path, **dict(HIDDEN.findall(page)))


def test_a_sheet_is_looked_at_confirmed_and_imported(live: Register, secretariat: Browser) -> None:
    ref = uuid4().hex
    path = sent(
        secretariat, new(f"{ref},Schools in {ref},Kenya,2030", "%,Water,Kenya,soon", f"{ref},Again,Mali,")
    )
    waiting = secretariat.get(path)
    assert waiting.headers["Refresh"] == "2"
    assert "<progress" in waiting.text
    assert "Refresh" not in secretariat.get(f"{path}?still=1").headers
    works(live)
    page = sound(secretariat, path)
    assert "Refresh" not in secretariat.get(path).headers
    expected = {
        "New": 1,
        "Amended": 0,
        "Unchanged": 0,
        "Refused": 1,
        "Reference given twice": 1,
        "In conflict": 0,
    }
    assert figures(page) == expected
    assert '<code dir="ltr">due_on</code>: <bdi>must be a date' in page
    assert "2 rows would be left out." in page
    refused = sound(secretariat, f"{path}?show=refused")
    assert "Water" in refused
    assert f"Schools in {ref}" not in refused
    mend = list(csv.DictReader(io.StringIO(secretariat.get(f"{path}/refused.csv").text)))
    assert [(row["title"], row["problem"].split(":")[0]) for row in mend] == [
        ("Water", "row 3, due_on"), ("Again", "row 4, ref"),
    ]  # fmt: skip

    first, second = (confirms(secretariat, path, page) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    works(live)
    done = sound(secretariat, path)
    assert figures(done) == expected
    assert "It was imported" in done
    (pledge,) = re.findall(r'<a href="(/desk/pledges/[^"]+)">', done)
    assert f"Schools in {ref}" in sound(secretariat, pledge)
    assert "list.csv" in sound(secretariat, "/desk/imports")

    again = sent(
        secretariat, new(f"{ref},More schools in {ref},Kenya,2031", f"%,Schools in {ref} more,Kenya,")
    )
    works(live)
    page = sound(secretariat, again)
    assert figures(page)["Amended"] == 1
    assert re.search(
        rf"<strong>Title</strong>\s*<del[^>]*>Schools in {ref}</del>\s*<ins[^>]*>More schools", page
    )
    assert re.search(r"<strong>Due date</strong>\s*<del[^>]*>2030</del>\s*<ins[^>]*>2031</ins>", page)
    assert figures(page)["Perhaps there already"] == 1
    assert "Perhaps there already:" in sound(secretariat, f"{again}?show=alike")
    assert secretariat.send(f"{again}/discard", form_of=again).headers["Location"] == "/desk/imports"
    assert secretariat.get(again).status_code == 404


def test_rows_are_handed_in_for_review(live: Register, secretariat: Browser) -> None:
    ref = uuid4().hex
    header = "title,pledger,summary,forms,objectives,due_on"
    words = "A promise in so many words. " * 20
    path = sent(secretariat, new(f"Promise {ref},Kenya,{words},policy,6,2031", header=header), mode="submit")
    works(live)
    page = sound(secretariat, path)
    assert figures(page)["New, submitted"] == 1, page
    confirms(secretariat, path, page)
    works(live)
    assert f"Promise {ref}" in secretariat.get(f"/desk/lists/submissions?q={ref}").text


def test_what_is_confirmed_is_what_was_previewed(live: Register, secretariat: Browser) -> None:
    path = sent(secretariat, new("%,Schools,Kenya,"))
    works(live)
    page = sound(secretariat, path)
    said = dict(HIDDEN.findall(page))
    for wrong in ({"sha256": "0" * 64}, {"preview": "x"}, {"sha256": "", "preview": "\0"}):
        answer = secretariat.send(f"{path}/confirmation", form_of=path, **{**said, **wrong})
        assert "What you confirmed is not what is here by now." in in_order(answer, 409)
    assert confirms(secretariat, path, page).status_code == 303
    works(live)


def test_columns_of_other_sheets_are_matched(live: Register, secretariat: Browser) -> None:
    header = "Number,Name of pledge,Member State,Deadline,Focal point,Colour,title"
    path = sent(secretariat, new("%,Schools,Kenya,2030,Jane,blue,x", header=header))
    assert path.endswith("/reading")
    page = sound(secretariat, path)
    chosen = dict(
        re.findall(r'name="columns\.(\w+)"[^>]*>.*?<option value="(\d+)" selected>', page, re.DOTALL)[:4]
    )
    assert "Focal point</bdi>" not in page  # is never kept
    assert chosen["title"] == "6"
    said = {**RECORD, "columns.ref": "0", "columns.title": "1", "columns.pledger": "2", "columns.due_on": "3"}
    twice = secretariat.send(path, **{**said, "columns.due_on": "2"})
    assert "Two columns cannot be the same one of the sheet." in in_order(twice, 422)
    missing = secretariat.send(path, **{**said, "columns.title": ""})
    assert "no column title" in in_order(missing, 422)
    assert secretariat.send(path, **{**said, "mode": "", "columns.ref": "999"}).status_code == 422
    answer = secretariat.send(path, **said, keep="5")
    assert answer.status_code == 303, answer.text
    works(live)
    page = sound(secretariat, answer.headers["Location"])
    assert figures(page)["New"] == 1
    assert "Focal point; “title”" in page
    assert sound(secretariat, path).count(" checked") == 1


def test_a_form_sent_twice_is_one_sheet(live: Register, secretariat: Browser) -> None:
    content, page = new("%,Schools,Kenya,"), secretariat.get("/desk/imports").text
    once = dict(HIDDEN.findall(page))
    first, second = (sent(secretariat, content, **RECORD, **once) for _ in range(2))
    assert first == second
    works(live)


def test_only_the_secretariat_enters(live: Register, secretariat: Browser) -> None:
    path = sent(secretariat, new("%,Schools,Kenya,"))
    for role, entity in (("pledger", KENYA), ("auditor", None), ("administrator", None)):
        other = signed_in(live, somebody(live, role, entity))
        for address in (
            "/desk/imports",
            "/desk/imports/template.xlsx",
            path,
            f"{path}/reading",
            f"{path}/refused.csv",
        ):
            assert other.get(address).status_code == 403, address
    assert Browser(live).get(path).status_code == 303
    assert secretariat.get(f"/desk/imports/{uuid4()}").status_code == 404
    assert secretariat.get(f"{path}?show=<b>&after=-1").status_code == 200
    works(live)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The first row is empty"),
        (b"\n\n1,2", "The first row is empty"),
        (b"%PDF-1.7\n", "the file is a PDF"),
        (b"ref;title;pledger\n", "separated by semicolons"),
        (b"a," * 600 + b"\n", "500 is the most"),
        (b"PK\x03\x04" + b"\0" * 99, "is a broken .xlsx file"),
        ("réf,title,pledger\n".encode("latin-1"), "not in UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_sheet_is_said_beside_the_field(secretariat: Browser, content: bytes, said: str) -> None:
    page = in_order(sends(secretariat, content, **RECORD), 422)
    (beside,) = re.findall(r'id="file-error-1"><bdi>([^<]+)<', page)
    assert said in unescape(beside)
    assert "/tmp" not in page
    assert "NV 12/2026</textarea>" in page


def test_too_much_nothing_and_half_of_it_are_said_beside_their_fields(secretariat: Browser) -> None:
    page = in_order(sends(secretariat, b"x" * (FILE_BYTES_MAX + 1_000_000), **RECORD), 413)
    assert "25,000,000 bytes are the most here" in page
    page = in_order(sends(secretariat, b"", name="", mode="record"), 422)
    assert "Choose a file." in page
    assert "Say by what authority they are recorded" in page
    page = in_order(sends(secretariat, new(), **{**RECORD, "mode": "x", "authority.date": "soon"}), 422)
    assert 'id="mode-error"' in page
    assert 'id="authority-date-error"' in page
    assert secretariat.post("/desk/imports", mode="record").status_code == 415


def test_a_wide_and_long_sheet_keeps_the_pages_small(live: Register, secretariat: Browser) -> None:
    hostile = '<script>alert("x")</script>' * 40
    wide = ",".join(f"{hostile.replace(',', '')}{n}".replace('"', "") for n in range(300))
    path = sent(secretariat, f"{wide}\nx\n".encode())
    page = sound(secretariat, path)
    assert "<script>alert" not in page
    assert "The first 30 columns can be chosen here." in page
    secretariat.send(f"{path.removesuffix('/reading')}/discard", form_of=path)
    rows = [f"%,{'Long titles ' * 30}{n},Kenya,soon{hostile}".replace('"', "") for n in range(30)]
    path = sent(secretariat, new(*rows))
    works(live)
    page = sound(secretariat, path)
    assert "Next page" in page
    assert "<script>alert" not in page
    header = (
        "title,pledger,summary,targets,forms,objectives,principles,status_note,announced_on,due_on,scope,"
        "objectives_basis"
    )
    words = f'"{hostile[:900].replace(chr(34), chr(39))}"'
    lists = "policy; process,1; 2,human-rights"
    said = f"Kenya,{words},{words},{lists},{words},2021,2031,National; Local,inferred"
    path = sent(
        secretariat, new(*(f"Title {n} of %,{said}" for n in range(40)), header=header), mode="submit"
    )
    works(live)
    page = sound(secretariat, path)
    assert figures(page)["New, submitted"] == 40
    assert "National" in page
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert "Title 30" in sound(secretariat, unescape(following)) + sound(secretariat, f"{path}?after=28")


def test_the_template_is_read_as_it_is_and_explains_itself(
    live: Register, secretariat: Browser, tmp_path: Path
) -> None:
    for language, called in (("en", "Columns"), ("fr", "Colonnes"), ("ar", "الأعمدة")):
        content = secretariat.get(f"/desk/imports/template.xlsx?lang={language}").content
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        assert book.sheet_names[1] == called
        explained = book.get_sheet_by_name(called).to_python()
        assert [row[0] for row in explained] == list(COLUMNS)
        assert all(row[1] and row[2] for row in explained)
        (tmp_path / "sheet").write_bytes(content)
        ((_, heading),) = rows_of(tmp_path / "sheet")
        assert read_header(heading).places == {column: place for place, column in enumerate(COLUMNS)}


@pytest.mark.parametrize(("lang", "words"), [("fr", "Modifiées"), ("ar", "معدلة")])
def test_it_speaks_the_readers_language(live: Register, secretariat: Browser, lang: str, words: str) -> None:
    path = sent(secretariat, new("%,Schools,Kenya,", "%,Schools,Kenya,soon", ",Schools,Kenya,"))
    works(live)
    page = sound(secretariat, f"{path}?lang={lang}")
    problems = re.findall(r"<li><code[^>]*>[a-z_]+</code>\S* <bdi>([^<]*)</bdi></li>", page)
    assert len(problems) == 2
    assert not any(re.search("must|given", problem) for problem in problems)
    assert f'<html lang="{lang}"' in page
    assert words in page
    sound(secretariat, f"{path}/reading?lang={lang}")
    sound(secretariat, f"/desk/imports?lang={lang}")


@pytest.mark.parametrize(("lang", "said"), [("fr", "est un PDF"), ("ar", "الملف بصيغة PDF")])
def test_what_is_no_sheet_is_said_in_the_readers_language(secretariat: Browser, lang: str, said: str) -> None:
    token = TOKEN.search(secretariat.get("/desk/imports").text)
    assert token
    answer = secretariat.session.post(
        f"{secretariat.live.url}/desk/imports?lang={lang}", data={"csrf_token": unescape(token[1]), **RECORD},
        files={"file": ("list.csv", b"%PDF-1.7\n")}, timeout=SECONDS_MAX,
    )  # fmt: skip
    assert said in unescape(in_order(answer, 422))
