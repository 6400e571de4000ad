"""What can stand in a path. Anything else is an address at which there is nothing: 404.

Must not know whether what is named exists.
"""

from __future__ import annotations

import re
from uuid import UUID

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from web.api.fields import REFERENCE_PATTERN, UUID_PATTERN, parse_id

SLUG_PATTERN = "^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$"
ISO3_PATTERN = "^[A-Z]{3}$"
SHA256_PATTERN = "^[0-9a-f]{64}$"
POSITION_PATTERN = "^[1-9][0-9]{0,17}$"

SCHEMAS = {
    "id": {"type": "string", "format": "uuid", "pattern": UUID_PATTERN},
    "pledge": {"type": "string", "pattern": f"({UUID_PATTERN})|({REFERENCE_PATTERN})"},
    "entity": {"type": "string", "pattern": f"({UUID_PATTERN})|({SLUG_PATTERN})|({ISO3_PATTERN})"},
    "document": {"type": "string", "pattern": f"({UUID_PATTERN})|({SHA256_PATTERN})"},
    "sha256": {"type": "string", "pattern": SHA256_PATTERN},
    "position": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
}


def _matches(pattern: str, value: str) -> bool:
    return re.match(pattern.replace("$", r"\Z"), value, re.ASCII) is not None


class IdConverter(BaseConverter):
    """An id."""

    def to_python(self, value: str) -> UUID:
        try:
            return parse_id(value)
        except ValueError:
            raise ValidationError from None


class PledgeConverter(BaseConverter):
    """The id of a pledge, or its reference."""

    def to_python(self, value: str) -> str:
        if _matches(UUID_PATTERN, value):
            return value.lower()
        if _matches(REFERENCE_PATTERN, value):
            return value
        raise ValidationError


class EntityConverter(BaseConverter):
    """The id of an entity, its slug, or the code of a State."""

    def to_python(self, value: str) -> str:
        if _matches(UUID_PATTERN, value):
            return value.lower()
        if _matches(SLUG_PATTERN, value) or _matches(ISO3_PATTERN, value):
            return value
        raise ValidationError


class DocumentConverter(BaseConverter):
    """The id of an outside document, or the digest of its bytes."""

    def to_python(self, value: str) -> UUID | str:
        if _matches(SHA256_PATTERN, value):
            return value
        try:
            return parse_id(value)
        except ValueError:
            raise ValidationError from None


class Sha256Converter(BaseConverter):
    """The digest of a file's bytes."""

    def to_python(self, value: str) -> str:
        if not _matches(SHA256_PATTERN, value):
            raise ValidationError
        return value


class PositionConverter(BaseConverter):
    """A position in the order of events."""

    def to_python(self, value: str) -> int:
        if not _matches(POSITION_PATTERN, value):
            raise ValidationError
        return int(value)


CONVERTERS = {
    "id": IdConverter,
    "pledge": PledgeConverter,
    "entity": EntityConverter,
    "document": DocumentConverter,
    "sha256": Sha256Converter,
    "position": PositionConverter,
}


def init_app(app: Flask) -> None:
    """Make them known to routes."""
    app.url_map.converters.update(CONVERTERS)
