"""A browser is called what people call it."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.browsing import Browser, somebody
from tests.web.live import SECONDS_MAX, Register
from web.app import create_app
from web.pages.browser_names import browser_in_words

MOZILLA, ENGINE = "Mozilla/5.0", "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS, PHONE = "(Windows NT 10.0; Win64; x64)", "(iPhone; CPU iPhone OS 17_5 like Mac OS X)"
EDGE = f"{MOZILLA} {WINDOWS} {ENGINE} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
CALLED = {
    EDGE: "Edge on Windows",
    f"{MOZILLA} (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": "Firefox on Linux",
    f"{MOZILLA} (Linux; Android 14) {ENGINE} Chrome/126.0.0.0 Mobile Safari/537.36": "Chrome on Android",
    f"{MOZILLA} {PHONE} {ENGINE} Version/17.5 Mobile/15E148 Safari/604.1": "Safari on iPhone",
    f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {ENGINE}": "A browser on macOS",
    "Opus Chrome/1": "Chrome",
    "curl/8.5.0": "An unknown browser or a program",
    "<script>alert(1)</script>\u202e": "An unknown browser or a program",
    "": "Not stated",
}


@pytest.fixture(scope="module")
def app(live: Register) -> Flask:
    return create_app(live.runtime)


@pytest.mark.parametrize(("said", "words"), CALLED.items())
def test_a_browser_is_called_what_people_call_it(app: Flask, said: str, words: str) -> None:
    with app.test_request_context():
        assert browser_in_words(said) == words


def test_where_somebody_is_signed_in_is_told_in_words(live: Register) -> None:
    browser, person = Browser(live), somebody(live)
    browser.session.headers["User-Agent"] = EDGE
    assert browser.signs_in(person.email).status_code == 303
    page = browser.session.get(f"{live.url}/account", timeout=SECONDS_MAX).text
    assert "Edge on Windows" in page
    assert "Mozilla" not in page
