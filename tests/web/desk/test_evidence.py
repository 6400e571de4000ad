"""Files of evidence in the desk's forms: kept at once, so that nothing is typed or chosen twice."""

from __future__ import annotations

import re
from html import unescape

import requests

from tests.projections.files.samples import CSV, PDF, PNG
from tests.web.browsing import TOKEN, Browser, signed_in, somebody
from tests.web.live import SECONDS_MAX, Register
from tests.web.pledges import TODAY, published

HIDDEN = re.compile(r'name="(once|version)" value="([^"]*)"')
KEPT = re.compile(r'name="(evidence\.\d+\.file)" value="([0-9a-f]{64})" checked')
Files = dict[str, tuple[str, bytes]]


def reporting(live: Register) -> tuple[Browser, str]:
    """Somebody at the form of a report on a pledge of theirs."""
    entity = live.entity("Reports with files")
    pledge = published(live, entity)
    return signed_in(live, somebody(live, "pledger", entity)), f"/desk/pledges/{pledge}/report"


def sends(browser: Browser, path: str, files: Files, **said: str) -> requests.Response:
    """The form as a browser sends it that has files, and empty places for others."""
    page = browser.get(path).text
    assert 'enctype="multipart/form-data"' in page
    token = TOKEN.search(page)
    assert token
    named = {name.replace("__", "."): text for name, text in said.items()}
    data = {"csrf_token": unescape(token[1]), **dict(HIDDEN.findall(page)), "effective_on": TODAY, **named}
    chosen = {"evidence.9.file": ("", b""), **files}
    return browser.session.post(
        browser.live.url + path, data=data, files=chosen, timeout=SECONDS_MAX, allow_redirects=False
    )


def test_a_file_stays_while_the_form_has_errors_elsewhere(live: Register) -> None:
    browser, path = reporting(live)
    files = {"evidence.0.file": ("../../lists/présents.pdf", PDF + b"stays")}
    title = "<script>alert(1)</script>"
    wrong = sends(
        browser, path, files, narrative="Ten are open.", percent="many", evidence__0__title=title,
    )  # fmt: skip
    assert wrong.status_code == 422
    assert 'id="percent-error"' in wrong.text
    assert "Ten are open." in wrong.text
    assert "<script>alert" not in wrong.text
    kept = dict(KEPT.findall(wrong.text))
    assert list(kept) == ["evidence.0.file"]
    assert "(PDF, 1 kB, SHA-256" in wrong.text
    right = sends(browser, path, {}, narrative="Ten are open.", evidence__0__title=title, **kept)
    assert right.status_code == 303, right.text
    record = browser.get(path.removeprefix("/desk").removesuffix("/report")).headers["Location"]
    page = browser.get(record).text
    assert f"SHA-256 {kept['evidence.0.file']}" in page
    assert "présents" not in page


def test_what_is_wrong_with_files_is_told_beside_them_and_the_good_ones_stay(live: Register) -> None:
    browser, path = reporting(live)
    files = {
        "evidence.0.file": ("list.pdf", PNG), "evidence.1.file": ("list.csv", b""),
        "evidence.2.file": ("list.csv", CSV), "evidence.3.file": ("large.pdf", PDF.ljust(26_000_000)),
        "evidence.4.file": ("page.html", b"<html>"),
    }  # fmt: skip
    titles = {f"evidence__{n}__title": f"List {n}" for n in range(5)}
    answer = sends(browser, path, files, narrative="Ten are open.", **titles)
    assert answer.status_code == 422
    for row, words in enumerate(
        ("what is in it is png", "is empty", "", "is too large", "none of the files")
    ):
        assert (f'id="evidence-{row}-file-error"' in answer.text) == bool(words)
        assert words in answer.text
        assert f'value="List {row}"' in answer.text
    assert [name for name, _ in KEPT.findall(answer.text)] == ["evidence.2.file"]
    assert "Ten are open." in answer.text


def test_a_form_with_a_file_proves_that_it_is_ours(live: Register) -> None:
    browser, path = reporting(live)
    with live.runtime.pool.connection() as connection:
        before = connection.execute("SELECT count(*) FROM uploads").fetchone()
    forged = browser.session.post(
        live.url + path, data={"narrative": "Forged", "csrf_token": "x"}, timeout=SECONDS_MAX,
        files={"evidence.0.file": ("list.pdf", PDF + b"forged")},
    )  # fmt: skip
    assert forged.status_code == 400
    with live.runtime.pool.connection() as connection:
        assert connection.execute("SELECT count(*) FROM uploads").fetchone() == before


def test_a_digest_in_a_form_is_no_key_either(live: Register) -> None:
    browser, path = reporting(live)
    theirs = live.as_("secretariat").send("POST", "/files", data=PDF + b"of the Secretariat").json["sha256"]
    said = {"evidence__0__title": "Theirs", "evidence__0__file": theirs}
    answer = sends(browser, path, {}, narrative="Ten are open.", **said)
    assert answer.status_code == 422
    assert "send it first" in answer.text
