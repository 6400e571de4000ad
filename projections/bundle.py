"""An auditor's pack as a stream of bytes, for whoever's eyes (docs/log.md, "Bundles"): memory stays flat.

Must not know how it is checked, nor where it is written.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from domain.actors import Actor
from domain.pledges.sight import EVERYTHING, Eyes
from domain.reference import compact
from domain.values import rfc3339
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.exports import write_jsonl
from projections.log.questions import SignedCheckpoint
from projections.progress.counting import RULES

FORMAT = "pledges bundle 1"
REFERENCE = Path(compact.__file__).parent
REFERENCE_FILES = ("gcm-reference.csv", "states.csv")
TOLD_EVERY = 100
Member = tuple[str, Iterable[bytes]]


def bundle(
    runtime: Runtime,
    signed: SignedCheckpoint,
    eyes: Eyes,
    sees: str,
    seen: Callable[[int], None] = lambda _: None,
) -> Iterator[bytes]:
    """A ZIP archive of everything under a checkpoint; events that those eyes may not read by their digests.

    `sees` says in the manifest whose eyes they are; `seen` is told how many events are written. NotReadYet,
    before anything, if a read model lags behind.
    """
    size = signed.checkpoint.size
    moment = runtime.questions.moment(f"checkpoint:{size}")
    manifest = {
        "format": FORMAT, "origin": signed.checkpoint.origin, "size": size,
        "made_at": rfc3339(runtime.clock()), "at": rfc3339(signed.signed_at), "sees": sees, "rules": RULES,
        "erased_since": runtime.log.erased_since(size, eyes),
    }  # fmt: skip
    pledges = runtime.questions.every_pledge(PledgeFilters(), viewer=None, moment=moment)
    members: list[Member] = [
        ("manifest.json", [json.dumps(manifest, indent=2).encode() + b"\n"]),
        ("keys", [f"{key}\n".encode() for key in runtime.log.keys_up_to(size)]),
        ("checkpoint", [str(signed.note).encode()]),
        ("checkpoints.jsonl", _earlier(runtime, size)),
        ("events.jsonl", _counted(runtime.log.lines(size, eyes), seen)),
        ("board.jsonl", write_jsonl(pledges)),
    ]
    return _zipped([*members, *((f"reference/{name}", _read(name)) for name in REFERENCE_FILES)])


def whose(viewer: Actor | None, eyes: Eyes) -> str:
    """Whose eyes they are, without saying whose account it is."""
    if eyes is EVERYTHING:
        return "operator"
    if viewer is None:
        return "public"
    return "; ".join(f"{one.role} of {one.entity}" if one.entity else one.role for one in viewer.grants)


def _earlier(runtime: Runtime, size: int) -> Iterator[bytes]:
    notes = []
    below: int | None = size
    while found := runtime.log.checkpoints(below=below):
        notes += [str(signed.note) for signed in found]
        below = found[-1].checkpoint.size
    for note in reversed(notes):
        yield json.dumps({"note": note}, ensure_ascii=False).encode() + b"\n"


def _counted(lines: Iterable[bytes], seen: Callable[[int], None]) -> Iterator[bytes]:
    for number, line in enumerate(lines, 1):
        yield line
        if number % TOLD_EVERY == 0:
            seen(number)


def _read(name: str) -> Iterator[bytes]:
    yield (REFERENCE / name).read_bytes()


class _Sink:
    """What was written of an archive and nobody has taken yet. It cannot be sought in, so it is streamed."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, some: bytes) -> int:
        self._written.append(bytes(some))
        return len(some)

    def close(self) -> None:
        pass

    def flush(self) -> None:
        pass

    def taken(self) -> Iterator[bytes]:
        some, self._written = b"".join(self._written), []
        if some:
            yield some


def _zipped(members: Iterable[Member]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, chunks in members:
            with pack.open(name, "w", force_zip64=True) as member:
                for chunk in chunks:
                    member.write(chunk)
                    yield from sink.taken()
    yield from sink.taken()
