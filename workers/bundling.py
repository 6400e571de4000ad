"""`pledges bundle`: an auditor's pack, which `pledges verify` checks offline (docs/log.md, "Bundles").

Must not know how it is checked.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from domain.reference import compact
from domain.values import rfc3339
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.exports import write_jsonl
from projections.log.questions import SignedCheckpoint
from projections.problems import OperatorProblem
from projections.progress.counting import RULES
from workers.checkpointing import signed_now
from workers.progress import Bar
from workers.verifier import FORMAT

REFERENCE = Path(compact.__file__).parent
REFERENCE_FILES = ("gcm-reference.csv", "states.csv")


def write_bundle(runtime: Runtime, path: Path) -> None:
    """Sign a checkpoint, and write everything that is under it."""
    signed = signed_now(runtime)
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as pack:
            _fill(pack, runtime, signed)
        unfinished.replace(path)
    except OSError as error:
        raise OperatorProblem(f"{path} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{signed.checkpoint.size} events under a checkpoint, written to {path}")


def _fill(pack: zipfile.ZipFile, runtime: Runtime, signed: SignedCheckpoint) -> None:
    size, keys = signed.checkpoint.size, runtime.log.keys()
    manifest = {
        "format": FORMAT, "origin": signed.checkpoint.origin, "size": size,
        "made_at": rfc3339(runtime.clock()), "at": rfc3339(signed.signed_at),
        "sees": "operator", "rules": RULES,
    }  # fmt: skip
    pack.writestr("manifest.json", json.dumps(manifest, indent=2) + "\n")
    pack.writestr("keys", "".join(f"{key}\n" for key in keys))
    pack.writestr("checkpoint", str(signed.note))
    _write(pack, "checkpoints.jsonl", _earlier(runtime, size))
    with Bar("bundling", size) as bar:
        _write(pack, "events.jsonl", _shown(runtime.log.lines(size), bar))
    moment = runtime.questions.moment(f"checkpoint:{size}")
    pledges = runtime.questions.every_pledge(PledgeFilters(), viewer=None, moment=moment)
    _write(pack, "board.jsonl", write_jsonl(pledges))
    for name in REFERENCE_FILES:
        pack.write(REFERENCE / name, f"reference/{name}")


def _earlier(runtime: Runtime, size: int) -> Iterator[bytes]:
    notes = []
    below: int | None = size
    while found := runtime.log.checkpoints(below=below):
        notes += [str(signed.note) for signed in found]
        below = found[-1].checkpoint.size
    for note in reversed(notes):
        yield json.dumps({"note": note}, ensure_ascii=False).encode() + b"\n"


def _shown(lines: Iterable[bytes], bar: Bar) -> Iterator[bytes]:
    for line in lines:
        yield line
        bar.advance(1)


def _write(pack: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> None:
    with pack.open(name, "w", force_zip64=True) as member:
        for chunk in chunks:
            member.write(chunk)
