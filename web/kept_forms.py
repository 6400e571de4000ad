"""A form sent when the session had ended is kept until its writer has signed in again, and then shown.

It is carried out when it is sent again, never before. Only who opened it finds it, and only in that browser.
"""

from __future__ import annotations

import hmac
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import current_app, g, request, session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from web.bodies import (
    BODY_BYTES_MAX,
    FORM,
    FORM_WITH_A_FILE,
    SENDING_SECONDS_MAX,
    SMALL,
    Waiting,
    read_form_with_a_file,
)

if TYPE_CHECKING:
    from projections.composition import Runtime

KEPT, WRITER = "kept", "writer"
"""Where the cookie holds the secret of a kept form; the hidden field that says who opened it, signed."""
KEEPABLE = frozenset(
    {"desk.begin", "desk.decide", "desk.save", "desk.submit", "desk.amend", "desk.give", "desk.discard"}
)
"""Forms whose views show what was sent without carrying it out where `g.is_kept`."""
WORDS = Waiting(BODY_BYTES_MAX, SENDING_SECONDS_MAX, SMALL)
NOT_KEPT = frozenset({"csrf_token", WRITER})
NOT_TYPED = NOT_KEPT | {"once", "version", "opened", "submission", "decision", "save", "amend"}
BYTES_MAX = 200_000


def _runtime() -> Runtime:
    found: Runtime = current_app.extensions["pledges"]
    return found


def writer() -> str:
    """Who opens a form, for its hidden field; nothing for nobody."""
    return _signed(g.actor.account) if g.get("actor") else ""


def _signed(account: UUID) -> str:
    key = _runtime().settings.secret_key.encode()
    return f"{account.hex}.{hmac.digest(key, b'writer' + account.bytes, 'sha256').hex()}"


def _written_by() -> UUID | None:
    """Who opened the form that was sent, if the form is ours and one to keep."""
    if request.method != "POST" or request.endpoint not in KEEPABLE or not _is_read():
        return None
    said = request.form.get(WRITER, "")
    try:
        account = UUID(hex=said.partition(".")[0])
    except ValueError:
        return None
    return account if hmac.compare_digest(said.encode(), _signed(account).encode()) else None


def _is_read() -> bool:
    """Whether what a form says is at hand. One that may bring files is read now, if it is as small as others.

    Of such a form the words are kept, and its files are chosen again.
    """
    if request.mimetype != FORM_WITH_A_FILE or "form" in vars(request):
        return request.mimetype in (FORM, FORM_WITH_A_FILE)
    if request.content_length is None or request.content_length > WORDS.bytes_max:
        return False
    read_form_with_a_file(BytesIO(), WORDS)
    return True


def can_keep() -> bool:
    """Whether what was sent, by nobody who is signed in, would be kept."""
    return g.get("actor") is None and _written_by() is not None


def written() -> list[tuple[str, str]]:
    """What somebody who is signed in had typed into one of our forms, by the names of its inputs."""
    if g.get("actor") is None or _written_by() != g.actor.account:
        return []
    said = ((name, text.strip()) for name, text in request.form.items(multi=True) if name not in NOT_TYPED)
    return [(name, text) for name, text in said if text]


def keep() -> bool:
    """Keep what was sent; whether there was something to keep."""
    account = _written_by()
    if account is None:
        return False
    said = [(name, text) for name, text in request.form.items(multi=True) if name not in NOT_KEPT]
    body = urlencode(said, errors="replace")
    if len(body) > BYTES_MAX:
        return False
    session[KEPT] = _runtime().kept_forms.keep(account, request.path, body)
    return True


def show_again() -> Any:
    """The page of a form that was kept, instead of an empty one; what is sent again is kept no longer."""
    secret = session.get(KEPT)
    if secret is None or g.get("actor") is None:
        return None
    if request.method == "POST":
        _runtime().kept_forms.forget(session.pop(KEPT))
        return None
    found = _runtime().kept_forms.get(secret, g.actor.account)
    if found is None:
        session.pop(KEPT)
    if found is None or found.path != request.path or request.method != "GET":
        return None
    try:
        endpoint, values = current_app.url_map.bind("").match(found.path, method="POST")
    except HTTPException:
        return None
    if endpoint not in KEEPABLE:
        return None
    g.is_kept = True
    request.form = ImmutableMultiDict(parse_qsl(found.body, keep_blank_values=True))
    return current_app.view_functions[endpoint](**values)
