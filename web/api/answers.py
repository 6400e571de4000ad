"""What is answered: every shape as published in the specification. Real answers are held to it by tests.

Nothing is rendered by these; what the read side says goes out as it is.
"""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import fields, validate

from domain.reference.vocabularies import (
    REGIONS,
    Basis,
    Category,
    Form,
    Kind,
    Level,
    MoneyStage,
    Outlook,
    PledgeType,
    Status,
    TermsKind,
)
from web.api.fields import PARTIAL_DATE_PATTERN, REFERENCE_PATTERN, UUID_PATTERN, StrictSchema


def text(pattern: str | None = None, *, nullable: bool = False, **metadata: Any) -> fields.String:
    """A text that is always there."""
    found = {**metadata, **({"pattern": pattern} if pattern else {})}
    return fields.String(required=True, allow_none=nullable, metadata=found)


def uuid(*, nullable: bool = False) -> fields.String:
    return text(UUID_PATTERN, nullable=nullable, format="uuid")


def partial_date(*, nullable: bool = True) -> fields.String:
    return text(PARTIAL_DATE_PATTERN, nullable=nullable)


def moment(*, nullable: bool = False) -> fields.String:
    return text(nullable=nullable, format="date-time")


def word(kind: Any, *, nullable: bool = False) -> fields.String:
    choices: list[Any] = [
        *(kind if isinstance(kind, tuple) else get_args(kind)),
        *([None] if nullable else []),
    ]
    return fields.String(required=True, allow_none=nullable, validate=validate.OneOf(choices))


def whole(*, least: int = 0, most: int | None = None, nullable: bool = False) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, allow_none=nullable, validate=validate.Range(least, most)
    )


def _percent() -> fields.Integer:
    return whole(most=100, nullable=True)


def truth(*, nullable: bool = False) -> fields.Boolean:
    return fields.Boolean(required=True, allow_none=nullable)


def one(schema: Any, *, nullable: bool = False) -> fields.Nested:
    return fields.Nested(schema, required=True, allow_none=nullable)


def many(inner: Any) -> Any:
    """A list that is always there."""
    nested = isinstance(inner, type) and issubclass(inner, StrictSchema)
    return fields.List(fields.Nested(inner) if nested else inner, required=True)


def open_object(*, nullable: bool = False) -> fields.Dict:
    """An object whose names depend on what it tells of."""
    return fields.Dict(keys=fields.String(), required=True, allow_none=nullable)


# -- problems


class ProblemAnswer(StrictSchema):
    """What went wrong (RFC 9457)."""

    type = text()
    title = text()
    status = whole(least=400, most=599)
    code = text()
    detail = text()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


# -- those who pledge


class EntityAnswer(StrictSchema):
    """One who pledges, under the name of the day."""

    id = uuid()
    name = text(nullable=True)
    slug = text()
    category = word(Category, nullable=True)
    kind = word(Kind, nullable=True)
    kind_in_words = text(nullable=True)
    country = text("^[A-Z]{3}$", nullable=True)
    region = word(REGIONS, nullable=True)


class EntityReference(StrictSchema):
    """Another entity, in short."""

    id = uuid()
    name = text()
    slug = text()


class RenameAnswer(StrictSchema):
    """When an entity got another name."""

    name = text()
    old_name = text()
    effective_on = partial_date()


class ListedEntity(EntityAnswer):
    """One who pledges, with the number of its pledges."""

    pledges = whole()


class EntityDetails(ListedEntity):
    """All that is known of an entity."""

    by_status = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    subregion = text(nullable=True)
    membership = word(("member", "observer"), nullable=True)
    names = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    aliases = many(fields.String())
    renames = many(RenameAnswer)
    offices = many(fields.String())
    merged_into = one(EntityReference, nullable=True)
    merged = many(EntityReference)


class EntityList(StrictSchema):
    """Some of those who pledge."""

    items = many(ListedEntity)
    total = whole()
    next = text(nullable=True)


# -- a pledge

MATCH_STATES = ("offered", "accepted", "declined", "withdrawn", "expired")


class MoneyAnswer(StrictSchema):
    """An amount in its original currency."""

    value = text()
    currency = text("^[A-Z]{3}$")


class OriginalAnswer(StrictSchema):
    """What was to be reached when the pledge was published, and how far that is."""

    unit = text(nullable=True)
    baseline = text(nullable=True)
    target = text(nullable=True)
    percent = whole(most=100)


class ReachedAnswer(StrictSchema):
    """Something that one partner wants to reach, and the value last reported."""

    id = text()
    description = text(nullable=True)
    unit = text(nullable=True)
    baseline = text(nullable=True)
    target = text(nullable=True)
    value = text(nullable=True)
    due_on = partial_date()
    retired = truth()


class TargetAnswer(ReachedAnswer):
    """Something to reach, and the value last reported."""

    original = one(OriginalAnswer, nullable=True)


class PartAnswer(StrictSchema):
    """What one partner does itself."""

    description = text(nullable=True)
    forms = many(word(Form))
    targets = many(TargetAnswer)
    amount = one(MoneyAnswer, nullable=True)
    due_on = partial_date()


class PartnerAnswer(StrictSchema):
    """A partner, its part by number, and how far it is. In a working paper partners are `noted`."""

    entity = one(EntityAnswer)
    state = word(("noted", "named", "invited", "joined", "declined", "left", "uninvited"))
    number = whole(least=1)
    part = one(PartAnswer)
    percent = _percent()


class TermsAnswer(StrictSchema):
    """What others must commit before a matching pledge is realised."""

    kind = word(TermsKind)
    condition = text(nullable=True)
    amount = one(MoneyAnswer, nullable=True)
    count = whole(least=1, nullable=True)
    deadline = partial_date(nullable=False)


class MoneyReportAnswer(StrictSchema):
    """Money that was reported, by the partner of that part."""

    stage = word(MoneyStage)
    amount = one(MoneyAnswer)
    date = partial_date(nullable=False)
    part = whole()
    entity = one(EntityAnswer, nullable=True)


class PledgeReference(StrictSchema):
    """Another pledge, in short."""

    id = uuid()
    reference = text(REFERENCE_PATTERN, nullable=True)
    title = text()


class MatchAnswer(StrictSchema):
    """A pledge offered as the match of another, and whose it is."""

    id = uuid()
    pledge = uuid()
    entity = uuid()
    amount = one(MoneyAnswer, nullable=True)
    counted_value = one(MoneyAnswer, nullable=True)
    state = word(MATCH_STATES)


class MatchList(StrictSchema):
    """The matches of a pledge."""

    items = many(MatchAnswer)
    total = whole()
    next = text(nullable=True)


class VerdictAnswer(StrictSchema):
    """What others found of what was reported."""

    kind = word(("confirmed", "evidence_seen", "assessed", "contested"))
    position = whole(least=1)
    effective_on = partial_date(nullable=False)
    role = text()
    entity = one(EntityAnswer, nullable=True)
    report = whole(least=1, nullable=True)
    reason = text(nullable=True)
    replies = many(fields.Integer())
    before_correction = truth()


class CompletenessAnswer(StrictSchema):
    """How far a pledge is specific, measurable, achievable, relevant and time-bound; it only advises."""

    score = fields.Float(required=True, validate=validate.Range(0, 1))
    missing = many(fields.String())


class SourceAnswer(StrictSchema):
    """Where an imported pledge comes from."""

    ref = text()
    kept = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ReturnedAnswer(StrictSchema):
    """Why a submission was returned, or rejected: then of which sort the reason is."""

    reason = text()
    code = text(nullable=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, data_key="fields", attribute="fields"
    )


class PledgeAnswer(StrictSchema):
    """A pledge."""

    id = uuid()
    reference = text(REFERENCE_PATTERN, nullable=True)
    version = whole(least=1)
    status = word(Status)
    percent = _percent()
    measured_percent = _percent()
    own_percent = _percent()
    title = text()
    description = text(nullable=True)
    language = text()
    type = word(PledgeType, nullable=True)
    forms = many(word(Form))
    objectives = many(whole(least=1, most=23))
    objectives_basis = word(Basis, nullable=True)
    principles = many(fields.String())
    actions = many(fields.String())
    frameworks = many(fields.String())
    seeking = text(nullable=True)
    levels = many(word(Level))
    scope_in_words = text(nullable=True)
    countries = many(fields.String())
    regions = many(word(REGIONS))
    cycle = whole(nullable=True)
    entity = one(EntityAnswer)
    through = text(nullable=True)
    partners = many(PartnerAnswer)
    targets = many(TargetAnswer)
    amount = one(MoneyAnswer, nullable=True)
    to_mptf = truth()
    money = many(MoneyReportAnswer)
    terms = one(TermsAnswer, nullable=True)
    matches = one(PledgeReference, nullable=True)
    matches_elsewhere = text(nullable=True)
    offers = many(MatchAnswer)
    champion = truth()
    mirror = truth()
    verdicts = many(VerdictAnswer)
    made_on = partial_date()
    due_on = partial_date()
    due_is_firm = truth()
    recorded_at = moment()
    updated_at = moment()
    last_report_on = partial_date()
    status_note = text(nullable=True)
    overdue = truth()
    staleness = word(("green", "amber", "red"), nullable=True)
    outlook = word(Outlook, nullable=True)
    completeness = one(CompletenessAnswer)
    source = one(SourceAnswer, nullable=True)
    returned = one(ReturnedAnswer, nullable=True)
    classified = many(fields.String())


class FacetCount(StrictSchema):
    """How many pledges there are with a value, all other filters standing."""

    value = text()
    label = text()
    count = whole()


class PledgeList(StrictSchema):
    """Some of the pledges, how many there are, and as of when."""

    items = many(PledgeAnswer)
    total = whole()
    next = text(nullable=True)
    as_of = moment()
    position = whole()
    recording_began = moment(nullable=True)
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetCount)), required=True)


# -- history


class ActorAnswer(StrictSchema):
    """In which role somebody acted, for whom and through which office. Never who the person was."""

    role = text()
    entity = one(EntityAnswer, nullable=True)
    office = text(nullable=True)


class ChangeAnswer(StrictSchema):
    """One field, before and after."""

    field = text()
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class LogAnswer(StrictSchema):
    """Where the entry stands in the transparency log."""

    index = whole()
    leaf_hash = text("^[0-9a-f]{64}$")


class HistoryEntry(StrictSchema):
    """One thing that happened."""

    position = whole(least=1)
    name = text()
    recorded_at = moment()
    effective_on = partial_date(nullable=False)
    actor = one(ActorAnswer)
    on_behalf_of = one(EntityAnswer, nullable=True)
    authority = open_object(nullable=True)
    reason = text(nullable=True)
    said = open_object()
    changes = many(ChangeAnswer)
    corrects = whole(least=1, nullable=True)
    log = one(LogAnswer, nullable=True)


class History(StrictSchema):
    """All that happened to a pledge, oldest first."""

    items = many(HistoryEntry)


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
    percent = _percent()
    not_measured = whole()
    reported = whole()
    closed = whole()
    amounts = many(AmountAnswer)
    difference = fields.Nested(DifferenceAnswer)


class MomentAnswer(StrictSchema):
    """A moment, and the last position before it."""

    as_of = moment()
    position = whole()


class Progress(StrictSchema):
    """Numbers by one quality of pledges, as of when, and by which version of the counting rules."""

    items = many(ProgressItem)
    as_of = moment()
    position = whole()
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


class Intake(StrictSchema):
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


class CycleList(StrictSchema):
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


class ReferenceAnswer(StrictSchema):
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


# -- headers


def _header(about: str, kind: str = "string", **schema: Any) -> dict[str, Any]:
    return {"description": about, "schema": {"type": kind, **schema}}


POSITION = {"X-Position": _header("The position up to which this was read.", "integer")}
READ = {**POSITION, "ETag": _header("The version of the pledge, for If-Match.")}
WRITTEN = {
    "X-Position": _header("The position that readers have to reach to see this.", "integer"),
    "ETag": _header("The version of the pledge, for If-Match."),
    "X-Lag": _header("There if readers had not come so far within two seconds."),
}
CREATED = {**WRITTEN, "Location": _header("Where it is.", format="uri-reference")}
