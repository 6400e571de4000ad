"""`pledges reconcile`: from a file's name to a row for each finding, and the line that sums them up.

Must not know how lines and pledges are compared.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from domain.documents.reconcile import Finding
from domain.imports.cells import guard
from projections.composition import Runtime
from projections.questions import DOCUMENTS
from projections.reconciling import COLUMNS, Totals, reconciled, table
from workers.exporting import moment_of, write_out


def reconcile_file(runtime: Runtime, path: Path, as_of: str | None, output: Path | None) -> bool:
    """Write what became of each line, and whether document and register agree.

    Raises UnreadableFile and WrongHeader before anything is written.
    """
    moment = moment_of(runtime, as_of)
    with reconciled(path, runtime.questions, runtime.import_memory, moment) as found:
        _say_what_it_is(runtime, found.sha256)
        if found.ignored:
            click.echo(f"Not read: {', '.join(found.ignored)}.", err=True)
        write_out(_csv(found.findings), output)
    # Without a file of its own, what was found is on standard output, and only that.
    click.echo(f"{summary_line(found.totals)}, as of position {moment.position}", err=output is None)
    return found.totals.agrees


def _say_what_it_is(runtime: Runtime, sha256: str) -> None:
    questions = runtime.questions
    known = questions.document(sha256, moment=questions.moment(of=DOCUMENTS))
    if known is None:
        click.echo(f"This file was not deposited (sha256 {sha256}).", err=True)
        return
    day = f", which speaks of {known['as_of_day']}" if known["as_of_day"] else ""
    click.echo(f"Deposited at position {known['position']}: {known['title']}{day}.", err=True)


def summary_line(totals: Totals) -> str:
    """What a reconciliation came to. The first number is the sum of the next five."""
    results = totals.results
    unclear = f", {totals.unclear} of them unclear" if totals.unclear else ""
    return (
        f"{totals.lines} lines: {results['same']} same, {results['differs']} differ, "
        f"{results['not_here']} not here, {results['ambiguous']} ambiguous, "
        f"{results['unreadable']} unreadable; {totals.pledges} pledges{unclear}: "
        f"{results['not_there']} not there"
    )


def _csv(findings: Iterable[Finding]) -> Iterator[bytes]:
    yield _line(COLUMNS)
    for finding in findings:
        for row in table(finding):
            yield _line("" if row[name] is None else guard(str(row[name])) for name in COLUMNS)


def _line(cells: Iterable[str]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
