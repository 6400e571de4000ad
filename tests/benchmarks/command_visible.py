"""How long from when a command was due until a page shows what it said, while 100 a second are sent.

python -m tests.benchmarks.command_visible [SECONDS A ROUND] [COMMANDS A SECOND]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from tests.benchmarks.http_client import Connection
from tests.benchmarks.serving import CONNECTIONS, Pledger, Served, progress_report, served

PLEDGES_EACH = 250
WARM_SECONDS = 2.0
ROUNDS = 3
SEEN_SECONDS_MAX = 5.0
GOAL_MILLISECONDS = 100


@dataclass(frozen=True, slots=True)
class Command:
    """What is sent where, and the mark by which its page shows that it has it."""

    path: str
    body: dict[str, Any]
    page: str
    mark: bytes


@dataclass
class Measured:
    """Seconds from when commands were due until they were answered, and until some of them were seen."""

    answered: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)


def _reports(pledger: Pledger) -> Iterator[Command]:
    for pledge, reference in cycle(zip(pledger.pledges, pledger.references, strict=True)):
        path, page = f"/api/v1/pledges/{pledge}/progress-reports", f"/pledges/{reference}"
        yield _command(path, page)


def _rows() -> Iterator[Command]:
    while True:
        yield _command("/rows", "/rows/last")


def _command(path: str, page: str) -> Command:
    mark = uuid4().hex
    return Command(
        path, {**progress_report(0), "narrative": f"Two more schools: {mark}."}, page, mark.encode()
    )


class Round:
    """Senders that keep to their times, and one who looks at the page of one command after the other."""

    def __init__(
        self, port: int, senders: Sequence[tuple[str | None, Iterator[Command]]], rate: float
    ) -> None:
        self._port, self._senders, self._rate = port, senders, rate
        self._wanted = Event()
        self._watched: SimpleQueue[tuple[float, Command]] = SimpleQueue()
        self._over = Event()
        self.measured = Measured()

    def run(self, seconds: float) -> Measured:
        began = time.perf_counter() + 0.1
        senders = [
            Thread(target=self._send, args=[place, began, seconds]) for place in range(len(self._senders))
        ]
        watcher = Thread(target=self._watch)
        for thread in (watcher, *senders):
            thread.start()
        for thread in senders:
            thread.join()
        self._over.set()
        watcher.join()
        return self.measured

    def _send(self, place: int, began: float, seconds: float) -> None:
        token, commands = self._senders[place]
        with Connection(self._port, token) as connection:
            for turn in range(place, int(seconds * self._rate), len(self._senders)):
                due, command = began + turn / self._rate, next(commands)
                time.sleep(max(0.0, due - time.perf_counter()))
                if self._wanted.is_set():
                    self._wanted.clear()
                    self._watched.put((due, command))
                answer = connection.send("POST", command.path, command.body)
                assert answer.status == 200, answer.body
                self.measured.answered.append(time.perf_counter() - due)

    def _watch(self) -> None:
        with Connection(self._port) as connection:
            while not self._over.is_set():
                self._wanted.set()
                try:
                    due, command = self._watched.get(timeout=0.5)
                except Empty:
                    continue
                while command.mark not in connection.get(command.page).body:
                    assert time.perf_counter() - due < SEEN_SECONDS_MAX, "what was sent is not seen"
                self.measured.seen.append(time.perf_counter() - due)


def _rounds(register: Served, rate: float) -> dict[str, partial[Round]]:
    reports = [(pledger.token, _reports(pledger)) for pledger in register.pledgers]
    rows = [(None, _rows()) for _ in range(CONNECTIONS)]
    return {
        "bare Flask": partial(Round, register.bare_port, rows, rate),
        "the register": partial(Round, register.port, reports, rate),
    }


def main(seconds: float, rate: float) -> None:
    with served(PLEDGES_EACH) as register:
        measured: dict[str, list[Measured]] = {}
        for turn in range(ROUNDS + 1):
            for name, make in _rounds(register, rate).items():
                found = make().run(seconds if turn else WARM_SECONDS)
                if turn:
                    measured.setdefault(name, []).append(found)
        print(
            f"{rate:g} commands/s on {CONNECTIONS} connections, {ROUNDS} interleaved rounds of {seconds:g} s"
        )
        peer = 0.0
        for name, rounds in measured.items():
            seen = _print(name, rounds)
            peer = peer or seen
        print(f"p99 until seen: {seen / peer:.1f} times that of the peer; goal: {GOAL_MILLISECONDS} ms")


def _print(name: str, rounds: Sequence[Measured]) -> float:
    seen = sorted(one for measured in rounds for one in measured.seen)
    answered = sorted(one for measured in rounds for one in measured.answered)
    each = [round(_at(sorted(measured.seen), 0.99)) for measured in rounds]
    print(
        f"{name:13} seen on the page: p50 {_at(seen, 0.5):6.1f} ms, p99 {_at(seen, 0.99):6.1f} ms {each} "
        f"({len(seen)} looked for)   "
        f"answered: p50 {_at(answered, 0.5):.0f} ms, p99 {_at(answered, 0.99):.0f} ms"
    )
    return _at(seen, 0.99)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[int(len(ordered) * share)] * 1000


if __name__ == "__main__":
    main(
        float(sys.argv[1]) if len(sys.argv) > 1 else 10.0, float(sys.argv[2]) if len(sys.argv) > 2 else 100.0
    )
