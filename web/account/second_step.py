"""The second step of signing in: after the password a code, where the account asks for one.

The password is never asked for twice: that it was right is kept in the signed cookie for a few minutes.
"""

from __future__ import annotations

import time
from uuid import UUID

from flask import Response, session, url_for

from projections.credentials.tries import whose
from web import browsers
from web.account import known_browsers
from web.account.blueprint import account, device, go_to, next_page, page, runtime, said
from web.account.challenges import to_sign_in
from web.limits import count_guess
from web.pages.language import asked_language, keep_language, locale, ngettext
from web.pages.language import gettext as _

HALFWAY = "halfway"
SECONDS_MAX = 600


def go_on(found: UUID, on_to: str) -> Response:
    """After the right password: to the second step, or in where the account has none."""
    if not runtime().second_factors.is_asked(found):
        return begin_session(found, on_to)
    session[HALFWAY] = [str(found), int(time.time())]
    return go_to(url_for("account.second_step", next=on_to))


def begin_session(found: UUID, on_to: str) -> Response:
    """Sign an account in here, and go on, in the language that it asks for now or read in before."""
    known = runtime().people.languages_of([found]).get(found)
    chosen = asked_language() or known or str(locale().language)
    with runtime().pool.connection() as connection:
        secret = runtime().sessions.begin_in(connection, found, device())
        runtime().people.speaks_in(connection, found, chosen)
    browsers.begin(secret)
    keep_language(chosen)
    return known_browsers.remember(go_to(on_to), found)


def halfway() -> UUID | None:
    """Whose password was right here, a few minutes ago at most."""
    found, since = session.get(HALFWAY) or (None, 0)
    return UUID(found) if found and 0 <= time.time() - since < SECONDS_MAX else None


@account.get("/sign-in/code")
def second_step() -> Response:
    """Ask for the code; who is not halfway begins at the password."""
    return _form() if halfway() else go_to(url_for("account.sign_in", next=next_page("") or None))


@account.post("/sign-in/code")
def enter_code() -> Response:
    """Sign in, if the code is right and was not used before."""
    count_guess()
    found = halfway()
    if found is None:
        return go_to(url_for("account.sign_in", next=next_page("") or None))
    who = whose(f"{found} code", known_browsers.name_for(found))
    if seconds := runtime().tries.seconds_to_wait(who):
        return _form(too_often(seconds))
    if not runtime().second_factors.takes(found, said("code", 100)):
        return _form(_("This code is not right, was used before or has run out. Wait for the next one."))
    runtime().tries.succeeded(who)
    if runtime().signing_in.actor_of_account(found, channel="form") is None:
        return _form(_("This account is suspended. Ask the Secretariat."))
    return begin_session(found, next_page(url_for("desk.desk")))


def _form(problem: str | None = None) -> Response:
    errors = {"code": [problem]} if problem else None
    return page("account/second_step.html", errors=errors, next=next_page(""), passkey=to_sign_in())


def too_often(seconds: int) -> str:
    """How long to wait before the next guess."""
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many tries. Wait %(minutes)s minute, or ask for a new password.",
        "Too many tries. Wait %(minutes)s minutes, or ask for a new password.",
        minutes,
        minutes=minutes,
    )
