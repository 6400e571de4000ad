"""How an address of the API is declared: what is read from the request, what is answered, both published.

Must not know any address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from flask import Response
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from domain.errors import InvalidInput
from web.addresses import UNKNOWN, refuse_long_query
from web.api.idempotency import once
from web.bodies import read_json
from web.errors import RequestProblem

View = Callable[..., Any]


class Nothing(Schema):
    """What an address without questions can be asked."""


QUERY_CHARS_MAX = 8_000
BODY = "body"
"""What errors call the body as a whole."""


class Parser(FlaskParser):
    """Reads bodies and queries strictly; what is wrong is named field by field."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}  # noqa: RUF012 - as the library has it

    def load_json(self, _req: Any, _schema: Schema) -> Any:
        return read_json()

    def load_querystring(self, req: Any, schema: Schema) -> Any:
        refuse_broken_query(req.query_string)
        refuse_long_query(req.args, QUERY_CHARS_MAX)
        many = {name for name, field in schema.fields.items() if isinstance(field, fields.List)}
        twice = [name for name, values in req.args.lists() if len(values) > 1 and name not in many]
        if twice:
            raise InvalidInput({name: ["must be given once."] for name in twice})
        return super().load_querystring(req, schema)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> Any:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise InvalidInput(flat(messages)) from None


def refuse_broken_query(query: bytes) -> None:
    """400 for a query that is not UTF-8."""
    try:
        unquote_to_bytes(query.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise RequestProblem(400, "The query of the address is not UTF-8.") from None


IN_OUR_WORDS = {
    "Missing data for required field.": "must be given.",
    "Unknown field.": UNKNOWN,
    "Field may not be null.": "must not be null.",
    "Not a valid string.": "must be text.",
    "Not a valid integer.": "must be a whole number.",
    "Not a valid boolean.": "must be true or false.",
    "Not a valid list.": "must be a list.",
    "Not a valid mapping type.": "must be an object.",
    "Invalid input type.": "must be an object.",
}
"""What the library says, as the domain would say it."""


def flat(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """Messages as marshmallow nests them, by dotted path; outermost is the place they were read from."""
    found: dict[str, list[str]] = {}
    for place, inner in messages.items():
        if place == "query":  # a parameter is one field, however often it is given
            inner = {name: _all_in(said) for name, said in inner.items()}  # noqa: PLW2901
        _flatten(inner, "", found)
    return found


def _flatten(said: Any, path: str, found: dict[str, list[str]]) -> None:
    if isinstance(said, dict):
        for key, inner in said.items():
            own = key == "_schema"
            _flatten(inner, path if own else f"{path}.{key}" if path else str(key), found)
    else:
        found.setdefault(path or BODY, []).extend(_all_in(said))


def _all_in(said: Any) -> list[str]:
    if isinstance(said, dict):
        return list(dict.fromkeys(message for inner in said.values() for message in _all_in(inner)))
    return [IN_OUR_WORDS.get(str(text), str(text)) for text in (said if isinstance(said, list) else [said])]


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """Addresses of one theme."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, about: str) -> None:
        super().__init__(name, __name__, description=about)

    def reads(
        self,
        rule: str,
        answer: type[Schema] | None = None,
        *,
        query: type[Schema] | None = None,
        files: Sequence[str] = (),
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """An address that answers a question: in JSON, or with files of these media types."""

        def declare(view: View) -> View:
            asked = self.arguments((query or Nothing)(), location="query", as_kwargs=query is None)(view)
            answered = asked if files else self.response(200, answer, headers=dict(headers or {}))(asked)
            for media_type in files:
                shape = {"type": "object"} if media_type.endswith("+json") else FILE
                answered = self.response(200, shape, content_type=media_type, headers=dict(headers or {}))(
                    answered
                )
            return self._declare(rule, "GET", view, answered)

        return declare

    def writes(
        self,
        rule: str,
        body: type[Schema] | None,
        answer: type[Schema] | None,
        *,
        method: str = "POST",
        status: int = 200,
        repeated: int | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """An address that carries out a command, once for each Idempotency-Key.

        `repeated` is the status of an answer that tells what was there before.
        """

        def declare(view: View) -> View:
            # One schema for all requests: making one takes longer than reading a body with it.
            asked = self.arguments(body(), required=_is_needed(body))(view) if body else view
            answered = self.response(status, answer, headers=dict(headers or {}))(once(asked))
            if repeated:
                before = {
                    "schema": answer,
                    "headers": dict(headers or {}),
                    "description": "It was there before.",
                }
                answered = self.alt_response(repeated, **before)(answered)
            return self._declare(rule, method, view, answered)

        return declare

    def looks_at(
        self,
        rule: str,
        answer: type[Schema],
        *,
        query: type[Schema],
        files: Sequence[str],
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """An address that looks at a file of one of these media types, answers about it and keeps nothing."""

        def declare(view: View) -> View:
            asked = self.arguments(query(), location="query")(view)
            answered = self.response(200, answer, headers=dict(headers or {}))(asked)
            sent = {"required": True, "content": {media_type: {"schema": FILE} for media_type in files}}
            return self._declare(rule, "POST", view, self.doc(requestBody=sent)(answered))

        return declare

    def takes_a_file(
        self, rule: str, answer: type[Schema], *, files: Sequence[str]
    ) -> Callable[[View], View]:
        """An address that keeps a file of one of these media types: 201, or 200 if it was there before."""

        def declare(view: View) -> View:
            answered = self.response(201, answer)(
                self.arguments(Nothing(), location="query", as_kwargs=True)(view)
            )
            answered = self.alt_response(200, schema=answer, description="It was there before.")(answered)
            sent = {"required": True, "content": {media_type: {"schema": FILE} for media_type in files}}
            return self._declare(rule, "POST", view, self.doc(requestBody=sent)(answered))

        return declare

    def _declare(self, rule: str, method: str, view: View, answered: View) -> View:
        documented = self.doc(operationId=f"{self.name}.{view.__name__}")(answered)
        self.route(rule, methods=[method])(documented)
        return view


FILE = {"type": "string", "format": "binary"}


def _is_needed(body: type[Schema]) -> bool:
    """Whether something has to be sent at all."""
    return any(field.required for field in body().fields.values())


def as_json(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    response = Response(msgspec.json.encode(document), status=status, content_type="application/json")
    response.headers.update(headers or {})
    return response
