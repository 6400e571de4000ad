"""The desk in a real browser: a pledge is begun, written and submitted; every page is open to everybody."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.test_access import NARROWEST, RULES
from tests.web.browsing import PASSWORD, sends, signed_in, somebody
from tests.web.demonstration import Demonstration
from tests.web.live import KENYA

pytestmark = pytest.mark.browser
BYTES_MAX = 100_000


def is_open_to_everybody(page: Page, at: str) -> None:
    """No rule of WCAG 2.2 AA is broken, nothing scrolls sideways, and a slow connection carries it."""
    page.wait_for_url(at, wait_until="load")
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST
    assert len(page.content().encode()) < BYTES_MAX


def test_a_pledger_submits_a_pledge_with_the_keyboard_on_a_phone(
    browser: Browser, demonstration: Demonstration
) -> None:
    person = somebody(demonstration.live, "pledger", KENYA)
    context = browser.new_context(
        viewport={"width": NARROWEST, "height": 800},
        base_url=demonstration.live.url,
    )
    page = context.new_page()
    page.goto("/desk")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    is_open_to_everybody(page, f"{demonstration.live.url}/desk")

    page.get_by_role("link", name="Begin a new pledge").press("Enter")
    page.get_by_label("Entity").select_option("Kenya")
    page.get_by_label("Title").fill("Advice in every language")
    page.get_by_label("Individual").check()
    is_open_to_everybody(page, "**/desk/new")
    page.get_by_role("button", name="Begin").press("Enter")

    words = "Twenty offices give advice in the languages of those who ask. " * 6
    page.wait_for_url("**/edit")
    page.locator("#changes-description").fill(f"{words} Call +41 22 717 91 11.")
    page.get_by_label("Policy").press("Space")
    page.locator("#changes-due_on").fill("soon")
    page.get_by_role("button", name="Save and check").press("Enter")
    page.get_by_role("alert").wait_for()
    is_open_to_everybody(page, "**/edit")
    assert page.locator("#changes-description-warning").get_by_role("checkbox").is_visible()
    page.locator("#changes-description").fill(words)
    page.locator("#changes-due_on").fill("2030")
    page.get_by_label("6 Recruitment and decent work").press("Space")
    changed = sends(
        signed_in(demonstration.live, person), urlsplit(page.url).path, **{"changes.title": "Changed"}
    )
    assert changed.status_code == HTTPStatus.SEE_OTHER
    page.get_by_role("button", name="Save and check").press("Enter")
    page.get_by_role("table").wait_for()
    assert page.get_by_label("Title *", exact=True).input_value() == "Changed"
    is_open_to_everybody(page, "**/edit")
    page.get_by_role("button", name="Save and check").press("Enter")

    is_open_to_everybody(page, "**/submission?saved=1")
    page.get_by_role("button", name="Submit").press("Enter")
    assert page.get_by_role("status").inner_text() == "Submitted. The Secretariat reviews it now."
    is_open_to_everybody(page, "**/desk/pledges/*?submitted=1")
    page.get_by_role("link", name="Its record and history").press("Enter")
    is_open_to_everybody(page, f"{demonstration.live.url}/pledges/*")
    assert page.get_by_text("You see more than the public").is_visible()
    page.get_by_role("link", name="My account").press("Enter")
    is_open_to_everybody(page, "**/account")
    context.close()
