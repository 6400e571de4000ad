"""The published specification: every address, body, answer and problem, and who may send what.

Must not know any address; it tells what the parts declare and what the table of doors decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from importlib.metadata import version
from typing import Any

import msgspec
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask_smorest import Api
from markupsafe import Markup
from marshmallow import fields

from domain.reference.licence import REGISTER
from web.addresses import refuse_unknown
from web.api.answers_of_register import ProblemAnswer
from web.api.converters import CONVERTERS, SCHEMAS
from web.doors import DOORS
from web.errors import CODES, PROBLEM_JSON

ABOUT = """The register of pledges made for the International Migration Review Forum: what was pledged, how it
goes, and everything that ever happened to a pledge, as of any moment.

Reading needs no account. Who writes sends a token: `Authorization: Bearer …`. A write answers once readers
see it; send an `Idempotency-Key` to be able to repeat it, and `If-Match` with the `ETag` that you read, so
that nobody's change is lost. All errors are RFC 9457 problems."""

OF_READING = (400, 401, 404, 405, 422, 429, 503)
OF_WRITING = (400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 503)
METHODS = ("get", "post", "patch", "delete")
EXTENSION = "pledges.specification"


class Specification(Api):  # type: ignore[misc]
    """Collects what the parts declare. Errors are answered elsewhere, and the document is served below."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Errors have one table, in `web/errors.py`."""

    def _register_responses(self) -> None:
        """Problems are put in when the document is told."""


def init_app(app: Flask, prefix: str) -> Specification:
    """The specification that parts register with, and the two addresses at which it is shown."""
    app.config.update(
        API_TITLE=REGISTER,
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": {"description": ABOUT, "x-release": version("pledges")}},
    )
    specification = Specification(app, spec_kwargs={"marshmallow_plugin": MarshmallowPlugin(name_of)})
    for name, converter in CONVERTERS.items():
        specification.register_converter(converter, lambda _, schema=SCHEMAS[name]: dict(schema))
    specification.ma_plugin.converter.add_attribute_function(_types_of_raw)
    documents = Blueprint("documents", __name__, url_prefix=prefix)
    documents.add_url_rule("/openapi.json", "openapi", openapi)
    documents.add_url_rule("/docs", "docs", docs)
    app.register_blueprint(documents)
    app.extensions[EXTENSION] = specification
    return specification


def name_of(schema: Any) -> str:
    """What a shape is called in the document."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Answer")


def _types_of_raw(_: Any, field: fields.Field[Any], **__: Any) -> dict[str, Any]:
    return (
        {"type": field.metadata["type"]} if isinstance(field, fields.Raw) and "type" in field.metadata else {}
    )


# -- the document


def document(app: Flask) -> dict[str, Any]:
    """The whole specification, told once."""
    told: dict[str, Any] | None = app.extensions.get(f"{EXTENSION}.told")
    if told is None:
        told = app.extensions[f"{EXTENSION}.told"] = _told(app.extensions[EXTENSION].spec)
    return told


def _told(spec: APISpec) -> dict[str, Any]:
    spec.components.schema("Problem", schema=ProblemAnswer)
    told: dict[str, Any] = deepcopy(spec.to_dict())
    components = told["components"]
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components["responses"] = {_problem_name(status): _problem(status) for status in OF_WRITING}
    components["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY, "IfMatch": IF_MATCH}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                _complete(operation, method, path)
    told["paths"] = dict(sorted(told["paths"].items()))
    return told


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    """Put in what is the same for all: problems, the headers of a write, who may send it."""
    responses = {
        status: said for status, said in operation["responses"].items() if str(status).startswith("2")
    }
    door = DOORS[operation["operationId"]]
    shut = (401, 403) if door.roles else ()
    for status in sorted({*(OF_READING if method == "get" else OF_WRITING), *shut}):
        responses[str(status)] = {"$ref": f"#/components/responses/{_problem_name(status)}"}
    operation["responses"] = responses
    if method != "get":
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
        if "{pledge}" in path:
            operation["parameters"].append({"$ref": "#/components/parameters/IfMatch"})
    operation["security"] = [{"token": []}] if not door.is_open else [{}, {"token": []}]
    if door.roles:
        operation["x-roles"] = sorted(door.roles)


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same request again under the same key gets the first answer again, for 30 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that the change is based on; 412 if the pledge has changed since.",
    "schema": {"type": "string"},
    "example": '"7"',
}


def _problem_name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> dict[str, Any]:
    headers: Mapping[int, Any] = {
        401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
        405: {"Allow": {"schema": {"type": "string"}}},
        429: {"Retry-After": {"schema": {"type": "integer"}}},
        503: {"Retry-After": {"schema": {"type": "integer"}}},
    }
    return {
        "description": CODES[status],
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        **({"headers": headers[status]} if status in headers else {}),
    }


# -- where it is shown


def openapi() -> Response:
    """The specification, for programs."""
    refuse_unknown(request.args, ())
    return Response(msgspec.json.encode(document(current_app)), content_type="application/json")


def docs() -> str:
    """The specification, for people: one page that needs nothing from elsewhere."""
    refuse_unknown(request.args, ())
    return render_template(
        "api/docs.html", spec=document(current_app), codes=CODES, methods=METHODS, shape=shape_in_words
    )


def shape_in_words(schema: Mapping[str, Any]) -> Markup:
    """What a value looks like, in a few words; a shape of its own is a link."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    for several in ("anyOf", "allOf", "oneOf"):
        if several in schema:
            return Markup(" or ").join(shape_in_words(inner) for inner in schema[several])
    if "enum" in schema:
        return Markup("one of {}").format(", ".join(map(str, schema["enum"])))
    kinds = schema.get("type", "anything")
    kind = kinds if isinstance(kinds, str) else " or ".join(kinds)
    if "items" in schema:
        return Markup("{} of {}").format(kind, shape_in_words(schema["items"]))
    if isinstance(schema.get("additionalProperties"), Mapping):
        return Markup("{} of {}").format(kind, shape_in_words(schema["additionalProperties"]))
    return Markup("{}").format(kind)
