"""`pledges bundle`: an auditor's pack in a file, which `pledges verify` checks offline (docs/log.md).

Must not know what is in it.
"""

from __future__ import annotations

from pathlib import Path

import click

from domain.actors import Actor
from domain.pledges.sight import EVERYTHING, PUBLIC, Eyes
from projections.bundle import bundle, whose
from projections.composition import Runtime
from projections.log.questions import SignedCheckpoint
from projections.log.signing import Tampered
from projections.problems import OperatorProblem
from workers.checkpointing import say_what_does_not_fit, signed_now
from workers.exporting import write_out
from workers.progress import Bar
from workers.running import wait_until_readable


def write_bundle(
    runtime: Runtime, path: Path, *, viewer: Actor | None = None, public: bool = False, at: int | None = None
) -> None:
    """Write what is under a checkpoint, as far as a viewer's eyes, the public's or an operator's see.

    Without `at`, the size of a checkpoint, one is signed for it; where what was signed does not fit, it is
    under the latest that can be read.
    """
    say_what_does_not_fit(runtime)
    signed = _latest(runtime) if at is None else _signed_at(runtime, at)
    eyes = _eyes(runtime, viewer, public=public)
    size = signed.checkpoint.size
    with Bar("bundling", size) as bar:
        pack = bundle(runtime, signed, eyes, whose(viewer, eyes), seen=bar.at)
        write_out(pack, path)
    click.echo(f"{size} events under a checkpoint, written to {path}")


def _eyes(runtime: Runtime, viewer: Actor | None, *, public: bool) -> Eyes:
    if public:
        return PUBLIC
    return runtime.questions.eyes(viewer) if viewer else EVERYTHING


def _latest(runtime: Runtime) -> SignedCheckpoint:
    try:
        return signed_now(runtime)
    except Tampered as problem:  # whoever looks into it needs what is there
        latest = runtime.log.latest()
        if latest is None:
            raise
        click.echo(
            "pledges: no checkpoint was signed for this bundle, so it is under that of "
            f"{latest.checkpoint.size} events: {problem}",
            err=True,
        )
        return latest


def _signed_at(runtime: Runtime, size: int) -> SignedCheckpoint:
    wait_until_readable(runtime, runtime.recorder.max_notification_id() or 0)
    signed = runtime.log.checkpoint(size)
    if signed is None:
        nearest = runtime.log.nearest_size(size)
        known = "none was signed yet" if nearest is None else f"the nearest has {nearest}"
        raise OperatorProblem(f"no checkpoint has the size {size}: {known}")
    return signed
