"""A reader's way through the pages in a real browser, without JavaScript, on a phone and on a desktop."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.demonstration import SAMPLES, Demonstration

pytestmark = pytest.mark.browser

PHONE, DESKTOP = {"width": 360, "height": 800}, {"width": 1200, "height": 900}


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def reader(browser: Browser, demonstration: Demonstration, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a browser that runs no scripts."""
    context = browser.new_context(
        viewport=request.param, java_script_enabled=False, base_url=demonstration.live.url
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def heading(page: Page) -> str:
    return str(page.locator("h1").inner_text())


def test_from_the_dashboard_to_a_past_record_and_its_entity(
    reader: Page, demonstration: Demonstration
) -> None:
    reader.goto("/")
    expect(reader.get_by_text("Demonstration.")).to_be_visible()
    reader.get_by_role("link", name="15 Access to basic services").click()
    assert heading(reader).endswith("for Objective: 15 Access to basic services")

    if not reader.get_by_role("link", name="Africa", exact=True).is_visible():
        reader.locator(".filters .all > summary").click()
    reader.get_by_role("link", name="Africa", exact=True).click()
    assert heading(reader).endswith("; Region: Africa")
    told = int(re.findall(r"\d+", heading(reader))[0])
    expect(reader.locator(".pledges > li")).to_have_count(told)

    reader.get_by_role("link", name="Title", exact=True).click()
    first = reader.locator(".pledges > li").first.get_by_role("heading").get_by_role("link")
    title = first.inner_text()
    first.click()
    assert heading(reader) == title
    expect(reader.get_by_role("heading", name="Its life")).to_be_visible()

    reader.goto(f"{reader.url}?as_of={demonstration.samples_alone}")
    expect(reader.get_by_role("link", name="Show today")).to_be_visible()
    reader.locator("main > .page > p a").first.click()
    assert "as_of=" in reader.url
    assert "/entities/" in reader.url
    expect(reader.get_by_role("link", name=title)).to_be_visible()
    reader.get_by_role("link", name="Pledges", exact=True).click()
    assert heading(reader) == f"{SAMPLES} pledges"


def test_a_filter_is_lifted_again(reader: Page) -> None:
    reader.goto("/pledges?objective=15&region=Africa")
    reader.get_by_role("link", name="remove Africa").click()
    assert heading(reader).endswith("for Objective: 15 Access to basic services")
    reader.get_by_role("link", name="Clear all filters").click()
    assert "for" not in heading(reader)


def test_a_search_finds_by_the_beginning_of_a_word_without_accents(reader: Page) -> None:
    reader.goto("/")
    reader.get_by_label("Search the pledges").fill("sao paulo")
    reader.get_by_role("button", name="Search").click()
    expect(reader.locator(".pledges > li").first).to_contain_text("City of São Paulo")


def test_another_day_is_chosen_in_a_form(reader: Page, demonstration: Demonstration) -> None:
    reader.goto("/progress?by=region")
    reader.get_by_label("as known on (blank: now)").fill(demonstration.before_all)
    reader.get_by_role("button", name="Show", exact=True).click()
    expect(reader.get_by_text("Recording began on")).to_be_visible()
    assert "by=region" in reader.url
    reader.get_by_role("link", name="Show today").click()
    assert reader.url.endswith("/progress?by=region")
    reader.get_by_label("Compare with another day").fill(demonstration.before_all)
    reader.get_by_role("button", name="Compare").click()
    expect(reader.get_by_text("Nothing had been recorded on the day to compare with")).to_be_visible()
    reader.get_by_role("link", name="End the comparison").click()
    assert "compare_to" not in reader.url


def test_the_life_of_a_pledge_opens_to_before_and_after(reader: Page, demonstration: Demonstration) -> None:
    reader.goto(f"/pledges/{demonstration.joint}")
    made = reader.locator(".timeline > li").filter(has_text="The pledge was made.")
    expect(made.locator("table")).to_be_hidden()
    made.get_by_text("fields recorded").click()
    expect(made.locator("table")).to_be_visible()
    expect(made.get_by_role("row", name="Objectives")).to_contain_text("5 Regular pathways")


def test_the_skip_link_is_the_first_stop(reader: Page) -> None:
    reader.goto("/")
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_paper_has_no_navigation_and_all_that_is_folded(reader: Page, demonstration: Demonstration) -> None:
    reader.goto(f"/pledges/{demonstration.joint}")
    reader.emulate_media(media="print")
    for hidden in ("nav", "form", ".tools", ".skip"):
        for found in reader.locator(hidden).all():
            expect(found).to_be_hidden()
    for table in reader.locator(".timeline table").all():
        expect(table).to_be_visible()
    expect(reader.get_by_text("CC BY 4.0")).to_be_visible()
