"""`pledges witness`: a small witness of other people's logs (C2SP tlog-witness), with a memory of its own.

It signs a checkpoint only if that grew from the one it signed before. Must not know the register.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from domain.log import merkle
from domain.log.checkpoints import BadProof, Checkpoint, parse_checkpoint, parse_witness_request
from domain.log.notes import (
    COSIGNATURE,
    BadKey,
    BadNote,
    Signer,
    Verifier,
    parse_verifier,
    signatures_by,
)
from projections.log.keys import kept_signer
from projections.problems import OperatorProblem

BODY_BYTES_MAX = 64 * 1024
PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answers."""

    status: HTTPStatus
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Memory:
    """The latest checkpoint of each log that was signed, in a file that survives the process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, origin: str) -> Checkpoint:
        """The latest of a log; the empty tree for one that was never signed."""
        words = self._all().get(origin)
        return parse_checkpoint(words) if words else Checkpoint(origin, 0, merkle.EMPTY_ROOT)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Remember before anybody is told."""
        unfinished = self._path.with_name(f"{self._path.name}.new")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump({**self._all(), checkpoint.origin: str(checkpoint)}, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path)

    def _all(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def locked(self) -> _Lock:
        """Nobody else reads and keeps meanwhile, in whichever process."""
        return _Lock(self._path.with_name(f"{self._path.name}.lock"))


class _Lock:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Witness:
    """Decides what is signed."""

    def __init__(self, signer: Signer, logs: Mapping[str, Sequence[Verifier]], memory: Memory) -> None:
        self._signer, self._logs, self._memory = signer, logs, memory

    def add_checkpoint(self, said: bytes) -> Reply:
        """The cosignature of a checkpoint, or why there is none."""
        try:
            request = parse_witness_request(said)
            checkpoint = parse_checkpoint(request.checkpoint.text)
        except (BadProof, BadNote) as problem:
            return Reply(HTTPStatus.BAD_REQUEST, f"{problem}\n")
        known = self._logs.get(checkpoint.origin)
        if known is None:
            return Reply(HTTPStatus.NOT_FOUND, "this log is not known here\n")
        try:
            signatures_by(request.checkpoint, known)
        except BadNote as problem:
            return Reply(HTTPStatus.FORBIDDEN, f"{problem}\n")
        if request.old_size > checkpoint.size:
            return Reply(HTTPStatus.BAD_REQUEST, "the old size is above the size of the checkpoint\n")
        with self._memory.locked():
            return self._answer(checkpoint, request.checkpoint.text, request.old_size, request.hashes)

    def _answer(self, new: Checkpoint, text: str, old_size: int, proof: Sequence[bytes]) -> Reply:
        before = self._memory.read(new.origin)
        if before.size != old_size:
            return Reply(HTTPStatus.CONFLICT, f"{before.size}\n", SIZE_TYPE)
        if before.size == new.size and before.root != new.root:
            return Reply(HTTPStatus.CONFLICT, f"{before.size}\n", SIZE_TYPE)
        if not merkle.is_consistent(before.size, before.root, new.size, new.root, proof):
            return Reply(HTTPStatus.UNPROCESSABLE_ENTITY, "the proof does not show that the log grew\n")
        self._memory.keep(new)
        return Reply(HTTPStatus.OK, f"{self._signer.cosign(text, int(time.time()))}\n")


def serve_witness(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """A server that answers for a witness; the caller runs it."""

    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS_MAX

        def do_POST(self) -> None:
            if self.path != PATH:
                self._send(Reply(HTTPStatus.NOT_FOUND, f"a witness answers at {PATH}\n"))
                return
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
                self._send(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "say the length, 64 KiB at most\n"))
                return
            self._send(witness.add_checkpoint(self.rfile.read(int(length))))

        def _send(self, reply: Reply) -> None:
            body = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer((host, port), Handler)


def run_witness(host: str, port: int, name: str, folder: Path, logs: Sequence[str]) -> None:
    """Answer until told to stop. The witness's key is made once in its folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    signer = kept_signer(folder / "witness-key", name, COSIGNATURE)
    verifiers = [_log_key(words) for words in logs]
    known = {key.name: [other for other in verifiers if other.name == key.name] for key in verifiers}
    try:
        server = serve_witness(Witness(signer, known, Memory(folder / "memory")), host, port)
    except OSError as problem:
        raise OperatorProblem(f"{host}:{port} cannot be listened on: {problem.strerror}") from None
    click.echo(f"Witness on http://{host}:{server.server_port}, key {signer.verifier}")
    with suppress(KeyboardInterrupt):
        server.serve_forever()


def _log_key(words: str) -> Verifier:
    try:
        return parse_verifier(words)
    except BadKey as problem:
        raise OperatorProblem(f"{words[:80]!r} is no key of a log: {problem}") from None
