"""Where the bytes of files are: a directory, or a bucket of an S3-compatible storage. By digest, and no name.

Must not know what the files are, nor who may have them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from projections.problems import OperatorProblem

CHUNK_BYTES = 1 << 16
PART_BYTES = 5 * 1024**2
PARTS_AT_ONCE = 2
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
PATIENCE: Any = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}
log = structlog.get_logger(__name__)


class StorageAway(OperatorProblem):
    """The storage of files does not answer, or not as it should."""


class FileMissing(LookupError):
    """The bytes of a file are not in the storage, or are not those any more that were put there."""


class Storage:
    """Files by the SHA-256 of their bytes."""

    def __init__(self, place: str) -> None:
        """A folder, or `s3://bucket/prefix`. Nothing is connected or made before it is used."""
        self._folder = None if urlsplit(place).scheme == "s3" else Path(place)
        self._place = place

    @cached_property
    def _store(self) -> Any:
        if self._folder is None:
            return S3Store.from_url(
                self._place,
                client_options={"timeout": "60s", "connect_timeout": "5s", "allow_http": True},
                retry_config=PATIENCE,
            )
        try:
            self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageAway(f"PLEDGES_FILES cannot be used: {self._folder}: {error.strerror}") from error
        return LocalStore(self._folder)

    def put(self, sha256: str, file: IO[bytes]) -> None:
        """Keep the bytes of a file, from its beginning; those that are there already stay."""
        if self.size(sha256) is not None:
            return
        file.seek(0)
        path = path_of(sha256)
        try:
            obstore.put(self._store, path, file, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
            if self._folder is not None:
                _settle(self._folder / path)
        except (BaseError, OSError) as error:
            raise _away(error) from error

    def require(self) -> None:
        """StorageAway if it does not answer."""
        self.size("0" * 64)

    def size(self, sha256: str) -> int | None:
        """How many bytes a file has; None if it is not there."""
        try:
            return int(obstore.head(self._store, path_of(sha256))["size"])
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise _away(error) from error

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece. The last piece comes once all are known to be the file's.

        FileMissing at once if it is not there; later, if its bytes are others.
        """
        try:
            pieces = obstore.get(self._store, path_of(sha256)).stream(min_chunk_size=CHUNK_BYTES)
        except FileNotFoundError:
            raise FileMissing(sha256) from None
        except (BaseError, OSError) as error:
            raise _away(error) from error
        return _checked(pieces, sha256)

    def remove(self, sha256: str) -> None:
        """Remove a file for good."""
        try:
            obstore.delete(self._store, path_of(sha256))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _away(error) from error


def path_of(sha256: str) -> str:
    """Where a file is in the storage."""
    return f"{sha256[:2]}/{sha256}"


def _checked(pieces: Any, sha256: str) -> Iterator[bytes]:
    found, held = hashlib.sha256(), b""
    try:
        for piece in pieces:
            if held:
                yield held
            held = bytes(piece)
            found.update(held)
    except (BaseError, OSError) as error:
        raise _away(error) from error
    if found.hexdigest() != sha256:
        log.warning("file.changed", sha256=sha256)
        raise FileMissing(sha256)
    yield held


def _settle(path: Path) -> None:
    """What an event will name survives a power cut; nobody but the register reads it."""
    path.chmod(PRIVATE_FILE)
    for one in (path, path.parent):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _away(error: Exception) -> StorageAway:
    # What the library says begins with a sentence; its state, of many lines, follows.
    return StorageAway(f"the storage of files (PLEDGES_FILES) does not answer: {str(error).splitlines()[0]}")
