"""The commands about outside documents. As in `cli`, each imports what it needs when it is called.

Must not know how anything is done.
"""

from __future__ import annotations

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
