"""Signed notes (C2SP signed-note): a text, and lines that say who signed it.

Ed25519 alone: plain signatures by a log, and timestamped ones by a witness (C2SP tlog-cosignature).
Must not know what the texts say, nor where keys are kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519, COSIGNATURE = 1, 4
"""The kinds of signatures, by their identifier bytes."""
KEY_BYTES, SIGNATURE_BYTES, ID_BYTES = 32, 64, 4
NOTE_BYTES_MAX = 64 * 1024
SIGNATURES_MAX = 64
DASH = "\N{EM DASH} "


class BadNote(ValueError):
    """A text that is no signed note, or one that a known key did not sign. The message says what is wrong."""


class BadKey(ValueError):
    """A text that is no key. The message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of signature: who signed, under which key, and what."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {_base64(self.key_id + self.value)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a line break, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a key: a name, a kind and 32 bytes. Its words are a C2SP verifier key."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the digest of name, kind and key."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[
            :ID_BYTES
        ]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, in hex, for people to compare."""
        return hashlib.sha256(self.public).hexdigest()

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.kind]) + self.public)}"

    def is_by(self, signature: Signature) -> bool:
        """Whether a signature says that it was made under this key."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def holds(self, text: str, signature: Signature) -> bool:
        """Whether this key made a signature of a text."""
        value, signed = signature.value, text.encode()
        if self.kind == COSIGNATURE:
            if len(value) != 8 + SIGNATURE_BYTES:
                return False
            signed, value = _cosigned(text, cosigned_at(signature)), value[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, signed)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name and kind. Its words are for the key file, and never shown otherwise."""

    name: str
    seed: bytes
    kind: int = ED25519

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw(), self.kind)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, text: str) -> Signature:
        """A plain signature of a text."""
        return Signature(self.name, self.verifier.key_id, self._key.sign(text.encode()))

    def cosign(self, text: str, at: int) -> Signature:
        """A witness's signature of a checkpoint's text, with the second at which it was seen."""
        value = struct.pack(">Q", at) + self._key.sign(_cosigned(text, at))
        return Signature(self.name, self.verifier.key_id, value)

    def words(self) -> str:
        """The key as a text, to be kept secret: `PRIVATE+KEY+name+id+base64`."""
        return (
            f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{_base64(bytes([self.kind]) + self.seed)}"
        )


def cosigned_at(signature: Signature) -> int:
    """The second since 1970 at which a witness signed."""
    seconds: int = struct.unpack(">Q", signature.value[:8])[0]
    return seconds


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


# -- notes as texts


def parse_note(said: bytes) -> Note:
    """A signed note. Raises BadNote; nothing of it may be believed before a signature was checked."""
    if len(said) > NOTE_BYTES_MAX:
        raise BadNote(f"a note has at most {NOTE_BYTES_MAX} bytes, and this one has {len(said)}")
    try:
        words = said.decode()
    except UnicodeDecodeError:
        raise BadNote("a note is UTF-8, and this is not") from None
    if any(sign < " " and sign != "\n" for sign in words):
        raise BadNote("a note has no control characters but line breaks")
    text, blank, lines = words.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise BadNote("a note is a text, a blank line and lines of signatures, each ending in a line break")
    return Note(text + "\n", parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Lines of signatures. Raises BadNote."""
    found = tuple(_signature(line) for line in lines.removesuffix("\n").split("\n"))
    if len(found) > SIGNATURES_MAX:
        raise BadNote(f"a note has at most {SIGNATURES_MAX} signatures, and this one has {len(found)}")
    return found


def _signature(line: str) -> Signature:
    name, space, value = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not space or not is_name(name):
        raise BadNote(f"this is no line of a signature: {line[:80]!r}")
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote(f"the signature of {name} is not base64") from None
    if len(decoded) <= ID_BYTES:
        raise BadNote(f"the signature of {name} is too short")
    return Signature(name, decoded[:ID_BYTES], decoded[ID_BYTES:])


def is_name(name: str) -> bool:
    """Whether a key may be so called: some signs, no spaces, no plus."""
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def signed(text: str, signers: Iterable[Signer]) -> Note:
    """A text with plain signatures."""
    return Note(text, tuple(signer.sign(text) for signer in signers))


def signatures_by(note: Note, known: Sequence[Verifier]) -> list[tuple[Verifier, Signature]]:
    """The signatures of known keys. Raises BadNote if one does not hold, or if there is none."""
    found = []
    for signature in note.signatures:
        for verifier in known:
            if verifier.is_by(signature):
                if not verifier.holds(note.text, signature):
                    raise BadNote(f"the signature of {verifier.name} does not hold")
                found.append((verifier, signature))
    if not found:
        raise BadNote("no known key has signed this note")
    return found


# -- keys as texts


def parse_verifier(words: str) -> Verifier:
    """A C2SP verifier key, `name+id+base64`. Raises BadKey."""
    name, key_id, kind, public = _parse_key(words)
    verifier = Verifier(name, public, kind)
    if verifier.key_id.hex() != key_id:
        raise BadKey(f"the id of the key {name} is {verifier.key_id.hex()}, not {key_id}")
    return verifier


def parse_signer(words: str) -> Signer:
    """A private key as `Signer.words` writes it. Raises BadKey, and never repeats the key."""
    if not words.startswith("PRIVATE+KEY+"):
        raise BadKey("a private key begins with PRIVATE+KEY+")
    name, key_id, kind, seed = _parse_key(words.removeprefix("PRIVATE+KEY+"))
    signer = Signer(name, seed, kind)
    if signer.verifier.key_id.hex() != key_id:
        raise BadKey(f"the private key of {name} does not fit its id")
    return signer


def _parse_key(words: str) -> tuple[str, str, int, bytes]:
    name, _, rest = words.strip().partition("+")
    key_id, _, value = rest.partition("+")
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("a key is written name+id+base64") from None
    if not is_name(name) or len(decoded) != 1 + KEY_BYTES:
        raise BadKey("a key is written name+id+base64, with 33 bytes in base64")
    if decoded[0] not in (ED25519, COSIGNATURE):
        raise BadKey(f"keys are of kind 1 or 4 (Ed25519), and this one is of kind {decoded[0]}")
    return name, key_id, decoded[0], decoded[1:]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
