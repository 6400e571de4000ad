"""Passkeys: made for one's own account, listed, removed; and signing in with one, without password and code.

A device asks who holds it before it answers, so one passkey is two proofs.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, abort, g, make_response, render_template, url_for
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from web.account import challenges
from web.account.blueprint import NOT_KEPT, account, go_to, next_page, page, runtime, said
from web.account.challenges import NotProven
from web.account.letters import telling_of_no_second_factor
from web.account.own_second_factor import wrong_password
from web.account.second_step import begin_session
from web.limits import count_guess
from web.pages.language import gettext as _

ANSWER_CHARS_MAX = 20_000
PASSKEYS_MAX, LABEL_CHARS_MAX = 20, 100


@account.post("/sign-in/passkey")
def enter_with_passkey() -> Response:
    """Sign in whoever holds the passkey."""
    count_guess()
    try:
        found = challenges.proven(said("challenge"), said("credential", ANSWER_CHARS_MAX))
    except NotProven:
        return _refused(_("This device did not prove whose account it is. Try again, or use the password."))
    if runtime().signing_in.actor_of_account(found, channel="form") is None:
        return _refused(_("This account is suspended. Ask the Secretariat."))
    return begin_session(found, next_page(url_for("desk.desk")))


def _refused(problem: str) -> Response:
    return page(
        "account/sign_in.html",
        errors={"email": [problem]},
        email="",
        next=next_page(""),
        passkey=challenges.to_sign_in(),
        provider=runtime().settings.oidc,
    )


@account.get("/account/passkeys")
def passkeys() -> Response:
    """The passkeys, and the form of a new one."""
    return _page()


@account.post("/account/passkeys")
def add_passkey() -> Response:
    """Keep a passkey that the device has made, once the password was given."""
    found, label = g.actor.account, " ".join(said("label", LABEL_CHARS_MAX).split())
    if not label:
        return _page({"label": [_("must say which device it is on.")]})
    if len(runtime().passkeys.of(found)) >= PASSKEYS_MAX:
        return _page({"label": [_("There are too many: remove one first.")]})
    if problem := wrong_password():
        return _page({"password": [problem]})
    try:
        made = challenges.made(said("challenge"), said("credential", ANSWER_CHARS_MAX))
    except NotProven:
        return _page({"label": [_("The device made no passkey, or too late. Try again.")]})
    credential, public_key, count = made
    is_first = not runtime().second_factors.is_asked(found)
    with runtime().pool.connection() as connection:
        if not runtime().passkeys.add_in(connection, (credential, found, label, public_key, count)):
            return _page({"label": [_("This passkey is known already.")]})
    if not is_first:
        return go_to(url_for("account.passkeys"))
    codes = runtime().second_factors.new_recovery_codes(found)
    return make_response(render_template("account/recovery_codes.html", codes=codes), NOT_KEPT)


@account.post("/account/passkeys/<credential>/removal")
def remove_passkey(credential: str) -> Response:
    """Forget a passkey, once the password was given. The owner is told where none and no code is left."""
    try:
        named = base64url_to_bytes(credential)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
    found = g.actor.account
    if all(one.credential != named for one in runtime().passkeys.of(found)):
        abort(HTTPStatus.NOT_FOUND)
    if problem := wrong_password():
        return _page({"password": [problem]})
    with runtime().pool.connection() as connection:
        runtime().passkeys.remove_in(connection, found, named)
        if not runtime().second_factors.is_asked_in(connection, found):
            runtime().second_factors.end_in(connection, found)
            telling_of_no_second_factor(connection, found)
    return go_to(url_for("account.passkeys"))


def _page(errors: dict[str, list[str]] | None = None) -> Response:
    found = g.actor.account
    known = runtime().passkeys.of(found)
    return page(
        "account/passkeys.html", errors=errors,
        passkeys=[(bytes_to_base64url(one.credential), one) for one in known],
        asked=challenges.to_make(found, runtime().people.email_of(found) or str(found), known),
        label=said("label", LABEL_CHARS_MAX),
    )  # fmt: skip
