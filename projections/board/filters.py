"""What somebody wants to see of the board: values of one field are alternatives, fields narrow each other.

Checked where they come in, so that nothing else has to doubt them. Must not know how they become a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time
from typing import Any, Protocol, get_args

from domain.errors import InvalidInput
from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES
from domain.reference.vocabularies import REGIONS, Category, Form, Kind, PledgeType, Status
from domain.values import first_day, parse_instant, parse_partial_date
from projections.board.codes import NOT_STATED

WORDS_MAX = 200
VALUES_MAX = 50
ENTITY_NAMED_MAX = 100


class Arguments(Protocol):
    """Names with any number of values each, as an address has them."""

    def getlist(self, key: str, /) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeFilters:
    """Only pledges with one of the values, in each field that has any."""

    q: tuple[str, ...] = ()
    objective: tuple[int | str, ...] = ()
    principle: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    entity: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    cycle: tuple[int, ...] = ()
    overdue: tuple[bool, ...] = ()
    stale: tuple[str, ...] = ()
    updated_since: tuple[datetime, ...] = ()

    @classmethod
    def from_args(cls, args: Arguments | Mapping[str, Any]) -> PledgeFilters:
        """The filters in an address. InvalidInput names each field with a value that it cannot have."""
        errors: dict[str, list[str]] = {}
        read: dict[str, tuple[Any, ...]] = {}
        for field in fields(cls):
            try:
                read[field.name] = read_values(given(args, field.name), _READERS[field.name])
            except ValueError as problem:
                errors[field.name] = [str(problem)]
        if errors:
            raise InvalidInput(errors)
        return cls(**read)

    @property
    def wants_drafts(self) -> bool:
        """Whether working papers are asked for, which are kept apart: nothing else can be asked with them."""
        return "draft" in self.status

    def as_plain(self) -> dict[str, list[str]]:
        """The filters that are set, as texts in a fixed order: the same filters give the same."""
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: sorted(map(str, values)) for name, values in given if values}


def given(args: Arguments | Mapping[str, Any], name: str) -> list[str]:
    """The values of a name, without blank ones."""
    if not isinstance(args, Mapping) or hasattr(args, "getlist"):
        values: Iterable[Any] = args.getlist(name)
    else:
        value = args.get(name, ())
        values = value if isinstance(value, list | tuple) else [value]
    return [str(value) for value in values if value is not None and str(value).strip()]


def read_values(values: Sequence[str], reader: Callable[[str], Any]) -> tuple[Any, ...]:
    """Values as a reader reads each. ValueError if one cannot be, or if they are too many."""
    if len(values) > VALUES_MAX:
        raise ValueError(f"has {len(values)} values; at most {VALUES_MAX} can be asked for at once.")
    return tuple(dict.fromkeys(reader(value.strip()) for value in values))


# -- one value


def one_of_words(values: Iterable[str]) -> Callable[[str], str]:
    """A reader of one word of a closed list."""
    known = {value.casefold(): value for value in values}

    def read(text: str) -> str:
        found = known.get(text.casefold())
        if found is None:
            raise ValueError(f"must be one of {', '.join(known.values())}, not {quoted(text)}.")
        return found

    return read


def quoted(text: str) -> str:
    """What was given, as errors repeat it."""
    return repr(text if len(text) <= ENTITY_NAMED_MAX else f"{text[:ENTITY_NAMED_MAX]}…")


def _objective(text: str) -> int | str:
    if text.casefold() == NOT_STATED:
        return NOT_STATED
    number = int(text) if re.fullmatch(r"\d{1,2}", text, re.ASCII) else 0
    if number not in OBJECTIVES:
        raise ValueError(
            f"must be a number from 1 to {len(OBJECTIVES)}, or {NOT_STATED}, not {quoted(text)}."
        )
    return number


def _cycle(text: str) -> int:
    if not re.fullmatch(r"\d{4}", text, re.ASCII):
        raise ValueError(f"must be the year of a cycle such as 2022, not {quoted(text)}.")
    return int(text)


def _country(text: str) -> str:
    if text.casefold() == NOT_STATED:
        return NOT_STATED
    if text.upper() not in STATES:
        raise ValueError(
            f"must be the ISO 3166 alpha-3 code of a State such as KEN, or {NOT_STATED}, not {quoted(text)}."
        )
    return text.upper()


def _words(text: str) -> str:
    if len(text) > WORDS_MAX:
        raise ValueError(f"must have at most {WORDS_MAX} characters, it has {len(text)}.")
    return text


def entity_named(text: str) -> str:
    """What may be the name of an entity in an address."""
    if len(text) > ENTITY_NAMED_MAX or "\x00" in text:
        raise ValueError("must be the id, the slug or, of a State, the ISO 3166 alpha-3 code of an entity.")
    return text


_truth = one_of_words(("true", "false"))


def _moment(text: str) -> datetime:
    try:
        if re.match(r"\d{4}(-\d\d){0,2}$", text, re.ASCII):
            return datetime.combine(first_day(parse_partial_date(text)), time(), UTC)
        return parse_instant(text)
    except ValueError:
        raise ValueError(
            f"must be a time such as 2022-05-17T12:00:00Z or a date, not {quoted(text)}."
        ) from None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "q": _words,
    "objective": _objective,
    "principle": one_of_words((*PRINCIPLES, NOT_STATED)),
    "form": one_of_words((*get_args(Form), NOT_STATED)),
    "type": one_of_words((*get_args(PledgeType), NOT_STATED)),
    "status": one_of_words(get_args(Status)),
    "category": one_of_words((*get_args(Category), NOT_STATED)),
    "kind": one_of_words((*get_args(Kind), NOT_STATED)),
    "entity": entity_named,
    "region": one_of_words((*REGIONS, NOT_STATED)),
    "country": _country,
    "cycle": _cycle,
    "overdue": lambda text: _truth(text) == "true",
    "stale": one_of_words(("amber", "red", "true", "false")),
    "updated_since": _moment,
}
