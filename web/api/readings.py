"""The record of what auditors read: for the account whose reading it was, and for the Secretariat."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import ValidationError, fields, validate

from domain.actors import Actor
from domain.errors import InvalidInput, invalid
from projections.board.filters import VALUES_MAX
from projections.database.readings import ReadingFilters
from projections.moments import backwards
from projections.questions import BOARD
from projections.timeline.event_filters import pledge_named, recorded_from, recorded_to
from web import moments
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import actor, runtime
from web.api.fields import REFERENCE_PATTERN, UUID_PATTERN, Formed, Id, StrictSchema, Text
from web.api.queries import Page
from web.api.shapes import many, moment, open_object, text, uuid, whole
from web.readings import PAGES_SHOW_MORE, SHOW_MORE

api = ApiBlueprint("readings", "What auditors read")


class ReadingAnswer(StrictSchema):
    """One answer to an auditor: when, whose account, which question about what, as of when, how many rows."""

    number = whole(least=1)
    read_at = moment()
    account = uuid()
    operation = text()
    asked = open_object()
    position = whole(nullable=True)
    rows = whole(nullable=True)
    request_id = text(nullable=True)


class ReadingList(StrictSchema):
    """Some readings, latest first."""

    items = many(ReadingAnswer)
    total = whole()
    next = text(nullable=True)


def _some(inner: Any) -> Any:
    return fields.List(inner, load_default=(), metadata={"maxItems": VALUES_MAX}, validate=_not_too_many)


def _not_too_many(values: list[Any]) -> None:
    if len(values) > VALUES_MAX:
        raise ValidationError(f"has {len(values)} values; at most {VALUES_MAX} can be asked for at once.")


def _time(value: str, field: str) -> datetime:
    try:
        return (recorded_from if field == "from" else recorded_to)(value)
    except ValueError as problem:
        raise invalid(field, str(problem)) from None


class ReadingQuery(Page):
    """Which readings: values of one field are alternatives, fields narrow each other; bounds are within."""

    account = _some(Id())
    operation = _some(fields.String(validate=validate.OneOf(sorted(SHOW_MORE | PAGES_SHOW_MORE))))
    pledge = _some(Formed(f"({UUID_PATTERN})|({REFERENCE_PATTERN})", pledge_named))
    since = Text(chars_max=40, data_key="from")
    until = Text(chars_max=40, data_key="to")


@api.reads("/log/readings", ReadingList, query=ReadingQuery)
def listed(query: dict[str, Any]) -> Response:
    """What auditors read, latest first. An auditor sees what was read by its own account."""
    since = _time(query["since"], "from") if query.get("since") else None
    until = _time(query["until"], "to") if query.get("until") else None
    if errors := backwards(since, until, first="from", last="to"):
        raise InvalidInput(errors)
    filters = ReadingFilters(
        accounts=_accounts(actor(), query["account"]),
        operations=query["operation"],
        pledges=[name for pledge in query["pledge"] for name in _names(pledge)],
        since=since,
        until=until,
    )
    page = runtime().readings.listed(filters, limit=query["limit"], cursor=query.get("cursor"))
    return as_json({"items": page.items, "total": page.total, "next": page.next})


def _accounts(viewer: Actor, asked: Collection[UUID]) -> Collection[UUID] | None:
    if viewer.has("secretariat"):
        return asked or None
    return [viewer.account] if not asked or viewer.account in asked else []


def _names(pledge: str) -> set[str]:
    """A pledge as it may have been asked for: by its id or by its reference."""
    found = runtime().questions.pledge(pledge, viewer=actor(), moment=moments.asked(None, of=BOARD))
    return {pledge, *((found["id"], found["reference"]) if found else ())} - {None}
