"""Signing in with an organisation's own provider (OpenID Connect), where the settings name one.

It says whose address somebody has, and nothing else: accounts and roles are this register's.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, abort, current_app, session, url_for
from joserfc.errors import JoseError
from requests import RequestException

from projections.settings import OpenIdProvider
from web.account.blueprint import account, next_page, page, runtime
from web.account.challenges import to_sign_in
from web.account.forgotten import own_address
from web.account.second_step import go_on
from web.limits import count_guess
from web.pages.language import gettext as _

CLIENT, NEXT = "oidc", "oidc_next"
SECONDS_MAX = 10
# What the library raises where a provider is away, refuses, or says what it must not.
NO_ANSWER = (AuthlibBaseError, JoseError, RequestException, ValueError, LookupError, TypeError, RuntimeError)


def init_app(app: Flask) -> None:
    """Get to know the provider, if there is one. It is not asked before somebody signs in."""
    provider: OpenIdProvider | None = app.extensions["pledges"].settings.oidc
    if provider is None:
        return
    app.extensions[CLIENT] = OAuth(app).register(
        CLIENT,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS_MAX,
        },
    )


def _provider() -> tuple[OpenIdProvider, Any]:
    """The provider and its client; 404 where the settings name none."""
    provider = runtime().settings.oidc
    if provider is None:
        abort(HTTPStatus.NOT_FOUND)
    return provider, current_app.extensions[CLIENT]


@account.get("/sign-in/provider")
def ask_provider() -> Response:
    """On to the provider, with a state and a nonce that this browser alone has."""
    count_guess()
    provider, client = _provider()
    _forget_what_was_begun()
    session[NEXT] = next_page(url_for("desk.desk"))
    try:
        return client.authorize_redirect(own_address() + url_for("account.back_from_provider", lang=None))  # type: ignore[no-any-return]
    except NO_ANSWER:
        return _refused(_not_good(provider), HTTPStatus.BAD_GATEWAY)


@account.get("/sign-in/provider/back")
def back_from_provider() -> Response:
    """Whom the provider says it is, if their address is verified and is that of an account."""
    count_guess()
    provider, client = _provider()
    try:
        claims = _claims(client)
    except NO_ANSWER:
        return _refused(_not_good(provider))
    finally:
        _forget_what_was_begun()
    email = claims.get("email")
    # Silence is no yes, unless the settings say that this provider gives its own people's addresses alone.
    if claims.get("email_verified", provider.vouches) is not True or not isinstance(email, str):
        said = _(
            "%(name)s does not say that your address is verified, so it cannot be relied on. "
            "Use the password.",
            name=provider.name,
        )
        return _refused(said)
    found = runtime().people.account_of(email) if "\x00" not in email else None
    if found is None:
        said = _(
            "There is no account with the address that %(name)s gives. Ask the Secretariat to be invited.",
            name=provider.name,
        )
        return _refused(said)
    if runtime().signing_in.actor_of_account(found, channel="form") is None:
        return _refused(_("This account is suspended. Ask the Secretariat."))
    return go_on(found, str(session.pop(NEXT, None) or url_for("desk.desk")))


def _claims(client: Any) -> dict[str, Any]:
    """What the provider says of whoever came back: signed for this browser's nonce, for this register."""
    token = client.authorize_access_token()
    claims = dict(token["userinfo"])
    asked = [name for name in ("email", "email_verified") if name not in claims]
    if asked:
        more = dict(client.userinfo(token=token))
        if more.get("sub") != claims["sub"]:
            raise ValueError("the provider speaks of somebody else")
        claims |= {name: more[name] for name in asked if name in more}
    return claims


def _forget_what_was_begun() -> None:
    """One way to the provider at a time, so that the cookie stays small."""
    for name in [name for name in session if name.startswith("_state_")]:
        session.pop(name)


def _not_good(provider: OpenIdProvider) -> str:
    return _(
        "%(name)s does not answer, or its answer is not good. Try again, or use the password.",
        name=provider.name,
    )


def _refused(problem: str, status: HTTPStatus | None = None) -> Response:
    answer = page(
        "account/sign_in.html", errors={"email": [problem]}, email="", next="", passkey=to_sign_in(),
        provider=runtime().settings.oidc,
    )  # fmt: skip
    answer.status_code = status or answer.status_code
    return answer
