"""Who asks on pages: the account that is signed in in this browser. Forms prove that they are ours.

Must not know what the account may do. The cookie is signed and holds the secret of the session, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect

from web import kept_forms
from web.addresses import is_framed
from web.bodies import (
    A_FILE,
    FORM,
    FORM_WITH_A_FILE,
    Waiting,
    brings_a_file,
    read_body,
    read_form_with_a_file,
)
from web.errors import RequestProblem
from web.observability import request_id
from web.readings import PAGES_SHOW_MORE

if TYPE_CHECKING:
    from projections.composition import Runtime

SECRET = "secret"  # noqa: S105 - under which name the cookie holds it
WITH_A_KEY = frozenset({"account.stop_following"})
"""Where the key in the address is all the right that it takes: mail programs send no token (RFC 8058)."""
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Find out who is signed in; read forms, and refuse those of other sites."""
    runtime: Runtime = app.extensions["pledges"]
    app.config.update(
        SESSION_COOKIE_NAME="pledges",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=(runtime.settings.base_url or "").startswith("https:"),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may lie open over lunch
        WTF_CSRF_SSL_STRICT=False,  # some browsers and proxies hold the referrer back; the token decides
    )
    _csrf.init_app(app)
    app.before_request(_who_asks)
    app.before_request(_read_form)
    app.after_request(_keep_private)


def is_page() -> bool:
    """Whether a page or its data is asked for, and not the API or what operators look at."""
    return not request.path.startswith(("/api/", "/static/")) and request.blueprint is not None


def _who_asks() -> None:
    g.session_id = None
    if not is_page() or is_framed(request.path) or SECRET not in session:
        return
    runtime: Runtime = current_app.extensions["pledges"]
    found = runtime.signing_in.actor_of_session(session[SECRET], request_id=request_id())
    if found is None:
        session.pop(SECRET)
    else:
        g.session_id, g.actor = found


def _read_form() -> None:
    """A form, read as all bodies are: within a limit and in time. One that another site sent is refused."""
    if request.method not in UNSAFE or not is_page() or brings_a_file():
        return
    if request.endpoint in WITH_A_KEY:
        body = read_body()
        request._cached_data = body if request.mimetype == FORM else b""  # noqa: SLF001
        return
    if request.mimetype != FORM:
        raise RequestProblem(415, "Send the form as the page has it.")
    # Where the library looks for what was read already.
    request._cached_data = read_body()  # noqa: SLF001
    try:
        _csrf.protect()
    except CSRFError:
        # Who signed out in another window has no token any more. The door keeps the form, and lets nobody in.
        if not kept_forms.can_keep():
            raise


@contextmanager
def form_with_a_file(waiting: Waiting = A_FILE) -> Iterator[None]:
    """The same for a form that brings files, which are there for as long as the block lasts."""
    if request.mimetype != FORM_WITH_A_FILE:
        raise RequestProblem(415, "Send the form as the page has it.")
    with TemporaryFile(prefix="pledges-form-") as body:
        read_form_with_a_file(body, waiting)
        try:
            _csrf.protect()
            yield
        finally:
            for file in request.files.values():
                file.close()


def begin(secret: str) -> None:
    """Sign this browser in: nothing of what its cookie held before stays, but for where a form is kept."""
    kept = session.get(kept_forms.KEPT)
    session.clear()
    session[SECRET] = secret
    if kept is not None:
        session[kept_forms.KEPT] = kept


def end() -> None:
    """Forget in this browser who was signed in."""
    session.clear()


def _keep_private(response: Response) -> Response:
    """What somebody who is signed in is shown is theirs; what may be more than public is kept nowhere."""
    if g.get("session_id"):
        is_kept = request.endpoint not in PAGES_SHOW_MORE and not response.cache_control.no_store
        response.headers["Cache-Control"] = "private, no-cache" if is_kept else "private, no-store"
    return response
