"""The API tokens of one's own account: made, shown once, listed with their last use, revoked one by one.

Must not know how a token is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from flask import Response, g, make_response, render_template, url_for
from marshmallow import ValidationError, fields, validates_schema

from domain.accounts.commands import IssueToken, RevokeToken
from domain.actors import ROLES
from domain.errors import InvalidInput, Refused
from domain.values import last_day
from projections.database.people import Scope, Tokens
from web.account.blueprint import account, go_to, runtime
from web.api.blueprint import as_json
from web.api.commanding import actor, carry_out, readable
from web.api.fields import Distinct, PartialDate, StrictSchema, Text, Truth
from web.desk.carrying_out import NOT_KEPT, Sent, form_page
from web.desk.carrying_out import carry_out as sent_form
from web.forms.inputs import Filling, inputs_of
from web.pages.labels import label
from web.pages.language import gettext as _

LABEL_CHARS_MAX = 100
PLACES = {"until": "good_until"}
"""Under which name the form has a field of the command."""


class TokenBody(StrictSchema):
    """What a token is called, what it may do, until when."""

    label = Text(chars_min=1, chars_max=LABEL_CHARS_MAX, required=True)
    reads_only = Truth(load_default=False)
    roles = Distinct(fields.String(), required=True)
    good_until = PartialDate(required=True)

    @validates_schema
    def _can_do_something(self, body: Mapping[str, Any], **_kwargs: Any) -> None:
        if not body.get("roles"):
            raise ValidationError(_("one role at least must be chosen."), "roles")


@account.get("/account/tokens")
def tokens() -> Response:
    """The tokens, and the form of a new one."""
    return _page(Sent())


@account.post("/account/tokens")
def make_token() -> Response:
    """Make a token, and show it this once."""
    token = Tokens.new()
    sent = sent_form(TokenBody(), lambda body: _make(body, token))
    if sent.answer is None:
        return _page(sent)
    said = render_template("account/token.html", moment=None, forms={}, token=token)
    return make_response(said, NOT_KEPT)


def _make(body: Mapping[str, Any], token: str) -> Response:
    command = IssueToken(
        account=actor().account, token=uuid5(g.command_id, "token"), label=body["label"],
        until=body["good_until"], roles=tuple(body["roles"]), reads_only=body["reads_only"],
    )  # fmt: skip
    try:
        outcome = carry_out(command, also=[_keeping(command, token)])
    except InvalidInput as error:
        raise InvalidInput({PLACES.get(name, name): said for name, said in error.errors.items()}) from None
    if outcome.repeated:
        raise Refused(
            _("This form was sent before: its token was made then, and shown once."), code="repeated"
        )
    return as_json({}, 200, readable(outcome.position))


def _keeping(command: IssueToken, token: str) -> Any:
    scope = Scope(command.roles, command.reads_only)
    return Tokens.keeping(
        token, command.account, command.token, label=command.label or "", expires_at=_end_of(command.until),
        scope=scope,
    )  # fmt: skip


def _end_of(until: str | None) -> datetime:
    """When the last day of a token is over."""
    return datetime.combine(last_day(until or "") + timedelta(days=1), time(), tzinfo=UTC)


@account.post("/account/tokens/<uuid:token>/revocation")
def revoke_token(token: UUID) -> Response:
    """Make a token worthless, at once."""
    command = RevokeToken(account=actor().account, token=token)
    outcome = runtime().register.handle(
        command, by=actor(), also=[runtime().tokens.revoking(actor().account, token)]
    )
    readable(outcome.position)
    return go_to(url_for("account.tokens"))


def _page(sent: Sent) -> Response:
    own = [role for role in ROLES if actor().has(role)]
    values = {"roles": own, "reads_only": True, **sent.body}
    filling = Filling(values=values, choices={"roles": [(role, label(role, "role")) for role in own]})
    return form_page(
        "account/tokens.html", sent, inputs=inputs_of(TokenBody(), filling) if own else [],
        tokens=runtime().tokens.of(actor().account),
    )  # fmt: skip
