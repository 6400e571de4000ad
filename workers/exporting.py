"""`pledges export`: everything that the register shows in public, or all its events, as a file.

Must not know what a row looks like.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

import click

from domain.pledges.sight import EVERYTHING
from domain.values import rfc3339
from projections import exports
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.database.places import head
from projections.iati import Reporter, write_iati
from projections.moments import Moment
from projections.problems import OperatorProblem
from workers.progress import Bar
from workers.running import wait_until_readable

Format = Literal["csv", "xlsx", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "jsonl")
REPORT_EVERY = 100
T = TypeVar("T")

_WRITERS: dict[Format, Callable[[exports.Pledges], Iterator[bytes]]] = {
    "csv": exports.write_csv,
    "xlsx": exports.write_xlsx,
    "jsonl": exports.write_jsonl,
}


def export_pledges(runtime: Runtime, form: Format, as_of: str | None, path: Path | None) -> None:
    """Write all public pledges, as they are or as they were at a moment."""
    moment = moment_of(runtime, as_of)
    pledges = runtime.questions.every_pledge(PledgeFilters(), viewer=None, moment=moment)
    with Bar("exporting") as bar:
        chunks = _WRITERS[form](_counted(pledges, bar))
        write_out(chunks, path)


def export_iati(runtime: Runtime, as_of: str | None, path: Path | None) -> None:
    """Write the public financial pledges as IATI activities, as they are or as they were at a moment."""
    moment, settings = moment_of(runtime, as_of), runtime.settings
    pledges = runtime.questions.every_pledge(PledgeFilters(), viewer=None, moment=moment)
    reporter = Reporter(organisation=settings.iati_organisation, base_url=settings.base_url)
    with Bar("exporting") as bar:
        write_out(write_iati(_counted(pledges, bar), reporter=reporter, at=rfc3339(moment.at)), path)


def write_events(runtime: Runtime, path: Path | None) -> None:
    """Write all events that are recorded now, a line each."""
    last = runtime.recorder.max_notification_id() or 0
    with Bar("exporting", last) as bar:
        write_out(_counted(runtime.log.lines(last, EVERYTHING), bar), path)


def moment_of(runtime: Runtime, as_of: str | None) -> Moment:
    """The moment that a command asks for; now, with all that is recorded by now."""
    if as_of is None:
        with runtime.pool.connection() as connection:
            position = head(connection)
        wait_until_readable(runtime, position)
    return runtime.questions.moment(as_of)


def _counted(things: Iterable[T], bar: Bar) -> Iterator[T]:
    for number, thing in enumerate(things, 1):
        yield thing
        if number % REPORT_EVERY == 0:
            bar.at(number)


def write_out(chunks: Iterator[bytes], path: Path | None) -> None:
    """Write a file, whole or not at all; to standard output without a path."""
    if path is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.flush()
        return
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
        unfinished.replace(path)
    except OSError as error:
        raise OperatorProblem(f"{path} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"written to {path}", err=True)
