"""What one row says, column by column. What is blank is unknown; what is there is valid or refused.

Must not know the register: who a name means there is found out by whoever uses the row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args

import msgspec

from domain.contact_words import contact_words
from domain.errors import InvalidInput
from domain.imports.cells import clean, clears, read_codes, read_list, read_text
from domain.imports.columns import COLUMNS
from domain.reference.compact import find_objective, find_principle
from domain.reference.currencies import CURRENCIES
from domain.reference.states import find_state
from domain.reference.vocabularies import Basis, Category, Form, Kind, Level, PledgeType
from domain.reservations import name_key
from domain.values import ERASED, Money, Value, duplicates, parse_money, parse_partial_date

REF_CHARS_MAX = 200
KEPT_CHARS_MAX = 1000
SHOWN_CHARS_MAX = 60
SPREADSHEET_ERRORS = frozenset(
    {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#UNCALCULATED!",
    }
)
T = TypeVar("T")


class Named(Value, kw_only=True):
    """Somebody who pledges, as a row names them: a State, perhaps through an office, or any other name."""

    name: str
    state: str | None = None
    office: str | None = None

    @property
    def key(self) -> str:
        """The same for two ways of naming the same."""
        return self.state or name_key(self.name)


class Row(Value, kw_only=True):
    """What one row says of a pledge."""

    ref: str
    title: str
    pledger: Named
    category: Category | None = None
    kind: Kind | None = None
    kind_in_words: str | None = None
    co_pledgers: tuple[Named, ...] = ()
    type: PledgeType | None = None
    forms: tuple[Form, ...] = ()
    objectives: tuple[int, ...] = ()
    objectives_basis: Basis | None = None
    principles: tuple[str, ...] = ()
    amount: Money | None = None
    levels: tuple[Level, ...] = ()
    scope_in_words: str | None = None
    countries: tuple[str, ...] = ()
    announced_on: str | None = None
    due_on: str | None = None
    targets: tuple[str, ...] = ()
    status_note: str | None = None
    summary: str | None = None
    kept: dict[str, str] = msgspec.field(default_factory=dict)


Cells = Mapping[str, str]


def clean_cells(cells: Cells) -> dict[str, str]:
    """The cells as they are kept and compared. InvalidInput names the columns that hold what no text may.

    Where an export shows that words were erased by law, it says nothing: the cell counts as blank.
    """
    cleaned, errors = {}, {}
    for column, cell in cells.items():
        try:
            cleaned[column] = "" if cell.strip() == ERASED else _not_an_error(clean(cell))
        except ValueError as problem:
            errors[column] = [str(problem)]
    if errors:
        raise InvalidInput(errors)
    return cleaned


def _not_an_error(cell: str) -> str:
    if cell in SPREADSHEET_ERRORS:
        raise ValueError(f"holds {cell}, with which spreadsheets say that a formula has no result.")
    return cell


def read_row(cells: Cells) -> Row:
    """What clean cells say. InvalidInput names each column whose cell breaks a rule."""
    reading = _Reading(cells)
    said = {field: reading.read(column, read) for column, (field, read) in _READERS.items()}
    _complete(said, reading)
    kept = {column: cell for column, cell in cells.items() if column not in COLUMNS and cell}
    for column, cell in kept.items():
        reading.check(column, lambda cell=cell: _kept(cell))  # type: ignore[misc]
    reading.raise_if_any()
    if any(named.office for named in said["co_pledgers"] or ()):
        # A partner is an entity; the office it acts through would be lost.
        kept["co_pledgers"] = cells["co_pledgers"]
    return Row(kept=kept, **{field: value for field, value in said.items() if value is not None})


class _Reading:
    """The cells of a row, and the rules that were found broken."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.errors: dict[str, list[str]] = {}

    def read(self, column: str, read: Callable[[str], T]) -> T | None:
        cell = self.cells.get(column, "")
        if not cell or clears(cell):
            return None
        return self.check(column, lambda: read(cell))

    def check(self, column: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValueError as problem:
            self.say(column, str(problem))
            return None

    def say(self, column: str, rule: str) -> None:
        self.errors.setdefault(column, []).append(rule)

    def is_said(self, column: str) -> bool:
        cell = self.cells.get(column, "")
        return bool(cell) and not clears(cell)

    def raise_if_any(self) -> None:
        if self.errors:
            raise InvalidInput(self.errors)


# -- one cell


def _ref(cell: str) -> str:
    if len(cell) > REF_CHARS_MAX or "\n" in cell:
        raise ValueError(f"must stand on one line of at most {REF_CHARS_MAX} characters.")
    return cell


def _named(name: str) -> Named:
    """A name, or `State (Office)`."""
    state = find_state(name)
    if state is not None:
        return Named(name=name, state=state.iso3)
    # From the right: names of States have brackets of their own, as Bolivia's has.
    for bracket in reversed([found.start() for found in re.finditer(r"\(", name)]):
        state = find_state(name[:bracket])
        if state is not None and name.endswith(")") and (office := name[bracket + 1 : -1].strip()):
            return Named(name=name, state=state.iso3, office=office)
    return Named(name=name)


def _distinct(items: Iterable[T], what: Callable[[T], object] = lambda item: item) -> tuple[T, ...]:
    listed = tuple(items)
    if again := duplicates(map(what, listed)):
        raise ValueError(f"must hold no duplicates ({again[0]}).")
    return listed


def _co_pledgers(cell: str) -> tuple[Named, ...]:
    return _distinct(map(_named, read_list(cell)), lambda named: named.key)


def _word(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip().casefold())


def _one_of(vocabulary: Any, cell: str) -> Any:
    if (word := _word(cell)) in get_args(vocabulary):
        return word
    raise ValueError(f"{_short(cell)} is not one of {', '.join(get_args(vocabulary))}.")


def _short(cell: str) -> str:
    return f"“{cell}”" if len(cell) <= SHOWN_CHARS_MAX else f"“{cell[:SHOWN_CHARS_MAX]}…”"


def _kind(cell: str) -> str:
    """A kind of the list, or the word as it came."""
    return word if (word := _word(cell)) in get_args(Kind) else read_text(cell)


def _objective(item: str) -> int:
    found = find_objective(item)
    if found is None:
        raise ValueError(f"{_short(item)} is not an objective (1 to 23).")
    return found.number


def _principle(item: str) -> str:
    found = find_principle(item)
    if found is None:
        raise ValueError(f"{_short(item)} is not one of the ten guiding principles, by name or code.")
    return found.slug


def _country(item: str) -> str:
    found = find_state(item)
    if found is None:
        raise ValueError(f"{_short(item)} is not a country known here, by name or code.")
    return found.iso3


_SCOPES: Mapping[str, Level] = {
    "local": "local", "national": "national", "regional": "regional", "global": "international",
    "international": "international",
}  # fmt: skip


def _level(item: str) -> Level:
    level = _SCOPES.get(re.sub(r"\s*\(.*\)\Z", "", item, flags=re.DOTALL).casefold())
    if level is None:
        raise ValueError(f"{_short(item)} is not Local, National, Regional (…), Global or International.")
    return level


def levels_of(scope: str) -> tuple[Level, ...]:
    """The levels that a scope in words means; ValueError names the word that means none."""
    return tuple(dict.fromkeys(map(_level, read_list(scope))))


def _scope(cell: str) -> str:
    levels_of(cell)
    return cell


def _amount(cell: str) -> str:
    parse_money(cell, "USD")
    return cell


def _currency(cell: str) -> str:
    if cell.upper() not in CURRENCIES:
        raise ValueError(f"{_short(cell)} is not an ISO 4217 code such as EUR.")
    return cell.upper()


def _kept(cell: str) -> None:
    if len(cell) > KEPT_CHARS_MAX:
        raise ValueError(f"must have at most {KEPT_CHARS_MAX} characters to be kept.")
    if contact_words(cell):
        raise ValueError("looks like an e-mail address or a telephone number; kept columns stay for ever.")


_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "ref": ("ref", _ref),
    "title": ("title", read_text),
    "pledger": ("pledger", lambda cell: _named(read_text(cell))),
    "pledger_category": ("category", lambda cell: _one_of(Category, cell)),
    "pledger_kind": ("kind", _kind),
    "co_pledgers": ("co_pledgers", _co_pledgers),
    "pledge_type": ("type", lambda cell: _one_of(PledgeType, cell)),
    "forms": ("forms", lambda cell: _distinct(_one_of(Form, item) for item in read_codes(cell))),
    "objectives": ("objectives", lambda cell: _distinct(map(_objective, read_codes(cell)))),
    "objectives_basis": ("objectives_basis", lambda cell: _one_of(Basis, cell)),
    "principles": ("principles", lambda cell: _distinct(map(_principle, read_codes(cell)))),
    "amount": ("amount", _amount),
    "currency": ("currency", _currency),
    "scope": ("scope_in_words", _scope),
    "country_of_implementation": ("countries", lambda cell: _distinct(map(_country, read_codes(cell)))),
    "announced_on": ("announced_on", parse_partial_date),
    "due_on": ("due_on", parse_partial_date),
    "targets": ("targets", lambda cell: tuple(read_list(cell))),
    "status_note": ("status_note", read_text),
    "summary": ("summary", read_text),
}


def meaning(column: str, cell: str) -> object:
    """What one cell says by itself: equal for two ways of writing the same, None for what says nothing.

    Raises ValueError for a cell that breaks its column's rule.
    """
    if not cell or clears(cell):
        return None
    if column not in _READERS:
        return cell
    said = _READERS[column][1](cell)
    if column == "scope":
        return frozenset(levels_of(said))
    if column == "amount":
        return Decimal(said)
    if isinstance(said, tuple):
        return frozenset(_key(item) for item in said) or None
    return _key(said)


def _key(said: object) -> object:
    return (said.key, said.office and name_key(said.office)) if isinstance(said, Named) else said


# -- cells that go together


def _complete(said: dict[str, Any], reading: _Reading) -> None:
    """Put together what stands in several columns, and refuse what contradicts itself."""
    for column in ("ref", "title", "pledger"):
        if not reading.is_said(column):
            reading.say(column, "must be given.")
    _complete_pledger(said, reading)
    _complete_amount(said, reading)
    if said["scope_in_words"] is not None:
        said["levels"] = levels_of(said["scope_in_words"])
    if said["objectives_basis"] and not reading.is_said("objectives"):
        reading.say("objectives_basis", "is given without objectives.")


def _complete_amount(said: dict[str, Any], reading: _Reading) -> None:
    amount, currency = said.pop("amount"), said.pop("currency")
    for column, other in (("amount", "currency"), ("currency", "amount")):
        if reading.is_said(column) and not reading.is_said(other):
            reading.say(other, f"must be given with the {column}.")
    said["amount"] = Money(value=amount, currency=currency) if amount and currency else None


def _complete_pledger(said: dict[str, Any], reading: _Reading) -> None:
    pledger: Named | None = said["pledger"]
    _complete_kind(said, reading)
    if pledger is None or "pledger_category" in reading.errors:
        return
    if pledger.state is None and said["category"] == "state":
        reading.say("pledger", f"{_short(pledger.name)} is not one of the 195 States, by name or code.")
    elif pledger.state and said["category"] in (None, "state"):
        said["category"] = "state"
    elif pledger.state and pledger.office is None:
        reading.say("pledger_category", f"is {said['category']}, but {_short(pledger.name)} is a State.")
    elif pledger.state:
        # A university at a State's seat is no office of that State.
        said["pledger"] = Named(name=pledger.name)


def _complete_kind(said: dict[str, Any], reading: _Reading) -> None:
    kind, category = said["kind"], said["category"]
    said["kind_in_words"] = None
    if kind is None or "pledger_category" in reading.errors:
        return
    if category in ("state", "un_entity"):
        reading.say("pledger_kind", f"is for stakeholders; the category is {category}.")
    elif kind not in get_args(Kind):
        said["kind"], said["kind_in_words"] = "other", kind
    if category is None and said["kind"] == "other":
        reading.say("pledger_category", "must be given where the kind is not one of the list.")
    elif category is None:
        # The kinds of the list are kinds of stakeholders by definition.
        said["category"] = "stakeholder"
