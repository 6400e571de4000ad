"""A register that is really served: database, projector, web server; and a client that checks answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import jsonschema_rs
import requests
from werkzeug.serving import make_server

from domain.accounts.commands import AddAccount, GrantRole
from domain.actors import OPERATOR
from domain.entities.commands import RegisterEntity
from domain.founding import found
from domain.reference.states import state_id
from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from projections.settings import OpenIdProvider, Settings
from web.api.documents import document
from web.app import create_app
from web.limits import Limits, Rate

API = "/api/v1"
AUTHORITY = {"kind": "note_verbale", "reference": "NV 12/2026"}
BY_LETTER = {"authority": AUTHORITY}
SECONDS_MAX = 90
ELSEWHERE = ("/api", "/healthz", "/readyz", "/metrics", "//")


@dataclass
class Register:
    """A register that is served at an address."""

    url: str
    runtime: Runtime
    spec: dict[str, Any]
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, role: str, entity: UUID | None = None, until: str | None = None) -> str:
        """A token of a new account in a role."""
        account = uuid4()
        handle = self.runtime.register.handle
        handle(AddAccount(account=account), by=OPERATOR)
        mandate = "GA resolution 73/326" if role == "assessor" else None
        handle(
            GrantRole(account=account, role=role, entity=entity, until=until, mandate=mandate), by=OPERATOR
        )
        self.runtime.people.add(account, f"{account}@example.org")
        return self.runtime.tokens.issue(account)

    def as_(self, role: str, entity: UUID | None = None) -> Client:
        """A client whose account has that role; the same one each time."""
        key = f"{role} {entity}"
        if key not in self.tokens:
            self.tokens[key] = self.token(role, entity)
        return Client(self, self.tokens[key])

    @property
    def anonymous(self) -> Client:
        return Client(self, None)

    def entity(self, name: str, category: str = "stakeholder", kind: str | None = "civil_society") -> UUID:
        """An entity of its own for a test."""
        command = RegisterEntity(name=f"{name} {uuid4().hex[:8]}", category=category, kind=kind)
        outcome = self.runtime.register.handle(command, by=OPERATOR)
        assert self.runtime.readers.wait_for(outcome.position, SECONDS_MAX)
        return outcome.stream


class Answer:
    """An answer, with shortcuts."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.content

    @property
    def json(self) -> Any:
        return self.response.json()

    @property
    def code(self) -> str:
        return str(self.json["code"])

    @property
    def errors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.json["errors"]
        return found


class Client:
    """Sends requests as one account, and holds every answer to the published specification."""

    def __init__(self, register: Register, token: str | None) -> None:
        self.register, self.token = register, token

    def send(self, method: str, path: str, **sent: Any) -> Answer:
        url = self.register.url + (path if path.startswith(ELSEWHERE) else API + path)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= sent.pop("headers", {})
        response = requests.request(
            method, url, headers=headers, timeout=SECONDS_MAX, allow_redirects=False, **sent
        )
        check_answer(self.register.spec, method, path, response)
        return Answer(response)

    def get(self, path: str, **query: Any) -> Answer:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, json=body, headers=_headers(headers))

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PATCH", path, json=body, headers=_headers(headers))

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, headers=_headers(headers))


def _headers(named: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in named.items()}


# -- answers are held to the specification


def check_answer(spec: dict[str, Any], method: str, path: str, response: requests.Response) -> None:
    """An answer of the API has a status, a media type and a shape that the specification names."""
    assert response.status_code < 500 or response.status_code == 503, response.text
    operation = operation_of(spec, method.lower(), path.split("?", maxsplit=1)[0])
    if operation is None:
        return
    said = operation["responses"].get(str(response.status_code))
    assert said is not None, f"{method} {path} answers {response.status_code}, which is not published"
    said = _resolved(spec, said)
    media_type = response.headers.get("Content-Type", "").split(";")[0]
    if not said.get("content"):
        assert not response.content
        return
    assert media_type in said["content"], f"{method} {path} answers {media_type}"
    if media_type.endswith("json"):
        schema = {**said["content"][media_type]["schema"], "components": spec["components"]}
        errors = list(jsonschema_rs.Draft202012Validator(schema).iter_errors(response.json()))
        assert not errors, f"{method} {path}: {errors[0].message} at {list(errors[0].instance_path)}"


def operation_of(spec: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """What the specification says of an address."""
    path = path.removeprefix(API)
    for template, operations in spec["paths"].items():
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", template.removeprefix(API).replace(".", r"\."))
        if re.fullmatch(pattern, path) and method in operations:
            found: dict[str, Any] = operations[method]
            return found
    return None


def _resolved(spec: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in said:
        found: Any = spec
        for step in said["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        said = found
    return said


# -- serving


@contextmanager
def serving(
    owner_url: str,
    app_url: str,
    folder: Path,
    *,
    queries_url: str | None = None,
    read_models: Sequence[ReadModel] = READ_MODELS,
    oidc: OpenIdProvider | None = None,
) -> Iterator[Register]:
    """The register on a migrated database, projected and served for as long as the block lasts."""
    # Mail is written and waits: nobody listens there, and nobody here sends.
    settings = Settings(data_dir=folder, secret_key="x" * 40, smtp_url="smtp://127.0.0.1:9", oidc=oidc)
    urls = DatabaseUrls(owner=owner_url, app=app_url, queries=queries_url or app_url)
    runtime = build(settings, urls, read_models=read_models)
    found(runtime.register)
    app = create_app(runtime, rates=Limits(guesses=Rate(per_second=500, burst=1_000)))
    stop = Event()
    projector = Thread(target=runtime.projector().run, args=[stop], daemon=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    web = Thread(target=server.serve_forever, daemon=True)
    projector.start()
    web.start()
    try:
        position = runtime.recorder.max_notification_id() or 0
        assert runtime.readers.wait_for(position, SECONDS_MAX)
        with app.app_context():
            yield Register(f"http://127.0.0.1:{server.server_port}", runtime, document(app))
    finally:
        server.shutdown()
        server.server_close()
        web.join()
        stop.set()
        projector.join()
        runtime.close()


KENYA, MEXICO, PORTUGAL, MALI = (state_id(code) for code in ("KEN", "MEX", "PRT", "MLI"))
