"""The catalogue of events, written from the events themselves.

`python -m tests.domain.event_catalogue` writes docs/events.md again.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain import aggregates  # noqa: F401 - knows all that can be decided, and so all events
from domain.recording import EVENT_TYPES, WORDS

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

KINDS = {
    "pledge": "Pledges",
    "entity": "Entities",
    "cycle": "Cycles",
    "account": "Accounts",
    "import": "Imports",
    "document": "Outside documents",
    "log": "The log",
}
OPENING = """# Events

Everything that the register knows follows from these events. An event is said once and never changed; what
was wrong is answered by another event. This page is written from the code (`python -m
tests.domain.event_catalogue`), and a test holds it complete.

Each event has a header that says who recorded it, when, in which role, for whom and by what authority, and
from when on it is true; what stands in it, and how the bytes of an event are hashed, is told in
[events-bytes.md](events-bytes.md). Below are the payloads: what was said. A field that was not said is left
out; those marked *always* are there. Fields in words (marked *words*) have a digest of their own each, and
can be withheld or erased by law without breaking the proof of the event: an erased one reads `[erased]`.

Names and versions outlive the code. An event stored in an earlier version is read as today's, as told below
it; one stored in a version or under a name that the code does not know is refused. Dates keep the precision
they came with (`2022`, `2022-05`, `2022-05-17`), numbers of targets and amounts are decimals in text, ids
are UUIDs.
"""


def catalogue() -> str:
    """The whole page."""
    return "\n".join([OPENING, *_contents(), *_events(), *_shapes()])


def _contents() -> Iterator[str]:
    for kind, title in KINDS.items():
        names = [name for name in EVENT_TYPES if name.startswith(f"{kind}.")]
        yield f"- {title}: {', '.join(f'[{name}](#{anchor(name)})' for name in names)}"
    yield ""


def anchor(heading: str) -> str:
    return heading.lower().replace(".", "").replace(" ", "-")


def _events() -> Iterator[str]:
    for kind, title in KINDS.items():
        yield f"## {title}\n"
        for name in EVENT_TYPES:
            if name.startswith(f"{kind}."):
                yield from _event(name)


def _event(name: str) -> Iterator[str]:
    kind = EVENT_TYPES[name]
    yield f"### {name}\n"
    yield f"Version {kind.version}. {inspect.getdoc(kind.fact)}\n"
    yield from _table(kind.fact)
    for version, upcaster in kind.upcasters.items():
        yield f"Read from version {version}: {inspect.getdoc(upcaster)}\n"


def _table(shape: type[msgspec.Struct]) -> Iterator[str]:
    fields = msgspec.structs.fields(shape)
    if not fields:
        yield "It says nothing more.\n"
        return
    hints = typing.get_type_hints(shape)
    yield "| field | holds |\n| --- | --- |"
    for field in fields:
        marks = [
            mark for mark, holds in (("always", field.required), ("words", field.name in WORDS)) if holds
        ]
        yield f"| `{field.name}` | {_words(hints[field.name])}{''.join(f', *{mark}*' for mark in marks)} |"
    yield ""


# -- types in words


PLAIN = {str: "text", int: "whole number", bool: "true or false", UUID: "id"}


def _words(hint: Any, *, many: bool = False) -> str:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint in PLAIN:
        return (
            {"text": "texts", "id": "ids", "whole number": "whole numbers"}[PLAIN[hint]]
            if many
            else PLAIN[hint]
        )
    if origin is tuple:
        return f"list of {_words(inner[0], many=True)}"
    if origin is dict:
        return f"{_words(inner[1], many=True)} by name"
    if origin is typing.Literal:
        return f"{'any of' if many else 'one of'} {', '.join(f'`{word}`' for word in inner)}"
    if origin in (typing.Union, types.UnionType):
        said = [one for one in inner if one not in (types.NoneType, msgspec.UnsetType)]
        return " or ".join(_words(one) for one in said)
    return f"[{hint.__name__}](#{anchor(hint.__name__)})"


# -- shapes


def _shapes() -> Iterator[str]:
    yield "## Shapes\n"
    yield "What is said inside of events. Shapes have no versions of their own; their events have.\n"
    for shape in sorted(shapes(), key=lambda shape: shape.__name__):
        yield f"### {shape.__name__}\n"
        yield f"{inspect.getdoc(shape)}\n"
        yield from _table(shape)


def shapes() -> set[type[msgspec.Struct]]:
    """The shapes that events hold, and those that these hold."""
    found: set[type[msgspec.Struct]] = set()
    waiting: list[Any] = [kind.fact for kind in EVENT_TYPES.values()]
    while waiting:
        new = {
            shape for hint in typing.get_type_hints(waiting.pop()).values() for shape in _shapes_in(hint)
        } - found
        found |= new
        waiting.extend(new)
    return found


def _shapes_in(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for inner in typing.get_args(hint):
        yield from _shapes_in(inner)


if __name__ == "__main__":
    PAGE.write_text(catalogue(), encoding="utf-8")
