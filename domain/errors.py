"""Why the register says no, as classes with a sentence for people and a stable code for programs.

Knows nothing of HTTP: the web layer maps each class to a status in one table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FieldErrors = Mapping[str, Sequence[str]]


class RegisterError(Exception):
    """The register could not do what was asked."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class InvalidInput(RegisterError):
    """What was sent breaks a rule; `errors` names each field (dotted path) and the rule."""

    code = "invalid"

    def __init__(self, errors: FieldErrors) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__("; ".join(f"{field}: {' '.join(said)}" for field, said in self.errors.items()))


class Refused(RegisterError):
    """The rules of a pledge's life forbid this now; `code` says which rule."""

    code = "refused"


class NotPermitted(RegisterError):
    """The actor may not do this (a closed door)."""

    code = "forbidden"


class NotFound(RegisterError):
    """There is no such thing, or the actor may not know of it."""

    code = "not-found"


class StaleVersion(RegisterError):
    """The caller named a version that is no longer the latest."""

    code = "stale-version"


class Conflict(RegisterError):
    """Others changed the same thing at the same time, again and again."""

    code = "conflict"


class UnreadableEvent(RegisterError):
    """A stored event is newer than this code, or not one that it knows. It is refused, never guessed."""

    code = "unreadable-event"


def invalid(field: str, message: str) -> InvalidInput:
    """One field, one broken rule."""
    return InvalidInput({field: [message]})
