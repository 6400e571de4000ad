"""Signing in and out, with what people mistype and what others try."""

from __future__ import annotations

import re

import pytest
from psycopg import connect

from domain.accounts.commands import RevokeRole, SuspendAccount
from domain.actors import OPERATOR
from projections.credentials.tries import TRIES_MAX
from tests.web.browsing import PASSWORD, Browser, link_of, somebody
from tests.web.live import KENYA, Register


def test_who_signs_in_is_at_their_desk_until_they_sign_out(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    assert browser.get("/desk").headers["Location"] == "/sign-in?next=/desk"
    answer = browser.signs_in(person.email.upper())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    desk = browser.get("/desk")
    assert desk.status_code == 200
    assert desk.headers["Cache-Control"] == "private, no-store"
    assert browser.get("/sign-in").headers["Location"] == "/desk"
    assert browser.send("/sign-out", form_of="/desk").headers["Location"] == "/"
    assert browser.get("/desk").status_code == 303


def test_the_language_chosen_leads_on_through_forms(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    answer = browser.send(
        "/sign-in?lang=fr", form_of="/sign-in?next=/account&lang=fr", email=person.email, password=PASSWORD
    )
    assert answer.headers["Location"] == "/desk?lang=fr"
    assert browser.send("/sign-out?lang=fr", form_of="/desk?lang=fr").headers["Location"] == "/?lang=fr"
    assert 'href="?next=%2Fdesk&amp;lang=ar"' in browser.get("/sign-in?next=/desk").text
    assert 'action="/sign-in?lang=fr"' in browser.get("/sign-in?lang=fr").text


def test_the_cookie_of_a_session_that_was_ended_opens_nothing(live: Register) -> None:
    person, browser, thief = somebody(live), Browser(live), Browser(live)
    browser.signs_in(person.email)
    thief.session.cookies.update(browser.session.cookies)
    browser.send("/sign-out", form_of="/desk")
    assert thief.get("/desk").status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [("", ""), ("nobody@example.org", PASSWORD), ("{email}", "wrong"), ("{email}", ""), ("\x00", "\x00"),
     ("{email}", "x" * 5000), ("' OR 1=1 --", "' OR 1=1 --"), ("<script>alert(1)</script>", "p")],
)  # fmt: skip
def test_what_is_wrong_is_told_the_same_whatever_it_is(live: Register, email: str, password: str) -> None:
    person, browser = somebody(live), Browser(live)
    answer = browser.signs_in(email.format(email=person.email), password)
    assert answer.status_code == 422
    assert "Address and password do not belong together." in answer.text
    assert "<script>alert" not in answer.text
    assert browser.get("/desk").status_code == 303


def test_nobody_can_lock_somebody_out_where_they_signed_in_before(live: Register) -> None:
    person, own, stranger = somebody(live), Browser(live), Browser(live)
    own.signs_in(person.email)
    own.send("/sign-out", form_of="/desk")
    for _ in range(TRIES_MAX):
        assert stranger.signs_in(person.email, "guess").status_code == 422
    assert "Too many tries" in stranger.signs_in(person.email).text
    assert "Too many tries" in Browser(live).signs_in(person.email).text
    assert own.signs_in(person.email).status_code == 303
    assert "Too many tries" in stranger.signs_in(person.email).text


def test_a_form_of_another_site_is_refused(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    assert browser.post("/sign-in", email=person.email, password=PASSWORD).status_code == 400
    other = Browser(live)
    token = "forged"
    answer = other.post("/sign-in", email=person.email, password=PASSWORD, csrf_token=token)
    assert answer.status_code == 400
    assert other.get("/desk").status_code == 303


def test_what_is_no_form_is_refused(live: Register) -> None:
    browser = Browser(live)
    answer = browser.session.post(f"{live.url}/sign-in", json={"email": "a"}, timeout=10)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "////evil.example", "/////evil.example/x",
     "/\\evil.example", "javascript:alert(1)", "evil",
     "/\t/evil.example", "http:/evil.example", "/\r\nSet-Cookie: a=b"],
)  # fmt: skip
def test_nobody_is_led_elsewhere_after_signing_in(live: Register, elsewhere: str) -> None:
    person, browser = somebody(live), Browser(live)
    answer = browser.send("/sign-in", email=person.email, password=PASSWORD, next=elsewhere)
    assert answer.headers["Location"] == "/desk"


def test_who_was_led_to_the_door_goes_on_to_where_they_wanted(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    answer = browser.send("/sign-in", email=person.email, password=PASSWORD, next="/account?lang=fr")
    assert answer.headers["Location"] == "/account?lang=fr"


def test_a_suspended_account_is_out_at_once(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    browser.signs_in(person.email)
    live.runtime.register.handle(SuspendAccount(account=person.account, reason="left"), by=OPERATOR)
    assert browser.get("/desk").status_code == 303
    assert "suspended" in browser.signs_in(person.email).text


def test_a_role_taken_away_is_gone_at_the_next_page(live: Register) -> None:
    person, browser = somebody(live, "pledger", KENYA), Browser(live)
    browser.signs_in(person.email)
    assert "Being written" in browser.get("/desk").text
    revoked = RevokeRole(account=person.account, role="pledger", entity=KENYA, reason="moved on")
    live.runtime.register.handle(revoked, by=OPERATOR)
    desk = browser.get("/desk")
    assert desk.status_code == 200
    assert "Being written" not in desk.text
    assert "has no role" in desk.text


class TestLinks:
    """Invitations, and ways to a new password."""

    def test_an_invitation_leads_to_a_password_and_to_the_desk(self, live: Register) -> None:
        person, browser = somebody(live), Browser(live)
        page = f"/invitation?key={link_of(live, person.account, 'invitation')}"
        for _ in range(3):  # programs that scan mail look too
            assert person.email in browser.get(page).text
        answer = browser.send(page, password="many words put together", key=page.partition("=")[2])
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
        assert Browser(live).signs_in(person.email, "many words put together").status_code == 303

    def test_a_link_is_good_once(self, live: Register) -> None:
        person, browser = somebody(live), Browser(live)
        key = link_of(live, person.account, "reset")
        page = f"/new-password?key={key}"
        assert browser.send(page, key=key, password="many words put together").status_code == 303
        assert "It was used already" in browser.get(page).text
        answer = browser.send("/new-password", form_of="/account", key=key, password="another one of mine")
        assert answer.status_code == 404

    @pytest.mark.parametrize("key", ["", "x", "\x00", "é" * 50, "a" * 5000])
    def test_a_link_that_is_none_leads_nowhere(self, live: Register, key: str) -> None:
        assert Browser(live).get(f"/invitation?key={key}").status_code in (404, 422)

    def test_a_newer_invitation_takes_the_place_of_an_older(self, live: Register) -> None:
        person, browser = somebody(live), Browser(live)
        old, new = (link_of(live, person.account, "invitation") for _ in range(2))
        assert browser.get(f"/invitation?key={old}").status_code == 404
        assert browser.get(f"/invitation?key={new}").status_code == 200

    def test_a_stranger_who_asks_for_links_takes_none_from_their_owner(self, live: Register) -> None:
        person, browser = somebody(live), Browser(live)
        own, asked_by_a_stranger = (link_of(live, person.account, "reset") for _ in range(2))
        answer = browser.send(f"/new-password?key={own}", key=own, password="many words put together")
        assert answer.headers["Location"] == "/desk"
        assert Browser(live).get(f"/new-password?key={asked_by_a_stranger}").status_code == 404

    def test_a_link_runs_out(self, live: Register) -> None:
        person, browser = somebody(live), Browser(live)
        new = link_of(live, person.account, "reset")
        assert browser.get(f"/invitation?key={new}").status_code == 404
        assert browser.get(f"/new-password?key={new}").status_code == 200
        with connect(live.runtime.urls.owner) as connection:
            connection.execute(
                "UPDATE pledges.mailed_links SET expires_at = clock_timestamp() WHERE account = %s",
                [person.account],
            )
        assert browser.get(f"/new-password?key={new}").status_code == 404

    @pytest.mark.parametrize(
        "password",
        ["short", "password1234", "123456789012", "passwordpassword", "aaaaaaaaaaaaaaaa", "qwertyqwerty",
         "x" * 201, "{account} mine"],
    )  # fmt: skip
    def test_a_password_that_is_easy_to_guess_is_refused(self, live: Register, password: str) -> None:
        person, browser = somebody(live), Browser(live)
        key = link_of(live, person.account, "invitation")
        said = password.format(account=person.account)
        answer = browser.send(f"/invitation?key={key}", key=key, password=said)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert said not in answer.text

    @pytest.mark.parametrize("password", ["short", "passwordpassword", "x" * 201, "{account} mine"])
    def test_why_a_password_is_refused_is_said_in_the_language_of_the_page(
        self, live: Register, password: str
    ) -> None:
        person, browser = somebody(live), Browser(live)
        key = link_of(live, person.account, "invitation")
        said = password.format(account=person.account)
        answer = browser.send(f"/invitation?key={key}&lang=ar", key=key, password=said)
        assert answer.status_code == 422
        (why,) = re.findall(r'class="error"[^>]*><bdi>([^<]*)', answer.text)
        assert re.search("[\u0600-\u06ff]", why)
        assert not re.search("[a-z]{3}", why)

    def test_a_new_password_ends_all_sessions(self, live: Register) -> None:
        person, elsewhere = somebody(live), Browser(live)
        elsewhere.signs_in(person.email)
        key = link_of(live, person.account, "reset")
        Browser(live).send(f"/new-password?key={key}", key=key, password="many words put together")
        assert elsewhere.get("/desk").status_code == 303


class TestOwnAccount:
    """Where somebody is signed in, and their password."""

    def test_another_browser_can_be_signed_out(self, live: Register) -> None:
        person, here, elsewhere = somebody(live), Browser(live), Browser(live)
        elsewhere.session.headers["User-Agent"] = "Mozilla/5.0 (X11; CrOS x86_64) Firefox/127.0"
        for browser in (here, elsewhere):
            browser.signs_in(person.email)
        assert "Firefox on ChromeOS" in here.get("/account").text
        (other,) = [one.id for one in live.runtime.sessions.open(person.account) if "CrOS" in one.device]
        stranger = Browser(live)
        stranger.signs_in(somebody(live).email)
        assert stranger.send(f"/account/sessions/{other}/end", form_of="/account").status_code == 404
        assert here.send(f"/account/sessions/{other}/end", form_of="/account").status_code == 303
        assert elsewhere.get("/account").status_code == 303
        assert here.get("/account").status_code == 200

    def test_a_password_is_changed_by_who_knows_it(self, live: Register) -> None:
        person, here, elsewhere = somebody(live), Browser(live), Browser(live)
        for browser in (here, elsewhere):
            browser.signs_in(person.email)
        page, new = "/account/password", "many words put together"
        answer = here.send(page, form_of="/account", current="wrong", password=new)
        assert "This is not your password." in answer.text
        assert here.send(page, form_of="/account", current=PASSWORD, password="short").status_code == 422
        assert here.send(page, form_of="/account", current=PASSWORD, password=new).status_code == 303
        assert here.get("/account").status_code == 200
        assert elsewhere.get("/account").status_code == 303
        assert Browser(live).signs_in(person.email, new).status_code == 303
