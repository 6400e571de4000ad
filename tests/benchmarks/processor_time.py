"""How much processor time each part of what is served has taken: who takes most, whoever waits for whom."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import psutil

from tests.benchmarks.serving import Served

ALL_SESSIONS = "SELECT pid FROM pg_stat_activity"


def spent(served: Served) -> Counter[str]:
    """Millitaken so far, by part; of the database if it runs here."""
    taken: Counter[str] = Counter({"sending": _of(psutil.Process())})
    for child in psutil.Process(served.process).children():
        taken["projector" if "work" in child.cmdline() else "web"] += _with_children(child)
    taken["peer"] = _with_children(psutil.Process(served.bare_process))
    with served.runtime.pool.connection() as connection:
        sessions = [pid for (pid,) in connection.execute(ALL_SESSIONS)]
    for pid in sessions:
        with suppress(psutil.NoSuchProcess):
            taken["database"] += _of(psutil.Process(pid))
    return taken


def _with_children(process: psutil.Process) -> int:
    return sum(_of(one) for one in (process, *process.children(recursive=True)))


def _of(process: psutil.Process) -> int:
    times = process.cpu_times()
    return round((times.user + times.system) * 1000)
