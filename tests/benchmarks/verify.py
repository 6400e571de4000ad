"""How fast a bundle is verified, and in how much memory, beside the sum of the same bytes.

python -m tests.benchmarks.verify [EVENTS]
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import msgspec

from domain.log.checkpoints import Checkpoint
from domain.log.events import KeyAdopted
from domain.log.notes import Signer, signed
from domain.log.state import LOG_ID
from domain.pledges.document import document
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import SALT_BYTES, Recorded, canonical, header_digest, log_entry, payload_digest, record
from domain.values import rfc3339
from projections.database.mapper import EventMapper, SealedEvent
from tests.benchmarks.made_up_events import ACTING, BEGIN, MadeUp
from workers.verifier import FORMAT, Tree
from workers.verifying import verify_bundle
from workers.verifying_board import ForAll, entity_shown, expected_fields

EVENTS_EACH = 5
MEGABYTE = 1024  # ru_maxrss counts kilobytes on Linux
SIGNER = Signer("pledges.localhost/benchmark", b"b" * 32)
AT = BEGIN + timedelta(days=3650)


def _events(count: int) -> Iterator[Recorded]:
    position = 0
    for made_up in MadeUp(count // EVENTS_EACH, EVENTS_EACH).events():
        position = made_up.position
        yield made_up
    fact, last = KeyAdopted(key=str(SIGNER.verifier)), BEGIN + timedelta(minutes=(position + 1) / 2)
    made = record(
        fact, stream=LOG_ID, version=1, acting=ACTING, effective_on=last.date().isoformat(), now=last
    )
    yield Recorded(msgspec.structs.replace(made.header, position=position + 1), made.fact)


def _line(event: SealedEvent, tree: Tree) -> bytes:
    header, salt = canonical(event.header), os.urandom(SALT_BYTES)
    digest = header_digest(salt, header, event.header.word_digests)
    entry = log_entry(digest, payload_digest(event.sealed.digests))
    tree.add(hashlib.sha256(b"\x00" + entry).digest())
    said = {
        "position": event.header.position, "header": header.decode(), "header_salt": salt.hex(),
        "header_salts": event.header_salts, "header_digest": digest.hex(),
        "payload": event.sealed.payload.decode(), "salts": event.sealed.salts,
    }  # fmt: skip
    return msgspec.json.encode(said) + b"\n"


def _shown(pledge: Pledge, for_all: ForAll) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(document(pledge))
    entity_of = partial(entity_shown, for_all.entities, AT.date())
    return {**expected_fields(told, entity_of, AT.date()), "erased": []}


def make(path: Path, count: int) -> None:
    """A bundle of made-up events, as `pledges bundle` writes it."""
    mapper, tree, for_all, pledges = EventMapper(), Tree(), ForAll(), dict[UUID, Pledge]()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        with pack.open("events.jsonl", "w", force_zip64=True) as member:
            for event in _events(count):
                member.write(_line(mapper.to_stored_event(event), tree))
                for_all.take(event)
                if event.header.name.startswith("pledge."):
                    stream = event.header.stream
                    pledges[stream] = evolve(pledges.get(stream), event)
        with pack.open("board.jsonl", "w", force_zip64=True) as member:
            for pledge in pledges.values():
                member.write(msgspec.json.encode(_shown(pledge, for_all)) + b"\n")
        checkpoint = Checkpoint(SIGNER.name, tree.size, tree.root())
        manifest = {
            "format": FORMAT, "origin": SIGNER.name, "size": tree.size, "made_at": rfc3339(AT),
            "at": rfc3339(AT), "sees": "operator", "rules": 1,
        }  # fmt: skip
        pack.writestr("manifest.json", json.dumps(manifest))
        pack.writestr("keys", f"{SIGNER.verifier}\n")
        pack.writestr("checkpoint", str(signed(str(checkpoint), [SIGNER])))
        for name in ("checkpoints.jsonl", "reference/gcm-reference.csv", "reference/states.csv"):
            pack.writestr(name, "")


def _sum(path: Path) -> None:
    """The peer: read the same events, and no more than hash them."""
    with zipfile.ZipFile(path) as pack, pack.open("events.jsonl") as member:
        found = hashlib.sha256()
        while piece := member.read(1 << 20):
            found.update(piece)
    print(f"sha256 {found.hexdigest()}")


def _alone(path: Path) -> None:
    """The single file by itself."""
    sys.argv = [sys.argv[0], str(path)]
    from workers import verifier  # noqa: PLC0415

    assert verifier.main([str(path)]) == 0


def child(what: str, path: Path) -> None:
    """Do one thing in a process of its own, and say what it took."""
    started = time.perf_counter()
    if what == "verify":
        assert verify_bundle(path, None, None) == 0
    else:
        {"sum": _sum, "alone": _alone}[what](path)
    own, others = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    took = time.perf_counter() - started
    print(f"{took:.3f} {sum(os.times()[:4]):.3f} {own / MEGABYTE:.0f} {others / MEGABYTE:.0f}", flush=True)


def main(count: int) -> None:
    with TemporaryDirectory(prefix="pledges-benchmark-") as folder:
        path = Path(folder) / "bundle.zip"
        subprocess.run([sys.executable, "-m", __spec__.name, "--make", str(path), str(count)], check=True)
        print(
            f"{count:,} events, a bundle of {path.stat().st_size / 1e6:,.0f} MB, {os.cpu_count()} processors"
        )
        seconds = {}
        for what in ("sum", "alone", "verify"):
            command = [sys.executable, "-m", __spec__.name, "--child", what, str(path)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            took, worked, own, others = map(float, said.splitlines()[-1].split())
            seconds[what] = took
            print(
                f"{what:7} {took:7.1f} s ({worked:.1f} s of processors) {count / took:10,.0f} events/s, "
                f"{took / seconds['sum']:6.1f} x sha256, peak {max(own, others):,.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
