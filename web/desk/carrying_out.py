"""A form carried out as the API does it: once, on the version that it was made from.

Must not know which command it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid5

from flask import Response, g, request
from marshmallow import Schema, ValidationError

from domain.errors import InvalidInput, RegisterError
from web.api.blueprint import flat
from web.errors import of_register
from web.forms.reading import Named, body_of

ONCE, VERSION = "once", "version"
FORMS = UUID("7b1c1c52-5d0e-4ac0-9e55-0d4f5a2f0c11")
"""The name space of the ids of commands that forms give."""


@dataclass
class Sent:
    """A form as it was sent, and what came of it."""

    body: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    problem: str = ""
    status: int = HTTPStatus.OK
    answer: Response | None = None

    @property
    def is_stale(self) -> bool:
        return self.status == HTTPStatus.PRECONDITION_FAILED


def new_once() -> str:
    """What makes a form that is sent twice the same command."""
    return secrets.token_urlsafe(12)


def carry_out(schema: Schema, view: Callable[[dict[str, Any]], Response], named: Named | None = None) -> Sent:
    """Read the form that was sent, and hand it to a view of the API."""
    sent = Sent()
    g.claim = None
    g.command_id = uuid5(FORMS, f"{g.actor.account} {request.path} {request.form.get(ONCE, '')[:100]}")
    g.form_version = request.form.get(VERSION, "")[:20] or None
    try:
        sent.body = body_of(request.form, schema)
        identified = body_of(request.form, schema, named) if named else sent.body
        loaded: Any = schema.load(_without_nothing(identified))
        sent.answer = view(loaded)
    except ValidationError as error:
        sent.errors = flat({"json": error.normalized_messages()})  # type: ignore[no-untyped-call]
        sent.status = HTTPStatus.UNPROCESSABLE_ENTITY
    except InvalidInput as error:
        sent.errors = {name: list(said) for name, said in error.errors.items()}
        sent.status = HTTPStatus.UNPROCESSABLE_ENTITY
    except RegisterError as refusal:
        sent.problem = refusal.detail
        sent.status = of_register(refusal).status
    return sent


def _without_nothing(body: dict[str, Any]) -> dict[str, Any]:
    """Fields left blank are not said, outermost; within changes a blank one clears."""
    return {name: value for name, value in body.items() if value is not None}
