"""`pledges erase`: shows words and where else they are, erases them, and has every read model forget them.

Must not know how anything is erased.
"""

from __future__ import annotations

import time

import click

from domain.log.commands import EraseField
from projections.composition import Runtime
from projections.erasure.eraser import Found
from projections.files.storage import path_of
from projections.problems import OperatorProblem
from projections.rebuild import RebuildProblem
from workers.progress import Bar
from workers.running import wait_until_readable

SHOWN_CHARS_MAX = 200
WAIT_SECONDS = 0.5


def erase(runtime: Runtime, command: EraseField, *, dry_run: bool) -> None:
    """Erase one part of one event; once more, it does what an erasure that was cut short left to do."""
    found = runtime.eraser.find(command.position, command.part)
    for line in _in_words(command, found, runtime.settings.files_at):
        click.echo(line)
    if dry_run:
        click.echo("nothing was erased")
        return
    position = runtime.eraser.erase(command)
    if found.words is not None:
        click.echo(f"erased; position {position} says so")
    if forgot := _forget(runtime):
        click.echo(f"built anew without it: {', '.join(forgot)}")
    if not wait_until_readable(runtime, position):
        raise OperatorProblem(f"not all read models have reached position {position}: see `pledges status`")


def _forget(runtime: Runtime) -> list[str]:
    """Have the read models forget. Who is building them may be the calendar, which does the same."""
    waits = False
    while True:
        try:
            with Bar("rebuilding") as bar:
                return runtime.eraser.let_read_models_forget(lambda _, at, total: bar.at(at, total))
        except RebuildProblem as problem:
            if not waits:
                click.echo(f"{problem}; waiting", err=True)
            waits = True
            time.sleep(WAIT_SECONDS)


def _in_words(command: EraseField, found: Found, files_at: str) -> list[str]:
    where = f"{command.part} of the event {command.position} ({found.name} of {found.stream})"
    if found.words is None:
        return [f"{where} is erased already"]
    words = found.words
    if len(words) > SHOWN_CHARS_MAX:
        words = f"{words[:SHOWN_CHARS_MAX]}… ({len(found.words)} characters)"
    lines = [f"{where}: {words!r}"]
    lines += [f"goes with it: {place}" for place in found.beside]
    lines += [
        f"stays, to be erased by itself: {part} of the event {position}" for position, part in found.elsewhere
    ]
    for sha256, others in found.files.items():
        use = f"named by the events {', '.join(map(str, others))} too" if others else "to be removed by hand"
        lines.append(f"stays, a file that the event names ({use}): {path_of(sha256)} in {files_at}")
    if found.has_more:
        lines.append("more events hold these words: erase those above, then ask again with --dry-run")
    return lines
