"""The inputs of a form, made from the API's schema and what is to stand in them. Knows no command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields, validate

from web.api.fields import ByName, Distinct, PartialDate, Truth, Whole
from web.api.orders import Sha256
from web.forms.reading import schema_of
from web.forms.words import choice_label, hint_of, name_of

LONG_CHARS = 300
BLANK_ROWS = 2
MARK = "id"
"""By which the register knows a row again. It gives them itself, and people need not see it."""
LINES = frozenset({"actions", "frameworks", "countries"})
"""Lists that are written one a line: of texts, or of what is too many to choose from."""
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Input:
    """One input, or several that belong together. `kind` is which of the template's macros shows it."""

    path: str
    words: str
    kind: str
    hint: str = ""
    value: Any = None
    required: bool = False
    choices: Choices = ()
    chars_max: int | None = None
    inner: Sequence[Input] = ()
    rows: Sequence[Sequence[Input]] = ()

    @property
    def id(self) -> str:
        return self.path.replace(".", "-")


@dataclass(frozen=True)
class Filling:
    """What stands in a form, and what some of its fields may be chosen from."""

    values: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    names: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """How ids are shown: by the name of the field."""


def inputs_of(
    schema: Schema, filling: Filling, names: Iterable[str] = (), *, within: str = ""
) -> list[Input]:
    """The inputs for some fields of a schema, in that order; for all of them where none are named."""
    known = {field.data_key or name: field for name, field in schema.fields.items()}
    return [_input(known[name], name, within + name, filling) for name in (names or known)]


def _input(shape: Any, name: str, path: str, filling: Filling) -> Input:
    value = filling.values.get(name)
    common: dict[str, Any] = {
        "path": path, "words": name_of(name), "hint": hint_of(path), "required": bool(shape.required)
    }  # fmt: skip
    if isinstance(shape, fields.Nested):
        return Input(**common, kind="group", inner=_nested(shape, value, f"{path}.", filling))
    if isinstance(shape, ByName):
        return Input(**common, kind="by_name", value=value or {})
    if isinstance(shape, Distinct):
        return _list(shape.inner, name, value, filling, common)
    if isinstance(shape, Truth):
        return Input(**common, kind="tick", value=bool(value))
    if isinstance(shape, Sha256):
        kept = [(str(value), filling.names[name](str(value)))] if value and name in filling.names else []
        return Input(**common, kind="file", choices=kept)
    if name == MARK:
        return Input(**common, kind="hidden", value=value or "")
    choices = filling.choices.get(name) or _choices(shape, name)
    if choices:
        return Input(**common, kind="choice", choices=choices, value="" if value is None else str(value))
    shown = filling.names[name](str(value)) if value is not None and name in filling.names else value
    return Input(
        **common, kind=_kind(shape), value="" if shown is None else shown, chars_max=_chars_max(shape)
    )


def _nested(shape: Any, value: Any, within: str, filling: Filling) -> list[Input]:
    inner = Filling(value if isinstance(value, Mapping) else {}, filling.choices, filling.names)
    return inputs_of(schema_of(shape), inner, within=within)


def _list(inner: Any, name: str, value: Any, filling: Filling, common: dict[str, Any]) -> Input:
    items = list(value) if isinstance(value, list | tuple) else []
    if isinstance(inner, fields.Nested):
        filled = [*items, *[None] * BLANK_ROWS]
        rows = [
            _nested(inner, item, f"{common['path']}.{number}.", filling) for number, item in enumerate(filled)
        ]
        return Input(**common, kind="rows", rows=rows)
    choices = filling.choices.get(name) or ([] if name in LINES else _choices(inner, name))
    if choices:
        return Input(**common, kind="choices", choices=choices, value=[str(item) for item in items])
    shown = [filling.names[name](str(item)) if name in filling.names else str(item) for item in items]
    return Input(**common, kind="lines", value="\n".join(shown))


def _choices(shape: Any, name: str) -> Choices:
    for validator in _validators(shape):
        if isinstance(validator, validate.OneOf):
            return [(str(one), choice_label(name, one)) for one in validator.choices if one is not None]
        if isinstance(shape, Whole) and isinstance(validator, validate.Range) and name == "objectives":
            return [(str(one), choice_label(name, one)) for one in range(validator.min, validator.max + 1)]
    return []


def _validators(shape: Any) -> list[Any]:
    return list(shape.validators)


def _chars_max(shape: Any) -> int | None:
    found = [one.max for one in _validators(shape) if isinstance(one, validate.Length)]
    return found[0] if found else None


def _kind(shape: Any) -> str:
    if isinstance(shape, PartialDate):
        return "date"
    if isinstance(shape, Whole):
        return "number"
    most = _chars_max(shape)
    return "long" if most and most > LONG_CHARS else "text"
