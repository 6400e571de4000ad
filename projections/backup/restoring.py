"""Brings a backup back into an empty database: all of it, looked at from end to end, or nothing.

Everything up to the verdict is one transaction: whatever stops it leaves the database as empty as it was.
Must not know where the database runs, nor how read models are built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, LiteralString

import psycopg
from psycopg import Connection, sql

from domain.errors import UnreadableEvent
from domain.log.checkpoints import Checkpoint, parse_checkpoint
from domain.log.events import KeyAdopted
from domain.log.notes import BadKey, BadNote, Verifier, parse_note, parse_verifier, signatures_by
from projections.backup import tables
from projections.backup.archive import Backup, BackupProblem, KeptTable, Manifest
from projections.backup.tables import Progress, Table
from projections.batch import Batch, Pledges
from projections.database import places
from projections.database.migrate import (
    Migration,
    alone,
    apply_missing,
    connected,
    known_migrations,
    prepare,
)
from projections.database.roles import APP_ROLE, SCHEMA
from projections.log import checking
from projections.read_model import schema_of
from projections.read_models import READ_MODELS

BATCH = 500
# What belongs to an extension is nobody's data.
OTHERS: LiteralString = """
SELECT format('%%I.%%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema' AND relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
ORDER BY nspname <> %s, nspname, relname LIMIT 1
"""


class NotEmpty(BackupProblem):
    """There is something where a backup was to be restored."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back and found to be right."""

    position: int
    rows: int
    tables: int
    checkpoint: Checkpoint | None
    key: Verifier | None  # under which the log is signed


def restore_database(owner_url: str, backup: Backup, progress: Progress | None = None) -> Restored:
    """Restore into an empty database and look at everything. Raises BackupProblem and changes nothing."""
    manifest = backup.manifest
    steps = _steps(backup)
    try:
        with connected(owner_url) as connection, alone(connection), connection.transaction():
            _refuse_full(connection)
            connection.execute(tables.PLAIN_TEXT)
            prepare(connection)
            apply_missing(connection, steps)
            _fill(connection, backup, progress)
            tables.continue_numbers(connection)
            apply_missing(connection, known_migrations())
            keys = _verify(connection, backup, progress)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise BackupProblem(f"{backup.path} cannot be restored, and nothing was changed: {reason}") from error
    return Restored(
        position=manifest.position,
        rows=sum(table.rows for table in manifest.tables),
        tables=len(manifest.tables),
        checkpoint=_checkpoint(manifest),
        key=keys[-1] if keys else None,
    )


def _numbers(named: str) -> list[int]:
    """A version as numbers that can be compared."""
    return [int(part) for part in named.split(".") if part.isdecimal()]


def _steps(backup: Backup) -> Sequence[Migration]:
    """The migrations that the database had when the backup was made."""
    known, kept = known_migrations(), backup.manifest.migrations
    made_by = f"{backup.path} was made by pledges {backup.manifest.version}"
    if len(kept) > len(known):
        raise BackupProblem(
            f"{made_by} at migration {kept[-1].name}, and this version knows up to {len(known):04}: "
            "install the newer version to restore it"
        )
    if _numbers(backup.manifest.version) > _numbers(version("pledges")):
        raise BackupProblem(
            f"{made_by}, which is newer than this version ({version('pledges')}): "
            "install the newer version to restore it"
        )
    for ours, theirs in zip(known, kept, strict=False):
        if (ours.name, ours.digest) != (theirs.name, theirs.digest):
            raise BackupProblem(
                f"{made_by} with the migration {theirs.name}, and this version has another {ours.name}: "
                "restore it with the version that made it"
            )
    return known[: len(kept)]


def _refuse_full(connection: Connection[Any]) -> None:
    row = connection.execute(OTHERS, [SCHEMA]).fetchone()
    if row is not None:
        raise NotEmpty(
            f"the database {connection.info.dbname} is not empty, it has the table {row[0]}: "
            "a backup is restored into a new database, before `pledges migrate`"
        )


# -- rows


def _fill(connection: Connection[Any], backup: Backup, progress: Progress | None) -> None:
    found = {(table.name, table.columns): table for table in tables.tables(connection)}
    kept = {(table.name, table.columns): table for table in backup.manifest.tables}
    if different := sorted(name for name, _ in found.keys() ^ kept.keys()):
        raise BackupProblem(
            f"{backup.path} does not hold the columns of the table {different[0]} as it should"
        )
    total, done = sum(table.rows for table in kept.values()), 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if progress:
            progress(done, total)

    for key, table in found.items():
        try:
            tables.read_in(connection, table, backup.table(kept[key]), tell)
        except psycopg.Error as error:
            reason = ": ".join(str(error).strip().splitlines()[:2])
            raise BackupProblem(f"{backup.path}: the table {table.name} is refused: {reason}") from error
        # Without this, what reads the rows batch by batch is planned for an empty table.
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(SCHEMA, table.name)))
        _compare(connection, backup, table, kept[key])


def _compare(connection: Connection[Any], backup: Backup, table: Table, kept: KeptTable) -> None:
    """See that the database would give the very text that it was given."""
    now = tables.write_out(connection, table, lambda _: None, lambda _: None)
    if now != kept:
        raise BackupProblem(
            f"{backup.path}: the table {table.name} came back different: {kept.rows} rows with the SHA-256 "
            f"{kept.sha256} expected, {now.rows} with {now.sha256} found"
        )


# -- what they say


def _verify(connection: Connection[Any], backup: Backup, progress: Progress | None) -> list[Verifier]:
    """Grow the tree over all events and hold it against what was signed; the keys of the log."""
    connection.execute(f"SET LOCAL ROLE {APP_ROLE}")  # who owns the tables of read models
    try:
        keys = _grow_tree(connection, backup.manifest, progress)
        problem = checking.look(connection)
        if problem is not None:
            raise BackupProblem(f"{backup.path} holds what was tampered with before it was made. {problem}")
        if backup.manifest.checkpoint is not None:
            signatures_by(parse_note(backup.manifest.checkpoint.encode()), keys)
    except (UnreadableEvent, BadNote, BadKey) as problem:
        raise BackupProblem(f"{backup.path} cannot be restored: {problem}") from problem
    return keys


def _grow_tree(connection: Connection[Any], manifest: Manifest, progress: Progress | None) -> list[Verifier]:
    """Read every event as this version understands it; the keys that the log was signed under."""
    model = next(model for model in READ_MODELS if model.name == "log")
    keys, pledges = [], Pledges()
    places.make_tables(connection, model)
    places.work_in(connection, schema_of(model))
    reached = 0
    for events in places.in_batches(connection, 0, places.END, BATCH):
        model.apply(connection, Batch(events, pledges))
        keys += [parse_verifier(event.fact.key) for event in events if isinstance(event.fact, KeyAdopted)]
        reached = events[-1].position
        if progress:
            progress(reached, manifest.position)
    if reached != manifest.position:
        raise BadNote(f"it says that it goes up to position {manifest.position}, and ends at {reached}")
    places.move(connection, [model], reached, live=True)
    return keys


def _checkpoint(manifest: Manifest) -> Checkpoint | None:
    return (
        None
        if manifest.checkpoint is None
        else parse_checkpoint(parse_note(manifest.checkpoint.encode()).text)
    )
