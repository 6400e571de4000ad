"""The language of whoever is signed in: kept for pages and letters, in every browser."""

from __future__ import annotations

import pytest

from tests.web.browsing import PASSWORD, Browser, Somebody, signed_in, somebody
from tests.web.live import Register


@pytest.fixture
def person(live: Register) -> Somebody:
    return somebody(live)


def language_of(browser: Browser, path: str = "/desk") -> str:
    """The language that a page says it is in."""
    return browser.get(path).text.split('<html lang="')[1].split('"')[0]


def known(live: Register, person: Somebody) -> str | None:
    return live.runtime.people.languages_of([person.account])[person.account]


def test_who_signs_in_on_a_page_in_their_language_reads_in_it(live: Register, person: Somebody) -> None:
    here = Browser(live)
    entered = here.send("/sign-in?lang=ar", email=person.email, password=PASSWORD)
    assert entered.status_code == 303
    assert {language_of(here, path) for path in ("/desk", "/", "/account")} == {"ar"}
    assert known(live, person) == "ar", "letters are in it too"
    elsewhere = signed_in(live, person)
    assert language_of(elsewhere) == "ar"
    assert language_of(elsewhere, "/desk?lang=fr") == "fr", "an address that names one decides"
    assert language_of(elsewhere) == "ar"


def test_who_never_chose_keeps_that_of_the_browser(live: Register, person: Somebody) -> None:
    browser = Browser(live)
    browser.session.headers["Accept-Language"] = "fr-CA,fr;q=0.9"
    browser.signs_in(person.email)
    assert known(live, person) == "fr"
    assert language_of(signed_in(live, person)) == "fr"


def test_it_is_chosen_on_the_page_of_the_account(live: Register, person: Somebody) -> None:
    browser = signed_in(live, person)
    chosen = browser.send("/account/language", form_of="/account?lang=fr", language="ar")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/account")
    assert language_of(browser, "/account") == "ar"
    assert known(live, person) == "ar"
    refused = browser.send("/account/language", form_of="/account", language="tlh")
    assert refused.status_code == 422
    assert known(live, person) == "ar"


def test_who_signs_out_leaves_no_language_behind(live: Register, person: Somebody) -> None:
    browser = Browser(live)
    browser.send("/sign-in?lang=ar", email=person.email, password=PASSWORD)
    browser.send("/sign-out", form_of="/account")
    assert language_of(browser, "/") == "en"
