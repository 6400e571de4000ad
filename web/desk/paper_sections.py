"""The sections of the form of a pledge, and which of its fields belong to its type.

Must not know what a form does with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext

from domain.pledges.rules import JOINT
from web.forms.inputs import Input

SECTIONS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "promise": (lazy_gettext("What is promised"), ("title", "description", "language")),
    "type": (
        lazy_gettext("Its type, and who takes part"),
        ("type", "partners", "terms", "matches", "matches_elsewhere"),
    ),
    "form": (lazy_gettext("In what form"), ("forms", "amount", "to_mptf")),
    "subject": (lazy_gettext("What it serves"), ("objectives", "principles")),
    "targets": (lazy_gettext("What will be reached, and by when"), ("targets", "due_on", "due_is_firm")),
    "place": (lazy_gettext("Where"), ("levels", "countries", "regions", "through")),
    "more": (
        lazy_gettext("More about it"),
        ("seeking", "actions", "frameworks", "cycle", "champion", "mirror"),
    ),
}
PAPER = tuple(name for _heading, names in SECTIONS.values() for name in names)
OF_TYPES: Mapping[str, Sequence[str]] = {
    "partners": JOINT, "terms": ("matching",), "matches": ("matching",), "matches_elsewhere": ("matching",),
}  # fmt: skip
"""Fields of some types alone."""


@dataclass(frozen=True)
class Section:
    """A part of the form; `others` are fields of other types in which something was written."""

    name: str
    heading: Any
    inputs: Sequence[Input]
    others: Sequence[Input] = ()


def sections_of(
    inputs: Sequence[Input], written: Mapping[str, Any], errors: Mapping[str, Any]
) -> Iterator[Section]:
    """The fields in their sections: those of the type, and others that say something or are complained of."""
    by_name = {one.path.rpartition(".")[2]: one for one in inputs}
    complained = {name for path in errors for name in path.split(".")}
    for name, (heading, names) in SECTIONS.items():
        known = [one for one in names if one in by_name]
        own = [one for one in known if _is_of(one, written.get("type"))]
        others = [one for one in known if one not in own and (written.get(one) or one in complained)]
        yield Section(name, heading, [by_name[one] for one in own], [by_name[one] for one in others])


def _is_of(name: str, kind: str | None) -> bool:
    return kind is None or name not in OF_TYPES or kind in OF_TYPES[name]
