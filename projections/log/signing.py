"""Signs checkpoints of the log: of a tree that holds all that was signed before, and of no other.

Must not know who asks for it, nor where checkpoints are published.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection

from domain.actors import OPERATOR
from domain.log import merkle
from domain.log.checkpoints import Checkpoint
from domain.log.commands import AdoptKey
from domain.log.notes import Signer, parse_verifier, signed
from domain.log.state import LogState
from domain.recording import Authority
from domain.register import Register
from projections.database.pool import Pool
from projections.log.checking import last_check
from projections.log.hashes import MissingHashes, kept_hashes, size
from projections.log.keys import KeyProblem, KeyRing
from projections.log.questions import SignedCheckpoint, checkpoint_of, greatest_size, latest_checkpoint
from projections.problems import OperatorProblem

SIGNING_LOCK = 20_220_522
# Where the clock was set back, the last event is recorded just after the one before it: signed no sooner.
KEEP: LiteralString = """
INSERT INTO checkpoints (size, root, note, signed_at)
SELECT asked.size, %b, %b, greatest(clock_timestamp(), events.recorded_at)
FROM (SELECT %b::bigint AS size) AS asked LEFT JOIN events ON events.position = asked.size
"""


class Tampered(OperatorProblem):
    """The tree does not hold what was signed before. Nothing is signed any more until somebody has looked."""


class NotGrown(OperatorProblem):
    """The tree lags: a checkpoint under a key whose adoption it does not hold could not be verified."""


class Notary:
    """Signs for the register, with the keys of this machine."""

    def __init__(self, pool: Pool, register: Register, keys: KeyRing) -> None:
        self._pool, self._register, self._keys = pool, register, keys

    def adopt_first_key(self) -> None:
        """Record the key of a log that was never signed."""
        if not self._state().keys:
            self._register.handle(AdoptKey(key=str(self._keys.first().verifier)), by=OPERATOR)

    def change_key(self, reason: str) -> int:
        """Record that another key follows; the position of that. The next checkpoint is signed by both."""
        self.adopt_first_key()
        follows = self._keys.following(self._signers(self._state())[-1])
        command = AdoptKey(key=str(follows.verifier), reason=reason)
        return self._register.handle(command, by=OPERATOR).position

    def replace_lost_key(self, reason: str, decision: Authority) -> int:
        """Record that another key follows one that is lost; it alone signs the next checkpoint."""
        state = self._state()
        if not state.keys:
            raise KeyProblem("the log was never signed: no key of it can be lost")
        follows = self._keys.instead(parse_verifier(state.keys[-1]), state.keys)
        command = AdoptKey(key=str(follows.verifier), reason=reason, lost=decision)
        return self._register.handle(command, by=OPERATOR).position

    def sign(self) -> SignedCheckpoint:
        """The latest checkpoint: of all that the tree holds; signed now, unless it is signed.

        Raises Tampered if the latest self-check found something, if the tree does not begin with the one that
        was signed last, or if the checkpoint of all that it holds is not as it was signed; KeyProblem if this
        machine does not have the key, and NotGrown if the tree does not hold yet that the key was adopted.
        """
        self.adopt_first_key()
        state = self._state()
        signers = self._signers(state)
        with self._pool.connection() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%b)", [SIGNING_LOCK])
            refuse_what_was_found(connection)
            last, now = latest_checkpoint(connection), size(connection)
            check_growth(connection, last, now)
            if now < state.adopted_at:
                raise NotGrown(f"the log has {now} events, and its key was adopted at {state.adopted_at}")
            if (kept := greatest_size(connection)) >= now:
                return _as_it_was_signed(last, kept, signers[-1])
            found = self._signed(connection, last, now, signers)
        self._keys.settle(signers[-1])
        return found

    def _signed(
        self, connection: Connection[Any], last: SignedCheckpoint | None, now: int, signers: Sequence[Signer]
    ) -> SignedCheckpoint:
        root = _root(connection, now)
        checkpoint = Checkpoint(signers[-1].name, now, root)
        changed = last is not None and not _is_by(last, signers[-1])
        note = signed(str(checkpoint), signers[-2:] if changed else signers[-1:])
        connection.execute(KEEP, [root, str(note), now])
        found = checkpoint_of(connection, now)
        if found is None:
            raise MissingHashes(f"the checkpoint of {now} leaves was not kept")
        return found

    def _state(self) -> LogState:
        return self._register.consult(lambda context: context.world.log(), by=OPERATOR)

    def _signers(self, state: LogState) -> list[Signer]:
        """The keys that may sign: today's last, and the one before it if it is at hand."""
        at_hand = {str(signer.verifier): signer for signer in self._keys.all()}
        found = [at_hand[key] for key in state.keys[-2:] if key in at_hand]
        if not found or str(found[-1].verifier) != state.keys[-1]:
            raise KeyProblem(
                f"the log is signed under the key {parse_verifier(state.keys[-1]).key_id.hex()}, "
                "which is not at hand: give it as PLEDGES_LOG_KEY; if it is lost, see docs/log.md, Keys"
            )
        return found


def refuse_what_was_found(connection: Connection[Any]) -> None:
    """See that the latest self-check found nothing. Raises Tampered."""
    checked = last_check(connection)
    if checked and checked.problem:
        raise Tampered(
            f"nothing is signed while the self-check finds that something was changed: {checked.problem} "
            "(it is made again when `pledges serve` starts, each day, and by `pledges backup`)"
        )


def check_growth(connection: Connection[Any], last: SignedCheckpoint | None, now: int) -> None:
    """See that the tree holds what was signed last. Raises Tampered."""
    if last is None:
        return
    signed_size = last.checkpoint.size
    if signed_size > now:
        raise Tampered(f"a checkpoint of {signed_size} events was signed, and the log has {now}")
    if _root(connection, signed_size) != last.checkpoint.root:
        raise Tampered(f"the first {signed_size} events are not those of the checkpoint that was signed")


def _root(connection: Connection[Any], of: int) -> bytes:
    try:
        return merkle.root(kept_hashes(connection), of)
    except MissingHashes as problem:
        raise Tampered(f"the tree of {of} events is not whole: {problem}") from problem


def _as_it_was_signed(last: SignedCheckpoint | None, size: int, signer: Signer) -> SignedCheckpoint:
    """The checkpoint of a size, which is not signed a second time. Raises Tampered."""
    if last is None or last.checkpoint.size != size:
        wrong = "cannot be read any more"
    elif not _holds(last, signer):
        wrong = f"is not signed under the log's key {signer.verifier.key_id.hex()}"
    else:
        return last
    raise Tampered(
        f"the checkpoint of {size} events {wrong}, and none of that size is signed again: "
        "`pledges status` says what the self-check found"
    )


def _holds(found: SignedCheckpoint, signer: Signer) -> bool:
    key, note = signer.verifier, found.note
    return any(key.is_by(one) and key.holds(note.text, one) for one in note.signatures)


def _is_by(found: SignedCheckpoint, signer: Signer) -> bool:
    return any(signer.verifier.is_by(signature) for signature in found.note.signatures)
