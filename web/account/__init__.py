"""A person's own pages: signing in and out, invitation, password, where they are signed in.

What an account may do is decided elsewhere.
"""

from __future__ import annotations

from flask import Flask

from web.account import (
    following,
    forgotten,
    invitation,
    own,
    own_passkeys,
    own_second_factor,
    own_tokens,
    provider,
    second_step,
    sign_in,
)
from web.account.blueprint import account


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(account)
    provider.init_app(app)


__all__ = [
    "following",
    "forgotten",
    "init_app",
    "invitation",
    "own",
    "own_passkeys",
    "own_second_factor",
    "own_tokens",
    "provider",
    "second_step",
    "sign_in",
]
