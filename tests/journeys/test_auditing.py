"""An auditor's way from a number of the dashboard to the proof of one event and back, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.test_access import RULES
from tests.web.demonstration import Demonstration
from tests.web.test_log import sign
from workers.sample import FILE as SAMPLE

pytestmark = pytest.mark.browser

STEPS_MAX = 400


@pytest.fixture(params=[390, 1280], ids=["phone", "desktop"])
def auditor(browser: Browser, demonstration: Demonstration, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a browser, of which the mouse is never used."""
    sign(demonstration.live)
    context = browser.new_context(
        viewport={"width": request.param, "height": 900}, base_url=demonstration.live.url
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


UNSEEN = """() => {
    const one = document.activeElement
    return one.tagName !== "BODY" && one.type !== "date" && getComputedStyle(one).outlineStyle === "none"
}"""
"""Whether nobody sees where the focus is. Of the parts of a date the browser itself marks one."""


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus. Where it stands is seen at every stop."""
    for _ in range(STEPS_MAX):
        page.keyboard.press("Tab")
        assert not page.evaluate(UNSEEN), page.evaluate("document.activeElement.outerHTML")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def follow(page: Page, wanted: Locator) -> None:
    """Go where a link or button leads, by keyboard, and hold what is there to the rules."""
    reach(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    held_to_the_rules(page)


def held_to_the_rules(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    viewport = page.viewport_size
    assert viewport is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_from_a_number_to_a_proof_and_back(auditor: Page, demonstration: Demonstration) -> None:
    auditor.goto("/")
    reach(auditor, auditor.get_by_label("Search the pledges"))
    auditor.keyboard.type(demonstration.joint)
    with auditor.expect_navigation():
        auditor.keyboard.press("Enter")
    follow(auditor, auditor.locator(".pledges > li a").first)
    expect(auditor.locator(".reference").first).to_contain_text(demonstration.joint)
    follow(auditor, auditor.get_by_role("link", name="Search its events"))
    expect(auditor.get_by_label("Pledge: its reference")).to_have_value(demonstration.joint)
    corrected = auditor.get_by_role("link", name=re.compile("^A progress report was corrected"))
    follow(auditor, corrected)
    expect(auditor.locator("h1")).to_contain_text("Proof of event")
    proven = auditor.url
    reach(auditor, auditor.get_by_role("button", name="Verify in my browser"))
    auditor.keyboard.press("Enter")
    expect(auditor.locator(".verdict")).to_contain_text("Established")
    auditor.goto(proven)
    follow(auditor, auditor.locator("main").get_by_role("link", name="The log", exact=True))
    expect(auditor.get_by_role("heading", name="Latest checkpoint")).to_be_visible()
    follow(auditor, auditor.locator("table.rows tbody a").first)
    assert "as_of=checkpoint" in auditor.url
    number = auditor.locator("dl.figures a").first
    pledges = number.inner_text()
    follow(auditor, number)
    expect(auditor.locator("h1")).to_have_text(f"{pledges} pledges")
    assert "as_of=checkpoint" in auditor.url


def test_an_event_leads_to_its_place_in_the_history(auditor: Page, demonstration: Demonstration) -> None:
    auditor.goto(f"/log/events?pledge={demonstration.lapsed}&name=pledge.lapsed")
    follow(auditor, auditor.locator(".timeline .what a"))
    follow(auditor, auditor.locator("main .prose a").first)
    place = auditor.url.rpartition("#")[2]
    expect(auditor.locator(f"[id='{place}']")).to_contain_text("The pledge lapsed.")
    follow(auditor, auditor.get_by_role("link", name="Compare two versions"))
    expect(auditor.locator("h1")).to_contain_text("What changed")
    follow(auditor, auditor.get_by_role("link", name=re.compile("^Proof of position")).last)
    expect(auditor.locator("h1")).to_contain_text("Proof of event")


def test_a_form_finds_events_by_keyboard(auditor: Page, demonstration: Demonstration) -> None:
    auditor.goto("/log")
    follow(auditor, auditor.get_by_role("link", name="Search all events"))
    reach(auditor, auditor.get_by_label("What happened"))
    auditor.keyboard.type("The pledge lapsed.")
    reach(auditor, auditor.get_by_role("button", name="Search"))
    with auditor.expect_navigation():
        auditor.keyboard.press("Enter")
    expect(auditor.locator("h1")).to_have_text("1 event")
    expect(auditor.locator(".timeline")).to_contain_text(demonstration.lapsed)


def test_a_document_is_compared_line_by_line(
    auditor: Page, demonstration: Demonstration, tmp_path: Path
) -> None:
    lines = SAMPLE.read_text(encoding="utf-8-sig").replace("2030", "2031").splitlines()
    lines.append(f"X,{'long' * 60},Kenya" + "," * (lines[0].count(",") - 2))
    sheet = tmp_path / "list.csv"
    sheet.write_text("\n".join(lines))
    auditor.goto("/documents")
    follow(auditor, auditor.get_by_role("link", name="Compare a document with the register"))
    auditor.get_by_label("The file").set_input_files(sheet)
    reach(auditor, auditor.get_by_label("The moment"))
    auditor.keyboard.type(demonstration.samples_alone)
    follow(auditor, auditor.get_by_role("button", name="Compare", exact=True))
    expect(auditor.locator("dl.figures dd").nth(2)).to_have_text("1")
    expect(auditor.locator("table.rows").first).to_contain_text("2031")
    auditor.set_viewport_size({"width": 320, "height": 900})
    auditor.evaluate("document.documentElement.dir = 'rtl'")
    held_to_the_rules(auditor)
    expect(auditor.get_by_label("The moment")).to_have_value(demonstration.samples_alone)
    auditor.get_by_label("The file").set_input_files(sheet)
    with auditor.expect_download() as download:
        auditor.get_by_role("button", name="download as CSV").press("Enter")
    assert download.value.path().read_text().startswith("row,result,reference")
    follow(auditor, auditor.get_by_role("button", name="Compare", exact=True))


@pytest.mark.parametrize("path", ["/log/events", "/log/events?from=1999&to=1999"])
def test_events_read_from_right_to_left(auditor: Page, path: str) -> None:
    auditor.goto(path)
    auditor.evaluate("document.documentElement.dir = 'rtl'")
    held_to_the_rules(auditor)
    box, viewport = auditor.locator(".choices label").first.bounding_box(), auditor.viewport_size
    assert box is not None
    assert viewport is not None
    assert box["x"] + box["width"] > viewport["width"] / 2
