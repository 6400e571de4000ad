"""What an OpenID Connect provider may say of people, and what follows.

With one that organisations run, people sign in in tests/journeys/test_provider.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from domain.accounts.commands import SuspendAccount
from domain.actors import OPERATOR
from projections.database.roles import DatabaseUrls
from projections.settings import OpenIdProvider
from tests.conftest import new_database
from tests.peers.running import SECONDS_MAX, free_port, running
from tests.web.browsing import PASSWORD, Browser, Somebody, signed_in, somebody
from tests.web.live import Register, serving


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that says of people whatever a test wants, also what others would not."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "-n", "true"]
    with running("python", *command, answers_at=url):
        yield url


@pytest.fixture(scope="module")
def register(  # noqa: PLR0917 - fixtures are asked for by name
    provider: str,
    live: Register,  # which outlives this one
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Register]:
    """A register that knows the provider."""
    oidc = OpenIdProvider(provider, "pledges", "a secret", "Ministry login")
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        with serving(owner, app, tmp_path_factory.mktemp("provided"), oidc=oidc) as found:
            yield found


def known_as(provider: str, email: object, *, verified: object = True) -> str:
    """Somebody whom the provider knows; their subject."""
    subject = f"subject {time.monotonic_ns()}"
    claims = {"email": email, "email_verified": verified}
    answer = requests.put(f"{provider}/users/{subject}", json=claims, timeout=SECONDS_MAX)
    assert answer.status_code < 300, answer.text
    return subject


def led_back(browser: Browser, subject: str, on_to: str = "/sign-in/provider") -> str:
    """Sign in at the provider; the path to which it leads back, not followed yet."""
    answer = browser.get(on_to)
    assert answer.status_code in (302, 303), answer.text
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"]
    assert asked["state"]
    back = requests.post(
        answer.headers["Location"], data={"sub": subject}, timeout=SECONDS_MAX, allow_redirects=False
    )
    assert back.status_code in (302, 303), back.text
    location = back.headers["Location"]
    assert location.startswith(browser.live.url)
    return location.removeprefix(browser.live.url)


def test_who_has_an_account_comes_in_with_the_verified_address(register: Register, provider: str) -> None:
    person, browser = somebody(register), Browser(register)
    assert "Sign in with Ministry login" in browser.get("/sign-in").text
    back = led_back(browser, known_as(provider, person.email.upper()), "/sign-in/provider?next=/account")
    assert browser.get(back).headers["Location"] == "/account"
    assert person.email in browser.get("/account").text
    again = browser.get(back)
    assert again.status_code == 422, "the way back is good once"


def test_nobody_is_led_elsewhere(register: Register, provider: str) -> None:
    person, browser = somebody(register), Browser(register)
    back = led_back(browser, known_as(provider, person.email), "/sign-in/provider?next=https://evil.example/")
    assert browser.get(back).headers["Location"] == "/desk"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_opens_nothing(
    register: Register, provider: str, verified: object
) -> None:
    person, browser = somebody(register), Browser(register)
    answer = browser.get(led_back(browser, known_as(provider, person.email, verified=verified)))
    assert answer.status_code == 422
    assert "does not say that your address is verified" in answer.text
    assert browser.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "email", ["stranger@example.org", "a\x00b@example.org", "<script>alert(1)</script>", ""]
)
def test_no_account_is_made(register: Register, provider: str, email: str) -> None:
    browser, before = Browser(register), register.runtime.recorder.max_notification_id()
    answer = browser.get(led_back(browser, known_as(provider, email)))
    assert answer.status_code == 422
    assert "There is no account with the address" in answer.text
    assert "<script>alert" not in answer.text
    assert register.runtime.recorder.max_notification_id() == before


def test_the_way_back_of_another_browser_opens_nothing(register: Register, provider: str) -> None:
    person, browser, thief = somebody(register), Browser(register), Browser(register)
    back = led_back(browser, known_as(provider, person.email))
    thief.get("/sign-in/provider")
    assert thief.get(back).status_code == 422
    assert thief.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=x",
        "?state=x",
        "?code=x&state=x",
        "?error=access_denied&error_description=no",
        "?code=%00&state=%00",
    ],
)
def test_a_way_back_that_is_none_says_so(register: Register, query: str) -> None:
    browser = Browser(register)
    browser.get("/sign-in/provider")
    answer = browser.get(f"/sign-in/provider/back{query}")
    assert answer.status_code == 422
    assert "its answer is not good" in answer.text


def test_who_is_suspended_stays_out(register: Register, provider: str) -> None:
    person, browser = somebody(register), Browser(register)
    command = SuspendAccount(account=person.account, reason="Left")
    register.runtime.register.handle(command, by=OPERATOR)
    assert "suspended" in browser.get(led_back(browser, known_as(provider, person.email))).text


def test_an_account_with_a_second_factor_asks_for_it_all_the_same(register: Register, provider: str) -> None:
    person: Somebody = somebody(register)
    signed_in(register, person).send("/account/second-factor", password=PASSWORD)
    with register.runtime.pool.connection() as connection:
        connection.execute(
            "UPDATE second_factors SET confirmed_at = clock_timestamp() WHERE account = %s", [person.account]
        )
    browser = Browser(register)
    back = browser.get(led_back(browser, known_as(provider, person.email)))
    assert back.headers["Location"].startswith("/sign-in/code")
    assert browser.get("/desk").status_code == 303


def test_a_provider_that_is_away_is_said_to_be(
    admin: Connection, cluster_urls: DatabaseUrls, template_name: str, tmp_path: Path
) -> None:
    oidc = OpenIdProvider("http://127.0.0.1:9", "pledges", "a secret", "Ministry login")
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        with serving(owner, app, tmp_path, oidc=oidc) as found:
            answer = Browser(found).get("/sign-in/provider")
    assert answer.status_code == 502
    assert "Ministry login does not answer" in answer.text


def test_without_a_provider_there_is_none(live: Register) -> None:
    assert Browser(live).get("/sign-in/provider").status_code == 404
    assert Browser(live).get("/sign-in/provider/back?code=x&state=y").status_code == 404
