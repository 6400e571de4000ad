"""Makes a backup: all tables as one snapshot of the database has them, while others go on writing.

Must not know how keys are kept, nor who asks.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, LiteralString

import msgspec
import psycopg
from psycopg import Connection

from projections.backup import tables
from projections.backup.archive import (
    FORMAT,
    MANIFEST,
    TABLES,
    BackupProblem,
    KeptMigration,
    KeptTable,
    Manifest,
    new_archive,
)
from projections.backup.tables import Progress
from projections.database.migrate import applied_migrations, connected
from projections.database.places import head
from projections.database.roles import SCHEMA

SNAPSHOT: LiteralString = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
LATEST: LiteralString = f"SELECT note FROM {SCHEMA}.checkpoints ORDER BY size DESC LIMIT 1"  # noqa: S608


def make_backup(
    owner_url: str, path: Path, keys: Mapping[str, str], progress: Progress | None = None
) -> Manifest:
    """Write a backup with these private keys, by the names of their members; none without being asked."""
    try:
        with connected(owner_url) as connection, connection.transaction():
            connection.execute(SNAPSHOT)
            connection.execute(tables.PLAIN_TEXT)
            with new_archive(path) as archive:
                kept = _keep_tables(connection, archive, progress)
                manifest = _manifest(connection, kept, with_keys=bool(keys))
                for member, words in keys.items():
                    archive.writestr(member, words)
                archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
                return manifest
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise BackupProblem(f"the database gives no backup: {reason}") from error


def _keep_tables(
    connection: Connection[Any], archive: zipfile.ZipFile, progress: Progress | None
) -> list[KeptTable]:
    wanted = tables.tables(connection)
    total, done = sum(table.count(connection) for table in wanted), 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if progress:
            progress(done, total)

    kept = []
    for table in wanted:
        with archive.open(f"{TABLES}/{table.name}", "w", force_zip64=True) as member:
            kept.append(tables.write_out(connection, table, member.write, tell))
    return kept


def _manifest(connection: Connection[Any], kept: list[KeptTable], *, with_keys: bool) -> Manifest:
    latest = connection.execute(LATEST).fetchone()
    applied = applied_migrations(connection)
    return Manifest(
        format=FORMAT,
        version=version("pledges"),
        made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        position=head(connection),
        checkpoint=latest[0] if latest else None,
        with_keys=with_keys,
        migrations=tuple(KeptMigration(one.name, one.digest) for one in applied),
        tables=tuple(kept),
    )
