"""Files are kept by their digest, in a directory and in a bucket alike."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from projections.files.storage import FileMissing, Storage, StorageAway
from tests.peers.running import SECONDS_MAX, free_port, running

CONTENT = os.urandom(6 * 1024**2)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """A bucket of a server of S3 that runs as a process of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    said = {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "key", "ENDPOINT_URL": url}
    with running("moto_server", "-H", "127.0.0.1", "-p", str(port), answers_at=url):
        assert requests.put(f"{url}/evidence", timeout=SECONDS_MAX).status_code == 200
        with pytest.MonkeyPatch.context() as patch:
            for name, value in said.items():
                patch.setenv(f"AWS_{name}", value)
            yield "s3://evidence/of/pledges"


@pytest.fixture(params=["directory", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "directory":
        return Storage(str(tmp_path / "files"))
    return Storage(request.getfixturevalue("bucket"))


def test_what_is_put_is_read_again_and_can_be_removed(storage: Storage) -> None:
    assert storage.size(DIGEST) is None
    for _ in range(2):
        storage.put(DIGEST, io.BytesIO(CONTENT))
    assert storage.size(DIGEST) == len(CONTENT)
    pieces = list(storage.read(DIGEST))
    assert b"".join(pieces) == CONTENT
    assert len(pieces) > 1
    for _ in range(2):
        storage.remove(DIGEST)
    assert storage.size(DIGEST) is None
    with pytest.raises(FileMissing):
        storage.read(DIGEST)


def test_bytes_that_changed_are_not_handed_out_to_the_end(storage: Storage) -> None:
    other = hashlib.sha256(b"another").hexdigest()
    storage.put(other, io.BytesIO(CONTENT))
    handed_out = 0
    with pytest.raises(FileMissing):
        for piece in storage.read(other):
            handed_out += len(piece)
    assert handed_out < len(CONTENT)


def test_a_directory_is_the_registers_alone(tmp_path: Path) -> None:
    Storage(str(tmp_path / "data" / "files")).put(DIGEST, io.BytesIO(CONTENT))
    kept = tmp_path / "data" / "files" / DIGEST[:2] / DIGEST
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data" / "files").stat().st_mode & 0o777 == 0o700


def test_a_storage_that_is_away_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "key"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    away = Storage("s3://nowhere")
    with pytest.raises(StorageAway, match="PLEDGES_FILES"):
        away.size(DIGEST)
    (tmp_path / "file").touch()
    with pytest.raises(StorageAway, match="PLEDGES_FILES"):
        Storage(str(tmp_path / "file" / "below")).put(DIGEST, io.BytesIO(CONTENT))
