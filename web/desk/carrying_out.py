"""A form carried out as the API does it: once, on the version that it was made from.

Must not know which command it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid5

from flask import Response, g, make_response, render_template, request
from marshmallow import Schema, ValidationError

from domain.errors import InvalidInput, RegisterError
from web.api.blueprint import flat
from web.api.commanding import readable, runtime
from web.desk.meanwhile import OPENED, changed, packed, unpacked
from web.desk.naming import suggested
from web.desk.uploads import Brought
from web.errors import RequestProblem, of_register
from web.forms.contact import TICKED, Warned, warnings_of
from web.forms.reading import Named, body_of
from web.kept_forms import writer
from web.pages.refusals import in_words, told

ONCE, VERSION = "once", "version"
"""Hidden fields: what makes a form that is sent twice the same command; the version it was made from."""
ONCE_BYTES = 12
TICKS_MAX = 200
NAMES_MAX = 3_000
NOT_KEPT = {"Cache-Control": "no-store"}
FORMS = UUID("7b1c1c52-5d0e-4ac0-9e55-0d4f5a2f0c11")
"""The name space of the ids of commands that forms give."""


@dataclass
class Sent:
    """A form as it was sent, and what came of it."""

    body: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: Mapping[str, Warned] = field(default_factory=dict)
    problem: str = ""
    status: int = HTTPStatus.OK
    answer: Response | None = None
    is_kept: bool = False
    """Whether it was kept while nobody was signed in: it is shown, and not carried out."""

    @property
    def is_stale(self) -> bool:
        return self.status == HTTPStatus.PRECONDITION_FAILED

    @property
    def is_held(self) -> bool:
        """Whether it waits for a tick: that what looks like contact details may be public for ever."""
        return not all(one.is_ticked for one in self.warnings.values())


def id_of_form(*about: str) -> UUID:
    """What the form that was sent makes is called by: the same each time that it is sent."""
    parts = (str(g.actor.account), request.path, *about, request.form.get(ONCE, "")[:100])
    return uuid5(FORMS, " ".join(parts))


def form_page(
    template: str, sent: Sent, *, pledge: Mapping[str, Any] | None = None, **context: Any
) -> Response:
    """A form as it was sent, or one to fill in, made from the pledge as it stands.

    One that is stale is made anew from how things are now, around what was typed.
    """
    once, version = request.form.get(ONCE, "")[:100], request.form.get(VERSION, "")[:20]
    opened, meanwhile = request.form.get(OPENED, ""), []
    if sent.is_stale:
        meanwhile = changed(unpacked(opened), pledge) if pledge else []
        once = version = opened = ""
    said = render_template(
        template, sent=sent, once=once or secrets.token_urlsafe(ONCE_BYTES),
        version=version or (pledge["version"] if pledge else ""), pledge=pledge, moment=None, forms={},
        opened=opened or (packed(pledge) if pledge else ""), since_opened=meanwhile, writer=writer(),
        suggested=suggested,
        **context,
    )  # fmt: skip
    return make_response(said, sent.status, NOT_KEPT)


def carry_out(
    schema: Schema,
    view: Callable[[dict[str, Any]], Response],
    named: Named | None = None,
    *,
    public: Mapping[str, Any] | None = None,
    brought: Brought | None = None,
) -> Sent:
    """Read the form that was sent, and hand it to a view of the API.

    What it says becomes public beside `public`, the pledge as it stands: contact details that are new there
    are warned about first. None for a form whose words are never public. `brought` is what a form says that
    may bring files.
    """
    sent, brought = Sent(), brought or Brought(request.form)
    if len(brought.said) > NAMES_MAX:  # each field looks through them
        raise RequestProblem(413, f"A form has at most {NAMES_MAX} fields.")
    g.claim = None
    g.command_id = id_of_form()
    g.form_version = request.form.get(VERSION, "")[:20] or None
    try:
        sent.body = body_of(brought.said, schema)
        if public is not None:
            sent.warnings = warnings_of(sent.body, public, request.form.getlist(TICKED)[:TICKS_MAX])
        if g.get("is_kept"):
            sent.is_kept = True
            return sent
        identified = body_of(brought.said, schema, named) if named else sent.body
        loaded: Any = schema.load(_without_nothing(identified))
        if sent.is_held or brought.errors:
            sent.status = HTTPStatus.UNPROCESSABLE_ENTITY
        else:
            sent.answer = view(loaded)
    except ValidationError as error:
        sent.errors = told(flat({"json": error.normalized_messages()}))  # type: ignore[no-untyped-call]
        sent.status = HTTPStatus.UNPROCESSABLE_ENTITY
    except InvalidInput as error:
        sent.errors = told(error.errors)
        sent.status = HTTPStatus.UNPROCESSABLE_ENTITY
    except RegisterError as refusal:
        sent.problem = in_words(refusal.detail)
        sent.status = of_register(refusal).status
        # What stands against it was recorded a moment ago: the page tells of it.
        readable(runtime().recorder.max_notification_id() or 0)
    for path, said in brought.errors.items():
        sent.errors.setdefault(path, []).extend(said)
    return sent


def _without_nothing(body: dict[str, Any]) -> dict[str, Any]:
    """Fields left blank are not said, outermost; within changes a blank one clears."""
    return {name: value for name, value in body.items() if value is not None}
