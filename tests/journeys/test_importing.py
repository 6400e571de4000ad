"""A sheet of others is imported in a real browser by the Secretariat, on a phone and with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser

from tests.journeys.test_access import NARROWEST
from tests.journeys.test_desk import is_open_to_everybody
from tests.web.browsing import PASSWORD, somebody
from tests.web.demonstration import Demonstration
from workers.imports.sent import keep_importing

pytestmark = pytest.mark.browser
SHEET = """No,Name of pledge,Member State,Deadline
J-1,Advice for migrants in every language of those who ask,Kenya,2030
J-2,نصائح للمهاجرين بكل اللغات,Mali,soon
"""


@pytest.fixture
def worker(demonstration: Demonstration) -> Iterator[None]:
    """What the worker does beside the register that is served."""
    stop = Event()
    thread = Thread(target=keep_importing, args=[demonstration.live.runtime, stop])
    thread.start()
    yield
    stop.set()
    thread.join()


def test_the_secretariat_imports_a_sheet_of_others(
    browser: Browser, demonstration: Demonstration, worker: None
) -> None:
    person = somebody(demonstration.live)
    context = browser.new_context(
        viewport={"width": NARROWEST, "height": 800},
        base_url=demonstration.live.url,
    )
    page = context.new_page()
    page.goto("/desk/imports")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    # The address of signing in ends with this one, too.
    is_open_to_everybody(page, f"{demonstration.live.url}/desk/imports")
    page.get_by_label("The file").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}
    )
    page.get_by_label("What becomes of its rows").select_option("record")
    page.get_by_label("Kind").select_option("Note verbale")
    page.get_by_label("Reference").fill("NV 12/2026")
    page.get_by_role("button", name="Look at it").press("Enter")

    is_open_to_everybody(page, "**/reading")
    page.get_by_role("button", name="Look at it").press("Enter")
    page.get_by_role("heading", name="It waits for your confirmation").wait_for()
    sheet = page.url
    is_open_to_everybody(page, sheet)
    assert page.get_by_text("1 row would be left out.").is_visible()
    page.goto(f"{sheet}?lang=ar")
    is_open_to_everybody(page, f"{sheet}?lang=ar")
    page.goto(sheet)
    page.get_by_role("button", name="Record these rows").press("Enter")
    page.get_by_role("heading", name="It was imported").wait_for()
    is_open_to_everybody(page, sheet)
    page.get_by_role("link", name="Advice for migrants in every language").press("Enter")
    is_open_to_everybody(page, "**/desk/pledges/*")
    context.close()
