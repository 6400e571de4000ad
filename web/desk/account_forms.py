"""What an administrator sends about accounts: the bodies of forms, and the commands that they become.

Must not know pages. Who may hold what is the domain's to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID, uuid5

from flask import Response, g
from flask_babel import lazy_gettext, lazy_pgettext
from marshmallow import Schema, ValidationError, fields, validates_schema

from domain.accounts.commands import (
    AccountCommand,
    AddAccount,
    EndSecondFactor,
    EndSessions,
    GrantRole,
    ReinstateAccount,
    RevokeRole,
    RevokeToken,
    SuspendAccount,
)
from domain.accounts.rules import WORDS_MAX
from domain.actors import ROLES
from domain.errors import InvalidInput, RegisterError, invalid
from domain.recording import Recorded
from domain.register import AlsoWrite, Order
from projections.database.people import EMAIL_CHARS_MAX, is_address
from web.account.letters import can_mail, inviting, telling_of_grants, telling_of_no_second_factor
from web.api.blueprint import as_json
from web.api.commanding import actor, readable, runtime
from web.api.fields import Blank, Distinct, Id, PartialDate, StrictSchema, Text, one_of
from web.desk.naming import entity_named
from web.pages.language import gettext as _

ROLES_AT_ONCE_MAX = 20
NAMED = {"entities": entity_named}


class RoleBody(StrictSchema):
    """A role, for whom, until when, and in whose name an assessor speaks."""

    role = one_of(*ROLES, required=True)
    entities = Distinct(Id())
    until = PartialDate()
    mandate = Blank(chars_max=WORDS_MAX)

    @validates_schema
    def _an_auditor_leaves(self, body: Mapping[str, Any], **_kwargs: Any) -> None:
        if body.get("role") == "auditor" and not body.get("until"):
            raise ValidationError(_("must be given: an auditor’s role has an end."), "until")


class GrantBody(RoleBody):
    """A role, with the letter or decision that asks for it."""

    nomination = Text(chars_min=1, chars_max=WORDS_MAX, required=True)


class InvitationBody(StrictSchema):
    """Whom to invite, in which language, to do what, and who asks for it."""

    email = Text(chars_min=1, chars_max=EMAIL_CHARS_MAX, required=True)
    mail_language = one_of("en", "fr", "ar", required=True)
    nomination = Text(chars_min=1, chars_max=WORDS_MAX, required=True)
    roles = Distinct(fields.Nested(RoleBody()), items_max=ROLES_AT_ONCE_MAX)


class RevocationBody(StrictSchema):
    """What asks for a role to be taken away, and why."""

    nomination = Text(chars_min=1, chars_max=WORDS_MAX, required=True)
    reason = Blank(chars_max=WORDS_MAX)


class SuspensionBody(StrictSchema):
    """Why an account is stopped."""

    reason = Text(chars_min=1, chars_max=WORDS_MAX, required=True)


class RestorationBody(StrictSchema):
    """Why it may go on, if there is something to say."""

    reason = Blank(chars_max=WORDS_MAX)


class LetterBody(StrictSchema):
    """In which language a letter is."""

    mail_language = one_of("en", "fr", "ar", required=True)


Placed = tuple[AccountCommand, str]
"""A command, and where in the form it stands."""


def _grants(account: UUID, body: Mapping[str, Any], nomination: str, within: str) -> Iterator[Placed]:
    for entity in body.get("entities") or [None]:
        yield (
            GrantRole(
                account=account, role=body["role"], entity=entity, until=body.get("until"),
                nomination=nomination, mandate=body.get("mandate"),
            ),
            within,
        )  # fmt: skip


def _carry_out(placed: Sequence[Placed], *, also: Sequence[AlsoWrite] = ()) -> Response:
    """Carry out all of the commands or none. What else is written is written with the first."""
    orders = [Order(command=command, command_id=_id_of(number)) for number, (command, _) in enumerate(placed)]
    orders[0] = replace_also(orders[0], also)
    outcomes = runtime().register.handle_many(orders, by=actor(), all_or_none=True)
    for outcome, (_command, within) in zip(outcomes, placed, strict=True):
        if isinstance(outcome, InvalidInput):
            raise InvalidInput({_place(name, within): said for name, said in outcome.errors.items()})
        if isinstance(outcome, RegisterError):
            raise outcome
    done = [outcome for outcome in outcomes if not isinstance(outcome, RegisterError)]
    return as_json({"id": str(done[0].stream)}, HTTPStatus.OK, readable(max(one.position for one in done)))


def replace_also(order: Order, also: Sequence[AlsoWrite]) -> Order:
    """The order with what else is to be written."""
    return Order(command=order.command, command_id=order.command_id, also=also)


def _id_of(number: int) -> UUID:
    """The ids of the commands of a form: the same each time that it is sent."""
    return uuid5(g.command_id, str(number))


def _place(name: str, within: str) -> str:
    if name == "nomination":
        return name
    return within + ("entities" if name == "entity" else name)


# -- what is carried out


def invite(body: Mapping[str, Any]) -> Response:
    """Make an account with its roles and mail an invitation, all of it or nothing."""
    email = body["email"]
    if not is_address(email):
        raise invalid("email", _("must be an e-mail address, such as name@example.org."))
    account = _account_for(email)
    if not body.get("roles"):
        raise invalid("roles", _("one role at least must be given: without one nobody can do anything."))
    also: list[AlsoWrite] = [partial(_note_address, account, email)]
    if can_mail():
        also.append(inviting(account, body["mail_language"]))
    also.append(telling_of_grants(account, [role["role"] for role in body["roles"]], body["nomination"]))
    placed: list[Placed] = [(AddAccount(account=account), "")]
    for number, role in enumerate(body["roles"]):
        placed += _grants(account, role, body["nomination"], f"roles.{number}.")
    return _carry_out(placed, also=also)


def _account_for(email: str) -> UUID:
    """The account that an invitation makes. Who follows something with this address goes on following it."""
    known = runtime().people.account_of(email)
    if known is None:
        return _id_of(-1)
    before = runtime().register.carried_out(_id_of(0))
    if runtime().signing_in.account(known) and (before is None or before.stream != known):
        raise _is_taken()
    return known


def _note_address(account: UUID, email: str, connection: Any, made: Sequence[Recorded]) -> None:
    """Nothing made: somebody else invited the same address meanwhile."""
    if not made or runtime().people.add_in(connection, account, email) != account:
        raise _is_taken()


def _is_taken() -> InvalidInput:
    return invalid("email", _("has an account already: look for it in the list."))


def grant(body: Mapping[str, Any], account: UUID, _about: str | None) -> Response:
    """Let an account act in a role."""
    told = telling_of_grants(account, [body["role"]], body["nomination"])
    return _carry_out(list(_grants(account, body, body["nomination"], "")), also=[told])


def revoke(body: Mapping[str, Any], account: UUID, about: str | None) -> Response:
    """Take a role from an account."""
    role, _dot, entity = (about or "").partition(".")
    named: Any = role  # a role that the account holds or held; the page has seen to it
    command = RevokeRole(
        account=account, role=named, entity=UUID(entity) if entity else None, reason=body.get("reason"),
        nomination=body["nomination"],
    )  # fmt: skip
    return _carry_out([(command, "")])


def revoke_token(body: Mapping[str, Any], account: UUID, about: str | None) -> Response:
    """Make one token worthless, at once; the others go on."""
    token = UUID(about)
    command = RevokeToken(account=account, token=token, reason=body.get("reason"))
    return _carry_out([(command, "")], also=[runtime().tokens.revoking(account, token)])


def suspend(body: Mapping[str, Any], account: UUID, _about: str | None) -> Response:
    """Stop an account, and end its sessions."""
    command = SuspendAccount(account=account, reason=body["reason"])
    return _carry_out([(command, "")], also=[runtime().sessions.ending_all(account)])


def erase_person(body: Mapping[str, Any], account: UUID, _about: str | None) -> Response:
    """Stop an account for good, and erase what is kept of its owner; the events stay, under a number."""
    command = SuspendAccount(account=account, reason=body["reason"])
    return _carry_out([(command, "")], also=[runtime().personal_data.erasing(account)])


def restore(body: Mapping[str, Any], account: UUID, _about: str | None) -> Response:
    """Let a suspended account act again."""
    return _carry_out([(ReinstateAccount(account=account, reason=body.get("reason")), "")])


def invite_again(body: Mapping[str, Any], account: UUID, _about: str | None) -> Response:
    """Mail a new invitation; it is no event, because nothing of the account changes."""
    write = inviting(account, body["mail_language"])
    with runtime().pool.connection() as connection:
        write(connection, ())
    return as_json({"id": str(account)}, HTTPStatus.OK)


def end_second_factor(body: Mapping[str, Any], account: UUID, _about: str | None) -> Response:
    """Let somebody in without a code who lost what makes it; they are told by mail."""
    if not runtime().second_factors.is_asked(account):
        return as_json({"id": str(account)}, HTTPStatus.OK)
    command = EndSecondFactor(account=account, reason=body["reason"])
    return _carry_out([(command, "")], also=[partial(_without_second_factor, account)])


def _without_second_factor(account: UUID, connection: Any, _events: Any) -> None:
    if runtime().second_factors.is_asked_in(connection, account):
        runtime().passkeys.remove_in(connection, account)
        runtime().second_factors.end_in(connection, account)
        telling_of_no_second_factor(connection, account)


def end_sessions(body: Mapping[str, Any], account: UUID, _about: str | None) -> Response:
    """Sign an account out everywhere."""
    command = EndSessions(account=account, reason=body.get("reason"))
    return _carry_out([(command, "")], also=[runtime().sessions.ending_all(account)])


@dataclass(frozen=True)
class AccountForm:
    """Something that is done with an account, as a form. `done`: what is said once it was done."""

    view: Callable[[Mapping[str, Any], UUID, str | None], Response]
    schema: type[Schema]
    heading: Any
    button: Any
    done: Any
    about: Literal["", "role", "token"] = ""
    before: Any = ""
    """What one should know before it is done."""


FORMS: Mapping[str, AccountForm] = {
    "role": AccountForm(
        grant, GrantBody, lazy_gettext("Grant a role"), lazy_pgettext("button", "Grant"),
        lazy_gettext("The role was granted."),
    ),
    "revocation": AccountForm(
        revoke, RevocationBody, lazy_gettext("Take a role away"), lazy_pgettext("button", "Take away"),
        lazy_gettext("The role was taken away. It is gone at the person’s next request."), about="role",
    ),
    "token": AccountForm(
        revoke_token, RestorationBody, lazy_gettext("Revoke an API token"), lazy_pgettext("button", "Revoke"),
        lazy_gettext("The token is worthless from now on."), about="token",
    ),
    "suspension": AccountForm(
        suspend, SuspensionBody, lazy_gettext("Suspend this account"), lazy_pgettext("button", "Suspend"),
        lazy_gettext("The account is suspended, and signed out everywhere."),
        before=lazy_gettext("Nobody signs in with it, and its tokens do nothing, until it is restored."),
    ),
    "restoration": AccountForm(
        restore, RestorationBody, lazy_gettext("Restore this account"), lazy_pgettext("button", "Restore"),
        lazy_gettext("The account may act again."),
    ),
    "erasure": AccountForm(
        erase_person, SuspensionBody, lazy_gettext("Erase what is kept of this person"),
        lazy_pgettext("button", "Erase for good"),
        lazy_gettext("The address and all that was kept of the person are erased. What they recorded stays."),
        before=lazy_gettext(
            "This cannot be undone. The account ends; its address, password, sessions, tokens and what it "
            "follows are erased. What the person recorded stays, under a number."
        ),
    ),
    "letter": AccountForm(
        invite_again, LetterBody, lazy_gettext("Send a new invitation"),
        lazy_pgettext("button", "Send the invitation"),
        lazy_gettext("The invitation is on its way. Those before it are worth nothing any more."),
    ),
    "second-factor": AccountForm(
        end_second_factor, SuspensionBody, lazy_gettext("Switch the second factor off"),
        lazy_pgettext("button", "Switch off"),
        lazy_gettext("The password alone opens the account now. Its owner is told by mail."),
    ),
    "sessions": AccountForm(
        end_sessions, RestorationBody, lazy_gettext("Sign this account out everywhere"),
        lazy_pgettext("button", "Sign out everywhere"), lazy_gettext("The account is signed out everywhere."),
    ),
}  # fmt: skip
