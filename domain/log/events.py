"""What can have happened to the log. Docstrings are the entries of the event catalogue (docs/events.md)."""

from __future__ import annotations

from uuid import UUID

from domain.recording import Fact, recorded_as


@recorded_as("log.key-adopted")
class KeyAdopted(Fact):
    """From here on the log is signed under a key.

    `key` is a C2SP verifier key (name, id and public half); `replaces` is the one before, which signs the
    first checkpoint that holds this event too, so that who trusts the one can trust the other. A later key
    that replaces none follows one that is lost, on the decision that the header cites: nobody vouches for it
    but the operator, and its public half has to come by another way.
    """

    key: str
    replaces: str | None = None
    reason: str | None = None


@recorded_as("log.field-erased")
class FieldErased(Fact):
    """Words of an earlier event were erased by law; nobody can read them any more.

    `position` and `stream` are the event's, `part` is what was erased of it (`payload.` or `header.`, and
    the path), `ground` is why. The header cites the decision. The event's digests stay: it proves itself.
    """

    position: int
    stream: UUID
    part: str
    ground: str
