"""What may exist once only: names, references, offers. Follows from the events by one pure function.

The store writes the reservations of an event in the same transaction, so two writers cannot both have a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from uuid import UUID

import msgspec

from domain.recording import Recorded


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """One key of one kind, held by one thing for ever. `shared` ones may be said again by the same holder."""

    kind: str
    key: str
    holder: UUID


ReservationsOf = Callable[[Recorded], list[Reservation]]
_RULES: dict[str, ReservationsOf] = {}


def reserves(*names: str) -> Callable[[ReservationsOf], ReservationsOf]:
    """Register the reservations that events of these names make."""

    def register(rule: ReservationsOf) -> ReservationsOf:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return register


def reservations_of(recorded: Recorded) -> list[Reservation]:
    """The reservations that one event makes."""
    rule = _RULES.get(recorded.header.name)
    return rule(recorded) if rule else []


_SAME_SIGNS = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u02bc`\u00b4", "'"), **dict.fromkeys("\u2010\u2011\u2012\u2013", "-")}
)


def name_key(name: str) -> str:
    """What makes a name another one: its letters and their accents.

    Case, compatibility forms, the shape of apostrophes and hyphens, and runs of white space do not.
    """
    return " ".join(unicodedata.normalize("NFKC", name.translate(_SAME_SIGNS)).casefold().split())
