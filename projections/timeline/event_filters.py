"""Which events somebody looks for: values of one field are alternatives, fields narrow each other.

Checked where they come in. Must not know how they become a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from typing import Any

from msgspec.structs import fields as fields_of

from domain.actors import ROLES
from domain.errors import InvalidInput
from domain.recording import EVENT_TYPES
from domain.values import first_day, last_day, parse_instant, parse_partial_date
from projections.board.filters import Arguments, entity_named, given, one_of_words, quoted, read_values
from projections.moments import backwards
from projections.timeline.changes import FIELDS

SORTS = ("-position", "position")
"""The newest first, or the oldest."""
PLEDGE = re.compile(r"[0-9]{4}-[0-9]{4,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
DAY = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}", re.ASCII)


def event_names(beginning: str = "") -> tuple[str, ...]:
    """All events that there can be, or those that begin so, in the order of the alphabet."""
    return tuple(sorted(name for name in EVENT_TYPES if name.startswith(beginning)))


def field_names() -> tuple[str, ...]:
    """All that events can change or say."""
    said = {field.name for kind in EVENT_TYPES.values() for field in fields_of(kind.fact)}
    return tuple(sorted((said | set(FIELDS)) - {"changes", "content", "published", "number"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilters:
    """Only events with one of the values, in each field that has any.

    `since` and `until` bound the recorded time, the `effective` ones the first day of the effective date;
    bounds are within.
    """

    name: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    entity: tuple[str, ...] = ()
    pledge: tuple[str, ...] = ()
    field: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    effective_from: date | None = None
    effective_to: date | None = None

    @classmethod
    def from_args(cls, args: Arguments | Mapping[str, Any]) -> EventFilters:
        """The filters in an address. InvalidInput names each field with a value that it cannot have."""
        errors: dict[str, list[str]] = {}
        read: dict[str, Any] = {}
        for name, reader in (*_MANY.items(), *_ONE.items()):
            try:
                values = read_values(given(args, name), reader)
                read[_CALLED.get(name, name)] = values if name in _MANY else _only(values)
            except ValueError as problem:
                errors[name] = [str(problem)]
        errors |= _backwards(read)
        if errors:
            raise InvalidInput(errors)
        read["name"] = tuple(dict.fromkeys(name for names in read["name"] for name in names))
        return cls(**read)

    def as_plain(self) -> dict[str, list[str]]:
        """The filters that are set, as texts in a fixed order: the same filters give the same."""
        found: dict[str, list[str]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            values = value if isinstance(value, tuple) else [value] if value is not None else []
            if values:
                found[field.name] = sorted(map(str, values))
        return found


def _backwards(read: Mapping[str, Any]) -> dict[str, list[str]]:
    """The periods that end before they begin."""
    found: dict[str, list[str]] = {}
    for first, last in (("from", "to"), ("effective_from", "effective_to")):
        begin, end = (read.get(_CALLED.get(bound, bound)) for bound in (first, last))
        found |= backwards(begin, end, first=first, last=last)
    return found


def _only(values: tuple[Any, ...]) -> Any:
    if len(values) > 1:
        raise ValueError("must be given once.")
    return values[0] if values else None


def _names(text: str) -> tuple[str, ...]:
    """An event's name; or `pledge.`, which means all of pledges."""
    text = text.casefold()
    found = event_names(text) if text.endswith(".") else (text,) if text in EVENT_TYPES else ()
    if not found:
        raise ValueError(
            "must be the name of an event such as pledge.made, or what some begin with, such as `pledge.`, "
            f"not {quoted(text)}."
        )
    return found


def _field(text: str) -> str:
    if text not in field_names():
        raise ValueError(f"must be a field that events change or say, such as title, not {quoted(text)}.")
    return text


def pledge_named(text: str) -> str:
    """The id or the reference of a pledge. ValueError for what is neither."""
    if not PLEDGE.fullmatch(text.casefold()):
        raise ValueError(
            f"must be the id of a pledge, or its reference such as 2022-0042, not {quoted(text)}."
        )
    return text.casefold()


def recorded_from(text: str) -> datetime:
    """The first moment of a time, day, month or year. ValueError for what is none."""
    return _time(text, first_day, time.min)


def recorded_to(text: str) -> datetime:
    """The last moment of it."""
    return _time(text, last_day, time.max)


def _time(text: str, of_day: Callable[[str], date], clock: time) -> datetime:
    try:
        if DAY.fullmatch(text):
            return datetime.combine(of_day(parse_partial_date(text)), clock, UTC)
        return parse_instant(text)
    except ValueError:
        raise ValueError(
            f"must be a time such as 2022-05-17T12:00:00Z or a date, not {quoted(text)}."
        ) from None


def _day(text: str, of_day: Callable[[str], date]) -> date:
    try:
        return of_day(parse_partial_date(text))
    except ValueError:
        raise ValueError(f"must be a day, month or year such as 2022-05-17, not {quoted(text)}.") from None


_MANY: Mapping[str, Callable[[str], Any]] = {
    "name": _names, "role": one_of_words(ROLES), "entity": entity_named, "pledge": pledge_named,
    "field": _field,
}  # fmt: skip
_ONE: Mapping[str, Callable[[str], Any]] = {
    "from": recorded_from,
    "to": recorded_to,
    "effective_from": lambda text: _day(text, first_day),
    "effective_to": lambda text: _day(text, last_day),
}
_CALLED = {"from": "since", "to": "until"}
"""What addresses call by words that Python keeps for itself."""
