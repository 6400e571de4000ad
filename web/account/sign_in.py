"""Signing in with address and password, and out again."""

from __future__ import annotations

from flask import Response, g, url_for

from projections.credentials.tries import whose
from projections.database.people import same_address
from web import browsers
from web.account import known_browsers
from web.account.blueprint import account, go_to, next_page, page, runtime, said
from web.account.challenges import to_sign_in
from web.account.second_step import go_on, too_often
from web.limits import count_guess
from web.pages.language import gettext as _


@account.get("/sign-in")
def sign_in() -> Response:
    """The form; who is signed in goes on."""
    if g.actor is not None:
        return go_to(next_page(_desk()))
    return _form()


@account.post("/sign-in")
def enter() -> Response:
    """Sign in, if address and password belong together. Which of the two is wrong is told to nobody."""
    count_guess()
    email, password = said("email"), said("password")
    found = runtime().people.account_of(email)
    who = whose(same_address(email), known_browsers.name_for(found))
    if seconds := runtime().tries.seconds_to_wait(who):
        return _form(email, too_often(seconds))
    if not runtime().passwords.is_right(found, password) or found is None:
        return _form(email, _("Address and password do not belong together."))
    runtime().tries.succeeded(who)
    if runtime().signing_in.actor_of_account(found, channel="form") is None:
        return _form(email, _("This account is suspended. Ask the Secretariat."))
    return go_on(found, next_page(_desk()))


@account.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    if g.actor is not None:
        runtime().sessions.end(g.actor.account, g.session_id)
    browsers.end()
    return go_to(url_for("pages.dashboard"))


def _form(email: str = "", problem: str | None = None) -> Response:
    errors = {"email": [problem]} if problem else None
    return page(
        "account/sign_in.html",
        errors=errors,
        email=email,
        next=next_page(""),
        passkey=to_sign_in(),
        provider=runtime().settings.oidc,
    )


def _desk() -> str:
    return url_for("desk.desk")
