"""The register as a command finds it: its database running, migrated, with what is there from the start.

Must not know what the command does with it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from domain.founding import found
from projections.composition import Runtime, build
from projections.database.embedded import CLUSTER, running_database
from projections.database.migrate import migrate, migration_gap
from projections.database.roles import DatabaseUrls
from projections.problems import OperatorProblem
from projections.settings import Settings, read_settings
from workers.logs import configure_logs

STILL_SECONDS_MAX = 20.0
LOOK_SECONDS = 1.0


@contextmanager
def the_register() -> Iterator[Runtime]:
    """The register, for as long as the block lasts; the embedded database is brought to this code's shape."""
    settings = read_settings()
    configure_logs(settings.log, quiet=True)
    if settings.is_embedded and not (settings.data_dir / CLUSTER).exists():
        click.echo(f"there was no register in {settings.data_dir} (PLEDGES_DATA): one is made now", err=True)
    with running_database(settings) as urls:
        if settings.is_embedded:
            migrate(urls.owner)
        with wired(settings, urls) as runtime:
            if settings.is_embedded:
                found(runtime.register)
            yield runtime


@contextmanager
def wired(settings: Settings, urls: DatabaseUrls) -> Iterator[Runtime]:
    """The parts of the register over a database that has this code's shape."""
    runtime = build(settings, urls)
    try:
        with runtime.pool.connection() as connection:
            gap = migration_gap(connection)
        if gap is not None:
            raise OperatorProblem(gap)
        yield runtime
    finally:
        runtime.close()


def wait_until_readable(runtime: Runtime, position: int) -> bool:
    """Whether everything up to a position can be read, after waiting for as long as the read models get on.

    Where no projector runs, this process feeds the read models itself. Nobody waits for one that stopped.
    """
    until, reached = time.monotonic() + STILL_SECONDS_MAX, -1
    while not runtime.projector().stand_in():
        if runtime.readers.wait_for_live(position, at_most=LOOK_SECONDS):
            break
        now = _reached(runtime)
        if now > reached:
            until, reached = time.monotonic() + STILL_SECONDS_MAX, now
        if time.monotonic() > until:
            return False
    return all(model["position"] >= position for model in runtime.questions.read_model_status())


def _reached(runtime: Runtime) -> int:
    return sum(model["position"] for model in runtime.questions.read_model_status())
