"""What mailed links lead to: choosing a first password, or a new one.

Programs that scan mail open links: nothing happens before the form is sent.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request, url_for

from projections.credentials.links import Purpose
from projections.credentials.passwords import problems_of
from web.account.blueprint import account, page, runtime, said
from web.account.second_step import go_on


@account.get("/invitation")
def invitation() -> Response:
    """Choose a first password."""
    return _form("invitation")


@account.post("/invitation")
def accept_invitation() -> Response:
    """Keep the first password, and sign in."""
    return _choose("invitation")


@account.get("/new-password")
def new_password() -> Response:
    """Choose a new password."""
    return _form("reset")


@account.post("/new-password")
def choose_new_password() -> Response:
    """Keep the new password; wherever else the account was signed in, it is not any more."""
    return _choose("reset")


def _form(purpose: Purpose, errors: dict[str, list[str]] | None = None) -> Response:
    key = request.values.get("key", "")
    found = runtime().links.account_of(key, purpose)
    if found is None:
        return _no_good()
    email = runtime().people.email_of(found)
    return page("account/password.html", errors=errors, purpose=purpose, key=key, email=email)


def _no_good() -> Response:
    answer = page("account/link_no_good.html")
    answer.status_code = HTTPStatus.NOT_FOUND
    return answer


def _choose(purpose: Purpose) -> Response:
    key, password = said("key"), said("password")
    found = runtime().links.account_of(key, purpose)
    if found is None:
        return _no_good()
    if problems := problems_of(password, runtime().people.email_of(found) or ""):
        return _form(purpose, {"password": problems})
    with runtime().pool.connection() as connection:
        if runtime().links.use_in(connection, key, purpose) is None:
            return _no_good()
        runtime().passwords.set_in(connection, found, password)
        runtime().sessions.end_all_in(connection, found)
    return go_on(found, url_for("desk.desk"))
