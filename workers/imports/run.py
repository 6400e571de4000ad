"""`pledges import`: from a file's name to the line that says what became of its rows.

Must not know what cells mean.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import click

from domain.actors import Actor
from domain.imports.cells import guard
from domain.imports.columns import column_key, read_header
from domain.imports.commands import StartImport
from domain.imports.decide import finished
from domain.imports.events import Mode, RowOutcome
from domain.recording import Authority
from projections.composition import Runtime
from projections.sheets.opening import digest_of, open_sheet
from projections.sheets.spool import RawRow, Spool
from workers.imports.importer import Importer, Job, Tally
from workers.progress import Bar
from workers.running import wait_until_readable

COMPLAINTS_SHOWN = 20
PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line asks for."""

    path: Path
    actor: Actor
    mode: Mode = "record"
    dry_run: bool = False
    keep: Sequence[str] = ()
    authority: Authority | None = None
    sample: bool = False


def read_and_import(runtime: Runtime, options: Options, *, quiet: bool = False) -> Tally:
    """Import a file and say on stdout what became of it, on stderr what was wrong.

    Raises UnreadableFile and WrongHeader before anything is recorded.
    """
    sheet = open_sheet(options.path)
    with Bar("reading") as bar, Spool(sheet, bar.at) as spool:
        header = read_header(spool.header, options.keep, needs_ref=options.mode == "record")
        sha256, size = digest_of(options.path)
        start = StartImport(
            import_id=runtime.new_id(),
            sha256=sha256,
            bytes=size,
            media=sheet.media,
            mode=options.mode,
            rows=spool.count,
            kept=header.kept,
            authority=options.authority,
            sample=options.sample,
        )
        job = Job(
            start=start,
            header=header,
            filename=options.path.name,
            actor=options.actor,
            pads=sheet.pads,
            dry_run=options.dry_run,
        )
        with Complaints(options.path, spool.header) as complaints:
            importer = Importer(runtime, job, complaints.add)
            with Bar("importing", spool.count) as importing:
                tally = importer.run(spool.rows(), importing.advance)
    if not quiet:
        _say(options, (*header.ignored, *sheet.ignored), tally)
    if not options.dry_run and not wait_until_readable(runtime, tally.position):
        click.echo("the read models have not caught up yet: see `pledges status`", err=True)
    return tally


def _say(options: Options, ignored: Sequence[str], tally: Tally) -> None:
    if ignored:
        click.echo(f"Not read: {', '.join(ignored)}.")
    if tally.personal:
        click.echo(
            "These look like an e-mail address or a telephone number and stay for ever: "
            f"{'; '.join(tally.personal)}.",
            err=True,
        )
    if options.dry_run:
        click.echo("Dry run: nothing was recorded.")


def summary_line(tally: Tally, mode: Mode) -> str:
    """The last line of an import."""
    counts = finished(tally.counts)
    new = f"{counts.submitted} submitted" if mode == "submit" else f"{counts.made} made"
    return (
        f"{new}, {counts.amended} amended, {counts.unchanged} unchanged, "
        f"{counts.refused} refused, {counts.conflicts} conflicts"
    )


class Complaints:
    """The rows that were refused or are in conflict, in a file beside the sheet that can be mended."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._path = path.with_name(f"{path.name}.refused.csv")
        # A file of refused rows that comes back has that column already: what it says is of another day.
        self._places = [place for place, name in enumerate(header) if column_key(name) != PROBLEM]
        self._header = header
        self._file: IO[str] | None = None
        self._count = 0

    def __enter__(self) -> Self:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)  # of an earlier import of this file
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            click.echo(f"{self._count} rows are in {self._path}, each with its problem.", err=True)

    def add(self, raw: RawRow, outcome: RowOutcome) -> None:
        """Take a row, with what was wrong with it."""
        number, cells = raw
        problem = f"row {number}, {outcome.problem}"
        self._count += 1
        if self._count <= COMPLAINTS_SHOWN or self._file is None:
            click.echo(problem, err=True)
        if self._count == 1:
            self._begin()
        padded = [*cells, *[""] * (len(self._header) - len(cells))]
        self._write([*self._told(padded), *padded[len(self._header) :], problem])

    def _begin(self) -> None:
        try:
            self._file = self._path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            click.echo(f"{self._path} cannot be written: {error.strerror}", err=True)
        self._write([*self._told(self._header), PROBLEM])

    def _told(self, cells: Sequence[str]) -> list[str]:
        return [cells[place] for place in self._places]

    def _write(self, cells: Sequence[str]) -> None:
        if self._file is not None:
            csv.writer(self._file).writerow([guard(cell) for cell in cells])
