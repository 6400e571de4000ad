"""How long a page of the search for events takes, each filter alone, beside reading one page by position.

python -m tests.benchmarks.event_search [EVENTS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import Connection

from domain.actors import Actor, Grant
from domain.pledges.sight import eyes_of
from domain.reference.states import state_id
from projections.batch import Batch, Pledges
from projections.database import places
from projections.entities.read_model import EntitiesModel
from projections.moments import Moment
from projections.questions import SNAPSHOT
from projections.read_model import ReadModel, schema_of
from projections.timeline import search
from projections.timeline.event_filters import EventFilters
from projections.timeline.read_model import TimelineModel
from tests.benchmarks.made_up_events import BEGIN, MadeUp
from tests.benchmarks.servers import benchmark_database
from tests.benchmarks.stored_events import store

MODELS: Sequence[ReadModel] = (EntitiesModel(), TimelineModel())
EVENTS_EACH = 4
AT_ONCE = 2_000
ROUNDS = 5
FILTERS: tuple[dict[str, str], ...] = (
    {}, {"name": "pledge.made"}, {"name": "pledge.withdrawn"}, {"name": "cycle."}, {"role": "pledger"},
    {"role": "secretariat"}, {"entity": "KEN"}, {"pledge": "2022-0042"}, {"field": "narrative"},
    {"field": "status"}, {"field": "slug"}, {"from": "2026-01-03", "to": "2026-01-04"},
    {"effective_from": "2026-01-03", "effective_to": "2026-01-04"}, {"effective_to": "2026-01-01"},
)  # fmt: skip
STATEMENT = "SELECT * FROM timeline_events ORDER BY position DESC LIMIT 51"
OF_ALL = Actor(account=state_id("KEN"), grants=(Grant(role="auditor"),))
OF_ONE = Actor(account=state_id("KEN"), grants=(Grant(role="auditor", entity=state_id("KEN")),))


def milliseconds(ask: Any) -> float:
    """The middle of some rounds."""
    found = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ask()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)


def fill(connection: Connection[Any], events: int) -> Moment:
    """So many events, and the read models that the search is answered from."""
    stored = store(connection, MadeUp(events // EVENTS_EACH, EVENTS_EACH).events())
    folded = Pledges()
    for model in MODELS:
        with connection.transaction():
            places.make_tables(connection, model)
    for some in places.in_batches(connection, 0, stored, AT_ONCE):
        batch = Batch(some, folded)
        for model in MODELS:
            with connection.transaction():
                places.work_in(connection, schema_of(model))
                model.apply(connection, batch)
                places.move(connection, [model], some[-1].position, live=True)
    connection.execute(f"VACUUM (ANALYZE) {schema_of(MODELS[1])}.timeline_events")  # type: ignore[arg-type]
    return Moment(position=stored, at=BEGIN, is_now=True)


def ask(connection: Connection[Any], asked: dict[str, str], viewer: Actor | None, moment: Moment) -> int:
    """One page."""
    with connection.transaction():
        connection.execute(SNAPSHOT.replace("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;", ""))
        return search.events(
            connection, EventFilters.from_args(asked), eyes=eyes_of(viewer), moment=moment
        ).total


def main(events: int) -> None:
    with benchmark_database(MODELS) as urls, psycopg.connect(urls.app, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        moment = fill(connection, events)
        names = ", ".join(map(schema_of, MODELS))
        connection.execute(f"SET search_path TO {names}, pledges, public")  # type: ignore[arg-type]
        peer = milliseconds(lambda: connection.execute(STATEMENT).fetchall())
        print(f"{moment.position:,} events; a page by position alone: {peer:.1f} ms")
        for asked in FILTERS:
            for who, viewer in (("public", None), ("auditor of all", OF_ALL), ("auditor of one", OF_ONE)):
                total = ask(connection, asked, viewer, moment)
                spent = milliseconds(lambda a=asked, v=viewer: ask(connection, a, v, moment))  # type: ignore[misc]
                print(f"{spent:7.1f} ms {spent / peer:6.1f} x  {total:8,} found  {who:15} {asked}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
