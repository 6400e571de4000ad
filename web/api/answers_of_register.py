"""What is answered of numbers, of the register itself, and of problems, as published.

Nothing is rendered by these; what the read side says goes out as it is.
"""

from __future__ import annotations

from marshmallow import fields

from web.api.answers import CheckpointNamed, EntityAnswer
from web.api.fields import StrictSchema
from web.api.shapes import many, moment, one, partial_date, text, truth, uuid, whole, word
from web.api.shapes import percent as a_percent

# -- problems


class ProblemAnswer(StrictSchema):
    """What went wrong (RFC 9457)."""

    type = text()
    title = text()
    status = whole(least=400, most=599)
    code = text()
    detail = text()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


# -- numbers


class AmountAnswer(StrictSchema):
    """Money in one currency: promised, committed, paid. Currencies are never added up."""

    value = text()
    currency = text("^[A-Z]{3}$")
    committed = text()
    paid = text()


class DifferenceAnswer(StrictSchema):
    """By how much each number is more than it was; null where one of the two is not known."""

    pledges = fields.Integer(required=True)
    percent = fields.Integer(required=True, allow_none=True)
    not_measured = fields.Integer(required=True)
    reported = fields.Integer(required=True)
    closed = fields.Integer(required=True)
    amounts = many(AmountAnswer)


class ProgressItem(StrictSchema):
    """The numbers for one value; null is what was not stated."""

    key = fields.Raw(required=True, allow_none=True, metadata={"type": ["string", "integer", "null"]})
    label = text()
    pledges = whole()
    percent = a_percent()
    not_measured = whole()
    reported = whole()
    closed = whole()
    amounts = many(AmountAnswer)
    difference = fields.Nested(DifferenceAnswer)


class MomentAnswer(StrictSchema):
    """A moment, and the last position before it."""

    as_of = moment()
    position = whole()


class Told(StrictSchema):
    """As of when an answer is, and the latest checkpoint that was signed by then."""

    as_of = moment()
    position = whole()
    effective_at = partial_date()
    recording_began = moment(nullable=True)
    checkpoint = one(CheckpointNamed, nullable=True)


class Progress(Told):
    """Numbers by one quality of pledges, as of when, and by which version of the counting rules."""

    items = many(ProgressItem)
    rules = whole(least=1)
    compared_to = fields.Nested(MomentAnswer)


class IntakeTotal(StrictSchema):
    """How many things came in by one way to one outcome."""

    way = text()
    outcome = text()
    number = whole()


class Receipt(StrictSchema):
    """One thing that came in, and what became of it."""

    position = whole(least=1)
    way = text()
    outcome = text()
    received_at = moment()
    decided_at = whole(nullable=True)
    pledge = uuid(nullable=True)
    entity = uuid(nullable=True)
    file = uuid(nullable=True)
    ref = text(nullable=True)
    problem = text(nullable=True)


class ReceivedFile(StrictSchema):
    """A file that came in."""

    id = uuid()
    started_position = whole(least=1)
    started_at = moment()
    finished_at = moment(nullable=True)
    sha256 = text()
    media = text()
    mode = text()
    rows = whole()
    is_sample = truth()


class Intake(Told):
    """What was received, by way and outcome; each thing and file for those who may see them, else null."""

    totals = many(IntakeTotal)
    received = whole()
    items = fields.List(fields.Nested(Receipt), required=True, allow_none=True)
    next = text(nullable=True)
    files = fields.List(fields.Nested(ReceivedFile), required=True, allow_none=True)


# -- the register itself


class CycleAnswer(StrictSchema):
    """A cycle, named after the year of its forum."""

    cycle = whole()
    opened_on = partial_date(nullable=False)
    forum_from = partial_date()
    forum_to = partial_date()
    closed_on = partial_date()


class CycleList(Told):
    """The cycles in the order in which they opened."""

    items = many(CycleAnswer)
    total = whole()
    next = text(nullable=True)


class TitleAnswer(StrictSchema):
    """A title in one language; `own` marks a working translation, which is not the official title."""

    text = text()
    basis = word(("confirmed", "own"))


class ObjectiveAnswer(StrictSchema):
    """An objective of the Compact."""

    number = whole(least=1)
    slug = text()
    short = text()
    titles = fields.Dict(keys=fields.String(), values=fields.Nested(TitleAnswer), required=True)


class PrincipleAnswer(StrictSchema):
    """A guiding principle of the Compact."""

    slug = text()
    letter = text()
    short = text()
    titles = fields.Dict(keys=fields.String(), values=fields.Nested(TitleAnswer), required=True)


class ReferenceAnswer(Told):
    """The closed lists that pledges are described with."""

    objectives = many(ObjectiveAnswer)
    principles = many(PrincipleAnswer)
    forms = many(fields.String())
    types = many(fields.String())
    statuses = many(fields.String())
    levels = many(fields.String())
    entity_categories = many(fields.String())
    entity_kinds = many(fields.String())
    roles = many(fields.String())
    cycles = many(CycleAnswer)
    languages = many(fields.String())
    regions = many(fields.String())
    outlooks = many(fields.String())
    terms_kinds = many(fields.String())
    money_stages = many(fields.String())
    authority_kinds = many(fields.String())
    rejection_codes = many(fields.String())
    currencies = many(fields.String())


class GrantAnswer(StrictSchema):
    """A role that the account holds."""

    role = text()
    entity = one(EntityAnswer, nullable=True)
    until = partial_date()


class AccountAnswer(StrictSchema):
    """The account that asks."""

    id = uuid()
    grants = many(GrantAnswer)
