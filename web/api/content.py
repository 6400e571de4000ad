"""The content of a pledge as it is sent, turned into the domain's content and changes.

Must not know the rules of a pledge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from domain.errors import InvalidInput, invalid
from domain.pledges.content import CHANGEABLE, Changes, Content
from web.api.blueprint import BODY
from web.api.commanding import without_blanks

Shape = TypeVar("Shape", Content, Changes)
NOT_CONTENT = frozenset({"record", "authority"})


def content_of(body: Mapping[str, Any]) -> Content:
    """The content that a body holds."""
    return _converted(
        without_blanks({name: said for name, said in body.items() if name not in NOT_CONTENT}), Content
    )


def changed_content(content: Content, changes: Mapping[str, Any]) -> Content:
    """A working paper's content after changes: any field, null or an empty list clears."""
    said = {**msgspec.to_builtins(content), **_inner_without_blanks(changes)}
    return _converted(without_blanks(said), Content)


def changes_of(changes: Mapping[str, Any]) -> Changes:
    """The changes of an amendment: what has events of its own, or is fixed, is not among them."""
    fixed = sorted(set(changes) - set(CHANGEABLE))
    if fixed:
        raise InvalidInput(
            {f"changes.{name}": ["cannot be changed in a published pledge."] for name in fixed}
        )
    return _converted(_inner_without_blanks(changes), Changes)


def _inner_without_blanks(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes; null clears a field as a whole, and is silent within one."""
    return {name: without_blanks(said) for name, said in changes.items()}


def _converted(said: Any, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(said, shape)
    except msgspec.ValidationError as problem:
        raise invalid(BODY, str(problem)) from None
