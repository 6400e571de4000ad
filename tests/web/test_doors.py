"""Every address has a decided door, and it is shut to everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask

from domain.actors import ROLES
from tests.web.live import API, KENYA, Register
from web.api.documents import METHODS
from web.app import create_app
from web.doors import DOORS, Door, door_of

SAMPLE = {
    "pledge": str(uuid4()), "entity": "KEN", "match": str(uuid4()), "position": 1, "form": "csv",
    "document": "ab" * 32, "sha256": "ab" * 32, "level": "0", "place": "000",
}  # fmt: skip
OF_ONE_ENTITY = ("pledger", "validator", "assessor")


@pytest.fixture(scope="module")
def app(live: Register) -> Flask:
    return create_app(live.runtime)


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


def addresses(app: Flask) -> Iterator[tuple[str, str, Door]]:
    """Method, path and door of every route of the API."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if not rule.rule.startswith(API):
                continue
            path = adapter.build(rule.endpoint, {name: SAMPLE[name] for name in rule.arguments})
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, path, door_of(rule.endpoint)


def test_nobody_without_a_token_passes_a_shut_door(app: Flask, live: Register) -> None:
    client = app.test_client()
    for method, path, door in addresses(app):
        answer = client.open(path, method=method, json={}, buffered=True)
        if door.is_open:
            assert answer.status_code not in (401, 403, 500), f"{method} {path}"
        else:
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_passes_its_own_doors_alone(app: Flask, live: Register, role: str) -> None:
    client = app.test_client()
    token = live.token(role, KENYA if role in OF_ONE_ENTITY else None)
    for method, path, door in addresses(app):
        answer = client.open(
            path, method=method, json={}, buffered=True, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code not in (401, 500), f"{role}: {method} {path}"
        if not door.is_open and role not in door.roles:
            assert answer.status_code == 403, f"{role}: {method} {path}"
            assert answer.get_json()["detail"].startswith("Only the roles")
        elif answer.status_code == 403:
            assert not answer.get_json()["detail"].startswith("Only the roles")


def test_a_token_that_is_no_good_opens_nothing(app: Flask, live: Register) -> None:
    client = app.test_client()
    for method, path, _ in addresses(app):
        answer = client.open(
            path, method=method, json={}, buffered=True, headers={"Authorization": "Bearer pledges_unknown"}
        )
        assert answer.status_code == 401, f"{method} {path}"
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
