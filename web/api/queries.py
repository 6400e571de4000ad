"""What can be asked for in addresses: moments, filters, pages.

Published here; what a filter means is the board's to say.
"""

from __future__ import annotations

from typing import Any, get_args

from flask import request
from marshmallow import fields, validate

from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES
from domain.reference.vocabularies import REGIONS, Category, Form, Kind, PledgeType, Status
from projections.board.codes import NOT_STATED
from projections.board.filters import VALUES_MAX, PledgeFilters
from projections.board.sorting import RELEVANCE, SORTS
from projections.moments import POINT_PATTERN
from web.api.fields import StrictSchema, Text, WholeInQuery

LIMIT, LIMIT_MAX = 50, 200
CURSOR_CHARS_MAX = 4000


def _point(**kwargs: Any) -> Text:
    about = "A position, an RFC 3339 time, or a date (its end in UTC). The future is refused."
    metadata = {"description": about, "example": "2026-05-01", "pattern": POINT_PATTERN}
    return Text(chars_min=1, chars_max=100, metadata=metadata, **kwargs)


class AsOf(StrictSchema):
    """As of which moment; now, if nothing is said."""

    as_of = _point()


class Effective(AsOf):
    """As of which moment, and what was true when."""

    effective_at = Text(
        chars_min=4, chars_max=100,
        metadata={
            "description": "What was true then, as known at `as_of`: a time, or a date (its end in UTC).",
            "example": "2025-12-31",
        },
    )  # fmt: skip


class Compared(Effective):
    """As of which moment, and compared to which."""

    compare_to = _point()


class ProgressQuery(Compared):
    """Numbers by what, as of which moment, compared to which."""

    by = fields.String(
        required=True,
        validate=validate.OneOf(
            ("objective", "principle", "region", "category", "type", "form", "status", "cycle")
        ),
    )


def _any_of(*choices: Any) -> Any:
    """A filter that may be given several times. Its values are checked where filters are read."""
    return fields.List(
        fields.String(metadata={"enum": list(map(str, choices))}), metadata={"maxItems": VALUES_MAX}
    )


def _may_be_blank(*choices: Any, about: str = "") -> Any:
    """The same for what a source may leave open."""
    filter_ = _any_of(*choices, NOT_STATED)
    filter_.metadata["description"] = f"{about}`{NOT_STATED}`: those of which none is known.".strip()
    return filter_


def _words(chars_max: int, about: str) -> Any:
    return fields.List(Text(chars_max=chars_max), metadata={"description": about, "maxItems": VALUES_MAX})


class Filters(Effective):
    """Which pledges: values of one field are alternatives, fields narrow each other."""

    q = _words(200, "Words in title, description, entity or reference.")
    objective = _may_be_blank(*OBJECTIVES)
    principle = _may_be_blank(*PRINCIPLES)
    form = _may_be_blank(*get_args(Form))
    type = _may_be_blank(*get_args(PledgeType))
    status = _any_of(*get_args(Status))
    category = _may_be_blank(*get_args(Category))
    kind = _may_be_blank(*get_args(Kind))
    entity = _words(100, "Ids, slugs, or codes of States.")
    region = _may_be_blank(*REGIONS)
    country = _may_be_blank(*STATES, about="Of implementation, or of the State that pledges. ")
    cycle = fields.List(fields.String(metadata={"pattern": "^[0-9]{4}$"}), metadata={"maxItems": VALUES_MAX})
    overdue = _any_of("true", "false")
    stale = _any_of("amber", "red", "true", "false")
    updated_since = _words(40, "A time or a date.")


class Page(StrictSchema):
    """Which part of a list."""

    limit = WholeInQuery(load_default=LIMIT, least=1, most=LIMIT_MAX)
    cursor = Text(
        chars_min=1, chars_max=CURSOR_CHARS_MAX, metadata={"description": "`next` of the page before."}
    )


class PledgeQuery(Filters, Page):
    """Which pledges, in which order, and which part of them."""

    sort = fields.String(validate=validate.OneOf((*SORTS, RELEVANCE)))


class IntakeQuery(AsOf, Page):
    """Which part of what was received."""


class EntityQuery(AsOf, Page):
    """Which of those who pledge: by a name in any language."""

    q = Text(chars_max=200)
    category = fields.String(validate=validate.OneOf((*get_args(Category), NOT_STATED)))


def filters_of_address() -> PledgeFilters:
    """The filters of the address, checked by the board."""
    return PledgeFilters.from_args(request.args)
