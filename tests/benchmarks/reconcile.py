"""What it takes to reconcile an export with its register, beside reading it with the csv module alone.

Each in a process of its own; every tenth line is changed. python -m tests.benchmarks.reconcile [PLEDGES]
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from projections.board.filters import PledgeFilters
from projections.board.read_model import BoardReadModel
from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls
from projections.entities.read_model import EntitiesModel
from projections.exports import write_csv
from projections.projector import Projector
from projections.questions import BOARD
from projections.reconciling import reconciled
from projections.settings import Settings
from tests.benchmarks.made_up_events import MadeUp
from tests.benchmarks.servers import benchmark_database
from tests.benchmarks.stored_events import store

MODELS = (BoardReadModel(), EntitiesModel())
KILOBYTES = 1024  # of a megabyte
CHANGED_EVERY = 10


def register(urls: DatabaseUrls) -> Runtime:
    return build(Settings(data_dir=Path("unused"), secret_key="x" * 40), urls, read_models=MODELS)


def with_changes(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of an export, every tenth with another scope."""
    for number, line in enumerate(lines):
        yield line if number % CHANGED_EVERY else line.replace(b"National", b"Local")


def export(urls: DatabaseUrls, path: Path) -> int:
    """The public pledges as a CSV file; its size in bytes."""
    runtime = register(urls)
    moment = runtime.questions.moment(of=BOARD)
    pledges = runtime.questions.every_pledge(PledgeFilters(), viewer=None, moment=moment)
    with path.open("wb") as file:
        file.writelines(write_csv(pledges))
    runtime.close()
    return path.stat().st_size


READ_ALONE = """
import csv, re, sys, time
started = time.perf_counter()
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    lines = sum(1 for _ in csv.reader(file)) - 1
seconds = time.perf_counter() - started
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(seconds, peak, f"{lines:,} lines")
"""
"""The same file read and nothing else, by an interpreter that knows nothing else."""


def compare(urls: DatabaseUrls, path: Path) -> str:
    runtime = register(urls)
    moment = runtime.questions.moment(of=BOARD)
    with reconciled(path, runtime.questions, runtime.import_memory, moment) as found:
        for _ in found.findings:
            pass
    runtime.close()
    return f"{found.totals.lines:,} lines: {dict(found.totals.results)}"


def child(path: str, *urls: str) -> None:
    """Compare, and say how long it took and how much memory at most."""
    started = time.perf_counter()
    came_to = compare(DatabaseUrls(*urls), Path(path))
    seconds = time.perf_counter() - started
    print(seconds, peak_megabytes(), came_to)


def peak_megabytes() -> float:
    """The most that this process held; getrusage would count what began it too."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / KILOBYTES


def spent(what: str, *command: str, rows: int) -> tuple[float, float]:
    """Seconds and megabytes of one program, which are also said."""
    said = subprocess.run([sys.executable, *command], check=True, capture_output=True, text=True).stdout
    seconds, peak, came_to = said.strip().split(" ", 2)
    rate = rows / float(seconds)
    print(
        f"{what:10} {float(seconds):7.2f} s {rate:10,.0f} rows/s {float(peak):6.0f} MB  {came_to}", flush=True
    )
    return float(seconds), float(peak)


def main(pledges: int) -> None:
    with benchmark_database(MODELS) as urls, TemporaryDirectory(prefix="pledges-benchmark-") as folder:
        with psycopg.connect(urls.app, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            store(connection, MadeUp(pledges, 1).events())
        Projector(urls.app, MODELS).catch_up()
        path = Path(folder) / "export.csv"
        print(f"{pledges:,} pledges, {export(urls, path) / 1e6:,.1f} MB of CSV", flush=True)
        changed = path.with_name("changed.csv")
        with path.open("rb") as before, changed.open("wb") as after:
            after.writelines(with_changes(before))
        alone = spent("csv", "-c", READ_ALONE, str(changed), rows=pledges)
        again = ("-m", "tests.benchmarks.reconcile", "--child", str(changed))
        ours = spent("reconcile", *again, urls.owner, urls.app, urls.queries, rows=pledges)
        print(f"{ours[0] / alone[0]:.1f} times as long, {ours[1] / alone[1]:.1f} times as much memory")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
