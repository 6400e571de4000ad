"""The web application, as a table of contents: each part says itself what it adds.

Must not know what any part does.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flask import Flask

from web import (
    api,
    bodies,
    browsers,
    doors,
    errors,
    headers,
    health,
    limits,
    moments,
    observability,
    readings,
    tokens,
)
from web.limits import Limits

if TYPE_CHECKING:
    from projections.composition import Runtime


class _Application(Flask):
    """Flask asks at each call of each function whether it is a coroutine. None of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(runtime: Runtime, *, rates: Limits | None = None) -> Flask:
    """The application that serves one register."""
    app = _Application("web")
    # An address is written in one way. To mend it would be to redirect to whatever host a request names.
    app.url_map.merge_slashes = False
    app.secret_key = runtime.settings.secret_key
    app.extensions["pledges"] = runtime
    # Before a request, in this order; after it, the other way round.
    observability.init_app(app)
    headers.init_app(app)
    readings.init_app(app)
    moments.init_app(app)
    errors.init_app(app)
    tokens.init_app(app)
    browsers.init_app(app)
    limits.init_app(app, rates or Limits())
    doors.init_app(app)
    bodies.init_app(app)
    api.init_app(app)
    health.init_app(app)
    if find_spec("web.pages"):
        from web import account, desk, pages  # noqa: PLC0415 - the API stands without them

        pages.init_app(app)
        account.init_app(app)
        desk.init_app(app)
    return app
