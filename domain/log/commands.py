"""What can be asked for about the log itself."""

from __future__ import annotations

from domain.recording import Authority
from domain.values import Value


class AdoptKey(Value, kw_only=True):
    """Let the log be signed under a key from now on; with another one before, a reason is due.

    `lost` is the decision on which a key follows one that is lost: that one cannot vouch for it.
    """

    key: str
    reason: str | None = None
    lost: Authority | None = None


class EraseField(Value, kw_only=True):
    """Let the register forget words for ever: one part of one event, on a decision, on a legal ground.

    `part` is `payload.` or `header.` and the part's path, such as `payload.content.title`; `authority` is the
    decision that it rests on.
    """

    position: int
    part: str
    ground: str
    authority: Authority


LogCommand = AdoptKey | EraseField
