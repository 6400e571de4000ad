"""People's accounts in a real browser: an administrator invites somebody, who signs in and keeps secrets."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page

from tests.journeys.test_access import NARROWEST
from tests.journeys.test_desk import is_open_to_everybody
from tests.web.browsing import PASSWORD, somebody
from tests.web.demonstration import Demonstration
from tests.web.live import KENYA, Register

pytestmark = pytest.mark.browser


def on_a_phone(browser: Browser, live: Register) -> Page:
    context = browser.new_context(viewport={"width": NARROWEST, "height": 800}, base_url=live.url)
    return context.new_page()


def code_of(secret: str, steps: int = 0) -> str:
    """What a telephone with that secret shows now, or some half minutes later."""
    codes = TOTP(b32decode(secret.replace(" ", "")), 6, SHA1(), 30)
    return codes.generate(int(time.time()) + steps * 30).decode()


def signs_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_an_administrator_invites_somebody_and_takes_a_role_away(
    browser: Browser, demonstration: Demonstration
) -> None:
    live = demonstration.live
    page = on_a_phone(browser, live)
    signs_in(page, somebody(live, "administrator").email)
    page.get_by_role("link", name="Accounts", exact=True).press("Enter")
    is_open_to_everybody(page, "**/desk/accounts")
    page.get_by_role("link", name="Invite somebody").press("Enter")
    page.get_by_label("E-mail address").fill(f"{uuid4()}@example.org")
    page.get_by_label("Nomination").fill("NV 12/2026")
    page.locator("#roles-0-role").select_option("Validator")
    page.get_by_role("button", name="Invite", exact=True).press("Enter")
    page.get_by_role("alert").wait_for()
    is_open_to_everybody(page, "**/desk/accounts/invitation")
    page.locator("#roles-0-entities").fill("Kenya")
    page.get_by_role("button", name="Invite", exact=True).press("Enter")
    is_open_to_everybody(page, "**/desk/accounts/*?done=invited")
    assert "invitation is on its way" in page.get_by_role("status").inner_text()

    with live.runtime.pool.connection() as connection:
        body = str(connection.execute("SELECT body FROM outbox ORDER BY made_at DESC").fetchall()[0][0])
    person = on_a_phone(browser, live)
    person.goto(re.findall(r"https?://\S+", body)[0])
    person.get_by_label("Password").fill("many words put together")
    person.keyboard.press("Enter")
    person.get_by_role("heading", name="My desk").wait_for()

    page.get_by_role("link", name="Take a role away").press("Enter")
    page.get_by_label("Nomination").fill("NV 13/2026")
    is_open_to_everybody(page, f"**/revocation/validator.{KENYA}")
    page.get_by_role("button", name="Take away").press("Enter")
    page.get_by_role("status").wait_for()
    person.reload()
    assert "no role yet" in person.get_by_role("main").inner_text()
    for one in (page, person):
        one.context.close()


def test_somebody_keeps_a_token_and_a_second_factor_with_the_keyboard_on_a_phone(
    browser: Browser, demonstration: Demonstration
) -> None:
    live = demonstration.live
    page, email = on_a_phone(browser, live), somebody(live).email
    signs_in(page, email)
    page.get_by_role("link", name="My account").press("Enter")
    page.get_by_role("link", name="API tokens").press("Enter")
    is_open_to_everybody(page, "**/account/tokens")
    page.get_by_label("What it is for").fill("Nightly export")
    page.get_by_label("Good until").fill(str(datetime.now(UTC).date() + timedelta(days=90)))
    page.get_by_role("button", name="Make the token").press("Enter")
    page.get_by_role("status").wait_for()
    is_open_to_everybody(page, "**/account/tokens")
    page.get_by_role("link", name="All of my tokens").press("Enter")
    page.get_by_role("button", name="Revoke Nightly export").press("Enter")
    page.get_by_text("Revoked").wait_for()

    page.goto("/account/second-factor")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    secret = page.locator("#secret").inner_text()
    is_open_to_everybody(page, "**/account/second-factor")
    assert page.locator("main img").evaluate("one => one.naturalWidth") > 100, "the picture is shown"
    page.get_by_label("Code").fill(code_of(secret))
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    is_open_to_everybody(page, "**/confirmation")
    page.get_by_role("link", name="I have kept them").press("Enter")
    is_open_to_everybody(page, "**/account/second-factor")
    page.get_by_role("button", name="Sign out").press("Enter")
    page.get_by_role("link", name="Sign in").wait_for()
    signs_in(page, email)
    is_open_to_everybody(page, f"{live.url}/sign-in/code?next=/desk")
    page.get_by_label("Code").fill(code_of(secret, 1))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="My desk").wait_for()
    page.context.close()


def with_a_passkey_device(page: Page) -> None:
    """Give the browser a device that makes passkeys and knows whoever holds it."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_somebody_signs_in_with_a_passkey(browser: Browser, demonstration: Demonstration) -> None:
    live = demonstration.live
    # A passkey is for a name, never for a number.
    own = live.url.replace("127.0.0.1", "localhost")
    page = browser.new_context(viewport={"width": NARROWEST, "height": 800}, base_url=own).new_page()
    with_a_passkey_device(page)
    email = somebody(live).email
    signs_in(page, email)
    page.get_by_role("link", name="My account").press("Enter")
    page.get_by_role("link", name="Passkeys").press("Enter")
    is_open_to_everybody(page, "**/account/passkeys")
    page.get_by_label("Name of the device").fill("My telephone")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    page.get_by_role("link", name="I have kept them").press("Enter")

    page.get_by_role("button", name="Sign out").press("Enter")
    page.get_by_role("link", name="Sign in").press("Enter")
    is_open_to_everybody(page, f"{own}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    page.get_by_role("heading", name="My desk").wait_for()
    page.goto("/account/passkeys")
    assert "Last used on" in page.get_by_role("main").inner_text()
    is_open_to_everybody(page, "**/account/passkeys")

    page.get_by_role("button", name="Sign out").press("Enter")
    page.get_by_role("link", name="Sign in").wait_for()
    signs_in(page, email)
    page.get_by_role("heading", name="The code").wait_for()
    with page.expect_request("**/sign-in/passkey") as sent:
        page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    page.get_by_role("heading", name="My desk").wait_for()

    page.context.clear_cookies()
    page.goto("/sign-in")
    token = page.locator("input[name=csrf_token]").first.input_value()
    again = {**dict(parse_qsl(sent.value.post_data or "")), "csrf_token": token}
    assert page.request.post("/sign-in/passkey", form=again).status == 422, "an answer is taken once"
    page.context.close()
