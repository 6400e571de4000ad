"""Who asks: the account behind a bearer token. Tokens are for programs, so they open the API alone.

Must not know what the account may do, and never keeps or shows a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, current_app, g, request

from web.doors import unauthenticated
from web.observability import request_id

if TYPE_CHECKING:
    from projections.composition import Runtime

TOKEN_CHARACTERS_MAX = 500


def init_app(app: Flask) -> None:
    """Find out who asks. A token that is no good is refused at the door, once it was counted."""
    app.before_request(_who_asks)


def _who_asks() -> None:
    g.actor = g.refusal = None
    header = request.headers.get("Authorization")
    if header is None or not request.path.startswith("/api/"):
        return
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARACTERS_MAX:
        g.refusal = unauthenticated(
            "The header is Authorization: Bearer, then the token.", error="invalid_request"
        )
        return
    runtime: Runtime = current_app.extensions["pledges"]
    g.actor = runtime.signing_in.actor_of_token(token, request_id=request_id())
    if g.actor is None:
        g.refusal = unauthenticated(
            "This token is unknown, expired or revoked, or its account is suspended.", error="invalid_token"
        )
