"""A read model that stops when it is told to, for tests of what others do then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from domain.recording import Recorded
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS


class Moody:
    """One of the register's read models, which refuses all events while it is not well."""

    def __init__(self, name: str) -> None:
        self._model = next(model for model in READ_MODELS if model.name == name)
        self.name, self.version = name, self._model.version
        self.is_well = True

    @property
    def among_all(self) -> list[ReadModel]:
        """All read models, with this one in its place."""
        return [self if model.name == self.name else model for model in READ_MODELS]

    def create(self, connection: Connection[Any]) -> None:
        self._model.create(connection)

    def apply(self, connection: Connection[Any], batch: Sequence[Recorded]) -> None:
        if not self.is_well:
            raise ValueError("not today")
        self._model.apply(connection, batch)
