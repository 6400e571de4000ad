"""A data directory filled aside, within the empty one that it shall become: whole at once, or not at all.

Must not know what it is filled with.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from projections.backup.archive import BackupProblem
from projections.backup.restoring import NotEmpty
from projections.database.embedded import CLUSTER, discard_cluster
from projections.log.keys import KEY_FILE, NEXT_KEY_FILE
from projections.settings import FILES_FOLDER, SECRET_KEY_FILE

ASIDE = ".restoring"
KEYS = (SECRET_KEY_FILE, KEY_FILE, NEXT_KEY_FILE)
"""Private keys may be there already: they are kept elsewhere than backups."""
NO_DATA = {ASIDE, "lost+found", FILES_FOLDER, *KEYS}
"""Nor are files of evidence in backups: they are brought back apart, before or after."""


@contextmanager
def filled_aside(folder: Path) -> Iterator[Path]:
    """A data directory to fill; what is in it moves into the empty one at the end, if all went well."""
    made = not folder.exists()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupProblem(f"PLEDGES_DATA {folder} cannot be made: {error.strerror}") from error
    aside = folder / ASIDE
    try:
        with _alone_in(folder):
            _refuse_full(folder)
            discard_cluster(aside)  # of a restore that was killed
            try:
                aside.mkdir(mode=0o700)
                yield aside
                _refuse_full(folder)
                _move_all(aside, folder)
            finally:
                discard_cluster(aside)
    finally:
        if made:
            with suppress(OSError):  # it is not empty any more
                folder.rmdir()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BackupProblem(f"another restore into {folder} is under way") from None
    finally:
        os.close(descriptor)


def _refuse_full(folder: Path) -> None:
    there = sorted(path.name for path in folder.iterdir() if path.name not in NO_DATA)
    if there:
        raise NotEmpty(
            f"the data directory {folder} is not empty, it has {there[0]}: "
            "a backup is restored into an empty one"
        )


def _move_all(aside: Path, folder: Path) -> None:
    """The database last: where it is, everything is. Keys that are there already stay."""
    for path in sorted(aside.iterdir(), key=lambda path: path.name == CLUSTER):
        if path.name not in KEYS or not (folder / path.name).exists():
            path.rename(folder / path.name)
