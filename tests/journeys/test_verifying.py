"""A reader checks one event of the log in a real browser, and is told when what comes does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web.demonstration import Demonstration
from tests.web.live import KENYA
from tests.web.pledges import submitted
from tests.web.test_log import sign

pytestmark = pytest.mark.browser
ESTABLISHED = "Established: this event is in the log under the signed checkpoint, with just these bytes."


@pytest.fixture
def verifying(browser: Browser, demonstration: Demonstration) -> Iterator[Page]:
    """The page of an event that the public may see."""
    sign(demonstration.live)
    items = demonstration.live.anonymous.get(f"/pledges/{demonstration.arabic}/history").json["items"]
    context = browser.new_context(base_url=demonstration.live.url)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"/log/{items[0]['position']}")
    yield page
    context.close()


def verify(page: Page) -> Any:
    page.get_by_role("button", name="Verify in my browser").click()
    return page.locator(".verdict")


def test_an_event_is_established(verifying: Page) -> None:
    wrong: list[str] = []
    verifying.on("console", lambda said: wrong.append(said.text))
    expect(verify(verifying)).to_have_text(ESTABLISHED)
    expect(verifying.locator("#verify li")).to_have_count(7)
    expect(verifying.locator("#verify li").nth(2)).to_contain_text(
        "are not shown to you: the header has null"
    )
    expect(verifying.get_by_text("are withheld: null stands in their place")).to_be_visible()
    assert wrong == []


def test_no_more_is_said_to_be_established_than_was_looked_at(
    browser: Browser, verifying: Page, demonstration: Demonstration
) -> None:
    submitted(demonstration.live, KENYA)
    sign(demonstration.live)
    position = demonstration.live.anonymous.get("/log").json["size"]
    verifying.goto(f"/log/{position}")
    expect(verify(verifying)).to_contain_text("What is not shown, or was erased, could not be checked")


def flipped(words: str) -> str:
    return ("1" if words[0] != "1" else "2") + words[1:]


def of_another_root(found: dict[str, Any]) -> None:
    found["proof"]["hashes"][0] = found["proof"]["hashes"][-1]


def signed_otherwise(found: dict[str, Any]) -> None:
    found["proof"]["checkpoint"] = found["proof"]["checkpoint"].replace("\n\n", "\nmore\n\n", 1)


TAMPERED: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (
        lambda f: f.update(payload=f["payload"].replace('"language":"ar"', '"language":"en"')),
        "without its words",
    ),
    (
        lambda f: f.update(payload=json.dumps(json.loads(f["payload"]) | {"more": "x"})),
        "the payload",
    ),
    (lambda f: f["salts"].update({"content.title": "00" * 16}), "content.title"),
    (lambda f: f.update(header=f["header"].replace("secretariat", "administrator")), "the header does not"),
    (lambda f: f.update(header=f["header"].replace('"actor":null', '"actor":"x"')), "at: actor"),
    (lambda f: f.update(entry=flipped(f["entry"])), "do not make the entry"),
    (lambda f: f.update(leaf_hash=flipped(f["leaf_hash"])), "does not make the leaf"),
    (lambda f: f["proof"].update(index=f["proof"]["index"] - 1), "another event"),
    (lambda f: f["proof"].update(size=f["proof"]["size"] - 1), "do not lead to the root"),
    (of_another_root, "do not lead to the root"),
    (signed_otherwise, "not signed under a key"),
    (lambda f: f.update(keys=[]), "not signed under a key"),
    (lambda f: f.update(header="{"), "cannot be read"),
]


@pytest.mark.parametrize(("change", "said"), TAMPERED)
def test_what_was_tampered_with_is_named(
    verifying: Page, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    def tampered(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        change(found)
        assert found != answer.json()
        route.fulfill(response=answer, json=found)

    verifying.route("**/log/*.json", tampered)
    verdict = verify(verifying)
    expect(verdict).to_contain_text("This does not fit:")
    expect(verdict).to_contain_text(said)


def test_without_script_nothing_is_missing(browser: Browser, verifying: Page) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(verifying.url)
    expect(page.get_by_role("button", name="Verify in my browser")).to_be_hidden()
    expect(page.get_by_role("heading", name="Entry and leaf")).to_be_visible()
    context.close()
