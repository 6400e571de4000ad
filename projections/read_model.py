"""What a read model is: tables that follow from the events alone, in a schema of their own.

Must not know which read models there are, nor how they are kept up to date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from psycopg import Connection

if TYPE_CHECKING:
    from projections.batch import Batch


class ReadModel(Protocol):
    """Tables that answer questions, built from the events in the order of their positions.

    Its tables are named without a schema: whoever calls has set the search path, so that the same
    statements fill the live tables and a build beside them. Their names begin with the read model's name,
    no two read models share one, and a read model reads no tables but its own. The same events have to give
    the same rows, however they are cut into batches: no clock, no random values, no serial numbers.
    """

    @property
    def name(self) -> str:
        """Lower-case letters and underscores."""
        ...

    @property
    def version(self) -> int:
        """Raised when tables or rows change: the new ones are built beside the old ones."""
        ...

    def create(self, connection: Connection[Any]) -> None:
        """Make the empty tables, with their indexes, types and functions."""
        ...

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        """Bring the tables forward by these events, in the caller's transaction.

        Whatever it raises undoes the whole batch for this read model and stops it, and it alone.
        """
        ...


def schema_of(model: ReadModel, *, building: bool = False) -> str:
    """The schema that holds a read model's tables: one for each version, and one for a build beside it."""
    return schema_name(model.name, model.version) + ("_building" if building else "")


def schema_name(name: str, version: int) -> str:
    """The schema of a version of a read model."""
    return f"pledges_{name}_{version}"
