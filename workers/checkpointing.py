"""`pledges checkpoint`: signs the log as it stands, and changes its key.

Must not know how hashes are kept.
"""

from __future__ import annotations

import click

from domain.recording import Authority
from projections.composition import Runtime
from projections.log.questions import SignedCheckpoint
from projections.problems import OperatorProblem
from workers.publishing import publish
from workers.running import wait_until_readable


def sign_checkpoint(runtime: Runtime, new_key_reason: str | None, lost: str | None) -> None:
    """Sign everything that was recorded before the command, and print the checkpoint.

    `lost` is the decision on which another key takes the place of one that is lost.
    """
    say_what_does_not_fit(runtime)
    if new_key_reason and lost is not None:
        decision = Authority(kind="document", reference=lost)
        runtime.notary.replace_lost_key(new_key_reason, decision)
    elif new_key_reason:
        runtime.notary.change_key(new_key_reason)
    click.echo(str(signed_now(runtime).note), nl=False)


def say_what_does_not_fit(runtime: Runtime) -> None:
    """Say on stderr what the latest self-check found, if it found anything."""
    checked = runtime.log.last_check()
    if checked and checked.problem:
        click.echo(
            f"pledges: the self-check of {checked.checked_at:%Y-%m-%dT%H:%M:%SZ} found a problem. "
            f"{checked.problem}",
            err=True,
        )


def signed_now(runtime: Runtime) -> SignedCheckpoint:
    """The checkpoint of everything that was recorded until now, signed and taken to where copies are kept."""
    runtime.notary.adopt_first_key()
    position = runtime.recorder.max_notification_id() or 0
    if not wait_until_readable(runtime, position):
        raise OperatorProblem(f"the log has not grown to position {position}: `pledges status` says why")
    signed = runtime.notary.sign()
    publish(runtime, signed)
    return runtime.log.checkpoint(signed.checkpoint.size) or signed
