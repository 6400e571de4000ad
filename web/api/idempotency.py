"""The same request once: a retry with the same Idempotency-Key gets the first answer again, byte for byte.

A retry whose first attempt died between commit and answer is carried out under the same command id, which the
register carries out once; what is no command keeps its answer in the transaction that makes it true. Must not
know what is asked for.
"""

from __future__ import annotations

import functools
import hmac
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, g, request

from domain.errors import invalid
from projections.database.idempotency import AnsweredMeanwhile, KeptAnswer
from web.bodies import read_body
from web.errors import RequestProblem

if TYPE_CHECKING:
    from projections.composition import Runtime
    from projections.database.idempotency import Claim
    from projections.database.working_papers import AlsoKeep

KEY = "Idempotency-Key"
SANE_KEY = re.compile(r"[!-~]([ -~]{0,253}[!-~])?\Z", re.ASCII)
WAIT_SECONDS_MAX = 6.0
WAIT_SECONDS = 0.05


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view whose answer is kept under the key sent with the request."""

    @functools.wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        g.claim = g.command_id = None
        key = request.headers.get(KEY)
        return view(*args, **kwargs) if key is None else _under(key, lambda: view(*args, **kwargs))

    return answered


def _under(key: str, carry_out: Callable[[], Any]) -> Response:
    if not SANE_KEY.match(key):
        raise invalid(KEY, "must be 1 to 255 printable ASCII characters.")
    runtime: Runtime = current_app.extensions["pledges"]
    claim = _claim(runtime, key)
    if claim.answer is not None:
        return Response(claim.answer.body, claim.answer.status, headers=claim.answer.headers)
    g.claim, g.command_id = claim, claim.command_id
    try:
        response = _response(carry_out)
    except AnsweredMeanwhile:
        return _under(key, carry_out)
    # What asks to try again must be able to come out otherwise under the same key.
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and "Retry-After" not in response.headers:
        if not runtime.idempotency.keep(claim, _as_kept(response)):
            return _under(key, carry_out)  # the answer that was kept first
    else:
        runtime.idempotency.release(claim)
    return response


def keeping(response: Response) -> AlsoKeep | None:
    """What keeps this answer to the request beside what it tells of; nothing where no key was sent."""
    claim: Claim | None = g.claim
    if claim is None:
        return None
    runtime: Runtime = current_app.extensions["pledges"]
    return lambda connection: runtime.idempotency.keep_in(connection, claim, _as_kept(response))


def _as_kept(response: Response) -> KeptAnswer:
    response.headers.setdefault("X-Request-Id", g.request_id)
    return KeptAnswer(response.status_code, list(response.headers), response.get_data())


def _claim(runtime: Runtime, key: str) -> Claim:
    """The right to carry the request out, or the answer that it got before."""
    asked = _digest(runtime, read_body())
    until = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        claim = runtime.idempotency.claim(
            account=g.actor.account, method=request.method, path=request.path, key=key, request_digest=asked
        )
        if not claim.is_of(asked):
            raise invalid(KEY, "was sent before with another body; take a new key for another request.")
        if claim.answer is not None or claim.is_ours:
            return claim
        if time.monotonic() > until:
            raise RequestProblem(
                409,
                "The first request with this Idempotency-Key is still being carried out.",
                code="in-flight",
                headers={"Retry-After": "2"},
            )
        time.sleep(WAIT_SECONDS)


def _digest(runtime: Runtime, body: bytes) -> bytes:
    """What is kept of a request's body: keyed, so that it helps nobody guess what was erased since."""
    return hmac.digest(runtime.settings.secret_key.encode(), b"request\0" + body, "sha256")


def _response(carry_out: Callable[[], Any]) -> Response:
    """The answer, also where it is that something went wrong."""
    try:
        return current_app.make_response(carry_out())
    except AnsweredMeanwhile:
        raise
    except Exception as error:  # noqa: BLE001 - the application's handlers know each of them
        return current_app.make_response(current_app.handle_user_exception(error))
