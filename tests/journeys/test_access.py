"""No page breaks a rule of WCAG 2.2 AA that a program can check, and none scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.demonstration import Demonstration

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
PAGES = (
    "/", "/pledges", "/pledges?objective=15&region=Africa", "/pledges?q=zzzz", "/progress",
    "/progress?by=status&compare_to=150", "/compare?compare_to=200",
    "/entities/kenya", "/help", "/nowhere", "/?as_of=nonsense",
    "/embed/progress", "/sign-in", "/reconcile", "/log", "/log/200", "/log/1", "/pledges/{joint}/changes",
    "/pledges/{joint}", "/pledges/{matching}", "/pledges/{hostile}", "/pledges/{arabic}",
    "/pledges/2022-0004",
)  # fmt: skip
NARROWEST = 320


@contextmanager
def opened(
    browser: Browser, demonstration: Demonstration, path: str, width: int, scheme: str
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        base_url=demonstration.live.url,
    )
    page = context.new_page()
    page.goto(path.format(**vars(demonstration)))
    yield page
    context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(NARROWEST, "light"), (1200, "dark")])
def test_a_page_is_open_to_everybody(
    browser: Browser, demonstration: Demonstration, path: str, width: int, scheme: str
) -> None:
    with opened(browser, demonstration, path, width, scheme) as page:
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
