"""What follows from a command about an outside document. The Secretariat and auditors deposit them."""

from __future__ import annotations

import re

from domain.contact_words import contact_words
from domain.deciding import Context, Decision, acting_as
from domain.documents.commands import DepositDocument
from domain.documents.events import DocumentDeposited
from domain.documents.state import Document
from domain.errors import InvalidInput, NotPermitted
from domain.recording import Acting, Fact
from domain.values import clean_text

TITLE_CHARS_MAX = 300
PROVENANCE_CHARS_MAX = 1000
BYTES_MAX = 2**53 - 1
SHA256_PATTERN = "^[0-9a-f]{64}$"
MEDIA_TYPE_PATTERN = "^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$"


def decide(command: DepositDocument, known: Document | None, context: Context) -> Decision:
    """The facts that follow from a command, for the document as it is (None if it was never deposited)."""
    acting = _acting(context)
    return Decision(_deposit(command, known, context), acting, context.today(), command.stream)


def _acting(context: Context) -> Acting:
    if not (context.actor.has("secretariat") or context.actor.has("auditor")):
        raise NotPermitted("Only the Secretariat and auditors deposit documents.")
    return acting_as(context, "secretariat" if context.actor.has("secretariat") else "auditor")


def _deposit(command: DepositDocument, known: Document | None, context: Context) -> tuple[Fact, ...]:
    if known is not None and known.bytes == command.bytes:
        return ()
    errors = dict(_broken(command, known))
    title = _words(command.title, "title", TITLE_CHARS_MAX, errors)
    provenance = _words(command.provenance, "provenance", PROVENANCE_CHARS_MAX, errors)
    if not title and "title" not in errors:
        errors["title"] = ["must be given: what the document is called."]
    if errors:
        raise InvalidInput(errors)
    day = command.as_of_day
    return (
        DocumentDeposited(
            sha256=command.sha256,
            bytes=command.bytes,
            media_type=command.media_type,
            title=title or "",
            provenance=provenance,
            as_of_day=context.effective(day, "as_of_day") if day else None,
        ),
    )


def _broken(command: DepositDocument, known: Document | None) -> dict[str, list[str]]:
    errors = {}
    if not re.fullmatch(SHA256_PATTERN, command.sha256):
        errors["sha256"] = ["must be the SHA-256 of the file's bytes: 64 digits of 0-9 and a-f."]
    if known is not None:
        errors["bytes"] = [f"must be {known.bytes}, with which these very bytes were deposited before."]
    elif not 0 < command.bytes <= BYTES_MAX:
        errors["bytes"] = ["must be the size of the file in bytes; an empty one is no document."]
    if not re.fullmatch(MEDIA_TYPE_PATTERN, command.media_type):
        errors["media_type"] = ["must be a media type such as text/csv, without parameters."]
    return errors


def _words(text: str | None, field: str, chars_max: int, errors: dict[str, list[str]]) -> str | None:
    try:
        words = clean_text(text or "")
    except ValueError as problem:
        errors[field] = [str(problem)]
        return None
    if len(words) > chars_max:
        errors[field] = [f"must have at most {chars_max} characters; it has {len(words)}."]
    elif contact_words(words):
        errors[field] = [
            "looks like it holds an e-mail address or a telephone number; it would stay for ever."
        ]
    return words or None
