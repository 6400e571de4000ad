"""The Message-ID of a letter: its id, signed, so that nobody can speak of a letter who never saw it.

Must not know what letters say, nor to whom they go.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from uuid import UUID

TAG_CHARS = 24
WRITTEN = re.compile(rf"<([0-9a-f]{{32}})\.([0-9a-f]{{{TAG_CHARS}}})@")


def message_id(letter: UUID, host: str, secret: str) -> str:
    """The Message-ID of a letter that a host sends."""
    return f"<{letter.hex}.{_tag(letter, secret)}@{host}>"


def letter_of(text: str, secret: str) -> UUID | None:
    """The letter that a Message-ID is of; None if it is none of ours."""
    found = WRITTEN.search(text)
    if found is None:
        return None
    letter = UUID(hex=found[1])
    return letter if hmac.compare_digest(found[2], _tag(letter, secret)) else None


def _tag(letter: UUID, secret: str) -> str:
    return hmac.new(secret.encode(), b"message-id " + letter.bytes, hashlib.sha256).hexdigest()[:TAG_CHARS]
