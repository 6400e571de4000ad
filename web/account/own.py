"""A person's own account: its roles, where it is signed in, its password."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Response, abort, g, url_for

from projections.credentials.passwords import problems_of
from projections.credentials.tries import whose
from web.account.blueprint import NOT_KEPT, account, go_to, page, runtime, said
from web.api.blueprint import as_json
from web.pages.language import available, keep_language, own_name
from web.pages.language import gettext as _


@account.get("/account")
def own() -> Response:
    """The account, and the browsers where it is signed in."""
    return _page()


def _page(errors: dict[str, list[str]] | None = None) -> Response:
    return page(
        "account/own.html",
        errors=errors,
        email=runtime().people.email_of(g.actor.account),
        own_language=runtime().people.languages_of([g.actor.account]).get(g.actor.account),
        choices=[(code, own_name(code)) for code in available()],
        sessions=runtime().sessions.open(g.actor.account),
        here=g.session_id,
    )


@account.get("/account/data.json")
def own_data() -> Response:
    """All that is kept of the person beside the events, as a file."""
    found = as_json(runtime().personal_data.of(g.actor.account))
    found.headers.update(NOT_KEPT | {"Content-Disposition": 'attachment; filename="my-data.json"'})
    return found


@account.post("/account/language")
def choose_language() -> Response:
    """Keep the language of this person's pages and letters."""
    code = said("language", 20)
    if code not in available():
        return _page({"language": [_("must be one of those that can be chosen.")]})
    with runtime().pool.connection() as connection:
        runtime().people.speaks_in(connection, g.actor.account, code)
    keep_language(code)
    return go_to(url_for("account.own", lang=None))


@account.post("/account/sessions/<uuid:session>/end")
def end_session(session: UUID) -> Response:
    """Sign out in another browser."""
    if not runtime().sessions.end(g.actor.account, session):
        abort(HTTPStatus.NOT_FOUND)
    return go_to(url_for("account.own"))


@account.post("/account/password")
def change_password() -> Response:
    """Keep a new password; wherever else the account is signed in, it is not any more."""
    found, password = g.actor.account, said("password")
    who = whose(str(found), "change")
    if runtime().tries.seconds_to_wait(who):
        return _page({"current": [_("Too many tries. Wait an hour, or ask for a new password.")]})
    if not runtime().passwords.is_right(found, said("current")):
        return _page({"current": [_("This is not your password.")]})
    runtime().tries.succeeded(who)
    if problems := problems_of(password, runtime().people.email_of(found) or ""):
        return _page({"password": problems})
    with runtime().pool.connection() as connection:
        runtime().passwords.set_in(connection, found, password)
        runtime().sessions.end_all_in(connection, found, but=g.session_id)
    return go_to(url_for("account.own"))
