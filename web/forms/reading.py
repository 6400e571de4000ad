"""From what a form sends to the body that the API's schema takes. Names are dotted paths, as in errors.

What cannot be read stays as it was typed: the schema says what is wrong with it. Must not know any command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from domain.errors import InvalidInput
from web.api.fields import ByName, Distinct, Text, Truth, Whole

WHOLE = re.compile(r"-?[0-9]{1,18}\Z", re.ASCII)
ROWS_MAX = 200
ROW_DIGITS_MAX = 4
Said = MultiDict[str, str]
Named = Mapping[str, Callable[[str], str]]
"""What turns the name of a thing, as people write it, into its id; by the name of the field."""


def body_of(said: Said, schema: Schema, named: Named | None = None, *, within: str = "") -> dict[str, Any]:
    """The body that a form holds; a field that the form does not have is not in it."""
    body: dict[str, Any] = {}
    for name, field in schema.fields.items():
        key = field.data_key or name
        if not _is_there(said, within + key):
            continue
        value = _value(said, field, within + key, named or {})
        if value is not None or field.allow_none:
            body[key] = value
        elif isinstance(field, Text):
            body[key] = ""  # too short, as the schema will say
    return body


def schema_of(field: Any) -> Schema:
    """The schema of a nested field."""
    return cast("Schema", field.schema)


def _is_there(said: Said, path: str) -> bool:
    return path in said or any(name.startswith(f"{path}.") for name in said)


def _value(said: Said, field: Any, path: str, named: Named) -> Any:
    if isinstance(field, fields.Nested):
        inner = body_of(said, schema_of(field), named, within=f"{path}.")
        return inner if any(_says_something(value) for value in inner.values()) else None
    if isinstance(field, ByName):
        return {key: text for key, text in _below(said, path).items() if text} or None
    if isinstance(field, Distinct):
        return _list(said, field.inner, path, named)
    if isinstance(field, Truth):
        return said.getlist(path)[-1] == "true"
    return _one(_text(said[path]), field, path, named)


def _below(said: Said, path: str) -> dict[str, str]:
    start = f"{path}."
    return {name.removeprefix(start): _text(text) for name, text in said.items() if name.startswith(start)}


def _list(said: Said, inner: Any, path: str, named: Named) -> list[Any]:
    if isinstance(inner, fields.Nested):
        rows = [
            body_of(said, schema_of(inner), named, within=f"{path}.{number}.") for number in _rows(said, path)
        ]
        return [row for row in rows if any(_says_something(value) for value in row.values())]
    lines = [line.strip() for text in said.getlist(path) for line in _text(text).split("\n")]
    return [_one(line, inner, path, named) for line in dict.fromkeys(lines) if line]


def _rows(said: Said, path: str) -> list[int]:
    start = f"{path}."
    steps = (name.removeprefix(start).partition(".")[0] for name in said if name.startswith(start))
    numbers = {int(step) for step in steps if step.isdecimal() and len(step) <= ROW_DIGITS_MAX}
    return sorted(number for number in numbers if number < ROWS_MAX)


def _one(text: str, field: Any, path: str, named: Named) -> Any:
    if not text.strip():
        return None
    if isinstance(field, Whole):
        return int(text) if WHOLE.match(text.strip()) else text
    names = [step for step in path.split(".") if not step.isdecimal()]
    return _named(text.strip(), named[names[-1]], path) if names[-1] in named else text


def _named(name: str, find: Callable[[str], str], path: str) -> str:
    """The id behind a name. That there is none is said beside the field in which the name stands."""
    try:
        return find(name)
    except InvalidInput as error:
        raise InvalidInput({path: [text for said in error.errors.values() for text in said]}) from None


def _text(text: str) -> str:
    """Line breaks as everywhere else; browsers send them as two signs."""
    return text.replace("\r\n", "\n")


def _says_something(value: Any) -> bool:
    return value not in (None, "", [], {}, False)
