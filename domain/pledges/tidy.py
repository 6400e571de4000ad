"""Texts as they are kept: in NFC, without white space at the ends, titles on one line, unknown where blank.

Looks into every text of a command, so that no field can be forgotten; must not know what any of them means.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TypeVar

import msgspec

from domain.pledges.content import Changes, Content
from domain.pledges.findings import Findings
from domain.values import clean_text

ON_ONE_LINE = frozenset({"title"})
"""What stands in lists, headings and subjects of letters."""
LINE_BREAKS = re.compile(r"[ \t]*[\n\u2028\u2029]\s*")
S = TypeVar("S", bound=msgspec.Struct)

BODY = "content"
"""The field of commands whose own fields are what was sent: errors name them without it."""


def tidied(shape: S) -> S:
    """The command or content with every text clean. Raises InvalidInput for texts with control characters."""
    found = Findings()
    clean = _struct(shape, "", found)
    found.raise_if_any()
    return clean


def _struct(shape: S, path: str, found: Findings) -> S:
    changed: dict[str, Any] = {}
    for name, may_be_unknown in _fields(type(shape)):
        said = getattr(shape, name)
        clean = _value(said, path if name == BODY else _step(path, name), found)
        if name in ON_ONE_LINE and isinstance(clean, str):
            clean = LINE_BREAKS.sub(" ", clean)
        if clean == "" and may_be_unknown:
            clean = None
        if clean is not said:
            changed[name] = clean
    return msgspec.structs.replace(shape, **changed) if changed else shape


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, bool], ...]:
    """The names of a shape's fields, and whether blank means unknown there."""
    meant = Content if kind is Changes else kind
    unknown = {field.name for field in msgspec.structs.fields(meant) if field.default is None}
    return tuple((name, name in unknown) for name in kind.__struct_fields__)


def _value(said: Any, path: str, found: Findings) -> Any:
    if isinstance(said, str):
        return _text(said, path, found)
    if isinstance(said, msgspec.Struct):
        return _struct(said, path, found)
    if isinstance(said, tuple) and said:
        items = tuple(_value(item, _step(path, str(index)), found) for index, item in enumerate(said))
        return said if items == said else items
    if isinstance(said, dict) and said:
        return {_text(key, path, found): _value(item, _step(path, key), found) for key, item in said.items()}
    return said


def _text(said: str, path: str, found: Findings) -> str:
    try:
        return clean_text(said)
    except ValueError as problem:
        found.say(path, str(problem))
        return said


def _step(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
