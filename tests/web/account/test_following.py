"""Following by mail: a button confirms, a button leaves, and mail programs leave by themselves."""

from __future__ import annotations

from urllib.parse import quote
from uuid import uuid4

import pytest
import requests

from tests.web.browsing import Browser, signed_in, somebody
from tests.web.live import KENYA, SECONDS_MAX, Register
from tests.web.pledges import recorded, submitted


def letters(live: Register, email: str) -> list[str]:
    account = live.runtime.people.account_of(email)
    with live.runtime.pool.connection() as connection:
        found = connection.execute("SELECT body FROM outbox WHERE account = %s ORDER BY made_at", [account])
        return [body for (body,) in found]


def ask(browser: Browser, kind: str, followed: str, email: str, rhythm: str = "day") -> requests.Response:
    form = f"/follow?kind={kind}&followed={quote(followed)}"
    return browser.send("/follow", form_of=form, kind=kind, followed=followed, email=email, rhythm=rhythm)


@pytest.fixture
def mailing(live: Register, monkeypatch: pytest.MonkeyPatch) -> Register:
    """The form is there only where mail is sent."""
    settings = live.runtime.settings
    monkeypatch.setitem(settings.__dict__, "smtp_url", "smtp://127.0.0.1:1")
    return live


def test_a_pledge_is_followed_after_a_button_was_pressed(mailing: Register) -> None:
    live, browser, email = mailing, Browser(mailing), f"{uuid4()}@example.org"
    pledge = recorded(live, KENYA, title="Wells").json
    page = browser.get(f"/pledges/{pledge['reference']}").text
    assert f"/follow?kind=pledge&amp;followed={pledge['id']}" in page
    assert "A letter is on its way" in ask(browser, "pledge", pledge["reference"], email).text
    assert "A letter is on its way" in ask(browser, "pledge", pledge["id"], email).text
    (letter,) = letters(live, email)
    key = letter.partition("key=")[2].split("&")[0].split()[0]
    account = live.runtime.people.account_of(email)
    assert account is not None
    assert "Wells" in browser.get(f"/follow/confirm?key={key}").text
    assert live.runtime.followers.of(account) == [], "opened, and nothing more"
    done = browser.send("/follow/confirm", form_of=f"/follow/confirm?key={key}", key=key)
    assert "You follow this now" in done.text
    assert [one.kind for one in live.runtime.followers.of(account)] == ["pledge"]
    browser.send("/follow/confirm", form_of=f"/follow/confirm?key={key}", key=key)
    assert len(live.runtime.followers.of(account)) == 1


def test_mail_programs_leave_without_a_token_and_a_link_opened_leaves_nothing(mailing: Register) -> None:
    live, email = mailing, f"{uuid4()}@example.org"
    for kind, followed in (("objective", "3"), ("entity", "KEN")):
        ask(Browser(live), kind, followed, email)
    account = live.runtime.people.account_of(email)
    assert account is not None
    for letter in letters(live, email):
        key = letter.partition("key=")[2].split("&")[0].split()[0]
        Browser(live).send("/follow/confirm", form_of=f"/follow/confirm?key={key}", key=key)
    leaving = f"/unfollow?key={live.runtime.followers.leaving_key(account)}"
    assert 'value="objective:3"' in Browser(live).get(leaving).text
    assert len(live.runtime.followers.of(account)) == 2
    assert Browser(live).post(leaving, which="some", followed="objective:3").status_code == 200
    assert [one.kind for one in live.runtime.followers.of(account)] == ["entity"]
    one_click = requests.post(
        live.url + leaving, files={"List-Unsubscribe": (None, "One-Click")}, timeout=SECONDS_MAX
    )
    assert one_click.status_code == 200
    assert "You follow nothing" in one_click.text
    assert live.runtime.people.account_of(email) is None
    again = Browser(live).send("/follow/confirm", form_of="/follow?kind=objective&followed=3", key=key)
    assert again.status_code == 404


def test_somebody_with_an_account_keeps_it_when_they_leave(mailing: Register) -> None:
    person = somebody(mailing)
    ask(Browser(mailing), "objective", "3", person.email.upper())
    assert len(letters(mailing, person.email)) == 1
    mailing.runtime.followers.leave(person.account)
    assert signed_in(mailing, person)


@pytest.mark.parametrize("key", ["", "x", "%00", "a.b.c", "💥"])
def test_a_made_up_link_is_no_good(live: Register, key: str) -> None:
    browser = Browser(live)
    for path in ("/follow/confirm", "/unfollow"):
        answer = browser.get(f"{path}?key={key}")
        assert answer.status_code == 404
        assert "not good any more" in answer.text
    assert browser.post(f"/unfollow?key={key}").status_code == 404


def test_bad_input_is_told_beside_its_field(mailing: Register) -> None:
    browser = Browser(mailing)
    for email in ("", "nobody", "a@b", "a@example.org\r\nBcc: b@example.org", "x" * 300 + "@example.org"):
        answer = ask(browser, "objective", "3", email)
        assert answer.status_code == 422
        assert 'href="#email"' in answer.text
    assert ask(browser, "objective", "3", "a@example.org", rhythm="hour").status_code == 422
    forged = browser.post("/follow", kind="objective", followed="3", email="a@example.org", rhythm="day")
    assert forged.status_code == 400
    assert mailing.runtime.people.account_of("a@example.org") is None


def test_what_the_public_does_not_know_cannot_be_followed(live: Register) -> None:
    hidden = submitted(live, live.entity("Hidden"))
    browser = Browser(live)
    for kind, followed in (
        ("pledge", hidden), ("pledge", "2022-9999"), ("entity", "nobody"), ("objective", "24"),
        ("objective", "٣"), ("objective", "0" * 900), ("odd", "3"), ("pledge", "%00"), ("entity", "%00"),
    ):  # fmt: skip
        assert browser.get(f"/follow?kind={kind}&followed={followed}").status_code == 404


def test_nobody_is_flooded_with_letters_that_they_did_not_ask_for(mailing: Register) -> None:
    email = f"{uuid4()}@example.org"
    for number in range(1, 15):
        assert ask(Browser(mailing), "objective", str(number), email).status_code == 200
    assert len(letters(mailing, email)) == 10
