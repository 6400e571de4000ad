"""`pledges serve`: the whole register on one machine, from one command, and nothing left of it when it stops.

Must not know how any part works.
"""

from __future__ import annotations

import http.client
import os
import shlex
import signal
import sys
import time
from pathlib import Path

import click
import structlog

from domain.errors import UnreadableEvent
from domain.founding import found
from projections.composition import Runtime
from projections.database.embedded import revive_cluster, running_database
from projections.database.migrate import migrate
from projections.problems import OperatorProblem
from projections.settings import Settings, read_settings
from workers.logs import configure_logs
from workers.ports import refuse_taken_port
from workers.running import wired
from workers.sample import load_sample
from workers.supervisor import Child, Children

LOOK_SECONDS = 0.2
READY_SECONDS_MAX = 60.0
ATTEMPTS_MAX = 4
SAID_AGAIN = ("PLEDGES_DATA", "PLEDGES_BASE_URL")
"""Settings without secrets, by which a command finds the register that is served."""

log = structlog.get_logger(__name__)


def serve(host: str, port: int, processes: int, *, sample: bool) -> None:
    """Run everything until Ctrl-C or SIGTERM."""
    settings = read_settings()
    configure_logs(settings.log)
    _stop_on(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    refuse_taken_port(host, port)
    children = Children()
    try:
        with running_database(settings) as urls:
            try:
                migrate(urls.owner)
                children.add("work", "work")
                with wired(settings, urls) as runtime:
                    _prepare(runtime, sample=sample)
                web = children.add(
                    "web", "web", "--host", host, "--port", str(port), "--processes", str(processes)
                )
                _wait_until_it_answers(children, web, host, port)
                _say_ready(host, port)
                _tend(children, settings)
            finally:
                _ignore_further_signals()
                children.stop()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


def _prepare(runtime: Runtime, *, sample: bool) -> None:
    found(runtime.register)
    try:
        runtime.notary.adopt_first_key()
        if sample:
            load_sample(runtime)
    except UnreadableEvent as problem:
        # Who looks into a store that was tampered with needs its pages; /readyz says what is wrong.
        log.warning("store.unreadable", problem=str(problem))


def _wait_until_it_answers(children: Children, web: Child, host: str, port: int) -> None:
    until = time.monotonic() + READY_SECONDS_MAX
    while not _answers(host, port):
        if web.ended >= ATTEMPTS_MAX or time.monotonic() > until:
            raise OperatorProblem("the web server does not start; its log above says why")
        time.sleep(LOOK_SECONDS)
        children.tend()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _say_ready(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    command = os.path.relpath(sys.argv[0]) if Path(sys.argv[0]).name == "pledges" else "pledges"
    click.echo(f"Ready on http://{shown}:{port}")
    # Commands that are given other settings speak of another register.
    given = [f"{name}={shlex.quote(os.environ[name])} " for name in SAID_AGAIN if name in os.environ]
    command = "".join(given) + command
    add = f"{command} accounts add YOU@EXAMPLE.ORG --role secretariat"
    click.echo(f"To sign in: {add} && {command} accounts invite YOU@EXAMPLE.ORG")
    click.echo(f"For an access token: {add} --token")
    sys.stdout.flush()


def _tend(children: Children, settings: Settings) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        children.tend()
        if settings.is_embedded:
            _tend_database(settings)


def _tend_database(settings: Settings) -> None:
    try:
        if revive_cluster(settings.data_dir):
            log.warning("database.restarted")
    except OperatorProblem as problem:
        log.warning("database.down", problem=str(problem))


def _stop_on(*wishes: signal.Signals) -> None:
    for wish in wishes:
        if signal.getsignal(wish) is not signal.SIG_IGN:  # nohup is a wish too
            signal.signal(wish, signal.default_int_handler)


def _ignore_further_signals() -> None:
    for wish in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(wish, signal.SIG_IGN)
