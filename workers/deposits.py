"""`pledges deposit`: from a file to the event that makes its digest known.

Must not know what stands in the file, beyond its bytes.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

import click

from domain.actors import Actor
from domain.documents.commands import DepositDocument
from projections.composition import Runtime
from projections.problems import OperatorProblem
from projections.sheets.opening import digest_of
from workers.running import wait_until_readable

UNKNOWN = "application/octet-stream"
# What the machine's own table may not have.
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def deposit_file(
    runtime: Runtime,
    path: Path,
    actor: Actor,
    *,
    title: str | None,
    provenance: str | None = None,
    as_of_day: str | None = None,
) -> None:
    """Deposit a file by its digest, and say on stdout under which id, or when that was done before."""
    try:
        sha256, size = digest_of(path)
    except OSError as error:
        raise OperatorProblem(f"{path} cannot be read: {error.strerror}") from error
    command = DepositDocument(
        sha256=sha256,
        bytes=size,
        media_type=media_type_of(path),
        title=title or "",
        provenance=provenance,
        as_of_day=as_of_day,
    )
    outcome = runtime.register.handle(command, by=actor)
    click.echo(f"sha256: {sha256}")
    if outcome.events:
        click.echo(f"deposited as {outcome.stream}, position {outcome.position}")
    else:
        click.echo(f"deposited before as {outcome.stream}, position {outcome.position}; nothing was recorded")
    if not wait_until_readable(runtime, outcome.position):
        click.echo("the read models have not caught up yet: see `pledges status`", err=True)


def media_type_of(path: Path) -> str:
    """What a file's name says that it is."""
    return MEDIA_TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or UNKNOWN
