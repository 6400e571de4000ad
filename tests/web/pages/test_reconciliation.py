"""An outside sheet is compared with the register over HTTP, and nothing of it is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.web.demonstration import Demonstration
from tests.web.live import Answer, check_answer

SAMPLE = Path(__file__).parents[3] / "workers" / "data" / "gcm-pledges.csv"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sent(demonstration: Demonstration, content: bytes, kind: str = CSV, **query: Any) -> Answer:
    live = demonstration.live
    path = "/reconciliation"
    response = requests.post(
        f"{live.url}/api/v1{path}", data=content, params=query, headers={"Content-Type": kind}, timeout=30
    )
    check_answer(live.spec, "POST", path, response)
    return Answer(response)


def test_what_was_imported_agrees_and_all_adds_up(demonstration: Demonstration) -> None:
    content = SAMPLE.read_bytes()
    found = sent(demonstration, content, as_of=demonstration.samples_alone).json
    assert (found["agrees"], found["document"]) == (True, None)
    assert found["sha256"] == hashlib.sha256(content).hexdigest()
    assert (found["totals"]["lines"], found["totals"]["same"], found["totals"]["pledges"]) == (38, 38, 38)
    assert [one["row"] for one in found["items"]] == list(range(2, 40))
    now = sent(demonstration, content).json["totals"]
    assert now["lines"] == sum(
        now[name] for name in ("same", "differs", "not_here", "ambiguous", "unreadable")
    )
    assert now["pledges"] == sum(now[name] for name in ("same", "differs", "unclear", "not_there"))
    assert now["pledges"] > 38


def test_a_deposited_file_is_named(demonstration: Demonstration) -> None:
    content = b"title,pledger,status\nNever heard of,Kenya,made\n"
    digest = hashlib.sha256(content).hexdigest()
    body = {"sha256": digest, "bytes": len(content), "media_type": CSV, "title": "A list"}
    made = demonstration.live.as_("auditor").post("/documents", body)
    found = sent(demonstration, content).json
    assert found["document"] == made.json
    assert (found["items"][0]["result"], found["totals"]["not_here"]) == ("not_here", 1)


def test_a_workbook_is_read_too(demonstration: Demonstration) -> None:
    book = demonstration.get(f"/api/v1/exports/pledges.xlsx?as_of={demonstration.samples_alone}").content
    found = sent(demonstration, book, XLSX, as_of=demonstration.samples_alone).json
    assert (found["agrees"], found["ignored"]) == (True, ["sheet Notes"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"ref,title,title,pledger\n", "The column title stands twice"),
        (b"a,b\n1,2\n", "no column title, pledger"),
        ("title,pledger\nCafé,Kenya\n".encode("latin-1"), "the file is not in UTF-8: row 2, column title"),
        ("title,pledger\n".encode("utf-16"), "the file is in UTF-16"),
        (b"PK\x03\x04" + b"\0" * 99, "the file is a broken .xlsx file"),
        (b"title,pledger\n" + b"a,b\n" * 20_001, "20,000 is the most here"),
    ],
)
def test_what_is_no_sheet_is_said(demonstration: Demonstration, content: bytes, said: str) -> None:
    answer = sent(demonstration, content)
    assert answer.status == 422
    (message,) = answer.errors["body"]
    assert said in message
    assert "/tmp" not in message


def test_too_large_or_of_another_kind(demonstration: Demonstration) -> None:
    assert sent(demonstration, b"title,pledger\n" + b"x" * 1_000_000).status == 413
    assert sent(demonstration, b"{}", "application/json").status == 415
    assert sent(demonstration, b"title,pledger\n", as_of="2199-01-01").errors.keys() == {"as_of"}
