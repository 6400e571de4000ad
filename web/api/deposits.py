"""Outside documents, deposited by the digest of their bytes: the bytes themselves are never sent here.

Who may deposit, and what may be said of a document, is the domain's to decide.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from domain.documents.commands import DepositDocument
from domain.documents.decide import (
    BYTES_MAX,
    MEDIA_TYPE_PATTERN,
    PROVENANCE_CHARS_MAX,
    SHA256_PATTERN,
    TITLE_CHARS_MAX,
)
from domain.errors import NotFound
from domain.recording import Recorded
from domain.register import Outcome
from projections.questions import DOCUMENTS
from web import moments
from web.api.answers import ErasedAnswer
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import actor, build, carry_out, etag, readable, runtime
from web.api.fields import Blank, Formed, PartialDate, StrictSchema, Text, Whole
from web.api.queries import AsOf, Page
from web.api.shapes import CREATED, POSITION, many, moment, partial_date, text, uuid, whole, word

api = ApiBlueprint("deposits", "Outside documents, by digest")


class DocumentBody(StrictSchema):
    """Which file it is, what it is called, whence it comes, and of what day it speaks."""

    sha256 = Formed(SHA256_PATTERN, str, required=True)
    bytes = Whole(least=1, most=BYTES_MAX, required=True)
    media_type = Formed(MEDIA_TYPE_PATTERN, str, required=True)
    title = Text(chars_min=1, chars_max=TITLE_CHARS_MAX, required=True)
    provenance = Blank(chars_max=PROVENANCE_CHARS_MAX)
    as_of_day = PartialDate(allow_none=True)


class DocumentAnswer(StrictSchema):
    """An outside document: which file it is, and what was said of it when it was deposited."""

    id = uuid()
    position = whole(least=1)
    deposited_at = moment()
    role = word(("secretariat", "auditor"))
    office = text(nullable=True)
    sha256 = text(SHA256_PATTERN)
    bytes = whole(least=1)
    media_type = text()
    title = text()
    provenance = text(nullable=True)
    as_of_day = partial_date()
    erased = many(ErasedAnswer)


class DocumentList(StrictSchema):
    """Some of the outside documents, latest first."""

    items = many(DocumentAnswer)
    total = whole()
    next = text(nullable=True)


class DocumentsQuery(AsOf, Page):
    """As of which moment, and which part of the list."""


@api.reads("/documents", DocumentList, query=DocumentsQuery, headers=POSITION)
def listed(query: dict[str, Any]) -> Response:
    """The outside documents that were deposited, latest first."""
    asked = moments.asked(query.get("as_of"), of=DOCUMENTS)
    page = runtime().questions.documents(moment=asked, limit=query["limit"], cursor=query.get("cursor"))
    said = {"items": page.items, "total": page.total, "next": page.next}
    return as_json(said, headers={"X-Position": str(asked.position)})


@api.reads("/documents/<document:document>", DocumentAnswer, query=AsOf, headers=POSITION)
def show(query: dict[str, Any], document: UUID | str) -> Response:
    """One outside document, by its id or the SHA-256 of its bytes in hex."""
    asked = moments.asked(query.get("as_of"), of=DOCUMENTS)
    found = runtime().questions.document(document, moment=asked)
    if found is None:
        raise NotFound("No such document was deposited.")
    return as_json(found, headers={"X-Position": str(asked.position)})


@api.writes("/documents", DocumentBody, DocumentAnswer, status=201, repeated=200, headers=CREATED)
def deposit(body: dict[str, Any]) -> Response:
    """Deposit a document by its digest. The same bytes again answer what was deposited first, with 200."""
    outcome = carry_out(build(DepositDocument, body))
    headers = {**readable(outcome.position), "ETag": etag(outcome.version)}
    headers["Location"] = f"/api/v1/documents/{outcome.stream}"
    is_new = bool(outcome.events) or outcome.repeated
    return as_json(runtime().questions.document_from(_event(outcome)), 201 if is_new else 200, headers)


def _event(outcome: Outcome) -> Recorded:
    """What was recorded when the document was deposited: it has one event, whoever deposits it again."""
    found = runtime().register.consult(lambda context: context.world.event(outcome.position), by=actor())
    if found is None:
        raise NotFound("No such document was deposited.")
    return found
