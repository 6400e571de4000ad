"""Signing in with address and password, and out again."""

from __future__ import annotations

from uuid import UUID

from flask import Response, g, url_for

from projections.credentials.tries import whose
from projections.database.people import same_address
from web import browsers
from web.account import known_browsers
from web.account.blueprint import account, device, go_to, next_page, page, runtime, said
from web.limits import count_guess
from web.pages.language import gettext as _
from web.pages.language import locale, ngettext


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
        return _form(email, _too_often(seconds))
    if not runtime().passwords.is_right(found, password) or found is None:
        return _form(email, _("Address and password do not belong together."))
    runtime().tries.succeeded(who)
    if runtime().signing_in.actor_of_account(found, channel="form") is None:
        return _form(email, _("This account is suspended. Ask the Secretariat."))
    return begin_session(found, next_page(_desk()))


def begin_session(found: UUID, on_to: str) -> Response:
    """Sign an account in here, and go on."""
    with runtime().pool.connection() as connection:
        secret = runtime().sessions.begin_in(connection, found, device())
        runtime().people.speaks_in(connection, found, str(locale().language))
    browsers.begin(secret)
    return known_browsers.remember(go_to(on_to), found)


@account.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    if g.actor is not None:
        runtime().sessions.end(g.actor.account, g.session_id)
    browsers.end()
    return go_to(url_for("pages.dashboard"))


def _form(email: str = "", problem: str | None = None) -> Response:
    errors = {"email": [problem]} if problem else None
    return page("account/sign_in.html", errors=errors, email=email, next=next_page(""))


def _too_often(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many tries. Wait %(minutes)s minute, or ask for a new password.",
        "Too many tries. Wait %(minutes)s minutes, or ask for a new password.",
        minutes,
        minutes=minutes,
    )


def _desk() -> str:
    return url_for("desk.desk")
