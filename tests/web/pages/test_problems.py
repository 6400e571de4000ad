"""What cannot be shown is told on a page like all others, with what to do; data problems are told as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from projections.composition import build
from projections.database.roles import DatabaseUrls
from projections.settings import Settings
from tests.web.demonstration import Demonstration
from tests.web.live import SECONDS_MAX, Register
from tests.web.pages.test_pages import Page
from web.app import create_app

PATHS = ("/", "/pledges", "/pledges/2022-0002", "/progress", "/entities/germany", "/help")
NONSENSE = (
    "nonsense",
    "2999-01-01",
    "2026-02-30",
    "99999999999999999999",
    "checkpoint:3",
    "-1",
    "1;DROP",
    "%00",
    "2026-01-01T00:00:00",
    "%F0%9F%92%A9",
    "9" * 500,
    "2022-13",
    "%ff%fe",
    "<b>",
)


@pytest.mark.parametrize("as_of", NONSENSE)
def test_no_moment_is_a_clear_page(demonstration: Demonstration, as_of: str) -> None:
    for path in PATHS:
        answer = demonstration.get(f"{path}?as_of={as_of}")
        assert answer.status_code == 422, path
        assert not Page(answer.text).wrong
        assert "The moment (as_of)" in answer.text
        assert "Show this page without it" in answer.text
        assert f'href="{path}"' in answer.text


@pytest.mark.parametrize(
    ("asked", "called"),
    [
        ("/pledges?objective=99", "Objective"),
        ("/pledges?objective=1&objective=x&status=nothing", "Status"),
        ("/pledges?sort=colour", "The order (sort)"),
        ("/pledges?cursor=edited", "The place in the list (cursor)"),
        ("/pledges?country=XYZ", "Country of implementation"),
        ("/pledges?updated_since=soon", "Changed since"),
        (f"/pledges?q={'x' * 201}", "Words"),
        ("/progress?by=colour", "The dimension (by)"),
        ("/progress?compare_to=nonsense", "The moment to compare with (compare_to)"),
        ("/entities/germany?cursor=edited", "The place in the list (cursor)"),
    ],
)
def test_a_bad_value_is_named(demonstration: Demonstration, asked: str, called: str) -> None:
    answer = demonstration.get(asked)
    assert answer.status_code == 422
    assert f"<dt>{called}</dt>" in answer.text
    path = asked.split("?", maxsplit=1)[0]
    assert demonstration.get(answer.text.split('<p><a href="')[1].split('"')[0].replace("&amp;", "&")).ok, (
        path
    )


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "junk",
    [
        "?foo=bar&_external=1&_anchor=x&_scheme=http&endpoint=y",
        "?q=%00",
        "?q=%ff",
        "?lang=zz",
        "?page=-1&page=x",
        "?q=" + "%28" * 150,
        "?limit=99999",
        "?sort=",
        "?objective=",
        "?cursor=",
        "?" + "&".join(["status=made"] * 900),
        "?entity=%27%22%3C",
        "?reference=2022-0001&slug=x",
        "?as_of=&compare_to=&by=",
    ],
)
def test_junk_in_an_address_is_never_our_mistake(demonstration: Demonstration, path: str, junk: str) -> None:
    answer = demonstration.get(path + junk)
    assert answer.status_code in (200, 422), answer.text
    assert not Page(answer.text).wrong


@pytest.mark.parametrize(
    "path", ["/nowhere", "/pledges/2022-9999", "/pledges/x%00y", "/entities/nobody", "/pledges/2022-0002/x"]
)
def test_nothing_there_is_a_page_that_leads_on(demonstration: Demonstration, path: str) -> None:
    answer = demonstration.get(path)
    assert answer.status_code == 404
    assert not Page(answer.text).wrong
    assert 'role="search"' in answer.text


@pytest.mark.parametrize(
    ("asked", "said", "status", "words"),
    [
        ("GET /sign-out", {}, 405, "It belongs to a form or a button."),
        ("POST /sign-in", {"json": {"a": 1}}, 415, "takes something else"),
        ("POST /sign-in", {"data": {"email": "x"}}, 400, "could not be read"),
        ("POST /sign-in", {"data": {"email": "x" * 1_100_000}}, 413, "A form takes 1 MB of text"),
    ],
)
def test_what_was_sent_in_a_wrong_way_is_told_with_what_to_do(
    live: Register, asked: str, said: dict[str, Any], status: int, words: str
) -> None:
    method, path = asked.split()
    answer = requests.request(method, live.url + path, timeout=SECONDS_MAX, allow_redirects=False, **said)
    assert answer.status_code == status
    assert words in answer.text
    assert not Page(answer.text).wrong


def test_what_is_not_there_yet_leads_to_today(demonstration: Demonstration) -> None:
    shown = demonstration.get(f"/pledges/{demonstration.joint}?as_of={demonstration.samples_alone}").text
    assert f'<a href="/pledges/{demonstration.joint}">Show this page as it is today</a>' in shown


@pytest.mark.parametrize("form", ["json", "csv"])
def test_data_problems_are_told_as_data(demonstration: Demonstration, form: str) -> None:
    for path, status in (
        (f"/pledges.{form}?objective=99", 422),
        (f"/dashboard.{form}?as_of=nonsense", 422),
        (f"/progress.{form}?by=colour", 422),
        (f"/pledges/2022-9999.{form}", 404),
        (f"/nowhere.{form}", 404),
    ):
        answer = demonstration.get(path)
        assert answer.status_code == status, path
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_without_a_database_pages_say_so(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"
    runtime = build(
        Settings(data_dir=tmp_path, secret_key="x" * 40),
        DatabaseUrls(owner=nowhere, app=nowhere, queries=nowhere),
    )
    try:
        client = create_app(runtime).test_client()
        for path in ("/", "/pledges", "/help"):
            answer = client.get(path)
            assert (answer.status_code, answer.mimetype) == (503, "text/html")
            assert "The register does not answer at the moment" in answer.text
            assert answer.headers["Retry-After"]
    finally:
        runtime.close()
