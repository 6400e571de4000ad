"""Browsers in which an account was signed in before: they may go on guessing when strangers may not.

So nobody can lock somebody out by guessing. Must not know passwords.
"""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "pledges_known"
ACCOUNTS_MAX = 5
SECONDS = 365 * 24 * 3600
NAME_BYTES = 9


def name_for(account: UUID | None) -> str | None:
    """What this browser is called for an account that was signed in here; None for any other."""
    return _known().get(str(account)) if account else None


def remember(response: Response, account: UUID) -> Response:
    """Let the browser know that the account was signed in here."""
    known = _known()
    name = known.pop(str(account), None) or secrets.token_urlsafe(NAME_BYTES)
    latest = dict([*known.items(), (str(account), name)][-ACCOUNTS_MAX:])
    response.set_cookie(
        COOKIE,
        _signer().dumps(latest),
        max_age=SECONDS,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


def _known() -> dict[str, str]:
    try:
        found: Any = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=COOKIE)
