"""What a backup and a restore take: memory that does not grow with the events, and time beside a bare COPY.

python -m tests.benchmarks.backup [EVENTS]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.conninfo import make_conninfo

from projections.backup.archive import opened
from projections.backup.making import make_backup
from projections.backup.restoring import restore_database
from tests.benchmarks.made_up_events import MadeUp
from tests.benchmarks.servers import benchmark_database
from tests.benchmarks.stored_events import store

EVENTS_EACH = 5
MEGABYTE = 1024  # ru_maxrss counts kilobytes on Linux


def take(what: str, url: str, path: str) -> None:
    """Do one thing in a process of its own, and say what it took."""
    started = time.perf_counter()
    if what == "backup":
        make_backup(url, Path(path), {})
    elif what == "restore":
        with opened(Path(path)) as backup:
            restore_database(url, backup)
    else:
        with (
            psycopg.connect(url) as connection,
            connection.cursor().copy("COPY pledges.events TO STDOUT") as rows,
            Path(path).open("wb") as file,
        ):
            file.writelines(rows)
    seconds = time.perf_counter() - started
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE:.0f} {seconds:.1f}", flush=True)


def took(what: str, url: str, path: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.benchmarks.backup", "--child", what, url, str(path)]
    peak, seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(peak), float(seconds)


def main(events: int) -> None:
    with benchmark_database([]) as urls, TemporaryDirectory() as folder:
        with psycopg.connect(urls.app, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute("SET search_path = pledges")
            stored = store(connection, MadeUp(events // EVENTS_EACH, EVENTS_EACH).events())
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute("CREATE DATABASE empty_one TEMPLATE template0")
        path = Path(folder, "backup")
        _, bare = took("copy", urls.owner, Path(folder, "copy"))
        print(f"{stored:,} events; a bare COPY of them takes {bare:.1f} s", flush=True)
        for what, url in (("backup", urls.owner), ("restore", make_conninfo(urls.owner, dbname="empty_one"))):
            peak, seconds = took(what, url, path)
            print(f"{what}: {seconds:.1f} s, {seconds / bare:.1f} times that; peak {peak:.0f} MB", flush=True)
        print(f"the file has {path.stat().st_size / 2**20:,.0f} MB", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        take(*sys.argv[2:5])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
