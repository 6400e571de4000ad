"""A witness in a process of its own, with a memory of its own: what it signs, and what it does not."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from threading import Thread

import pytest

from domain.log import merkle
from domain.log.checkpoints import Checkpoint, WitnessRequest, parse_checkpoint
from domain.log.merkle import leaf_hash
from domain.log.notes import COSIGNATURE, Signer, Verifier, cosigned_at, parse_note, parse_verifier, signed
from projections.composition import Runtime
from projections.log.checking import Copy
from projections.log.read_model import LogModel
from projections.settings import WitnessAt
from tests.conftest import Database
from tests.projections.filled import BuildRuntime, bank, record_pledge
from workers.publishing import latest_copy, publish
from workers.witness import Memory, Reply, Witness

LOG = Signer("register.example/log", b"l" * 32)
WITNESS = Signer("witness.example", b"w" * 32, COSIGNATURE)
LEAVES = [leaf_hash(bytes([number])) for number in range(9)]
FORKED = [*LEAVES[:5], *(leaf_hash(bytes([number + 100])) for number in range(9))]


def tree(leaves: list[bytes]) -> merkle.Hashes:
    return lambda _, begin, end: leaves[begin:end]


def request(
    old: int, new: int, leaves: list[bytes] = LEAVES, by: Signer = LOG, proven: int | None = None
) -> bytes:
    checkpoint = Checkpoint(LOG.name, new, merkle.root(tree(leaves), new))
    hashes = merkle.consistency_proof(tree(leaves), min(old if proven is None else proven, new), new)
    return str(WitnessRequest(old, hashes, signed(str(checkpoint), [by]))).encode()


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[bytes], Reply]:
    return Witness(WITNESS, {LOG.name: [LOG.verifier]}, Memory(tmp_path / "memory")).add_checkpoint


def test_a_log_that_grows_is_signed(ask: Callable[[bytes], Reply]) -> None:
    for old, new in ((0, 3), (3, 3), (3, 8), (8, 9)):
        said = request(old, new)
        reply = ask(said)
        assert reply.status == HTTPStatus.OK
        note = parse_note(said.partition(b"\n\n")[2] + reply.body.encode())
        (line,) = (one for one in note.signatures if one.name == WITNESS.name)
        assert WITNESS.verifier.holds(note.text, line)
        assert abs(cosigned_at(line) - time.time()) < 600


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (request(3, 8), HTTPStatus.CONFLICT),
        (request(0, 8), HTTPStatus.CONFLICT),
        (request(9, 8), HTTPStatus.BAD_REQUEST),
        (request(5, 9, FORKED), HTTPStatus.OK),
        (request(5, 5, [leaf_hash(b"x")] * 5), HTTPStatus.CONFLICT),
        (request(5, 9, [leaf_hash(b"x")] * 9), HTTPStatus.UNPROCESSABLE_ENTITY),
        (request(5, 9, proven=4), HTTPStatus.UNPROCESSABLE_ENTITY),
        (request(5, 9, by=Signer(LOG.name, b"x" * 32)), HTTPStatus.FORBIDDEN),
        (request(5, 9).replace(b"register.example", b"another.example"), HTTPStatus.NOT_FOUND),
        (request(5, 9).replace(b"old 5", b"old five"), HTTPStatus.BAD_REQUEST),
        (b"", HTTPStatus.BAD_REQUEST),
    ],
)
def test_what_did_not_grow_from_what_was_seen_is_not_signed(
    ask: Callable[[bytes], Reply], said: bytes, status: HTTPStatus
) -> None:
    assert ask(request(0, 5)).status == HTTPStatus.OK
    reply = ask(said)
    assert reply.status == status
    if status == HTTPStatus.CONFLICT:
        assert (reply.body, reply.content_type) == ("5\n", "text/x.tlog.size")


def test_two_that_grew_apart_are_not_both_signed(ask: Callable[[bytes], Reply]) -> None:
    assert ask(request(0, 5)).status == HTTPStatus.OK
    assert ask(request(5, 8)).status == HTTPStatus.OK
    assert ask(request(5, 9, FORKED)).status == HTTPStatus.CONFLICT
    assert ask(request(8, 9, FORKED)).status == HTTPStatus.UNPROCESSABLE_ENTITY


# -- in another process


class Running:
    """A witness's process."""

    def __init__(self, folder: Path, log_key: Verifier) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._command = [
            sys.executable, "-m", "workers", "witness", "--name", "witness.example", "--port", str(self.port),
            "--memory", str(folder), str(log_key),
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.at = WitnessAt(
            f"http://127.0.0.1:{self.port}", parse_verifier(self.process.stdout.readline().rpartition(" ")[2])
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def register(build_runtime: BuildRuntime, founded: Runtime) -> Runtime:
    runtime = build_runtime([LogModel()])
    runtime.notary.adopt_first_key()
    runtime.projector().catch_up()
    return runtime


@pytest.fixture
def witness(register: Runtime, tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "witness", register.log.keys()[0])
    yield running
    running.kill()


def knowing(runtime: Runtime, witness: Running, copies: Path) -> Runtime:
    """The register, with a witness among its settings."""
    settings = replace(runtime.settings, witnesses=(witness.at,), checkpoints_to=str(copies))
    return replace(runtime, settings=settings)


def test_checkpoints_are_signed_elsewhere_and_copied(
    register: Runtime, witness: Running, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    knows = knowing(register, witness, copies)
    sizes = []
    for _ in range(2):
        record_pledge(register.register, bank(register.register, f"Bank {len(sizes)}"))
        register.projector().catch_up()
        publish(knows, register.notary.sign())
        latest = register.log.latest()
        assert latest is not None
        sizes.append(latest.checkpoint.size)
        (line,) = (one for one in latest.note.signatures if witness.at.key.is_by(one))
        assert witness.at.key.holds(latest.note.text, line)
        assert (copies / f"checkpoint-{sizes[-1]}").read_text(encoding="utf-8") == str(latest.note)
    assert sizes[0] < sizes[1]


def test_a_witness_that_was_killed_remembers_and_one_that_is_away_is_asked_again(
    register: Runtime, witness: Running, tmp_path: Path
) -> None:
    knows = knowing(register, witness, tmp_path / "copies")
    publish(knows, register.notary.sign())
    witness.kill()
    record_pledge(register.register, bank(register.register, "While it is away"))
    register.projector().catch_up()
    signed_alone = register.notary.sign()
    publish(knows, signed_alone)
    assert register.log.cosigned_size("witness.example") < signed_alone.checkpoint.size
    witness.start()
    publish(knows, signed_alone)
    assert register.log.cosigned_size("witness.example") == signed_alone.checkpoint.size


def test_a_register_that_shows_another_history_is_not_signed(
    register: Runtime, witness: Running, database: Database, tmp_path: Path
) -> None:
    knows = knowing(register, witness, tmp_path / "copies")
    publish(knows, register.notary.sign())
    other = [leaf_hash(bytes([number % 250, number // 250])) for number in range(500)]
    checkpoint = Checkpoint(register.log.keys()[0].name, 500, merkle.root(deep(other), 500))
    (signer,) = (key for key in register.notary._keys.all())
    seen = register.log.latest()
    assert seen is not None
    size = seen.checkpoint.size
    body = WitnessRequest(
        size, merkle.consistency_proof(deep(other), size, 500), signed(str(checkpoint), [signer])
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{witness.at.url}/add-checkpoint", str(body).encode(), timeout=10)
    assert refused.value.code == HTTPStatus.UNPROCESSABLE_ENTITY
    refused.value.close()
    assert parse_checkpoint(seen.note.text) == Memory(tmp_path / "witness" / "memory").read(checkpoint.origin)


def deep(leaves: list[bytes]) -> merkle.Hashes:
    """Hashes of a tree of more than one tile."""
    rows = {0: leaves}

    def hashes(level: int, begin: int, end: int) -> list[bytes]:
        return rows[level][begin:end]

    for level, _, found in merkle.above(hashes, 0, len(leaves)):
        rows.setdefault(level, []).extend(found)
    return hashes


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 409 Conflict\r\nContent-Length: 9\r\n\r\n99999999\n", b"no HTTP at all\r\n\r\n"]
)
def test_a_witness_that_answers_nonsense_keeps_nobody_from_a_copy(
    register: Runtime, tmp_path: Path, answer: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reply() -> None:
            with suppress(OSError):  # the server is closed when nobody asks any more
                while True:
                    with server.accept()[0] as connection:
                        connection.recv(65536)
                        connection.sendall(answer)

        Thread(target=reply, daemon=True).start()
        odd = WitnessAt(f"http://127.0.0.1:{server.getsockname()[1]}", WITNESS.verifier)
        copies = tmp_path / "copies"
        settings = replace(register.settings, witnesses=(odd,), checkpoints_to=str(copies))
        signed_now = register.notary.sign()
        publish(replace(register, settings=settings), signed_now)
    assert (copies / f"checkpoint-{signed_now.checkpoint.size}").exists()


def test_the_latest_copy_is_read_if_it_can_be(tmp_path: Path) -> None:
    assert latest_copy(None) is None
    assert latest_copy(str(tmp_path)) is None
    for size in (9, 10):
        (tmp_path / f"checkpoint-{size}").write_text(f"of {size}")
    (tmp_path / "checkpoint-x").write_text("no size")
    assert latest_copy(str(tmp_path)) == Copy("checkpoint-10", "of 10")
    (tmp_path / "checkpoint-11").mkdir()
    assert latest_copy(str(tmp_path)) is None
