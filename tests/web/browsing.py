"""A browser without pictures: it keeps cookies and sends forms as their page has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from uuid import UUID, uuid4

import requests

from domain.accounts.commands import AddAccount, GrantRole
from domain.actors import OPERATOR
from tests.web.live import SECONDS_MAX, Register

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
HIDDEN = re.compile(r'name="(once|version|opened|writer)" value="([^"]*)"')
PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """One browser of one person."""

    live: Register
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str) -> requests.Response:
        """A page, without following where it leads."""
        return self.session.get(self.live.url + path, timeout=SECONDS_MAX, allow_redirects=False)

    def send(self, path: str, *, form_of: str | None = None, **said: str) -> requests.Response:
        """A form, with the token of the page that has it."""
        page = self.get(form_of or path)
        found = TOKEN.search(page.text)
        assert found, page.text
        return self.post(path, csrf_token=unescape(found[1]), **said)

    def post(self, path: str, **said: str) -> requests.Response:
        """What is said, and nothing else."""
        return self.session.post(self.live.url + path, data=said, timeout=SECONDS_MAX, allow_redirects=False)

    def signs_in(self, email: str, password: str = PASSWORD) -> requests.Response:
        return self.send("/sign-in", email=email, password=password)


@dataclass(frozen=True)
class Somebody:
    """An account with a password."""

    account: UUID
    email: str


def somebody(live: Register, role: str | None = "secretariat", entity: UUID | None = None) -> Somebody:
    """Somebody who may sign in."""
    account, runtime = uuid4(), live.runtime
    runtime.register.handle(AddAccount(account=account), by=OPERATOR)
    if role:
        runtime.register.handle(GrantRole(account=account, role=role, entity=entity), by=OPERATOR)
    email = f"{account}@example.org"
    runtime.people.add(account, email)
    with runtime.pool.connection() as connection:
        runtime.passwords.set_in(connection, account, PASSWORD)
    return Somebody(account, email)


def signed_in(live: Register, who: Somebody) -> Browser:
    """The browser in which they are."""
    browser = Browser(live)
    assert browser.signs_in(who.email).status_code == 303
    return browser


def at_desk(live: Register, role: str | None, entity: UUID | None = None) -> Browser:
    """The browser of somebody new who is signed in."""
    return signed_in(live, somebody(live, role, entity))


def sends(browser: Browser, path: str, **said: str) -> requests.Response:
    """The form at an address, filled in: with its own hidden fields, unless they are given."""
    hidden = dict(HIDDEN.findall(browser.get(path).text))
    return browser.send(path, **{**hidden, **{name.replace("__", "."): text for name, text in said.items()}})


def link_of(live: Register, account: UUID, purpose: str) -> str:
    """The secret of a new link, as it would be mailed."""
    links = live.runtime.links
    with live.runtime.pool.connection() as connection:
        invited = purpose == "invitation"
        secret = links.invite_in(connection, account) if invited else links.reset_in(connection, account)
        assert secret
        return secret
