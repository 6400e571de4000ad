"""The commands about mail. As in `cli`, each imports what it needs when it is called.

Must not know how anything is done.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

NO_REPORT, UNREADABLE = 1, 2
TRY_AGAIN = 75
"""What mail servers take for: not now (EX_TEMPFAIL of sysexits.h)."""


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
def bounced(file: BinaryIO) -> None:
    """Note that a letter came back: FILE (or standard input) is the message in which a mail server says so.

    Exit status: 0 it is noted; 1 it is no report on a letter of this register that failed or is delayed;
    2 it cannot be read; 75 the register does not answer, so that the mail server tries again later.
    """
    from projections.problems import OperatorProblem
    from workers.bounces import BYTES_MAX, NoReport, Unreadable, note_bounce
    from workers.running import the_register

    message = file.read(BYTES_MAX + 1)
    try:
        with the_register() as runtime:
            click.echo(note_bounce(runtime, message))
    except NoReport as problem:
        click.echo(f"pledges: nothing was noted: {problem}", err=True)
        sys.exit(NO_REPORT)
    except Unreadable as problem:
        click.echo(f"pledges: the message cannot be read: {problem}", err=True)
        sys.exit(UNREADABLE)
    except OperatorProblem as problem:
        click.echo(f"pledges: {problem}", err=True)
        sys.exit(TRY_AGAIN)
