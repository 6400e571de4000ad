"""What goes wrong, as HTTP: one table from the register's errors to statuses, one form (RFC 9457).

Must not know which rule was broken; the sentence and the code come with the error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, InternalServerError

from domain.errors import (
    Conflict,
    FieldErrors,
    InvalidInput,
    NotFound,
    NotPermitted,
    Refused,
    RegisterError,
    StaleVersion,
    UnreadableEvent,
)
from projections.effective import OthersAsk
from projections.moments import NotReadYet
from projections.problems import OperatorProblem

PROBLEM_JSON = "application/problem+json"
PROBLEM_TYPES = "/api/v1/docs#problem-"
RETRY_SECONDS = 2
NOT_READ_YET, OTHERS_ASK = "not-read-yet", "others-ask"

HTTP_STATUS: Mapping[type[RegisterError], int] = {
    InvalidInput: 422,
    NotPermitted: 403,
    NotFound: 404,
    Refused: 409,
    Conflict: 409,
    StaleVersion: 412,
    UnreadableEvent: 503,
}

CODES: Mapping[int, str] = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "refused",
    412: "stale-version",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}
"""The code of a status where the error brings none of its own."""

log = structlog.get_logger("pledges.web")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that went wrong, as programs and people are told of it."""

    status: int
    detail: str
    code: str = ""
    errors: FieldErrors | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def document(self) -> dict[str, object]:
        code = self.code or CODES.get(self.status, "error")
        said: dict[str, object] = {
            "type": PROBLEM_TYPES + code, "title": self.title, "status": self.status, "code": code,
            "detail": self.detail,
        }  # fmt: skip
        return said if self.errors is None else {**said, "errors": self.errors}


class RequestProblem(Exception):
    """A request that ends here, with the problem to answer."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        errors: FieldErrors | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(status=status, detail=detail, code=code, errors=errors, headers=headers or {})


PageOfProblem = Callable[[Problem], Response | str]
"""How pages tell people of a problem; kept in `app.extensions["page_of_problem"]`."""


def init_app(app: Flask) -> None:
    """Turn everything that can be raised into an answer."""
    app.register_error_handler(RequestProblem, lambda error: answer(error.problem))
    app.register_error_handler(RegisterError, lambda error: answer(of_register(error)))
    app.register_error_handler(OperatorProblem, _unavailable)
    app.register_error_handler(NotReadYet, _not_read_yet)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unforeseen)


def of_register(error: RegisterError) -> Problem:
    """The problem that an error of the register is."""
    status = next((HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS), 409)
    errors = error.errors if isinstance(error, InvalidInput) else None
    passes = status == HTTPStatus.SERVICE_UNAVAILABLE or isinstance(error, Conflict)
    headers = {"Retry-After": str(RETRY_SECONDS)} if passes else {}
    return Problem(status=status, detail=error.detail, code=error.code, errors=errors, headers=headers)


def _unavailable(error: Exception) -> Response:
    # What an operator can mend is said in the log; a visitor learns when to come back.
    log.error("unavailable", problem=str(error))
    return answer(
        Problem(
            status=503,
            detail="The register does not answer at the moment. Try again in a few seconds.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    )


def _not_read_yet(error: NotReadYet) -> Response:
    log.warning("not-read-yet", problem=str(error))
    detail = f"This cannot be shown yet: {error}. Nothing is lost; try again in a few seconds."
    headers = {"Retry-After": str(RETRY_SECONDS)}
    code = OTHERS_ASK if isinstance(error, OthersAsk) else NOT_READ_YET
    return answer(Problem(status=503, detail=detail, code=code, headers=headers))


DETAILS: Mapping[int, str] = {
    404: "There is nothing at this address.",
    405: "This address does not take the method {method}.",
    413: "The body is larger than this address takes.",
    500: "This is our mistake and was noted; the request id helps us to find it.",
}


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    detail = DETAILS.get(status, error.description or "").format(method=request.method[:20])
    return answer(Problem(status=status, detail=detail, headers=headers))


def _unforeseen(error: Exception) -> Response:
    log.error("unforeseen", exc_info=error)
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return _of_http(InternalServerError())


def answer(problem: Problem) -> Response:
    """The answer to a problem, in the form asked for: a page for people, JSON for programs."""
    page: PageOfProblem | None = current_app.extensions.get("page_of_problem")
    if page is not None and wants_page():
        response = current_app.make_response(page(problem))
        response.status_code = problem.status
    else:
        response = as_json(problem)
    response.headers.update(problem.headers)
    return response


def wants_page() -> bool:
    """Whether a page was asked for: not below /api, no operators' path, no other form named at the end."""
    path = request.path
    if path.startswith("/api/") or path in ("/healthz", "/readyz", "/metrics"):
        return False
    return not path.endswith((".json", ".csv", ".xlsx", ".jsonl", ".ics", ".atom"))


def as_json(problem: Problem) -> Response:
    """The problem as RFC 9457 says. Half a character that was sent is told as a question mark."""
    body = json.dumps(problem.document(), ensure_ascii=False).encode("utf-8", "replace")
    response = Response(body, status=problem.status, content_type=PROBLEM_JSON)
    response.headers.update(problem.headers)
    return response
