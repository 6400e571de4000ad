"""Pages in a frame on other sites: the same, without navigation, to everybody; nothing else can be framed."""

from __future__ import annotations

import re

import pytest

from tests.web.browsing import signed_in, somebody
from tests.web.demonstration import Demonstration
from tests.web.pages.test_pages import Page, at
from web.pages.embed import FRAMED

FRAMES = (
    "/embed",
    "/embed/",
    "/embed/pledges?country=KEN&sort=due_on",
    "/embed/pledges/2022-0002",
    "/embed/progress?by=status&compare_to=2026-11-01",
    "/embed/entities/germany",
    "/embed/log",
)
PROBLEMS = (
    ("/embed/nothing", 404),
    ("/embed/pledges/2022-9999", 404),
    ("/embed/pledges?colour=red", 422),
    ("/embed/progress?as_of=nonsense", 422),
)


def test_each_page_that_can_be_framed_is_looked_at() -> None:
    looked_at = {re.sub(r"\?.*", "", path).count("/") for path in FRAMES}
    assert len(FRAMES) == len(FRAMED)
    assert looked_at == {1, 2, 3}


@pytest.mark.parametrize(("path", "status"), [*((path, 200) for path in FRAMES), *PROBLEMS])
def test_a_frame_has_no_navigation_and_names_its_source(
    demonstration: Demonstration, path: str, status: int
) -> None:
    answer = demonstration.get(path)
    assert answer.status_code == status
    assert not Page(answer.text).wrong
    assert '<base target="_top">' in answer.text
    assert "<header" not in answer.text
    assert "<form" not in answer.text
    assert re.search(r'Source: <a href="/(?!embed)', answer.text)
    assert 'rel="license"' in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert 'href="/embed' not in answer.text
    assert status != 200 or "Demonstration." in answer.text


def test_nothing_else_can_be_framed(demonstration: Demonstration) -> None:
    for path in ("/", "/pledges", "/embedded", "/desk", "/sign-in", "/api/v1/pledges", "/embed/pledges.json"):
        answer = demonstration.get(path)
        framed = path.startswith("/embed/")
        assert answer.status_code == (404 if "embed" in path else 303 if path == "/desk" else 200), path
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        assert framed or answer.headers["X-Frame-Options"] == "DENY"


def test_a_frame_shows_the_same_rows_and_moment_as_its_page(demonstration: Demonstration) -> None:
    rows = re.compile(r'<ol class="pledges">.*?</ol>', re.DOTALL)
    for query in ("country=KEN", "objective=15&region=Africa", "q=cities"):
        for moment in (demonstration.samples_alone, "2026-01-01"):
            path = at(f"/pledges?{query}", moment)
            page, frame = demonstration.get(path), demonstration.get(f"/embed{path}")
            assert rows.findall(page.text) == rows.findall(frame.text)
            assert page.headers["Cache-Control"] == frame.headers["Cache-Control"]
            assert frame.headers["Vary"] == "Accept-Language"


def test_a_frame_turns_with_a_language_and_its_links_leave_it_in_that_language(
    demonstration: Demonstration,
) -> None:
    text = demonstration.get("/embed/progress?lang=ar").text
    assert 'dir="rtl"' in text
    assert '<a href="/progress?lang=ar">' in text


def test_an_id_leads_on_within_the_frame(demonstration: Demonstration) -> None:
    pledge = demonstration.get("/pledges/2022-0002.json").json()["pledge"]["id"]
    answer = demonstration.get(f"/embed/pledges/{pledge}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/embed/pledges/2022-0002")


def test_nobody_is_signed_in_in_a_frame(demonstration: Demonstration) -> None:
    browser = signed_in(demonstration.live, somebody(demonstration.live))
    for path in ("/embed/", "/embed/pledges/2022-0002"):
        answer = browser.get(at(path, demonstration.samples_alone))
        assert answer.text == demonstration.get(at(path, demonstration.samples_alone)).text
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-cache"
    assert browser.get("/desk").status_code == 200
