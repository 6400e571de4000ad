"""The inputs of a form, made from the API's schema and what is to stand in them. Knows no command."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from marshmallow import Schema, fields, validate

from web.api.fields import ByName, Distinct, PartialDate, Truth, Whole
from web.api.orders import Sha256
from web.forms.reading import schema_of
from web.forms.words import EXPLAINED, NOT_STATED, choice_label, hint_of, name_of

LONG_CHARS = 300
BLANK_ROWS = 2
MARK = "id"
"""By which the register knows a row again. It gives them itself, and people need not see it."""
LINES = frozenset({"actions", "frameworks", "countries"})
"""Lists that are written one a line: of texts, or of what is too many to choose from."""
SUGGESTED: Mapping[str, str] = {
    "entity": "entities", "entities": "entities", "partners": "entities", "countries": "countries",
}  # fmt: skip
"""Fields in which names are written, and what these are the names of."""
BLANK_NAMES = 3
Choices = Sequence[tuple[str, str]]
Need = Literal["", "always", "if_any"]
"""Whether a field is required: always, or once anything is said in the part of the form that it stands in."""


@dataclass(frozen=True)
class Input:
    """One input, or several that belong together. `kind` is which of the template's macros shows it."""

    path: str
    words: str
    kind: str
    hint: str = ""
    value: Any = None
    need: Need = ""
    choices: Choices = ()
    chars_max: int | None = None
    inner: Sequence[Input] = ()
    rows: Sequence[Sequence[Input]] = ()
    explained: Mapping[str, str] = field(default_factory=dict)
    """What helps to choose, by choice."""
    suggests: str = ""
    """Of what names are suggested while one writes in it."""

    @property
    def hint_id(self) -> str:
        """Where its hint stands: of fields in rows that is the first row, and the others only refer to it."""
        return "-".join("0" if step.isdecimal() else step for step in self.path.split(".")) + "-hint"

    @property
    def tells_hint(self) -> bool:
        """Whether its hint stands beside it."""
        return bool(self.hint) and self.hint_id == f"{self.id}-hint"

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Of what names are suggested in it or within it."""
        within = (*self.inner, *(one for row in self.rows for one in row))
        return (self.suggests, *(name for one in within for name in one.suggestions))

    @property
    def asks_if_any(self) -> bool:
        """Whether it may be left out, and asks for some of its fields once it is not."""
        within = (*self.inner, *(one for row in self.rows[:1] for one in row))
        return not self.need and any(one.need for one in within)

    @property
    def is_marked(self) -> bool:
        """Whether something is marked as required, in it or as a whole."""
        return bool(self.need) or self.asks_if_any

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
    needed: Collection[str] = ()
    """What the form requires although its schema lets it be left out."""


def inputs_of(
    schema: Schema, filling: Filling, names: Iterable[str] = (), *, within: str = "", need: Need = "always"
) -> list[Input]:
    """The inputs for some fields of a schema, in that order; for all of them where none are named.

    `need` is how far those are required that the schema or the filling requires.
    """
    known = {field.data_key or name: field for name, field in schema.fields.items()}
    return [_input(known[name], name, within + name, filling, need) for name in (names or known)]


def _input(shape: Any, name: str, path: str, filling: Filling, need: Need) -> Input:
    value = filling.values.get(name)
    need = need if shape.required or name in filling.needed else ""
    common: dict[str, Any] = {"path": path, "words": name_of(name), "hint": hint_of(path), "need": need}
    if isinstance(shape, fields.Nested):
        return Input(**common, kind="group", inner=_nested(shape, value, f"{path}.", filling, need))
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
        return _choice(name, value, choices, common)
    shown = filling.names[name](str(value)) if value is not None and name in filling.names else value
    return Input(
        **common, kind=_kind(shape), value="" if shown is None else shown, chars_max=_chars_max(shape),
        suggests=SUGGESTED.get(name, ""),
    )  # fmt: skip


def _choice(name: str, value: Any, choices: Choices, common: dict[str, Any]) -> Input:
    """One of several. Where each is explained and none need be chosen, the choice can be unmade."""
    chosen = "" if value is None else str(value)
    if name not in EXPLAINED:
        hint = "" if name in SUGGESTED else common["hint"]  # which tells how to write a name
        return Input(**{**common, "hint": hint}, kind="choice", choices=choices, value=chosen)
    explained = {choice: str(words) for choice, words in EXPLAINED[name].items()}
    offered = choices if common["need"] else [*choices, ("", str(NOT_STATED))]
    return Input(**common, kind="explained", choices=offered, explained=explained, value=chosen)


def _nested(shape: Any, value: Any, within: str, filling: Filling, need: Need) -> list[Input]:
    inner = Filling(value if isinstance(value, Mapping) else {}, filling.choices, filling.names)
    return inputs_of(schema_of(shape), inner, within=within, need=need or "if_any")


def _list(inner: Any, name: str, value: Any, filling: Filling, common: dict[str, Any]) -> Input:
    items = list(value) if isinstance(value, list | tuple) else []
    if isinstance(inner, fields.Nested):
        filled = [*items, *[None] * BLANK_ROWS]
        rows = [
            _nested(inner, item, f"{common['path']}.{number}.", filling, "" if number else common["need"])
            for number, item in enumerate(filled)
        ]
        return Input(**common, kind="rows", rows=rows)
    choices = filling.choices.get(name) or ([] if name in LINES else _choices(inner, name))
    if choices:
        return Input(**common, kind="choices", choices=choices, value=[str(item) for item in items])
    shown = [filling.names[name](str(item)) if name in filling.names else str(item) for item in items]
    if name in SUGGESTED:
        return Input(**common, kind="names", value=[*shown, *[""] * BLANK_NAMES], suggests=SUGGESTED[name])
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
