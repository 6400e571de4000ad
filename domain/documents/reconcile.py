"""One line of an outside document beside a pledge of the register: which columns say something else.

Must not know files, nor how the pledge is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal
from uuid import UUID

from domain.imports.cells import clears
from domain.imports.columns import COLUMNS, EXPORTED_BESIDE
from domain.imports.render import exported_row
from domain.imports.rows import Named, Row, meaning
from domain.reference.states import state_id
from domain.reservations import name_key
from domain.values import ERASED, Value

Result = Literal["same", "differs", "not_here", "ambiguous", "unreadable", "not_there"]
"""What became of a line; `not_there` is a pledge of the register that no line names."""
RESULTS: tuple[Result, ...] = ("same", "differs", "not_here", "ambiguous", "unreadable", "not_there")

COMPARED = (*COLUMNS, *EXPORTED_BESIDE)
Key = tuple[str, ...]
NamedIds = Mapping[str, UUID]
"""Entities by the keys of their names, as the register knows them."""


class Difference(Value, kw_only=True):
    """A column in which the document says something else than the register."""

    column: str
    theirs: str
    ours: str


class Finding(Value, kw_only=True):
    """What became of one line, or of one pledge that no line names (without a row)."""

    result: Result
    row: int | None = None
    pledge: str | None = None
    reference: str | None = None
    differences: tuple[Difference, ...] = ()
    not_compared: tuple[str, ...] = ()
    note: str | None = None


class Ours(Value, kw_only=True):
    """A pledge of the register, as the columns of an export."""

    id: str
    entity: UUID
    reference: str | None
    cells: dict[str, str]


def ours(pledge: Mapping[str, Any]) -> Ours:
    """A pledge, given as the contract shows it, to be compared."""
    cells = {
        column: "" if cell is None else str(cell)
        for column, cell in exported_row(pledge).items()
    }  # fmt: skip
    entity = UUID(pledge["entity"]["id"])
    return Ours(id=pledge["id"], entity=entity, reference=pledge["reference"], cells=cells)


# -- by what a pledge is found


def keys_of(pledge: Ours) -> Iterator[Key]:
    """By what a line may name a pledge."""
    yield "ref", pledge.cells["ref"]
    if pledge.reference:
        yield "reference", pledge.reference
    yield "title", pledge.cells["title"], str(pledge.entity)


def named_keys(cells: Mapping[str, str]) -> Iterator[Key]:
    """The keys by which a line names a pledge for certain: the source's reference and the register's."""
    for column in ("ref", "reference"):
        if is_said(cells, column):
            yield column, cells[column]


def title_key(cells: Mapping[str, str], row: Row, named: NamedIds) -> Key | None:
    """Exact title and pledger, for a line whose references are not known; None for an unknown pledger."""
    entity = _entity(row.pledger, named)
    return ("title", cells["title"], str(entity)) if entity else None


def _entity(pledger: Named, named: NamedIds) -> UUID | None:
    return state_id(pledger.state) if pledger.state else named.get(name_key(pledger.name))


# -- the comparison


def is_said(cells: Mapping[str, str], column: str) -> bool:
    """Whether a line says anything in a column; `(none)` says that there is nothing."""
    return bool(cells.get(column))


def compared(
    cells: Mapping[str, str], row: Row, pledge: Ours, named: NamedIds
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Where a line says something else than a pledge, and which columns could not be compared.

    A blank cell says nothing, so it contradicts nothing; nor does it agree with what the register knows.
    """
    differences, not_compared = [], []
    for column in COMPARED:
        theirs, held = cells.get(column, ""), pledge.cells[column]
        if held == ERASED or (not theirs and held and column in cells):
            not_compared.append(column)
        elif theirs and not (
            _agree(column, theirs, held) or (column == "pledger" and _is_called(row, pledge, named))
        ):
            differences.append(Difference(column=column, theirs=theirs, ours=held))
    return tuple(differences), tuple(not_compared)


def _agree(column: str, theirs: str, held: str) -> bool:
    return (
        theirs == held or (clears(theirs) and not held) or _meaning(column, theirs) == _meaning(column, held)
    )


def _meaning(column: str, cell: str) -> object:
    """What a cell means; one of the register's own that its column's rule does not allow, as it stands."""
    try:
        return meaning(column, cell)
    except ValueError:
        return cell


def _is_called(row: Row, pledge: Ours, named: NamedIds) -> bool:
    """Whether a line names the pledge's entity by another of its names."""
    return row.pledger.office is None and _entity(row.pledger, named) == pledge.entity


def references(pledges: Iterable[Ours]) -> str:
    """Some pledges in short."""
    return ", ".join(pledge.reference or pledge.id for pledge in pledges)
