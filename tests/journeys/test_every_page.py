"""Every page and every form that is offered, looked at once in a browser: on a phone and on a desktop.

Which journey each role makes from its first page to a result that another role sees:

| role | journey | seen by |
| --- | --- | --- |
| reader | test_reading, test_verifying, test_seen_by_others (follows by mail) | - |
| pledger | test_desk, test_four_lives, test_seen_by_others (by keyboard alone) | Secretariat, public |
| partner, matcher | test_four_lives | owner, public |
| validator, assessor | test_four_lives | owner, public |
| Secretariat | test_secretariat, test_importing, test_four_lives, test_seen_by_others | pledger, successor |
| auditor | test_auditing, test_seen_by_others | Secretariat |
| administrator | test_people, test_four_lives, test_seen_by_others | whoever is invited, or suspended |
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from domain.actors import ROLES
from tests.journeys.test_access import NARROWEST, RULES
from tests.web.browsing import PASSWORD
from tests.web.office import Office, pages_for
from tests.web.test_every_page import OF_ONE
from web.app import create_app

pytestmark = pytest.mark.browser


def kinds(addresses: list[str]) -> list[str]:
    """One address of each kind of page."""
    return list({OF_ONE.sub("*", address): address for address in addresses}.values())


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_kind_of_page_is_open_to_everybody_who_may_see_it(
    browser: Browser, office: Office, role: str | None
) -> None:
    pages = pages_for(create_app(office.live.runtime), office, role)
    if role:
        pages = [one for one in pages if one.startswith(("/desk", "/account"))]
    with browser.new_context(base_url=office.live.url) as context:
        page = context.new_page()
        if role:
            page.goto("/sign-in")
            page.get_by_label("E-mail address").fill(office.people[role].email)
            page.get_by_label("Password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/desk")
        for address in kinds(pages):
            for width in (NARROWEST, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                if width == NARROWEST:
                    page.goto(address)
                    found = Axe().run(page, options=RULES)
                    assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{address} is {wide} wide of {width}"
