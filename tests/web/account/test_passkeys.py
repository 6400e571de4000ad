"""Passkeys: what no device says is refused, and what hangs on there being one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from uuid import UUID

import pytest
from webauthn.helpers import bytes_to_base64url

from tests.web.browsing import PASSWORD, Browser, at_desk, sends, signed_in, somebody
from tests.web.live import Register

PAGE = "/account/passkeys"
CHALLENGE = re.compile(r'name="challenge" value="([^"]+)"')
OPTIONS = re.compile(r'data-options="([^"]+)"')
CREDENTIAL = {
    "id": "AAAA", "rawId": "AAAA", "type": "public-key",
    "response": {
        "clientDataJSON": "e30", "attestationObject": "oA", "authenticatorData": "AA", "signature": "AA"
    },
}  # fmt: skip
NO_ANSWERS = [
    "", "{", "[]", "null", "1", '"x"', "{}", json.dumps(CREDENTIAL), "\x00", "x" * 50_000,
    json.dumps({**CREDENTIAL, "rawId": "é"}), json.dumps({**CREDENTIAL, "rawId": 7}),
    json.dumps({**CREDENTIAL, "response": {}}), json.dumps({**CREDENTIAL, "response": None}),
    json.dumps({**CREDENTIAL, "response": {**CREDENTIAL["response"], "attestationObject": "////"}}),  # type: ignore[dict-item]
    "[" * 5_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def live(live: Register) -> Register:
    """The register under a name: for a number there are no passkeys."""
    return replace(live, url=live.url.replace("127.0.0.1", "localhost"))


def with_passkey(live: Register, account: UUID, name: str) -> bytes:
    """Somebody's passkey, as if a device had made it."""
    credential = name.encode()
    with live.runtime.pool.connection() as connection:
        assert live.runtime.passkeys.add_in(connection, (credential, account, name, b"\xa0", 0))
    return credential


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_is_none_signs_nobody_in(live: Register, answer: str) -> None:
    browser, person = Browser(live), somebody(live)
    known = bytes_to_base64url(with_passkey(live, person.account, str(person.account)))
    found = CHALLENGE.search(browser.get("/sign-in").text)
    assert found
    said = {"challenge": unescape(found[1]), "credential": answer.replace("AAAA", known)}
    refused = browser.send("/sign-in/passkey", form_of="/sign-in", **said)
    assert refused.status_code == 422
    assert "did not prove whose account it is" in refused.text
    assert browser.get("/desk").status_code == 303


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_is_none_makes_no_passkey(live: Register, answer: str) -> None:
    person = somebody(live)
    browser = signed_in(live, person)
    found = CHALLENGE.search(browser.get(PAGE).text)
    assert found
    said = {"challenge": unescape(found[1]), "credential": answer, "label": "Mine", "password": PASSWORD}
    assert browser.send(PAGE, **said).status_code == 422
    assert browser.send(PAGE, **{**said, "challenge": "forged"}).status_code == 422
    assert live.runtime.passkeys.of(person.account) == []


def test_a_page_asks_for_a_new_challenge_each_time_and_for_a_verified_holder(live: Register) -> None:
    browser = Browser(live)
    asked = []
    for _ in range(2):
        found = OPTIONS.search(browser.get("/sign-in").text)
        assert found
        asked.append(json.loads(unescape(found[1])))
    assert asked[0]["challenge"] != asked[1]["challenge"]
    assert asked[0]["userVerification"] == "required"
    assert "allowCredentials" not in asked[0] or asked[0]["allowCredentials"] == [], "no account is told"


def test_a_passkey_is_asked_for_beside_the_password_and_removed_with_it(live: Register) -> None:
    person = somebody(live)
    browser = signed_in(live, person)
    ids = [bytes_to_base64url(with_passkey(live, person.account, f"{person.account} {n}")) for n in range(2)]
    kept = live.runtime.second_factors.new_recovery_codes(person.account)
    assert Browser(live).signs_in(person.email).headers["Location"].startswith("/sign-in/code")
    halfway = Browser(live)
    halfway.signs_in(person.email)
    assert halfway.send("/sign-in/code", code=kept[0]).headers["Location"] == "/desk"
    assert "9 recovery codes left" in browser.get("/account/second-factor").text

    stranger = at_desk(live, "secretariat")
    answer = stranger.send(f"{PAGE}/{ids[0]}/removal", form_of=PAGE, password=PASSWORD)
    assert answer.status_code == 404
    assert browser.send(f"{PAGE}/no-such/removal", form_of=PAGE, password=PASSWORD).status_code == 404
    assert browser.send(f"{PAGE}/{ids[0]}/removal", form_of=PAGE, password="wrong").status_code == 422
    assert browser.send(f"{PAGE}/{ids[0]}/removal", form_of=PAGE, password=PASSWORD).status_code == 303
    assert Browser(live).signs_in(person.email).headers["Location"].startswith("/sign-in/code")
    assert browser.send(f"{PAGE}/{ids[1]}/removal", form_of=PAGE, password=PASSWORD).status_code == 303
    assert Browser(live).signs_in(person.email).headers["Location"] == "/desk"
    with live.runtime.pool.connection() as connection:
        told = connection.execute("SELECT subject FROM outbox WHERE account = %s", [person.account])
        assert told.fetchall() == [("Your second factor was switched off",)]


def test_an_administrator_removes_the_passkeys_of_who_lost_them(live: Register) -> None:
    person, administrator = somebody(live), at_desk(live, "administrator")
    with_passkey(live, person.account, f"{person.account} lost")
    page = f"/desk/accounts/{person.account}/second-factor"
    assert sends(administrator, page, reason="Lost").status_code == 303
    assert Browser(live).signs_in(person.email).headers["Location"] == "/desk"


def test_under_a_number_there_are_no_passkeys_and_the_page_says_why(live: Register) -> None:
    numbered = replace(live, url=live.url.replace("localhost", "127.0.0.1"))
    browser = at_desk(numbered, "secretariat")
    assert "Passkeys need an address with a name" in browser.get(PAGE).text
    assert "data-passkey" not in browser.get(PAGE).text
    assert "data-passkey" not in Browser(numbered).get("/sign-in").text
    assert "data-passkey" in Browser(live).get("/sign-in").text
