"""Events told one after the other, and read models fed with them: how tests of read models are arranged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from msgspec.structs import replace
from psycopg import Connection, sql

from domain.recording import Acting, Authority, Fact, Recorded, record
from projections.batch import Batch, Pledges
from projections.moments import Moment
from projections.read_model import ReadModel, schema_of
from tests.conftest import Database

BEGINNING = datetime(2026, 1, 1, 12, tzinfo=UTC)
ACCOUNT = UUID("01900000-0000-7000-8000-00000000acc0")


_TOLD: WeakKeyDictionary[Connection[Any], list[Recorded]] = WeakKeyDictionary()
"""What was fed by way of a connection, in the place of the events that are stored."""


@dataclass
class Story:
    """Events in their order: positions and versions are counted, a day passes with each."""

    events: list[Recorded] = field(default_factory=list)
    versions: dict[UUID, int] = field(default_factory=dict)
    step: timedelta = timedelta(days=1)

    @property
    def position(self) -> int:
        return len(self.events)

    def tell(
        self, stream: UUID, fact: Fact, *, role: str = "secretariat", entity: UUID | None = None,
        effective_on: str | None = None, way: str = "api", **acting: Any,
    ) -> Recorded:  # fmt: skip
        """One more thing that happened."""
        now = BEGINNING + self.step * self.position
        self.versions[stream] = self.versions.get(stream, 0) + 1
        who = Acting(actor=ACCOUNT, role=role, entity=entity, authority=Authority(kind=way), **acting)
        day = effective_on or now.date().isoformat()
        said = record(
            fact, stream=stream, version=self.versions[stream], acting=who, effective_on=day, now=now
        )
        event = Recorded(replace(said.header, position=self.position + 1), fact)
        self.events.append(event)
        return event

    def moment(self, position: int | None = None) -> Moment:
        """The moment of a position, or of the last one."""
        at = self.position if position is None else position
        return Moment(position=at, at=BEGINNING + self.step * max(at - 1, 0), is_now=position is None)


@contextmanager
def fed(
    database: Database, models: Sequence[ReadModel], events: Sequence[Recorded] = (), batch: int = 1000
) -> Iterator[Connection[Any]]:
    """The application's connection, seeing these read models with nothing in them but these events."""
    schemas = [schema_of(model) for model in models]
    with psycopg.connect(database.owner_url) as owner:
        for schema in map(sql.Identifier, schemas):
            owner.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
            owner.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
            owner.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO pledges_app").format(schema))
    with psycopg.connect(database.app_url) as connection:
        for schema, model in zip(schemas, models, strict=True):
            _look_into(connection, [schema])
            model.create(connection)
        _look_into(connection, schemas)
        feed(connection, models, events, batch)
        yield connection


def _look_into(connection: Connection[Any], schemas: Sequence[str]) -> None:
    names = [sql.Identifier(name) for name in (*schemas, "pledges", "public")]
    connection.execute(sql.SQL("SET search_path TO {}").format(sql.SQL(", ").join(names)))


def feed(
    connection: Connection[Any], models: Sequence[ReadModel], events: Sequence[Recorded], batch: int = 1000
) -> None:
    """Give the events to the read models, so many at a time."""
    told = _TOLD.setdefault(connection, [])
    for start in range(0, len(events), batch):
        told += events[start : start + batch]
        some = Batch(events[start : start + batch], Pledges(_earlier))
        for model in models:
            model.apply(connection, some)


def _earlier(connection: Connection[Any], streams: list[UUID], before: int) -> list[Recorded]:
    return [e for e in _TOLD[connection] if e.position < before and e.header.stream in streams]


def rows_of(connection: Connection[Any], model: ReadModel) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a read model, table by table, in an order that does not depend on how they came."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema_of(model)]
    ).fetchall()
    select = sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1")
    return {name: connection.execute(select.format(sql.Identifier(name))).fetchall() for (name,) in tables}
