"""What an address does not know is refused: a misspelt question would be answered as if it were not there."""

from __future__ import annotations

from uuid import UUID

import pytest
import requests
from flask import Flask

from tests.web.browsing import Browser, somebody
from tests.web.demonstration import Demonstration, demonstration
from tests.web.live import API, SECONDS_MAX, Register
from tests.web.test_doors import SAMPLE
from web.app import create_app
from web.doors import DOORS

__all__ = ["demonstration"]

JUSTIFIED = {
    "static": "files, to which browsers and caches add what they like",
    "healthz": "asked by load balancers as they were set up",
    "readyz": "asked by load balancers as they were set up",
    "metrics": "Prometheus may send what it is set up with",
}
"""Addresses that take anything behind the question mark, and why."""
PATHS = {
    **SAMPLE,
    "reference": "2022-0001",
    "slug": "kenya",
    "name": "withdrawal",
    "cycle": 2022,
    "about": "1",
    "account": str(UUID(int=1)),
    "sheet": str(UUID(int=1)),
    "asking": str(UUID(int=1)),
}


def walked(app: Flask) -> dict[str, str]:
    """A path for each address that is read, by its rule."""
    found = {}
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.endpoint not in JUSTIFIED:
                values = {**{name: PATHS[name] for name in rule.arguments}, **(rule.defaults or {})}
                found[rule.rule] = adapter.build(rule.endpoint, values)
    return found


def test_every_address_refuses_what_it_does_not_know(live: Register) -> None:
    browser, administrator, auditor = Browser(live), Browser(live), live.token("auditor")
    assert browser.signs_in(somebody(live).email).status_code == 303
    assert administrator.signs_in(somebody(live, "administrator").email).status_code == 303
    asked = walked(create_app(live.runtime))
    assert len(asked) > 80
    for path in asked.values():
        if path.startswith(API):
            answer = requests.get(
                f"{live.url}{path}?nonsense=1",
                headers={"Authorization": f"Bearer {auditor}"},
                timeout=SECONDS_MAX,
            )
        else:
            who = administrator if path.startswith("/desk/accounts") else browser
            answer = who.get(f"{path}?nonsense=1")
        assert answer.status_code == 422, path
        if answer.headers["Content-Type"].startswith("text/html"):
            assert "<dt>nonsense</dt>" in answer.text, path
            assert "This page does not know it" in answer.text, path
        else:
            assert answer.json()["errors"]["nonsense"] == ["is not known here."], path


def test_the_exceptions_are_addresses() -> None:
    assert set(JUSTIFIED) <= set(DOORS)


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/?utm_source=letter&utm_medium=email", "/"),
        ("/pledges?fbclid=IwAR0&region=Africa&region=Asia", "/pledges?region=Africa&region=Asia"),
        ("/pledges?q=a%26b+%C3%A9%23&GCLID=x", "/pledges?q=a%26b+%C3%A9%23"),
        ("/pledges/2022-0001.json?utm_id=1&mc_eid=2", "/pledges/2022-0001.json"),
        ("/pledges/a%3Fb%23%0D%0Ac?gclid=1", "/pledges/a%3Fb%23%0D%0Ac"),
        ("/pledges?nonsense=1&utm_source=x", "/pledges?nonsense=1"),
        ("/sign-in?next=%2Fdesk&msclkid=1", "/sign-in?next=%2Fdesk"),
        (f"/help?fbclid={'x' * 2_000}", "/help"),
    ],
)
def test_pages_lead_on_from_what_others_add_to_links(
    demonstration: Demonstration, asked: str, led_to: str
) -> None:
    answer = demonstration.get(asked)
    assert (answer.status_code, answer.headers["Location"]) == (302, led_to)


def test_programs_are_told_what_was_added(demonstration: Demonstration) -> None:
    answer = demonstration.get(f"{API}/pledges?utm_source=letter")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["utm_source"])


def test_what_is_unknown_can_be_left_out_by_one_link(demonstration: Demonstration) -> None:
    answer = demonstration.get("/pledges?ref=letter&region=Africa")
    assert answer.status_code == 422
    assert '<a href="/pledges?region=Africa">Show this page without it</a>' in answer.text
    assert "Cette page ne le connaît pas" in demonstration.get("/help?x=1&lang=fr").text
