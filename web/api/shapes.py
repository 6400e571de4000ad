"""Kinds of fields in answers: always there, null where that is said. And the headers that answers carry.

Must not know which answer has which field.
"""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import fields, validate

from web.api.fields import PARTIAL_DATE_PATTERN, UUID_PATTERN, StrictSchema


def text(pattern: str | None = None, *, nullable: bool = False, **metadata: Any) -> fields.String:
    """A text that is always there."""
    found = {**metadata, **({"pattern": pattern} if pattern else {})}
    return fields.String(required=True, allow_none=nullable, metadata=found)


def uuid(*, nullable: bool = False) -> fields.String:
    return text(UUID_PATTERN, nullable=nullable, format="uuid")


def partial_date(*, nullable: bool = True) -> fields.String:
    return text(PARTIAL_DATE_PATTERN, nullable=nullable)


def moment(*, nullable: bool = False) -> fields.String:
    return text(nullable=nullable, format="date-time")


def word(kind: Any, *, nullable: bool = False) -> fields.String:
    choices: list[Any] = [
        *(kind if isinstance(kind, tuple) else get_args(kind)),
        *([None] if nullable else []),
    ]
    return fields.String(required=True, allow_none=nullable, validate=validate.OneOf(choices))


def whole(*, least: int = 0, most: int | None = None, nullable: bool = False) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, allow_none=nullable, validate=validate.Range(least, most)
    )


def percent() -> fields.Integer:
    return whole(most=100, nullable=True)


def truth(*, nullable: bool = False) -> fields.Boolean:
    return fields.Boolean(required=True, allow_none=nullable)


def one(schema: Any, *, nullable: bool = False) -> fields.Nested:
    return fields.Nested(schema, required=True, allow_none=nullable)


def many(inner: Any) -> Any:
    """A list that is always there."""
    nested = isinstance(inner, type) and issubclass(inner, StrictSchema)
    return fields.List(fields.Nested(inner) if nested else inner, required=True)


def open_object(*, nullable: bool = False) -> fields.Dict:
    """An object whose names depend on what it tells of."""
    return fields.Dict(keys=fields.String(), required=True, allow_none=nullable)


# -- headers


def _header(about: str, kind: str = "string", **schema: Any) -> dict[str, Any]:
    return {"description": about, "schema": {"type": kind, **schema}}


STANDS_STILL = _header("There if what answers has stopped: which read models, and since which position.")
POSITION = {
    "X-Position": _header("The position up to which this was read.", "integer"),
    "X-Stands-Still": STANDS_STILL,
}
READ = {**POSITION, "ETag": _header("The version of the pledge, for If-Match.")}
WRITTEN = {
    "X-Position": _header("The position that readers have to reach to see this.", "integer"),
    "ETag": _header("The version of the pledge, for If-Match."),
    "X-Lag": _header("There if readers had not come so far within two seconds, or have stopped."),
    "X-Stands-Still": STANDS_STILL,
}
CREATED = {**WRITTEN, "Location": _header("Where it is.", format="uri-reference")}
