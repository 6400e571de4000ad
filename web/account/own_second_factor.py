"""One's own second factor: switched on with a telephone's first code, switched off with password and code.

Must not know how codes are made.
"""

from __future__ import annotations

from http import HTTPStatus

import segno
from flask import Response, abort, g, make_response, render_template, url_for

from projections.credentials.tries import whose
from web.account.blueprint import NOT_KEPT, account, go_to, page, runtime, said
from web.account.letters import telling_of_no_second_factor
from web.pages.language import gettext as _

QR_SCALE = 5


@account.get("/account/second-factor")
def second_factor() -> Response:
    """Whether one is asked for, and what can be done about it."""
    return _page()


@account.post("/account/second-factor")
def begin_second_factor() -> Response:
    """Make a secret for the telephone, once the password was given."""
    if problem := wrong_password():
        return _page({"password": [problem]})
    runtime().second_factors.begin(g.actor.account)
    return go_to(url_for("account.second_factor"))


@account.post("/account/second-factor/confirmation")
def confirm_second_factor() -> Response:
    """Ask for codes from now on; elsewhere one is signed out, and signs in with one."""
    found = g.actor.account
    if _too_often():
        return _page({"code": [_("Too many tries. Wait an hour.")]})
    codes = runtime().second_factors.confirm(found, said("code", 100))
    if codes is None:
        return _page({"code": [_wrong_code()]})
    _succeeded()
    with runtime().pool.connection() as connection:
        runtime().sessions.end_all_in(connection, found, but=g.session_id)
    return _shown(codes)


@account.post("/account/second-factor/recovery-codes")
def new_recovery_codes() -> Response:
    """New codes to keep, for a code."""
    if not runtime().second_factors.is_asked(g.actor.account):
        abort(HTTPStatus.NOT_FOUND)
    if errors := _wrong():
        return _page(errors)
    return _shown(runtime().second_factors.new_recovery_codes(g.actor.account))


@account.post("/account/second-factor/end")
def end_second_factor() -> Response:
    """Ask for no code any more, for the password and a code. The owner is told by mail."""
    if not runtime().second_factors.is_on(g.actor.account):
        abort(HTTPStatus.NOT_FOUND)
    if problem := wrong_password():
        return _page({"password": [problem]})
    if errors := _wrong():
        return _page(errors)
    found = g.actor.account
    with runtime().pool.connection() as connection:
        runtime().second_factors.end_in(connection, found)
        telling_of_no_second_factor(connection, found)
    return go_to(url_for("account.second_factor"))


def wrong_password() -> str | None:
    """What is wrong with the password that was sent; None if it is the account's."""
    found = g.actor.account
    who = whose(str(found), "change")
    if runtime().tries.seconds_to_wait(who):
        return _("Too many tries. Wait an hour, or ask for a new password.")
    if not runtime().passwords.is_right(found, said("password")):
        return _("This is not your password.")
    runtime().tries.succeeded(who)
    return None


def _wrong() -> dict[str, list[str]] | None:
    """What is wrong with the code that was sent. One that is right is used by this."""
    if _too_often():
        return {"code": [_("Too many tries. Wait an hour.")]}
    if not runtime().second_factors.takes(g.actor.account, said("code", 100)):
        return {"code": [_wrong_code()]}
    _succeeded()
    return None


def _wrong_code() -> str:
    return _("This code is not right, was used before or has run out. Wait for the next one.")


def _too_often() -> bool:
    return runtime().tries.seconds_to_wait(whose(str(g.actor.account), "code")) > 0


def _succeeded() -> None:
    runtime().tries.succeeded(whose(str(g.actor.account), "code"))


def _page(errors: dict[str, list[str]] | None = None) -> Response:
    found, factors = g.actor.account, runtime().second_factors
    begun = factors.begun(found, runtime().people.email_of(found) or "")
    return page(
        "account/second_factor.html", errors=errors, is_on=factors.is_on(found),
        is_asked=factors.is_asked(found), left=factors.recovery_codes_left(found),
        typed=begun[0] if begun else "",
        picture=segno.make(begun[1], micro=False).svg_data_uri(scale=QR_SCALE, light="#fff") if begun else "",
    )  # fmt: skip


def _shown(codes: list[str]) -> Response:
    said = render_template("account/recovery_codes.html", codes=codes)
    return make_response(said, NOT_KEPT)
