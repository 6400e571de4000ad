"""The Secretariat reviews what was sent again, by keyboard on a phone; whoever takes over finds the rest."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.test_access import NARROWEST
from tests.journeys.test_desk import is_open_to_everybody
from tests.web.browsing import PASSWORD, somebody
from tests.web.demonstration import Demonstration
from tests.web.pledges import submitted

pytestmark = pytest.mark.browser


def signed_in(browser: Browser, demonstration: Demonstration, email: str) -> Page:
    context = browser.new_context(
        viewport={"width": NARROWEST, "height": 800}, base_url=demonstration.live.url
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    return page


def test_a_submission_is_returned_sent_again_and_published(
    browser: Browser, demonstration: Demonstration
) -> None:
    live = demonstration.live
    entity = live.entity("Sends it again")
    pledge = submitted(live, entity, title="Ferries for the first route")
    page = signed_in(browser, demonstration, somebody(live).email)
    page.get_by_role("link", name="To review, the oldest first").first.press("Enter")
    is_open_to_everybody(page, "**/desk/lists/submissions")
    page.get_by_role("link", name="Ferries for the first route").press("Enter")
    page.get_by_label("What to change in: Title").fill("Which route?")
    page.get_by_label("Reason", exact=True).fill("One point.")
    page.get_by_role("button", name="Return for changes").press("Enter")
    page.get_by_role("status").wait_for()

    owner = live.as_("pledger", entity)
    owner.patch(f"/pledges/{pledge}", {"changes": {"title": "Ferries for the northern route"}})
    owner.post(f"/pledges/{pledge}/submission")
    page.goto(f"/desk/pledges/{pledge}/review")
    is_open_to_everybody(page, "**/review")
    assert page.get_by_text("Which route?").first.is_visible()
    assert page.get_by_text("Changed").first.is_visible()
    page.get_by_role("button", name="Publish as submitted").press("Enter")
    page.get_by_role("status").wait_for()
    page.goto("/desk/chase?lang=ar")
    is_open_to_everybody(page, "**/desk/chase?lang=ar")
    page.context.close()

    successor = signed_in(browser, demonstration, somebody(live, "pledger", entity).email)
    successor.get_by_role("link", name="Contacts").press("Enter")
    is_open_to_everybody(successor, "**/contacts")
    successor.get_by_label("Mailbox of the office").fill("ferries@example.org")
    successor.get_by_role("button", name="Save").press("Enter")
    successor.get_by_role("status").wait_for()
    successor.goto(f"/desk/entities/{entity}/handover?lang=fr")
    is_open_to_everybody(successor, "**/handover?lang=fr")
    assert successor.get_by_text("Ferries for the northern route").first.is_visible()
    assert successor.get_by_text("ferries@example.org").is_visible()
    successor.context.close()
