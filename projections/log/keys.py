"""The private key of the log: given as a setting, or made once in the data directory. Never in the database.

Must not know what is signed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from domain.log.notes import ED25519, KEY_BYTES, BadKey, Signer, Verifier, parse_signer
from projections.problems import OperatorProblem
from projections.settings import Settings

KEY_FILE, NEXT_KEY_FILE = "log-key", "log-key.next"


class KeyProblem(OperatorProblem):
    """The log's key is missing or bad; the text says what to do."""


class KeyRing:
    """The keys that this machine has: the one that signs and, while it is exchanged, the one that follows."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path, self._next_path = settings.data_dir / KEY_FILE, settings.data_dir / NEXT_KEY_FILE

    def all(self) -> list[Signer]:
        """The keys at hand."""
        given = self._settings.log_keys
        if given:
            return [_parse(words, "PLEDGES_LOG_KEY") for words in given]
        return [signer for path in (self._path, self._next_path) if (signer := _read(path))]

    def has(self, verifier: Verifier) -> bool:
        """Whether this machine can sign under a key."""
        return any(signer.verifier == verifier for signer in self.all())

    def first(self) -> Signer:
        """The key of a log that was never signed; made if there is none."""
        at_hand = self.all()
        if at_hand:
            return at_hand[0]
        return kept_signer(self._path, origin_of(self._settings))

    def following(self, now: Signer) -> Signer:
        """The key that shall follow today's: the other one at hand, or one that is made."""
        others = [signer for signer in self.all() if signer != now]
        if others:
            return others[0]
        if self._settings.log_keys:
            raise KeyProblem(
                "give PLEDGES_LOG_KEY both keys, today's and the one that shall follow, by a space"
            )
        return kept_signer(self._next_path, now.name)

    def instead(self, lost: Verifier, known: Sequence[str]) -> Signer:
        """The key that shall follow one that is lost: one at hand that is new, or one that is made."""
        if self.has(lost):
            raise KeyProblem(f"the key {lost.key_id.hex()} is at hand: change it without --lost")
        fitting = [one for one in self.all() if one.name == lost.name and str(one.verifier) not in known]
        if fitting:
            return fitting[0]
        if self._settings.log_keys or self._path.exists():
            where = "PLEDGES_LOG_KEY" if self._settings.log_keys else str(self._path)
            raise KeyProblem(f"{where} holds a key that the log {lost.name} cannot use: take it away first")
        return kept_signer(self._next_path, lost.name)

    def settle(self, now: Signer) -> None:
        """Keep today's key alone: whoever finds the one before can sign nothing that is believed."""
        if not self._settings.log_keys and _read(self._next_path) == now:
            self._next_path.replace(self._path)


def kept_signer(path: Path, name: str, kind: int = ED25519) -> Signer:
    """The key at a path, made if there is none."""
    return _read(path) or _made(path, Signer(name, secrets.token_bytes(KEY_BYTES), kind))


def origin_of(settings: Settings) -> str:
    """What a new log is called: its address without the scheme, or a name that nobody else has."""
    if settings.base_url:
        parts = urlsplit(settings.base_url)
        return f"{parts.netloc}{parts.path}/api/v1/log".replace("+", "-")
    return f"pledges.localhost/{secrets.token_hex(8)}"


def _read(path: Path) -> Signer | None:
    try:
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyProblem(f"the log's key in {path} cannot be read: {error.strerror}") from error


def _parse(words: str, where: str) -> Signer:
    try:
        return parse_signer(words.strip())
    except BadKey as problem:
        raise KeyProblem(f"{where} holds no key of a log: {problem}") from None


def _made(path: Path, signer: Signer) -> Signer:
    """The key at a path: of processes that start together, all have the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(signer.words() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(unfinished)
    except OSError as error:
        raise KeyProblem(f"the log's key cannot be kept in {path}: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return _read(path) or signer
