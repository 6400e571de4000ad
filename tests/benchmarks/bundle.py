"""What an auditor's pack takes: time beside reading the same events and packing as many bytes; its memory.

Each in a process of its own. python -m tests.benchmarks.bundle [EVENTS]
"""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls
from projections.projector import Projector
from projections.read_models import READ_MODELS
from projections.settings import Settings
from tests.benchmarks.made_up_events import MadeUp
from tests.benchmarks.reconcile import peak_megabytes
from tests.benchmarks.servers import benchmark_database
from tests.benchmarks.stored_events import store
from workers.bundling import write_bundle

EVENTS_EACH = 5


def _register(urls: DatabaseUrls, folder: Path) -> Runtime:
    return build(Settings(data_dir=folder, secret_key="x" * 40), urls, read_models=READ_MODELS)


def _read_and_pack(urls: DatabaseUrls, path: Path) -> None:
    """The peer: the bytes of the events as they are stored, packed and nothing else."""
    packing = zlib.compressobj()
    with (
        psycopg.connect(urls.owner) as connection,
        connection.cursor().copy("COPY pledges.events TO STDOUT") as rows,
        path.open("wb") as file,
    ):
        file.writelines(packing.compress(some) for some in rows)
        file.write(packing.flush())


def child(what: str, folder: str, *urls: str) -> None:
    """Write one file, and say how long it took and how much memory at most."""
    started, path = time.perf_counter(), Path(folder) / what
    if what == "peer":
        _read_and_pack(DatabaseUrls(*urls), path)
    else:
        runtime = _register(DatabaseUrls(*urls), Path(folder))
        write_bundle(runtime, path, public=what == "public")
        runtime.close()
    print(time.perf_counter() - started, peak_megabytes(), path.stat().st_size)


def main(events: int) -> None:
    with benchmark_database(READ_MODELS) as urls, TemporaryDirectory(prefix="pledges-benchmark-") as folder:
        with psycopg.connect(urls.app, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            stored = store(connection, MadeUp(events // EVENTS_EACH, EVENTS_EACH).events())
        Projector(urls.app, READ_MODELS).catch_up()
        runtime = _register(urls, Path(folder))
        runtime.notary.adopt_first_key()
        Projector(urls.app, READ_MODELS).catch_up()
        runtime.notary.sign()
        runtime.close()
        print(f"{stored:,} events", flush=True)
        peer = 0.0
        for what in ("peer", "operator", "public"):
            command = [sys.executable, "-m", "tests.benchmarks.bundle", "--child", what, folder]
            said = subprocess.run(
                [*command, urls.owner, urls.app, urls.queries], check=True, capture_output=True, text=True
            ).stdout.splitlines()[-1]
            seconds, peak, size = map(float, said.split())
            peer = peer or seconds
            print(
                f"{what:10} {seconds:7.1f} s {stored / seconds:9,.0f} events/s "
                f"{seconds / peer:6.1f} x the peer, peak {peak:,.0f} MB, a file of {size / 1e6:,.1f} MB",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
