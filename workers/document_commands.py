"""The commands about sheets and other documents. As in `cli`, each imports what it needs when it is called.

Must not know how anything is done.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

CITED = ("email", "note_verbale", "form", "document", "statement")
NOTHING_READ = 2

as_option = click.option(
    "--as", "email", metavar="EMAIL", help="The account that acts; without it, the operator."
)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would become of each row; record nothing.")
@click.option("--submit", is_flag=True, help="Hand the pledges in for review instead of recording them.")
@click.option("--as", "email", metavar="EMAIL", help="The account that imports; without it, the operator.")
@click.option(
    "--keep", multiple=True, metavar="COLUMN", help="Keep a further column as a fact of the source."
)
@click.option(
    "--authority", "cited", type=(click.Choice(CITED), str), metavar="KIND REFERENCE",
    help=f"The letter that it came with ({', '.join(CITED)}) and its reference; the import cites it.",
)  # fmt: skip
def import_file(
    file: Path,
    *,
    dry_run: bool,
    submit: bool,
    email: str | None,
    keep: tuple[str, ...],
    cited: tuple[str, str] | None,
) -> None:
    """Import pledges from a CSV or Excel FILE. An edited export of this register amends what it names.

    Exit status: 0 all is well; 1 some rows were refused or are in conflict; 2 nothing was read, because the
    file, its header or the account of --as is not as it has to be.
    """
    from domain.imports.columns import WrongHeader
    from domain.recording import Authority
    from projections.problems import OperatorProblem
    from projections.sheets.opening import open_sheet
    from projections.sheets.sheets import UnreadableFile
    from workers.accounts import actor_called
    from workers.imports.run import Options, read_and_import, summary_line
    from workers.running import the_register

    try:
        open_sheet(file)
        with the_register() as runtime:
            try:
                actor = actor_called(runtime, email)
            except OperatorProblem as problem:  # nothing was read of the file
                click.echo(f"pledges: {problem}", err=True)
                sys.exit(NOTHING_READ)
            mode: Any = "submit" if submit else "record"
            authority = Authority(kind=cited[0], reference=cited[1]) if cited else None
            options = Options(
                path=file, actor=actor, mode=mode, dry_run=dry_run, keep=keep, authority=authority
            )
            tally = read_and_import(runtime, options)
    except (UnreadableFile, WrongHeader) as problem:
        click.echo(f"pledges: {problem}", err=True)
        sys.exit(NOTHING_READ)
    click.echo(summary_line(tally, mode))
    sys.exit(1 if tally.has_problems else 0)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--title", metavar="WORDS", required=True, help="What the document is called.")
@click.option("--from", "provenance", metavar="WORDS", help="Where it comes from.")
@click.option("--as-of-day", metavar="DATE", help="The day, month or year of which it speaks.")
@as_option
def deposit(file: Path, email: str | None, **said: str | None) -> None:
    """Deposit an outside document by the digest of its bytes. The FILE itself stays where it is."""
    from workers.accounts import actor_called
    from workers.deposits import deposit_file
    from workers.running import the_register

    with the_register() as runtime:
        deposit_file(runtime, file, actor_called(runtime, email), **said)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as-of", metavar="T", help="A position, a time or a date: the register as it was then.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A CSV file; else stdout."
)
def reconcile(file: Path, as_of: str | None, output: Path | None) -> None:
    """Compare an outside sheet (CSV or Excel) with the register, line by line. Nothing is recorded.

    Exit status: 0 both say the same; 1 they differ; 2 nothing was compared, because the file or its header
    is not as it has to be.
    """
    from domain.imports.columns import WrongHeader
    from projections.sheets.opening import open_sheet
    from projections.sheets.sheets import UnreadableFile
    from workers.reconciling import reconcile_file
    from workers.running import the_register

    try:
        open_sheet(file)
        with the_register() as runtime:
            agrees = reconcile_file(runtime, file, as_of, output)
    except (UnreadableFile, WrongHeader) as problem:
        click.echo(f"pledges: {problem}", err=True)
        sys.exit(NOTHING_READ)
    sys.exit(0 if agrees else 1)
