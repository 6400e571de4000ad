"""The embedded PostgreSQL of a data directory, shared by every process that needs it.

The first process starts it, others attach, the last one stops it.
Must not know how a server is made or started.
"""

# Who holds the server is a shared lock on a file, which the kernel takes back when a process ends, however it
# ends: after a kill -9 the server stays up unheld, and the next process attaches to it and stops it if it is
# the last.

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from projections.database.pool import DatabaseUnavailable
from projections.database.postgres_programs import EmbeddedDatabaseProblem
from projections.database.postgres_server import (
    POLL_SECONDS,
    SOCKET,
    START_SECONDS_MAX,
    SUPERUSER,
    Server,
    identity_of,
)
from projections.database.roles import APP_ROLE, DatabaseUrls, urls_of
from projections.settings import Settings

DATABASE, CLUSTER = "pledges", "postgresql"
# A socket's address holds 108 bytes on Linux, 104 elsewhere, the closing zero among them.
SOCKET_PATH_BYTES_MAX = 100


@contextmanager
def running_database(settings: Settings) -> Iterator[DatabaseUrls]:
    """The database that the settings name, answering for as long as the block lasts."""
    if settings.database_url is None:
        with running_cluster(settings.data_dir) as urls:
            yield urls
        return
    try:
        yield urls_of(settings.database_url, settings.database_replica_url)
    except DatabaseUnavailable as problem:
        raise DatabaseUnavailable(f"DATABASE_URL: {problem}") from problem


@contextmanager
def running_cluster(data_dir: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[DatabaseUrls]:
    """The embedded database, running for as long as the block lasts; started if nobody has."""
    _make_data_dir(data_dir)
    cluster = data_dir.resolve() / CLUSTER
    server = Server(cluster, settings or {})
    holders = cluster.with_suffix(".holders")
    turn = cluster.with_suffix(".lock")
    hold = None
    try:
        with _locked(turn, fcntl.LOCK_EX):
            hold = _open_lock(holders)
            fcntl.flock(hold, fcntl.LOCK_SH)
            urls = _started(server)
        yield urls
    finally:
        with _locked(turn, fcntl.LOCK_EX):
            if hold is not None:
                os.close(hold)
            if not _is_held(holders):
                server.stop()


def revive_cluster(data_dir: Path) -> bool:
    """Start the server again if it died under its holders; answers whether it had."""
    server = Server(data_dir.resolve() / CLUSTER)
    if server.is_alive():
        return False
    with _locked(server.cluster.with_suffix(".lock"), fcntl.LOCK_EX):
        server.start()
    return True


def discard_cluster(data_dir: Path) -> None:
    """Remove a data directory with its database, whose server may have outlived who started it."""
    server = Server(data_dir.resolve() / CLUSTER)
    if server.cluster.exists():
        server.stop()
    shutil.rmtree(data_dir, ignore_errors=True)


def _make_data_dir(data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedDatabaseProblem(f"PLEDGES_DATA {data_dir} cannot be made: {error.strerror}") from error
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        raise EmbeddedDatabaseProblem(f"PLEDGES_DATA {data_dir} may not be written by this user")


@contextmanager
def _locked(path: Path, mode: int) -> Iterator[None]:
    descriptor = _open_lock(path)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise EmbeddedDatabaseProblem(f"{path} belongs to another user: run as that user") from error


def _is_held(holders: Path) -> bool:
    descriptor = _open_lock(holders)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _started(server: Server) -> DatabaseUrls:
    # A server that was killed a moment ago still looks alive and ready: only an answer tells.
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        server.start()
        try:
            return _prepared_urls(server.cluster)
        except psycopg.OperationalError as problem:
            if problem.sqlstate is not None or time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def _prepared_urls(cluster: Path) -> DatabaseUrls:
    folder = _socket_folder(cluster)
    superuser = make_conninfo("", host=str(folder), user=SUPERUSER, dbname="postgres", connect_timeout=10)
    with psycopg.connect(superuser, autocommit=True) as connection:
        # With its own login the application's sessions cannot go back to a stronger role.
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APP_ROLE)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    owner = make_conninfo("", host=str(folder), user=SUPERUSER, dbname=DATABASE)
    app = urls_of(make_conninfo(owner, user=APP_ROLE)).app
    return DatabaseUrls(owner=urls_of(owner).owner, app=app, queries=app)


def _socket_folder(cluster: Path) -> Path:
    """The folder of the socket, by a name that is short enough and that libpq reads as one host."""
    if len(os.fsencode(cluster / SOCKET)) <= SOCKET_PATH_BYTES_MAX and "," not in str(cluster):
        return cluster
    link = _short_folder() / identity_of(cluster)
    if not link.is_symlink() or link.readlink() != cluster:
        link.unlink(missing_ok=True)
        link.symlink_to(cluster)
    return link


def _short_folder() -> Path:
    """A folder with a short name that nobody else can write to."""
    folder = Path("/tmp") / f"pledges-{os.geteuid()}"  # noqa: S108 - its owner and mode are looked at
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077:
        return folder
    return Path(tempfile.mkdtemp(prefix="pledges-", dir="/tmp"))
