"""A small read model, for tests of what feeds read models: how often things happened, and where."""

from __future__ import annotations

from collections import Counter
from typing import Any

from psycopg import Connection

from projections.batch import Batch


class Tally:
    """Counts events by name and remembers each position. Refuses an event called `poison`."""

    def __init__(self, name: str = "tally", version: int = 1, poison: str | None = None) -> None:
        self.name = name
        self.version = version
        self.poison = poison

    def create(self, connection: Connection[Any]) -> None:
        connection.execute(f"CREATE TABLE {self.name}_names (name text PRIMARY KEY, times bigint NOT NULL)")
        connection.execute(
            f"CREATE TABLE {self.name}_seen (position bigint PRIMARY KEY, stream uuid NOT NULL)"
        )

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        if any(event.header.name == self.poison for event in batch):
            raise ValueError(f"{self.name} does not like {self.poison}")
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {self.name}_names AS known VALUES (%s, %s) "
                "ON CONFLICT (name) DO UPDATE SET times = known.times + excluded.times",
                list(Counter(event.header.name for event in batch).items()),
            )
            cursor.executemany(
                f"INSERT INTO {self.name}_seen VALUES (%s, %s)",
                [(event.position, event.header.stream) for event in batch],
            )
