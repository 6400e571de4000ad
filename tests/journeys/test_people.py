"""People's accounts in a real browser: an administrator invites somebody, who signs in and keeps secrets."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.test_access import NARROWEST
from tests.journeys.test_desk import is_open_to_everybody
from tests.web.browsing import PASSWORD, somebody
from tests.web.demonstration import Demonstration
from tests.web.live import KENYA, Register

pytestmark = pytest.mark.browser


def on_a_phone(browser: Browser, live: Register) -> Page:
    context = browser.new_context(viewport={"width": NARROWEST, "height": 800}, base_url=live.url)
    return context.new_page()


def signs_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_an_administrator_invites_somebody_and_takes_a_role_away(
    browser: Browser, demonstration: Demonstration
) -> None:
    live = demonstration.live
    page = on_a_phone(browser, live)
    signs_in(page, somebody(live, "administrator").email)
    page.get_by_role("link", name="Accounts", exact=True).press("Enter")
    is_open_to_everybody(page, "**/desk/accounts")
    page.get_by_role("link", name="Invite somebody").press("Enter")
    page.get_by_label("E-mail address").fill(f"{uuid4()}@example.org")
    page.get_by_label("Nomination").fill("NV 12/2026")
    page.locator("#roles-0-role").select_option("Validator")
    page.get_by_role("button", name="Invite", exact=True).press("Enter")
    page.get_by_role("alert").wait_for()
    is_open_to_everybody(page, "**/desk/accounts/invitation")
    page.locator("#roles-0-entities").fill("Kenya")
    page.get_by_role("button", name="Invite", exact=True).press("Enter")
    is_open_to_everybody(page, "**/desk/accounts/*?done=invited")
    assert "invitation is on its way" in page.get_by_role("status").inner_text()

    with live.runtime.pool.connection() as connection:
        body = str(connection.execute("SELECT body FROM outbox ORDER BY made_at DESC").fetchall()[0][0])
    person = on_a_phone(browser, live)
    person.goto(re.findall(r"https?://\S+", body)[0])
    person.get_by_label("Password").fill("many words put together")
    person.keyboard.press("Enter")
    person.get_by_role("heading", name="My desk").wait_for()

    page.get_by_role("link", name="Take a role away").press("Enter")
    page.get_by_label("Nomination").fill("NV 13/2026")
    is_open_to_everybody(page, f"**/revocation/validator.{KENYA}")
    page.get_by_role("button", name="Take away").press("Enter")
    page.get_by_role("status").wait_for()
    person.reload()
    assert "no role yet" in person.get_by_role("main").inner_text()
    for one in (page, person):
        one.context.close()
