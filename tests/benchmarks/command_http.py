"""Commands over HTTP, committed and readable, beside a bare Flask route with one INSERT and COMMIT.

python -m tests.benchmarks.command_http [SECONDS A ROUND]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle
from threading import Barrier, Lock, Thread
from typing import Any
from uuid import uuid4

from tests.benchmarks.http_client import Answer, Connection
from tests.benchmarks.processor_time import spent
from tests.benchmarks.serving import CONNECTIONS, DESCRIPTION, Pledger, Served, progress_report, served

ROUNDS = 5
PLEDGES_EACH = 250
PAPERS_EACH = 50
PEER = "bare Flask route, one INSERT"
NUMBERS = count(1)
Send = Callable[[], Answer]


@dataclass
class Measured:
    """What some connections sent, each waiting for the answer before it sent the next."""

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    lagging: int = 0
    processor: Counter[str] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.taken) / self.seconds


# -- who sends what: one sender for each connection


def _rows(port: int) -> Iterator[Send]:
    for _ in range(CONNECTIONS):
        yield partial(_send, Connection(port), "POST", cycle(["/rows"]), progress_report)


def _reports(port: int, pledgers: Sequence[Pledger], *, with_keys: bool) -> Iterator[Send]:
    for pledger in pledgers:
        paths = cycle([f"/api/v1/pledges/{pledge}/progress-reports" for pledge in pledger.pledges])
        connection = Connection(port, pledger.token)
        yield partial(_send, connection, "POST", paths, progress_report, with_keys=with_keys)


def _changes(port: int, pledgers: Sequence[Pledger]) -> Iterator[Send]:
    for pledger in pledgers:
        connection = Connection(port, pledger.token)
        paths = cycle([_new_paper(connection, pledger) for _ in range(PAPERS_EACH)])
        yield partial(_send, connection, "PATCH", paths, _change)


def _new_paper(connection: Connection, pledger: Pledger) -> str:
    body = {"title": "Schools along the route", "entity": str(pledger.entity), "type": "individual"}
    answer = connection.send("POST", "/api/v1/pledges", body)
    return f"/api/v1/pledges/{json.loads(answer.body)['id']}"


def _change(number: int) -> dict[str, Any]:
    return {"changes": {"description": f"Version {number}. {DESCRIPTION}", "forms": ["policy"]}}


def _send(
    connection: Connection,
    method: str,
    paths: Iterator[str],
    body: Callable[[int], Any],
    *,
    with_keys: bool = False,
) -> Answer:
    key = str(uuid4()) if with_keys else None
    return connection.send(method, next(paths), body(next(NUMBERS)), key=key)


# -- measuring


def measure(senders: Sequence[Send], seconds: float) -> Measured:
    """Let all of them send for so long."""
    measured, lock, together = Measured(), Lock(), Barrier(len(senders) + 1)

    def run(send: Send) -> None:
        together.wait()
        until = time.perf_counter() + seconds
        taken, lagging = [], 0
        while (began := time.perf_counter()) < until:
            answer = send()
            assert answer.status == 200, answer.body
            lagging += b"\r\nx-lag:" in answer.head.lower()
            taken.append(time.perf_counter() - began)
        with lock:
            measured.taken += taken
            measured.lagging += lagging

    threads = [Thread(target=run, args=[send]) for send in senders]
    for thread in threads:
        thread.start()
    together.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    measured.seconds = time.perf_counter() - began
    return measured


def _kinds(register: Served) -> dict[str, list[Send]]:
    port, pledgers = register.port, register.pledgers
    return {
        PEER: list(_rows(register.bare_port)),
        "progress report": list(_reports(port, pledgers, with_keys=False)),
        "the same, Idempotency-Key": list(_reports(port, pledgers, with_keys=True)),
        "PATCH of a working paper": list(_changes(port, pledgers)),
    }


def main(seconds: float) -> None:
    with served(PLEDGES_EACH) as register:
        kinds = _kinds(register)
        for senders in kinds.values():  # connections, caches and plans are warm from here on
            measure(senders, 1.0)
        print(f"{CONNECTIONS} connections, {ROUNDS} interleaved rounds of {seconds:g} s; commands/s by round")
        rounds: dict[str, list[Measured]] = {kind: [] for kind in kinds}
        for _ in range(ROUNDS):
            for kind, senders in kinds.items():
                before = spent(register)
                measured = measure(senders, seconds)
                measured.processor = spent(register) - before
                rounds[kind].append(measured)
        for kind, ours in rounds.items():
            _print(kind, ours, rounds[PEER])


def _print(kind: str, rounds: Sequence[Measured], peers: Sequence[Measured]) -> None:
    speeds = [measured.per_second for measured in rounds]
    ratio = statistics.median(
        ours.per_second / peer.per_second for ours, peer in zip(rounds, peers, strict=True)
    )
    taken = sorted(one for measured in rounds for one in measured.taken)
    p50, p99 = taken[len(taken) // 2] * 1000, taken[len(taken) * 99 // 100] * 1000
    lagging = sum(measured.lagging for measured in rounds)
    print(
        f"{kind:29} {statistics.median(speeds):6.0f}/s {[round(speed) for speed in speeds]}  "
        f"ratio {ratio:.2f}   p50 {p50:.1f} ms, p99 {p99:.1f} ms   {lagging} answered before readable"
    )
    processor = sum((measured.processor for measured in rounds), Counter[str]())
    each = ", ".join(
        f"{part} {milliseconds / len(taken):.2f}" for part, milliseconds in processor.most_common()
    )
    print(f"    processor milliseconds a command: {each}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0)
