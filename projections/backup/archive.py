"""The file that a backup is: a ZIP archive that says in its last bytes what all bytes before them are.

So a flipped bit anywhere, or a missing end, is noticed before anything is believed. Must not know SQL.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import msgspec

from projections.problems import OperatorProblem

FORMAT = "pledges backup 1"
MANIFEST, TABLES = "manifest.json", "tables"
SECRET_KEY, LOG_KEYS = "keys/secret-key", "keys/log-key"
SEAL = b"sha256:"
DIGITS = hashlib.sha256().digest_size * 2
CHUNK_BYTES = 1024 * 1024
# Most of what is packed are digests and salts in hex: more effort than this takes longer and gains little.
EFFORT = 3
NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError)


class BackupProblem(OperatorProblem):
    """A backup cannot be made, or not be used; the text says why."""


class KeptTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds of one table: how many rows, and the digest of their text."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def member(self) -> str:
        return f"{TABLES}/{self.name}"


class KeptMigration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step that the database had taken."""

    name: str
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup says of itself."""

    format: str
    version: str
    made_at: str
    position: int
    checkpoint: str | None  # the latest that was signed
    with_keys: bool
    migrations: tuple[KeptMigration, ...]
    tables: tuple[KeptTable, ...]


class _Format(msgspec.Struct):
    """What the manifest of any version says."""

    format: str
    version: str = "unknown"


@contextmanager
def new_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that has its name once it is whole, and that its owner alone can read."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=EFFORT) as archive:
                archive.comment = SEAL + b"0" * DIGITS
                yield archive
            _seal(file)
        unfinished.replace(path)
    except OSError as error:
        raise BackupProblem(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _seal(file: IO[bytes]) -> None:
    digest, end = _digest(file)
    file.seek(end)
    file.write(digest)
    file.flush()
    os.fsync(file.fileno())


def _digest(file: IO[bytes]) -> tuple[bytes, int]:
    """The digest of all bytes but the last ones, in hex, and where those begin."""
    end = left = max(0, file.seek(0, os.SEEK_END) - DIGITS)
    found = hashlib.sha256()
    file.seek(0)
    while left and (chunk := file.read(min(CHUNK_BYTES, left))):
        found.update(chunk)
        left -= len(chunk)
    return found.hexdigest().encode(), end


class Backup:
    """A whole and unaltered backup, open for reading."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        self.manifest = _manifest(path, self._whole(MANIFEST))

    def table(self, table: KeptTable) -> Iterator[bytes]:
        """The text of a table's rows, piece by piece, each of whole rows. Raises BackupProblem at the end."""
        found, rows, rest = hashlib.sha256(), 0, b""
        for chunk in self._chunks(table.member):
            found.update(chunk)
            rows += chunk.count(b"\n")
            whole, newline, rest = (rest + chunk).rpartition(b"\n")
            if newline:
                yield whole + newline
        if rest or (rows, found.hexdigest()) != (table.rows, table.sha256):
            raise BackupProblem(
                f"{self.path}: the table {table.name} is not the one that its manifest describes: "
                f"{table.rows} rows with the SHA-256 {table.sha256} expected, "
                f"{rows} with {found.hexdigest()} found"
            )

    def keys(self, member: str) -> str | None:
        """The private keys that the backup holds under a name, if it was made with keys."""
        return self._whole(member).decode(errors="replace") if self.manifest.with_keys else None

    def _whole(self, member: str) -> bytes:
        return b"".join(self._chunks(member))

    def _chunks(self, member: str) -> Iterator[bytes]:
        try:
            with self._archive.open(member) as opened_member:
                while chunk := opened_member.read(CHUNK_BYTES):
                    yield chunk
        except NO_ARCHIVE as error:
            raise BackupProblem(f"{self.path} is no backup: {member}: {error}") from error


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup to read. Raises BackupProblem for what is none, is cut off, was altered, or is too new."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            _check_seal(path, file)
            archive = stack.enter_context(zipfile.ZipFile(file))
        except NO_ARCHIVE as error:
            raise BackupProblem(f"{path} is no backup: {error}") from error
        except OSError as error:
            raise BackupProblem(f"{path} cannot be read: {error.strerror or error}") from error
        yield Backup(path, archive)


def _check_seal(path: Path, file: IO[bytes]) -> None:
    found, end = _digest(file)
    file.seek(max(0, end - len(SEAL)))
    last = file.read()
    if len(last) != len(SEAL) + DIGITS or not last.startswith(SEAL):
        raise BackupProblem(f"{path} does not end as a backup ends: it is cut off, or it is something else")
    if last.removeprefix(SEAL) != found:
        raise BackupProblem(
            f"{path} was altered after it was made: the SHA-256 of its bytes is {found.decode()}, "
            f"and its end says {last.removeprefix(SEAL).decode(errors='replace')}"
        )


def _manifest(path: Path, said: bytes) -> Manifest:
    try:
        known = msgspec.json.decode(said, type=_Format)
        if known.format != FORMAT:
            raise BackupProblem(
                f"{path} is of the format {known.format!r}, made by pledges {known.version}, "
                f"and this version reads {FORMAT!r}: restore it with the version that made it, or a newer one"
            )
        return msgspec.json.decode(said, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupProblem(f"{path} is no backup: its manifest cannot be read: {error}") from error
