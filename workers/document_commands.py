"""The commands about outside documents. As in `cli`, each imports what it needs when it is called.

Must not know how anything is done.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

as_option = click.option(
    "--as", "email", metavar="EMAIL", help="The account that acts; without it, the operator."
)


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


NOTHING_COMPARED = 2


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
        sys.exit(NOTHING_COMPARED)
    sys.exit(0 if agrees else 1)
