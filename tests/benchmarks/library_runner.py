"""The peer of the projector: the event store library's own runner, which upserts one row an event."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

WORDS = "Regular pathways for migrants and their families, with the partners that it takes. " * 8
SAVED_AT_ONCE = 50


class Promise(Aggregate):
    """As much as a pledge's first event says."""

    @event("Made")
    def __init__(self, title: str, description: str) -> None:
        self.title, self.description = title, description


class Promises(Application[UUID]):
    """The events that the runner reads."""


class Rows(PostgresTrackingRecorder):
    """One row an aggregate, written as the library's documentation does it."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.table = "promises_rows"
        self.sql_create_statements.append(
            sql.SQL(
                "CREATE TABLE IF NOT EXISTS {}.promises_rows (id uuid PRIMARY KEY, title text, words text)"
            ).format(sql.Identifier(datastore.schema))
        )
        self.upsert = sql.SQL(
            "INSERT INTO {}.promises_rows VALUES (%s, %s, %s) "
            "ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, words = EXCLUDED.words"
        ).format(sql.Identifier(datastore.schema))

    def put(self, promise: UUID, title: str, words: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self.upsert, (promise, title, words), prepare=True)


class ToRows(Projection[Rows]):
    """One upsert an event."""

    name = "to_rows"
    topics = ()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.put(domain_event.originator_id, domain_event.title, domain_event.description, tracking)


def events_per_second(owner_url: str, events: int) -> float:
    """How fast the library's runner goes through so many events."""
    env = _environment(owner_url)
    app = Promises(env)
    last = 0
    for _ in range(0, events, SAVED_AT_ONCE):
        promises = [Promise(f"Pledge {uuid4()}", WORDS) for _ in range(SAVED_AT_ONCE)]
        last = app.save(*promises)[-1].notification.id
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Promises, projection_class=ToRows, view_class=Rows, env=env
    ) as runner:
        runner.wait(last, timeout=600)
        took = time.perf_counter() - started
    runner.view.datastore.close()
    app.close()
    return events / took


def _environment(owner_url: str) -> dict[str, str]:
    address = conninfo_to_dict(owner_url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(address["dbname"]),
        "POSTGRES_HOST": str(address.get("host") or "127.0.0.1"),
        "POSTGRES_PORT": str(address.get("port") or "5432"),
        "POSTGRES_USER": str(address["user"]),
        "POSTGRES_PASSWORD": str(address.get("password") or ""),
        "POSTGRES_SCHEMA": "public",
    }
