"""What a rebuild of all read models takes: its memory must not grow with the number of events.

python -m tests.benchmarks.rebuild_memory [EVENTS]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import psycopg

from projections.projector import Projector
from projections.read_models import READ_MODELS
from tests.benchmarks.made_up_events import MadeUp
from tests.benchmarks.servers import benchmark_database
from tests.benchmarks.stored_events import store

EVENTS_EACH = 5
MEGABYTE = 1024  # ru_maxrss counts kilobytes on Linux


def rebuild(app_url: str) -> None:
    """Feed all read models from nothing, in a process of its own, and say what it took."""
    started = time.perf_counter()
    Projector(app_url, READ_MODELS).catch_up()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    print(f"peak {peak:,.0f} MB, {time.perf_counter() - started:,.0f} s", flush=True)


def main(events: int) -> None:
    with benchmark_database(READ_MODELS) as urls:
        with psycopg.connect(urls.app, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            stored = store(connection, MadeUp(events // EVENTS_EACH, EVENTS_EACH).events())
        print(f"{stored:,} events, all read models", flush=True)
        command = [sys.executable, "-m", "tests.benchmarks.rebuild_memory", "--child", urls.app]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        rebuild(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
