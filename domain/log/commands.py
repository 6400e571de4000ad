"""What can be asked for about the log itself."""

from __future__ import annotations

from domain.values import Value


class AdoptKey(Value, kw_only=True):
    """Let the log be signed under a key from now on; with another one before, a reason is due."""

    key: str
    reason: str | None = None


LogCommand = AdoptKey
