"""The commands, as a table of contents: each imports what it needs when it is called, so that --help answers at once.

Must not know how anything is done.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

ROLES = ("pledger", "validator", "assessor", "secretariat", "auditor", "administrator")
WRONG_FILE = 2


class Commands(click.Group):
    """Says in one line on stderr what only an operator can mend."""

    def invoke(self, ctx: click.Context) -> Any:
        from domain.errors import RegisterError
        from projections.problems import OperatorProblem

        try:
            return super().invoke(ctx)
        except (OperatorProblem, RegisterError) as problem:
            click.echo(f"pledges: {problem}", err=True)
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pledges", prog_name="pledges")
def main() -> None:
    """The register of IMRF pledges."""


@main.command()
def migrate() -> None:
    """Bring the database to the shape that this version expects."""
    from workers.maintenance import migrate_database

    migrate_database()


@main.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would become of each row; record nothing.")
@click.option("--submit", is_flag=True, help="Hand the pledges in for review instead of recording them.")
@click.option("--as", "email", metavar="EMAIL", help="The account that imports; without it, the operator.")
@click.option(
    "--keep", multiple=True, metavar="COLUMN", help="Keep a further column as a fact of the source."
)
def import_file(file: Path, dry_run: bool, submit: bool, email: str | None, keep: tuple[str, ...]) -> None:  # noqa: FBT001
    """Import pledges from a CSV or Excel FILE."""
    from domain.imports.columns import WrongHeader
    from workers.accounts import actor_called
    from workers.imports.run import Options, read_and_import, summary_line
    from workers.imports.sheets import UnreadableFile, open_sheet
    from workers.running import the_register

    try:
        open_sheet(file)
        with the_register() as runtime:
            mode: Any = "submit" if submit else "record"
            options = Options(
                path=file, actor=actor_called(runtime, email), mode=mode, dry_run=dry_run, keep=keep
            )
            tally = read_and_import(runtime, options)
    except (UnreadableFile, WrongHeader) as problem:
        click.echo(f"pledges: {problem}", err=True)
        sys.exit(WRONG_FILE)
    click.echo(summary_line(tally, mode))
    sys.exit(1 if tally.has_problems else 0)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def status(as_json: bool) -> None:  # noqa: FBT001
    """Say which versions run, and how far each read model is."""
    from workers.maintenance import say_status

    say_status(as_json=as_json)
