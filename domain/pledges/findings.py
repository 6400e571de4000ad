"""The broken rules of one command, by field and all at once; and the checks that many fields share.

Must not know what any field means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from domain.errors import InvalidInput
from domain.values import ERASED, clean_text

REASON_CHARS_MAX = 3000


class Findings:
    """The broken rules found so far, by field. `under` is the field that all of them are inside of."""

    def __init__(self, under: str = "") -> None:
        self.errors: dict[str, list[str]] = defaultdict(list)
        self._prefix = f"{under}." if under else ""

    def say(self, field: str, message: str) -> None:
        self.errors[self._prefix + field].append(message)

    def attempt(self, field: str, check: Callable[..., object], *values: object) -> bool:
        """Run a check that raises ValueError with a rule; whether it held."""
        try:
            check(*values)
        except ValueError as problem:
            self.say(field, str(problem))
            return False
        return True

    def raise_if_any(self) -> None:
        if self.errors:
            raise InvalidInput(self.errors)


def check_text(text: str | None, field: str, chars_max: int, found: Findings) -> None:
    """A text is clean and not too long. What was erased stays: nobody types that (see `tidied`)."""
    if text not in (None, ERASED) and found.attempt(field, clean_text, text) and len(text) > chars_max:
        found.say(field, f"must have at most {chars_max} characters; it has {len(text)}.")


def check_reason(reason: str | None, field: str = "reason") -> None:
    """A reason is there, clean, and not too long."""
    found = Findings()
    if not (reason or "").strip():
        found.say(field, "must be given: say why.")
    check_text(reason, field, REASON_CHARS_MAX, found)
    found.raise_if_any()
