"""How fast events become rows, beside the library's own runner: all read models, the board, all but the log.

python -m tests.benchmarks.projector [EVENTS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import psycopg
from psycopg import Connection

from domain.recording import Recorded
from projections.board.read_model import BoardReadModel
from projections.log.read_model import LogModel
from projections.projector import Projector
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from tests.benchmarks.library_runner import events_per_second
from tests.benchmarks.made_up_events import MadeUp
from tests.benchmarks.servers import benchmark_database
from tests.benchmarks.stored_events import store

EVENTS_EACH = 4
PEER_EVENTS = 3_000
ROUNDS = 3


def _speed(app_url: str, models: Sequence[ReadModel], events: int) -> float:
    """Events a second, from the store to committed rows, by the projector itself, from nothing."""
    with psycopg.connect(app_url, autocommit=True) as connection:
        for model in models:
            connection.execute("SELECT drop_read_model_schema(%s)", [f"pledges_{model.name}_{model.version}"])
        connection.execute("DELETE FROM read_models")
    started = time.perf_counter()
    Projector(app_url, models).catch_up()
    return events / (time.perf_counter() - started)


class TimedLog(LogModel):
    """The log, which notes for how long it was at work: both parts of that ratio wait alike for others."""

    spent = 0.0

    def apply(self, connection: Connection[Any], batch: Sequence[Recorded]) -> None:
        started = time.perf_counter()
        super().apply(connection, batch)
        self.spent += time.perf_counter() - started


def main(events: int) -> None:
    board = [BoardReadModel()]
    without_log = [model for model in READ_MODELS if not isinstance(model, LogModel)]
    log = TimedLog()
    with_log = [*without_log, log]
    shares = []
    assert len(without_log) == len(READ_MODELS) - 1
    with benchmark_database(READ_MODELS) as urls:
        with psycopg.connect(urls.app, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            stored = store(connection, MadeUp(events // EVENTS_EACH, EVENTS_EACH).events())
        print(f"{stored:,} events; best of {ROUNDS} rounds, interleaved")
        speeds: dict[str, list[float]] = {
            "library runner": [],
            "board alone": [],
            "all read models": [],
            "without the log": [],
        }
        for _ in range(ROUNDS):
            speeds["library runner"].append(events_per_second(urls.owner, PEER_EVENTS))
            speeds["board alone"].append(_speed(urls.app, board, stored))
            speeds["all read models"].append(_speed(urls.app, with_log, stored))
            shares.append(log.spent * speeds["all read models"][-1] / stored)
            log.spent = 0.0
            speeds["without the log"].append(_speed(urls.app, without_log, stored))
            print("  ", {name: round(values[-1]) for name, values in speeds.items()}, flush=True)
        peer = max(speeds["library runner"])
        for name, values in speeds.items():
            print(
                f"{name:16} {max(values):9,.0f} events/s   {max(values) / peer:5.1f} x the library's runner"
            )
        slower = [
            1 - a / b for a, b in zip(speeds["all read models"], speeds["without the log"], strict=True)
        ]
        print(
            f"the log takes {_told(shares)} of the projector's time, which is {_told(slower)} slower with it"
        )


def _told(shares: Sequence[float]) -> str:
    return f"{median(shares):.0%} ({min(shares):.0%} to {max(shares):.0%})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
