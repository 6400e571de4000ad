from __future__ import annotations

from ipaddress import ip_network

import pytest
from flask import Flask

from tests.web.browsing import TOKEN
from tests.web.live import KENYA, Register
from web.app import create_app
from web.limits import Buckets, Limits, Rate


def test_a_bucket_empties_and_fills_again() -> None:
    now = 0.0
    buckets, rate = Buckets(lambda: now), Rate(per_second=2, burst=3)
    assert [buckets.seconds_to_wait("a", rate) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.seconds_to_wait("b", rate) == 0
    now = 1.0
    assert [buckets.seconds_to_wait("a", rate) for _ in range(3)] == [0, 0, 0.5]


def test_an_account_is_never_held_below_100_a_second() -> None:
    assert Limits().account.per_second >= 100
    assert Limits().account.burst >= 100


@pytest.fixture
def slow(live: Register) -> Flask:
    """An application that gives each asker two requests."""
    rate = Rate(per_second=0.01, burst=2)
    return create_app(live.runtime, rates=Limits(account=rate, address=rate))


def test_who_asks_too_often_is_told_when_to_come_back(slow: Flask) -> None:
    client = slow.test_client()
    statuses = [client.get("/api/v1/reference").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.get("/api/v1/reference")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.get_json()["code"] == "too-many-requests"


def test_accounts_and_addresses_are_counted_apart(slow: Flask, live: Register) -> None:
    client = slow.test_client()
    token = {"Authorization": f"Bearer {live.token('pledger', KENYA)}"}
    assert [client.get("/api/v1/reference").status_code for _ in range(3)][-1] == 429
    assert client.get("/api/v1/reference", headers=token).status_code == 200
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    assert client.get("/api/v1/reference", headers=elsewhere).status_code == 200
    forged = {"X-Forwarded-For": "203.0.113.9, 203.0.113.7"}
    assert [client.get("/api/v1/reference", headers=forged).status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("peer", "is_believed"),
    [("127.0.0.1", True), ("10.1.0.5", True), ("10.2.0.5", False), ("198.51.100.4", False)],
)
def test_only_a_proxy_that_is_named_is_believed_for_whom_it_asks(
    slow: Flask, live: Register, monkeypatch: pytest.MonkeyPatch, peer: str, *, is_believed: bool
) -> None:
    named = (*live.runtime.settings.proxies, ip_network("10.1.0.0/16"))
    monkeypatch.setitem(live.runtime.settings.__dict__, "proxies", named)
    client = slow.test_client()
    statuses = [
        client.get(
            "/api/v1/reference",
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
            environ_base={"REMOTE_ADDR": peer},
        ).status_code
        for n in range(3)
    ]
    assert (429 not in statuses) == is_believed


def test_tokens_are_not_guessed_quickly(slow: Flask) -> None:
    client = slow.test_client()
    statuses = [
        client.get("/api/v1/pledges", headers={"Authorization": f"Bearer guess-{n}"}).status_code
        for n in range(4)
    ]
    assert statuses == [401, 401, 429, 429]


def test_health_is_asked_as_often_as_one_likes(slow: Flask) -> None:
    client = slow.test_client()
    assert {client.get("/healthz").status_code for _ in range(10)} == {200}


def test_guesses_at_passwords_are_fewer_than_other_requests(live: Register) -> None:
    app = create_app(live.runtime, rates=Limits(guesses=Rate(per_second=1e-6, burst=3)))
    client = app.test_client()
    token = TOKEN.search(client.get("/sign-in").text)
    assert token
    said = {"email": "nobody@example.org", "password": "guess", "csrf_token": token[1]}
    answers = [client.post("/sign-in", data=said).status_code for _ in range(5)]
    assert answers[:3] == [422] * 3
    assert answers[3:] == [429] * 2
    assert client.get("/sign-in").status_code == 200
