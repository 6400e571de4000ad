"""Every address has a decided door, and it is shut to everybody else: all routes are walked by everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.accounts.commands import GrantRole, SuspendAccount
from domain.actors import OPERATOR, ROLES
from projections.database.people import Scope
from tests.web.browsing import Somebody, signed_in, somebody
from tests.web.live import API, KENYA, Register
from web.api.documents import METHODS
from web.app import create_app
from web.doors import DOORS, READING, Door, door_of
from web.limits import Limits, Rate

SAMPLE = {
    "pledge": str(uuid4()), "entity": "KEN", "match": str(uuid4()), "position": 1, "form": "csv",
    "document": "ab" * 32, "sha256": "ab" * 32, "level": "0", "place": "000", "account": uuid4(),
    "name": "report", "about": "1", "asking": str(uuid4()), "sheet": str(uuid4()), "cycle": 2022,
    "slug": "kenya", "reference": "2022-0001", "credential": "abc", "session": uuid4(), "token": uuid4(),
    "filename": "register.css",
}  # fmt: skip
OF_ONE_ENTITY = ("pledger", "validator", "assessor")
SHUT = re.compile(r"Only the roles [a-z, ]+ may do this\.|<h1>This page is not open to you</h1>")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
OFTEN = Rate(per_second=10_000, burst=100_000)


@pytest.fixture(scope="module")
def app(live: Register) -> Flask:
    return create_app(live.runtime, rates=Limits(OFTEN, OFTEN, OFTEN))


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_route_says_who_may_enter(app: Flask) -> None:
    undecided = {name for name in endpoints(app) if not name.startswith("pages.")} - set(DOORS)
    assert not undecided, "add to web/doors.py: " + ", ".join(sorted(undecided))
    assert all(isinstance(door_of(name), Door) for name in endpoints(app))


def test_no_door_leads_nowhere(app: Flask) -> None:
    assert set(DOORS) <= endpoints(app)


def test_every_address_of_the_api_is_published(app: Flask, live: Register) -> None:
    paths = live.spec["paths"].values()
    published = {path[method]["operationId"] for path in paths for method in METHODS if method in path}
    served = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(API)}
    assert served - published == {"documents.openapi", "documents.docs"}


def test_a_door_is_open_or_wants_somebody_or_a_role() -> None:
    assert all(door.is_open + (not door.needs_role) + bool(door.roles) == 1 for door in DOORS.values())


# -- walking


Address = tuple[str, str, Door]
"""Method, path and door."""


def addresses(app: Flask, *, api: bool) -> Iterator[Address]:
    """Every route, of the API or of the rest; signing out comes last, for nobody is signed in after it."""
    rules = sorted(
        app.url_map.iter_rules(), key=lambda rule: (rule.endpoint == "account.sign_out", rule.rule)
    )
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in rules:
            if rule.rule.startswith(API) != api:
                continue
            given = {name: SAMPLE[name] for name in rule.arguments if name not in (rule.defaults or {})}
            path = adapter.build(rule.endpoint, given)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, path, door_of(rule.endpoint)


@dataclass
class Caller:
    """Somebody who knocks: with a token at the API, in a browser at the rest."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def knocks(self, method: str, path: str) -> TestResponse:
        if path.startswith(API):
            said: dict[str, Any] = {"json": {}}
        else:
            said = {"data": {"csrf_token": self.csrf}} if method == "POST" else {}
        return self.client.open(path, method=method, headers=self.headers, buffered=True, **said)


def with_token(app: Flask, token: str) -> Caller:
    return Caller(app.test_client(), {"Authorization": f"Bearer {token}"})


def in_browser(app: Flask, live: Register, who: Somebody | None) -> Caller:
    """Whoever is signed in there, or nobody."""
    client = app.test_client()
    if who:
        cookies = signed_in(live, who).session.cookies.get_dict()
        client.set_cookie("pledges", cookies["pledges"])
    found = TOKEN.search(client.get("/follow?kind=objective&followed=3").text)
    found = found or TOKEN.search(client.get("/account").text) or TOKEN.search(client.get("/sign-in").text)
    assert found
    return Caller(client, csrf=found[1])


def refused_to(caller: Caller, method: str, path: str, who: str) -> bool:
    """Whether the door was shut to a caller who is somebody; no answer says that the register failed."""
    answer = caller.knocks(method, path)
    assert answer.status_code not in (401, 500), f"{who}: {method} {path}"
    return answer.status_code == 403 and SHUT.search(answer.text) is not None


def is_shut_to_nobody(answer: TestResponse) -> bool:
    """Whether somebody who is not known was asked to sign in."""
    return answer.status_code == 401 or (
        answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    )


@contextmanager
def on_another_day(live: Register, moment: datetime) -> Iterator[None]:
    """Who signs in is asked of that moment which roles they have."""
    signing_in = live.runtime.signing_in
    clock, signing_in._clock = signing_in._clock, lambda: moment
    try:
        yield
    finally:
        signing_in._clock = clock


def somebody_in(live: Register, role: str) -> Somebody:
    return somebody(live, role or None, KENYA if role in OF_ONE_ENTITY else None)


def test_nobody_without_a_token_passes_a_shut_door(app: Flask, live: Register) -> None:
    caller = Caller(app.test_client())
    for method, path, door in addresses(app, api=True):
        answer = caller.knocks(method, path)
        if door.is_open:
            assert answer.status_code not in (401, 403, 500), f"{method} {path}"
        else:
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_is_not_signed_in_is_asked_to_at_every_shut_page(app: Flask, live: Register) -> None:
    caller = in_browser(app, live, None)
    for method, path, door in addresses(app, api=False):
        answer = caller.knocks(method, path)
        assert answer.status_code != 500, f"{method} {path}"
        assert is_shut_to_nobody(answer) is not door.is_open, f"{method} {path}: {answer.status}"


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_each_role_passes_its_own_doors_alone(app: Flask, live: Register, role: str) -> None:
    who = somebody_in(live, role)
    token = with_token(app, live.runtime.tokens.issue(who.account))
    for api, caller in ((True, token), (False, in_browser(app, live, who))):
        for method, path, door in addresses(app, api=api):
            may_enter = door.is_open or not door.needs_role or role in door.roles
            assert refused_to(caller, method, path, role) is not may_enter, f"{role}: {method} {path}"


def test_an_auditor_whose_time_is_over_passes_no_door_of_auditors(app: Flask, live: Register) -> None:
    who = somebody(live, None)
    today = datetime.now(UTC)
    command = GrantRole(account=who.account, role="auditor", until=today.date().isoformat())
    live.runtime.register.handle(command, by=OPERATOR)
    token = with_token(app, live.runtime.tokens.issue(who.account))
    browser = in_browser(app, live, who)
    with on_another_day(live, today + timedelta(days=2)):
        for api, caller in ((True, token), (False, browser)):
            for method, path, door in addresses(app, api=api):
                may_enter = door.is_open or not door.needs_role
                assert refused_to(caller, method, path, "auditor") is not may_enter, f"{method} {path}"


@pytest.mark.parametrize("role", ROLES)
def test_a_token_that_may_only_read_changes_nothing_anywhere(app: Flask, live: Register, role: str) -> None:
    account = somebody_in(live, role).account
    caller = with_token(app, live.runtime.tokens.issue(account, scope=Scope(reads_only=True)))
    for method, path, door in addresses(app, api=True):
        answer = caller.knocks(method, path)
        is_own = role in door.roles
        assert answer.status_code not in (401, 500), f"{method} {path}"
        if not door.is_open:
            told = "This token may only read." if method not in READING else None
            refusal = told if is_own else "Only the roles"
            is_refused = answer.status_code == 403 and answer.get_json()["detail"].startswith(refusal or "-")
            assert is_refused is (refusal is not None), f"{role}: {method} {path}"


def _unknown(live: Register) -> str:
    return "pledges_unknown"


def _expired(live: Register) -> str:
    past = datetime.now(UTC) - timedelta(minutes=1)
    return live.runtime.tokens.issue(somebody_in(live, "secretariat").account, expires_at=past)


def _of_suspended(live: Register) -> str:
    account = somebody_in(live, "secretariat").account
    token = live.runtime.tokens.issue(account)
    live.runtime.register.handle(SuspendAccount(account=account, reason="Left"), by=OPERATOR)
    return token


@pytest.mark.parametrize("made", [_unknown, _expired, _of_suspended])
def test_a_token_that_is_no_good_opens_nothing(
    app: Flask, live: Register, made: Callable[[Register], str]
) -> None:
    caller = with_token(app, made(live))
    for method, path, _ in addresses(app, api=True):
        answer = caller.knocks(method, path)
        assert answer.status_code == 401, f"{method} {path}"
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_who_was_suspended_while_signed_in_is_nobody_at_every_page(app: Flask, live: Register) -> None:
    who = somebody_in(live, "secretariat")
    cookie = signed_in(live, who).session.cookies.get_dict()["pledges"]
    command = SuspendAccount(account=who.account, reason="Left")
    live.runtime.register.handle(command, by=OPERATOR)
    for method, path, door in addresses(app, api=False):
        if method == "GET" and not door.is_open:
            client = app.test_client()
            client.set_cookie("pledges", cookie)
            assert is_shut_to_nobody(Caller(client).knocks(method, path)), path
