"""People sign in with the provider of their organisation, Canaille: at its own pages, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from domain.accounts.commands import SuspendAccount
from domain.actors import OPERATOR
from projections.database.roles import DatabaseUrls
from projections.settings import OpenIdProvider
from tests.conftest import new_database
from tests.peers.running import free_port, running
from tests.web.browsing import somebody
from tests.web.live import Register, serving

pytestmark = pytest.mark.browser

PROGRAM = Path(__file__).parents[1] / "peers" / "openid_provider.py"
SECRET, PASSWORD = "between the two of them", "the provider's own password"
STRANGER = "stranger@ministry.example.org"


@dataclass(frozen=True)
class Ministry:
    """A register, and the provider that it knows, with the addresses of those who sign in there."""

    register: Register
    port: int
    people: tuple[str, ...]

    @contextmanager
    def provider(self) -> Iterator[None]:
        """The provider runs, with keys that it makes each time anew."""
        back = f"{self.register.url}/sign-in/provider/back"
        arguments = ["--port", str(self.port), "--secret", SECRET, "--back", back, "--password", PASSWORD]
        at = f"http://127.0.0.1:{self.port}/.well-known/openid-configuration"
        with running("python", str(PROGRAM), *arguments, STRANGER, *self.people, answers_at=at):
            yield


@pytest.fixture(scope="module")
def ministry(
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Ministry]:
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    oidc = OpenIdProvider(issuer, "pledges", SECRET, "Ministry login", vouches=True)
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        with serving(owner, app, tmp_path_factory.mktemp("ministry"), oidc=oidc) as register:
            yield Ministry(register, port, tuple(somebody(register).email for _ in range(3)))


@pytest.fixture
def _running(ministry: Ministry) -> Iterator[None]:
    """The provider, anew for each test: nobody has agreed yet, and its keys are not those of before."""
    with ministry.provider():
        yield


@contextmanager
def opened(browser: Browser, ministry: Ministry) -> Iterator[Page]:
    """The sign-in page of the register, in a browser that knows nobody."""
    context = browser.new_context(base_url=ministry.register.url)
    page = context.new_page()
    page.goto("/sign-in?next=/account")
    yield page
    context.close()


def signs_in_there(page: Page, email: str, password: str = PASSWORD) -> None:
    """At the provider: its page for the name, its page for the password."""
    page.get_by_role("link", name="Sign in with Ministry login").click()
    page.locator("input[name=login]").fill(email.partition("@")[0])
    page.locator("input[name=login]").press("Enter")
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")


def agrees(page: Page) -> None:
    page.locator("button[name=answer][value=accept]").click()


@pytest.mark.usefixtures("_running")
def test_somebody_signs_in_at_their_ministry_and_is_led_back(browser: Browser, ministry: Ministry) -> None:
    with opened(browser, ministry) as page:
        signs_in_there(page, ministry.people[0])
        agrees(page)
        page.wait_for_url("**/account")
        expect(page.get_by_text(ministry.people[0]).first).to_be_visible()


@pytest.mark.usefixtures("_running")
def test_who_is_not_let_in_there_is_not_let_in_here(browser: Browser, ministry: Ministry) -> None:
    with opened(browser, ministry) as page:
        signs_in_there(page, ministry.people[0], "not the password")
        assert page.url.startswith(f"http://127.0.0.1:{ministry.port}/")
        page.goto("/desk")
        assert page.url.startswith(f"{ministry.register.url}/sign-in")


@pytest.mark.usefixtures("_running")
def test_who_does_not_agree_is_told_that_nothing_happened(browser: Browser, ministry: Ministry) -> None:
    with opened(browser, ministry) as page:
        signs_in_there(page, ministry.people[0])
        page.locator("button[name=answer][value=deny]").click()
        page.wait_for_url(f"{ministry.register.url}/**")
        expect(page.get_by_text("its answer is not good").first).to_be_visible()


@pytest.mark.usefixtures("_running")
def test_whom_the_register_does_not_know_is_told_whom_to_ask(browser: Browser, ministry: Ministry) -> None:
    with opened(browser, ministry) as page:
        signs_in_there(page, STRANGER)
        agrees(page)
        page.wait_for_url(f"{ministry.register.url}/**")
        expect(page.get_by_text("Ask the Secretariat to be invited").first).to_be_visible()


@pytest.mark.usefixtures("_running")
def test_who_is_suspended_here_stays_out(browser: Browser, ministry: Ministry) -> None:
    runtime = ministry.register.runtime
    account = runtime.people.account_of(ministry.people[1])
    assert account
    runtime.register.handle(SuspendAccount(account=account, reason="Left"), by=OPERATOR)
    with opened(browser, ministry) as page:
        signs_in_there(page, ministry.people[1])
        agrees(page)
        page.wait_for_url(f"{ministry.register.url}/**")
        expect(page.get_by_text("This account is suspended").first).to_be_visible()
