"""An administrator's pages: who has an account, in which roles, and the forms that change it.

Whoever administers accounts has no say over content: nothing here leads to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext

from domain.accounts.events import (
    AccountAdded,
    AccountReinstated,
    AccountSuspended,
    RoleGranted,
    RoleRevoked,
    SecondFactorEnded,
    SessionsEnded,
    TokenIssued,
    TokenRevoked,
)
from domain.accounts.state import Account
from domain.actors import NOBODYS_ACCOUNTS, ROLES
from domain.entities.state import survivor
from domain.errors import InvalidInput
from domain.recording import Fact, Recorded
from domain.values import utc_day
from projections.database.people import same_address
from projections.questions import ACCOUNTS
from web.account.letters import can_mail
from web.api.commanding import actor
from web.desk.account_forms import FORMS, NAMED, AccountForm, InvitationBody, invite
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT, Sent, carry_out, form_page
from web.desk.naming import name_of_entity
from web.forms.inputs import Filling, inputs_of
from web.pages.blueprint import runtime
from web.pages.labels import label
from web.pages.language import gettext as _
from web.pages.language import language, own_name, pgettext
from web.pages.paging import Pager, asked_page

ROWS = 50
STANDINGS = ("active", "suspended")
NO_ROLE = "none"
NOBODY: Mapping[str, Any] = {"suspended": False, "grants": []}
"""An address that was noted before its account was made."""
SENTENCES: Mapping[type[Fact], Any] = {
    AccountAdded: lazy_gettext("The account was made."),
    RoleGranted: lazy_gettext("A role was granted: %(role)s."),
    RoleRevoked: lazy_gettext("A role was taken away: %(role)s."),
    AccountSuspended: lazy_gettext("The account was suspended."),
    AccountReinstated: lazy_gettext("The account was restored."),
    SecondFactorEnded: lazy_gettext("The second factor was switched off."),
    SessionsEnded: lazy_gettext("The account was signed out everywhere."),
    TokenIssued: lazy_gettext("An API token was made."),
    TokenRevoked: lazy_gettext("An API token was revoked."),
}
NAMES = {"entities": name_of_entity}


@desk.get("/desk/accounts")
def accounts() -> Response:
    """Everybody who has an account, found by address, entity, role and standing."""
    words, role, standing = _asked()
    found, page = list(found_accounts(words, role, standing)), asked_page()
    shown = found[(page - 1) * ROWS : page * ROWS]
    said = render_template(
        "desk/accounts.html", moment=None, forms={}, found=shown,
        came_back=runtime().outbox.last_came_back({one["account"] for one in shown}),
        total=len(found), words=words, role=role, standing=standing,
        roles=[(one, _role_words(one)) for one in (*ROLES, NO_ROLE)],
        pager=Pager.numbered(len(found), ROWS),
    )  # fmt: skip
    return make_response(said, NOT_KEPT)


def found_accounts(words: str, role: str | None, standing: str | None) -> Iterator[dict[str, Any]]:
    """Accounts with their addresses, in the order of these. Words are part of one, or name an entity."""
    questions = runtime().questions
    known = {one["account"]: one for one in questions.accounts(moment=questions.moment(of=ACCOUNTS))}
    named = str(questions.entity_named(words)) if words else None
    for person in runtime().people.all():
        one = {**known.get(str(person.account), NOBODY), "email": person.email, "account": person.account}
        entities = {grant["entity"]["id"] for grant in one["grants"] if grant["entity"]}
        if (
            (same_address(words) in person.email or named in entities)
            and (role is None or role in ({grant["role"] for grant in one["grants"]} or {NO_ROLE}))
            and (standing is None or one["suspended"] == (standing == "suspended"))
        ):
            yield one


def _asked() -> tuple[str, str | None, str | None]:
    """What the address asks for. InvalidInput if that is none."""
    words, role, standing = (request.args.get(name, "").strip() or None for name in ("q", "role", "standing"))
    errors = {}
    if role not in (None, *ROLES, NO_ROLE):
        errors["role"] = [_("must be one of %(choices)s.", choices=", ".join((*ROLES, NO_ROLE)))]
    if standing not in (None, *STANDINGS):
        errors["standing"] = [_("must be one of %(choices)s.", choices=", ".join(STANDINGS))]
    if errors:
        raise InvalidInput(errors)
    return words or "", role, standing


def _role_words(role: str) -> str:
    return pgettext("accounts", "No role") if role == NO_ROLE else label(role, "role")


def _names(entities: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """What entities are called today, those that were merged by the name of what stands for them."""
    wanted = {entity for entity in entities if entity}

    def look(context: Any) -> dict[UUID, str]:
        known = {entity: context.world.entity(entity) for entity in wanted}
        return {one: survivor(found, context.world.entity).name for one, found in known.items() if found}

    return runtime().register.consult(look, by=actor()) if wanted else {}


@desk.get("/desk/accounts/invitation", endpoint="invitation")
def _invitation() -> Response:
    """The form of an invitation."""
    return _invitation_page(Sent())


@desk.post("/desk/accounts/invitation")
def send_invitation() -> Response:
    """Make an account and mail the invitation."""
    sent = carry_out(InvitationBody(), invite, NAMED)
    if sent.answer is None:
        return _invitation_page(sent)
    return _on_to(UUID(sent.answer.get_json()["id"]), "invited")


def _invitation_page(sent: Sent) -> Response:
    filling = Filling(
        values={"mail_language": language(), **sent.body},
        choices={"mail_language": _languages()},
        names=NAMES,
        needed=("roles",),
    )
    inputs = inputs_of(InvitationBody(), filling)
    return form_page("desk/invitation.html", sent, inputs=inputs, can_mail=can_mail())


def _languages() -> list[tuple[str, str]]:
    return [(code, own_name(code)) for code in ("en", "fr", "ar")]


def _on_to(account: UUID, done: str) -> Response:
    return make_response(redirect(url_for("desk.account", account=account, done=done), HTTPStatus.SEE_OTHER))


@desk.get("/desk/accounts/<uuid:account>", endpoint="account")
def one_account(account: UUID) -> Response:
    """One account: whose it is, what it may do, what happened to it."""
    events, state = runtime().signing_in.events_of(account), _state(account)
    facts = [event.fact for event in events]
    named = [fact.entity for fact in facts if isinstance(fact, RoleGranted | RoleRevoked)]
    done = request.args.get("done", "")
    said = render_template(
        "desk/account.html", moment=None, forms={}, account=state, email=runtime().people.email_of(account),
        names=_names(named), today=utc_day(runtime().clock()), people=_people(events),
        history=[(one, _sentence(one.fact)) for one in reversed(events)],
        came_back=runtime().outbox.last_came_back([account]).get(account),
        sessions=runtime().sessions.open(account), can_mail=can_mail(),
        has_second_factor=runtime().second_factors.is_asked(account),
        has_password=runtime().passwords.is_set(account),
        invited_until=runtime().links.good_until(account, "invitation"),
        done=FORMS[done].done if done in FORMS else "", is_invited=done == "invited", own=g.actor.account,
    )  # fmt: skip
    return make_response(said, NOT_KEPT)


def _state(account: UUID) -> Account:
    """The account as it is now; 404 if there is none that is somebody's."""
    found = None if account in NOBODYS_ACCOUNTS else runtime().signing_in.account(account)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _sentence(fact: Fact) -> str:
    """What happened, without what it rests on."""
    said, role = SENTENCES.get(type(fact)), getattr(fact, "role", None)
    if said is None:
        return fact.NAME
    return str(said) % {"role": label(role, "role")} if role else str(said)


def _people(events: Iterable[Recorded]) -> Mapping[UUID, str]:
    """By whom it was done, where that is somebody."""
    who = {event.header.actor for event in events if event.header.actor}
    found = {account: runtime().people.email_of(account) for account in who - NOBODYS_ACCOUNTS}
    return {
        **dict.fromkeys(NOBODYS_ACCOUNTS, _("the operator")),
        **{account: email for account, email in found.items() if email},
    }


@desk.get("/desk/accounts/<uuid:account>/<name>", defaults={"about": None})
@desk.get("/desk/accounts/<uuid:account>/<name>/<about>")
def account_form(account: UUID, name: str, about: str | None) -> Response:
    """The form of what is done with an account."""
    return _form_page(_form(name, about, account), _state(account), about, Sent())


@desk.post("/desk/accounts/<uuid:account>/<name>", defaults={"about": None})
@desk.post("/desk/accounts/<uuid:account>/<name>/<about>")
def change_account(account: UUID, name: str, about: str | None) -> Response:
    """Do it, and go back to the account; or show the form with what is wrong in it."""
    form, state = _form(name, about, account), _state(account)
    sent = carry_out(form.schema(), lambda body: form.view(body, account, about), NAMED)
    return _on_to(account, name) if sent.answer is not None else _form_page(form, state, about, sent)


def _form(name: str, about: str | None, account: UUID) -> AccountForm:
    form = FORMS.get(name)
    if form is None or (about is not None) != bool(form.about) or (name == "letter" and not can_mail()):
        abort(HTTPStatus.NOT_FOUND)
    if about is not None and about not in _abouts(form, _state(account)):
        abort(HTTPStatus.NOT_FOUND)
    return form


def _abouts(form: AccountForm, account: Account) -> set[str]:
    """The roles of an account as addresses name them, also those taken away before; or its tokens."""
    if form.about == "token":
        return {str(token.id) for token in account.tokens}
    held = {(grant.role, grant.entity) for grant in account.grants} | account.once_held
    return {f"{role}.{entity}" if entity else role for role, entity in held}


def _form_page(form: AccountForm, account: Account, about: str | None, sent: Sent) -> Response:
    filling = Filling(
        values={"mail_language": language(), **sent.body},
        choices={"mail_language": _languages()},
        names=NAMES,
    )
    role, _dot, entity = (about or "").partition(".") if form.about == "role" else ("", "", "")
    return form_page(
        "desk/account_form.html", sent, form=form, account=account, role=role,
        inputs=inputs_of(form.schema(), filling), email=runtime().people.email_of(account.id),
        entity=name_of_entity(entity) if entity else "",
    )  # fmt: skip
