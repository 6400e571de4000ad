"""Serves the register and its peer for benchmarks over HTTP, with pledges and those who report on them."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from domain.accounts.commands import AddAccount, GrantRole
from domain.actors import OPERATOR
from domain.pledges.commands import RecordPledge
from domain.pledges.content import Content, Target
from domain.recording import Authority
from domain.reference.states import state_id
from domain.register import Order, Outcome
from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls, urls_of
from projections.settings import Settings
from tests.benchmarks.http_client import Connection
from tests.benchmarks.servers import benchmark_database

PROCESSES = 2
CONNECTIONS = 8
STATES = ("KEN", "MEX", "PRT", "MLI", "NPL", "ECU", "PHL", "MAR")
READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0
DESCRIPTION = "We will build and staff schools along the route so that children on the move can learn. " * 8
LETTER = Authority(kind="note_verbale", reference="NV 12/2026")


@dataclass(frozen=True)
class Pledger:
    """An account, and the pledges that it reports on."""

    token: str
    entity: UUID
    pledges: Sequence[UUID]
    references: Sequence[str]


@dataclass(frozen=True)
class Served:
    """The register and a bare Flask application: the same server, threads, processes and PostgreSQL."""

    port: int
    process: int
    bare_port: int
    bare_process: int
    runtime: Runtime
    pledgers: Sequence[Pledger]


@contextmanager
def served(pledges_each: int, processes: int = PROCESSES) -> Iterator[Served]:
    """Both, for as long as the block lasts; nothing is left of them."""
    port, bare_port = _free_port(), _free_port()
    serve = ["workers", "serve", "--port", str(port), "--processes", str(processes)]
    bare = ["tests.benchmarks.bare_flask", str(bare_port), str(processes)]
    with TemporaryDirectory(prefix="pledges-benchmark-") as folder, benchmark_database() as urls:
        secret = secrets.token_hex(32)
        env = {"DATABASE_URL": urls.owner, "PLEDGES_SECRET_KEY": secret, "PLEDGES_DATA": folder}
        with (
            _running(serve, env, port, "/healthz") as process,
            _running(bare, env, bare_port, "/rows/last") as bare_process,
        ):
            runtime = _wired(urls, Path(folder), secret)
            try:
                yield Served(
                    port, process, bare_port, bare_process, runtime, _pledgers(runtime, pledges_each)
                )
            finally:
                runtime.close()


def _wired(urls: DatabaseUrls, folder: Path, secret: str) -> Runtime:
    app = urls_of(urls.owner).app
    return build(Settings(data_dir=folder, secret_key=secret), DatabaseUrls(urls.owner, app, app))


@contextmanager
def _running(module: Sequence[str], env: dict[str, str], port: int, answers: str) -> Iterator[int]:
    with Path(os.environ.get("BENCHMARK_LOGS", os.devnull)).open("a") as logs:
        # Ctrl-C is for the benchmark, which then stops what it started.
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=logs, stderr=logs,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_it_answers(process, port, answers)
        yield process.pid
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS_MAX)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), Connection(port) as connection:
            if connection.get(path).status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers at port {port}; set BENCHMARK_LOGS to a file to see why")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _pledgers(runtime: Runtime, pledges_each: int) -> list[Pledger]:
    pledgers = [_pledger(runtime, state_id(code), pledges_each) for code in STATES]
    assert runtime.readers.wait_for(runtime.recorder.max_notification_id() or 0, READY_SECONDS_MAX)
    return pledgers


def _pledger(runtime: Runtime, entity: UUID, pledges: int) -> Pledger:
    account = uuid4()
    runtime.register.handle(AddAccount(account=account), by=OPERATOR)
    runtime.register.handle(GrantRole(account=account, role="pledger", entity=entity), by=OPERATOR)
    runtime.people.add(account, f"{account}@example.org")
    orders = [Order(command=_recorded(entity, number)) for number in range(pledges)]
    outcomes = runtime.register.handle_many(orders, by=OPERATOR)
    made = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    assert len(made) == pledges, outcomes
    references = [_reference(outcome) for outcome in made]
    return Pledger(runtime.tokens.issue(account), entity, [outcome.stream for outcome in made], references)


def _recorded(entity: UUID, number: int) -> RecordPledge:
    target = Target(id="t1", description="Children in school", unit="children", baseline="0", target="240")
    content = Content(
        title=f"Schools along the route {number}", entity=entity, type="individual", description=DESCRIPTION,
        forms=("policy",), objectives=(5, 15), levels=("national",), targets=(target,), due_on="2030",
    )  # fmt: skip
    return RecordPledge(pledge_id=uuid4(), content=content, authority=LETTER)


def _reference(outcome: Outcome) -> str:
    return next(str(event.fact.reference) for event in outcome.events if hasattr(event.fact, "reference"))


def progress_report(number: int) -> dict[str, Any]:
    """A report with words, a measure, and evidence: what pledgers send most."""
    return {
        "effective_on": "2026-06-30",
        "narrative": f"Report {number}: two more schools opened, and teachers were trained for both of them. "
        * 3,
        "measures": [{"target": "t1", "value": str(number % 240)}],
        "outlook": "on_track",
        "evidence": [{"title": "Ministry's bulletin", "url": "https://example.org/bulletin"}],
    }
