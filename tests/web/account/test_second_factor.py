"""The second factor: switched on, asked for, got round by nobody, switched off."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from domain.accounts.commands import SuspendAccount
from domain.actors import OPERATOR
from projections.credentials.second_factors import SecondFactors
from projections.credentials.tries import TRIES_MAX
from tests.web.browsing import PASSWORD, Browser, Somebody, at_desk, link_of, sends, signed_in, somebody
from tests.web.live import Register

PAGE = "/account/second-factor"
SECRET = re.compile(r'<code id="secret">([A-Z2-7 ]+)</code>')
KEPT = re.compile(r"<li><code>([a-z2-7-]{19})</code></li>")
STEP = 30


@dataclass
class Guarded:
    """Somebody with a second factor, the telephone's secret and the codes that they kept."""

    person: Somebody
    browser: Browser
    secret: bytes
    kept: list[str]
    first: str = ""  # the code that switched it on

    def code(self, steps: int = 0) -> str:
        """What the telephone shows now, or some half minutes later."""
        return TOTP(self.secret, 6, SHA1(), STEP).generate(int(time.time()) + steps * STEP).decode()


def begun(browser: Browser) -> bytes:
    assert browser.send(PAGE, password=PASSWORD).status_code == 303
    found = SECRET.search(browser.get(PAGE).text)
    assert found
    return b32decode(found[1].replace(" ", ""))


@pytest.fixture
def guarded(live: Register) -> Guarded:
    person = somebody(live)
    browser = signed_in(live, person)
    found = Guarded(person, browser, begun(browser), [])
    found.first = found.code()
    answer = browser.send(f"{PAGE}/confirmation", form_of=PAGE, code=found.first)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    found.kept = KEPT.findall(answer.text)
    assert len(set(found.kept)) == 10
    return found


def halfway(live: Register, guarded: Guarded, on_to: str = "") -> Browser:
    """A browser in which the password was right."""
    browser = Browser(live)
    answer = browser.send("/sign-in", email=guarded.person.email, password=PASSWORD, next=on_to)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in/code")
    return browser


def enters(browser: Browser, code: str, **said: str) -> bool:
    answer = browser.send("/sign-in/code", code=code, **said)
    assert answer.status_code in (303, 422)
    return answer.status_code == 303


def test_the_password_alone_opens_nothing_any_more(live: Register, guarded: Guarded) -> None:
    browser = halfway(live, guarded, on_to="/account?lang=fr")
    assert browser.get("/desk").status_code == 303
    assert "second proof" in browser.get("/sign-in/code").text
    assert not enters(browser, "000000")
    answer = browser.send("/sign-in/code", code=guarded.code(1), next="/account?lang=fr")
    assert answer.headers["Location"] == "/account?lang=fr"
    assert browser.get("/desk").status_code == 200


def test_a_code_is_good_once(live: Register, guarded: Guarded) -> None:
    assert not enters(halfway(live, guarded), guarded.first), "it was used to switch it on"
    later = guarded.code(1)
    assert enters(halfway(live, guarded), later)
    assert not enters(halfway(live, guarded), later)
    browsers = [halfway(live, guarded) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda browser: enters(browser, guarded.kept[0]), browsers))
    assert sorted(done) == [False, False, False, True]


def test_a_recovery_code_is_good_once_however_it_is_written(live: Register, guarded: Guarded) -> None:
    assert enters(halfway(live, guarded), f" {guarded.kept[1].upper().replace('-', ' ')} ")
    assert not enters(halfway(live, guarded), guarded.kept[1])
    assert "9 recovery codes left" in guarded.browser.get(PAGE).text
    other = somebody(live)
    browser = signed_in(live, other)
    begun(browser)
    assert not live.runtime.second_factors.takes(other.account, guarded.kept[2])
    with live.runtime.pool.connection() as connection:
        kept = connection.execute("SELECT c::text FROM recovery_codes c").fetchall()
    assert guarded.kept[2].replace("-", "") not in str(kept)


@pytest.mark.parametrize(
    "code",
    ["", "12345", "1234567", "٠١٢٣٤٥", "\x00", "'; --", "x" * 5000, "<script>alert(1)</script>", "-" * 19],
)
def test_what_is_no_code_is_told_so(live: Register, guarded: Guarded, code: str) -> None:
    answer = halfway(live, guarded).send("/sign-in/code", code=code)
    assert answer.status_code == 422
    assert "This code is not right" in answer.text
    assert "<script>alert" not in answer.text


def test_codes_are_not_guessed(live: Register, guarded: Guarded) -> None:
    browser = halfway(live, guarded)
    for _ in range(TRIES_MAX):
        assert not enters(browser, "000000")
    assert "Too many tries" in browser.send("/sign-in/code", code=guarded.code(1)).text
    assert guarded.browser.get("/desk").status_code == 200


def test_a_code_without_the_password_leads_to_the_password(live: Register, guarded: Guarded) -> None:
    browser = Browser(live)
    assert browser.get("/sign-in/code").headers["Location"] == "/sign-in"
    answer = browser.send("/sign-in/code", form_of="/sign-in", code=guarded.kept[0])
    assert answer.headers["Location"] == "/sign-in"
    assert browser.post("/sign-in/code", code=guarded.kept[0]).status_code == 400
    assert enters(halfway(live, guarded), guarded.kept[0]), "it was not used up"


def test_a_mailed_link_does_not_get_round_it(live: Register, guarded: Guarded) -> None:
    for page, purpose in (("/new-password", "reset"), ("/invitation", "invitation")):
        key, browser = link_of(live, guarded.person.account, purpose), Browser(live)
        answer = browser.send(f"{page}?key={key}", key=key, password="many words put together")
        assert answer.headers["Location"].startswith("/sign-in/code")
        assert browser.get("/desk").status_code == 303


def test_who_was_suspended_meanwhile_does_not_get_in(live: Register, guarded: Guarded) -> None:
    browser = halfway(live, guarded)
    live.runtime.register.handle(SuspendAccount(account=guarded.person.account, reason="Left"), by=OPERATOR)
    assert "suspended" in browser.send("/sign-in/code", code=guarded.code(1)).text


def test_nobody_switches_it_on_without_password_and_code(live: Register) -> None:
    person = somebody(live)
    browser, elsewhere = signed_in(live, person), signed_in(live, person)
    assert browser.send(PAGE, password="wrong").status_code == 422
    assert browser.send(f"{PAGE}/confirmation", form_of=PAGE, code="123456").status_code == 422
    secret = begun(browser)
    assert browser.send(f"{PAGE}/confirmation", form_of=PAGE, code="000000").status_code == 422
    assert Browser(live).signs_in(person.email).headers["Location"] == "/desk"
    code = TOTP(secret, 6, SHA1(), STEP).generate(int(time.time())).decode()
    assert browser.send(f"{PAGE}/confirmation", form_of=PAGE, code=code).status_code == 200
    assert elsewhere.get("/desk").status_code == 303, "elsewhere one signs in with a code"
    assert browser.send(f"{PAGE}/confirmation", form_of=PAGE, code=code).status_code == 422
    assert not SECRET.search(browser.get(PAGE).text), "the secret is not shown again"


def test_a_secret_that_was_not_confirmed_in_time_is_forgotten(live: Register) -> None:
    person = somebody(live)
    browser = signed_in(live, person)
    secret = begun(browser)
    with live.runtime.pool.connection() as connection:
        connection.execute(
            "UPDATE second_factors SET made_at = made_at - interval '1 hour' WHERE account = %s",
            [person.account],
        )
    code = TOTP(secret, 6, SHA1(), STEP).generate(int(time.time())).decode()
    assert browser.send(f"{PAGE}/confirmation", form_of=PAGE, code=code).status_code == 422


def test_it_is_switched_off_with_password_and_code_and_the_owner_is_told(
    live: Register, guarded: Guarded
) -> None:
    end = f"{PAGE}/end"
    for said in ({"password": "wrong", "code": guarded.kept[0]}, {"password": PASSWORD, "code": "000000"}):
        assert guarded.browser.send(end, form_of=PAGE, **said).status_code == 422
    said = {"password": PASSWORD, "code": guarded.kept[0]}
    assert guarded.browser.send(end, form_of=PAGE, **said).status_code == 303
    assert Browser(live).signs_in(guarded.person.email).headers["Location"] == "/desk"
    with live.runtime.pool.connection() as connection:
        told = connection.execute("SELECT subject FROM outbox WHERE account = %s", [guarded.person.account])
        assert told.fetchall() == [("Your second factor was switched off",)]
    assert guarded.browser.send(end, form_of=PAGE, **said).status_code == 404


def test_new_recovery_codes_take_the_place_of_those_before(live: Register, guarded: Guarded) -> None:
    page = f"{PAGE}/recovery-codes"
    assert guarded.browser.send(page, form_of=PAGE, code="000000").status_code == 422
    new = KEPT.findall(guarded.browser.send(page, form_of=PAGE, code=guarded.code(1)).text)
    assert len(new) == 10
    assert not enters(halfway(live, guarded), guarded.kept[3])
    assert enters(halfway(live, guarded), new[0])


def test_an_administrator_lets_somebody_in_who_lost_all(live: Register, guarded: Guarded) -> None:
    administrator, page = at_desk(live, "administrator"), f"/desk/accounts/{guarded.person.account}"
    with live.runtime.pool.connection() as connection:
        live.runtime.people.speaks_in(connection, guarded.person.account, "fr")
    assert sends(administrator, f"{page}/second-factor").status_code == 422, "nothing says why"
    why = "Asked for by note of 3 May"
    assert sends(administrator, f"{page}/second-factor", reason=why).status_code == 303
    assert why in administrator.get(page).text
    with live.runtime.pool.connection() as connection:
        question = "SELECT html FROM outbox WHERE account = %s AND about = 'second-factor'"
        ((told,),) = connection.execute(question, [guarded.person.account]).fetchall()
    assert 'lang="fr"' in told, "in the language of whose account it is"
    assert "Votre compte" in told
    assert Browser(live).signs_in(guarded.person.email).headers["Location"] == "/desk"


def test_the_secret_is_kept_sealed_and_another_key_opens_none(live: Register, guarded: Guarded) -> None:
    with live.runtime.pool.connection() as connection:
        ((sealed,),) = connection.execute(
            "SELECT secret FROM second_factors WHERE account = %s", [guarded.person.account]
        ).fetchall()
    assert guarded.secret not in bytes(sealed)
    other = SecondFactors(live.runtime.pool, "another key", live.runtime.clock)
    assert not other.takes(guarded.person.account, guarded.code(1))
    assert other.takes(guarded.person.account, guarded.kept[5]), "the codes that were kept still open"
