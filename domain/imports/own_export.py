"""Rows of the register's own export that come back: which pledge each is of, and what it says otherwise.

Must not know what follows from it; the plan decides that.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from domain.deciding import Context
from domain.entities.document import entity_document
from domain.entities.state import survivor
from domain.imports.columns import COLUMNS
from domain.imports.content import changed_columns, merged
from domain.imports.render import exported_row
from domain.imports.rows import meaning
from domain.pledges.document import document, public_document
from domain.pledges.state import Pledge
from domain.values import utc_day

REFERENCE = "reference"
"""The kind of the reservation by which a pledge holds its reference; exports have a column of that name."""
VERSION = "version"


def named_pledge(ref: str, beside: Mapping[str, str], context: Context) -> Pledge | None:
    """The pledge that a row is of, if it is one of an export of this register.

    The reference is that pledge's and `ref` is what exports say of it: references alone are those of
    another register's exports too, and mean other pledges there.
    """
    reference = beside.get(REFERENCE)
    holder = context.world.holder(REFERENCE, reference) if reference else None
    pledge = context.world.pledge(holder) if holder else None
    if pledge is None:
        return None
    source = pledge.content.source
    return pledge if ref == (source.ref if source else pledge.reference) else None


def is_of_another_version(beside: Mapping[str, str], pledge: Pledge) -> bool:
    """Whether a row says that the pledge was not yet, or no longer, as it is now."""
    return beside.get(VERSION, "") not in ("", str(pledge.version))


def exported_cells(pledge: Pledge, context: Context) -> dict[str, str]:
    """The cells of a public pledge as an export has them now, with those that were kept of its source."""
    shown = public_document(document(pledge))
    partners = [{**one, "entity": _entity(one["entity"], context)} for one in shown["partners"]]
    row = exported_row({**shown, "entity": _entity(shown["entity"], context), "partners": partners})
    source = pledge.content.source
    cells = {column: "" if row[column] is None else str(row[column]) for column in COLUMNS}
    return {**(source.kept if source else {}), **cells}


def _entity(entity_id: str, context: Context) -> dict[str, object]:
    entity = context.world.entity(UUID(entity_id))
    if entity is None:
        raise LookupError(f"a pledge names the entity {entity_id}, which is not there")
    return entity_document(survivor(entity, context.world.entity), utc_day(context.now))


def differing(held: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    """The cells that mean something else than those the register exports. A blank one means nothing."""
    changed = changed_columns(held, merged(held, cells))
    return {
        column: cells[column] for column in changed if not _agree(column, held.get(column, ""), cells[column])
    }


def _agree(column: str, held: str, cell: str) -> bool:
    try:
        return column in COLUMNS and meaning(column, held) == meaning(column, cell)
    except ValueError:  # it breaks its column's rule, which is said where the row is read
        return False
