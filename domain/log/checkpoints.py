"""Checkpoints and proofs as texts (C2SP tlog-checkpoint, tlog-proof), and what a witness is asked.

Must not know where the tree is kept, nor who asks.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.log.merkle import HASH_BYTES
from domain.log.notes import BadNote, Note, parse_note

PROOF_HEAD = "c2sp.org/tlog-proof@v1"
PROOF_LINES_MAX = 63
LINES_MIN = 3
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class BadProof(ValueError):
    """A text that is no proof. The message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at a size: whose it is, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{hash_words(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text is; lines after the third say nothing to us. Raises BadNote."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < LINES_MIN or not all(lines):
        raise BadNote("a checkpoint has three lines or more, none of them empty")
    if not _DECIMAL.fullmatch(lines[1]):
        raise BadNote(f"the size of a checkpoint is a whole number, not {lines[1][:40]!r}")
    try:
        root = parse_hash(lines[2])
    except ValueError as problem:
        raise BadNote(f"the root of a checkpoint: {problem}") from None
    return Checkpoint(lines[0], int(lines[1]), root)


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That a leaf is in a tree: its place, its audit path, and the checkpoint of the tree."""

    index: int
    hashes: Sequence[bytes]
    checkpoint: Note

    def __str__(self) -> str:
        path = "".join(f"{hash_words(one)}\n" for one in self.hashes)
        return f"{PROOF_HEAD}\nindex {self.index}\n{path}\n{self.checkpoint}"


def parse_proof(said: bytes) -> InclusionProof:
    """A C2SP tlog-proof. Raises BadProof or BadNote; it proves nothing before it was checked."""
    head, blank, note = said.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadProof("the lines of a proof are ASCII") from None
    if not blank or lines.pop(0) != PROOF_HEAD:
        raise BadProof(f"a proof begins with {PROOF_HEAD}, and ends with a blank line and a checkpoint")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    index = lines.pop(0).removeprefix("index ") if lines else ""
    if not _DECIMAL.fullmatch(index):
        raise BadProof("a proof names the index of its entry: index N")
    return InclusionProof(int(index), parse_hashes(lines), parse_note(note))


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """What a witness is asked to sign: a checkpoint, and how it grew from the one that it saw before."""

    old_size: int
    hashes: Sequence[bytes]
    checkpoint: Note

    def __str__(self) -> str:
        path = "".join(f"{hash_words(one)}\n" for one in self.hashes)
        return f"old {self.old_size}\n{path}\n{self.checkpoint}"


def parse_witness_request(said: bytes) -> WitnessRequest:
    """The body of a witness's add-checkpoint. Raises BadProof or BadNote."""
    head, blank, note = said.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadProof("the lines of a request are ASCII") from None
    old = first.removeprefix("old ")
    if not blank or not first.startswith("old ") or not _DECIMAL.fullmatch(old):
        raise BadProof("a request begins with the size seen before, old N, and ends with a checkpoint")
    return WitnessRequest(int(old), parse_hashes(lines), parse_note(note))


# -- hashes as words


def hash_words(value: bytes) -> str:
    """A hash in base64."""
    return base64.b64encode(value).decode("ascii")


def parse_hash(words: str) -> bytes:
    """A hash that was written in base64. Raises BadProof."""
    try:
        value = base64.b64decode(words, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != HASH_BYTES or hash_words(value) != words:
        raise BadProof(f"a hash is {HASH_BYTES} bytes in base64, not {words[:60]!r}")
    return value


def parse_hashes(lines: Sequence[str]) -> list[bytes]:
    """A proof's lines. Raises BadProof."""
    if len(lines) > PROOF_LINES_MAX:
        raise BadProof(f"a proof has at most {PROOF_LINES_MAX} hashes")
    return [parse_hash(line) for line in lines]
