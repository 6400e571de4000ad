"""What is answered of entities and pledges, as published. Real answers are held to it by tests.

Nothing is rendered by these; what the read side says goes out as it is.
"""

from __future__ import annotations

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
from web.api.fields import REFERENCE_PATTERN, StrictSchema
from web.api.shapes import many, moment, one, open_object, partial_date, text, truth, uuid, whole, word
from web.api.shapes import percent as a_percent

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


class DecisionAnswer(StrictSchema):
    """What an erasure rests on."""

    reference = text(nullable=True)
    date = partial_date()


class ErasedAnswer(StrictSchema):
    """Words of an event that were erased by law: which, when and on what ground. They read `[erased]`."""

    position = whole(least=1)
    part = text()
    ground = text()
    decision = one(DecisionAnswer, nullable=True)
    erased_at = whole(least=1)
    recorded_at = moment()


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
    erased = many(ErasedAnswer)


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
    percent = a_percent()


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
    percent = a_percent()
    measured_percent = a_percent()
    own_percent = a_percent()
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
    erased = many(ErasedAnswer)


class FacetCount(StrictSchema):
    """How many pledges there are with a value, all other filters standing."""

    value = text()
    label = text()
    count = whole()


class CheckpointNamed(StrictSchema):
    """A checkpoint of the log: how many events it holds, and the root of their tree (base64)."""

    size = whole()
    root = text()


class PledgeList(StrictSchema):
    """Some of the pledges, how many there are, and as of when."""

    items = many(PledgeAnswer)
    total = whole()
    next = text(nullable=True)
    as_of = moment()
    position = whole()
    effective_at = partial_date()
    recording_began = moment(nullable=True)
    checkpoint = one(CheckpointNamed, nullable=True)
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
    erased = many(ErasedAnswer)
    log = one(LogAnswer, nullable=True)


class History(StrictSchema):
    """All that happened to a pledge, oldest first."""

    items = many(HistoryEntry)


class PledgeNamed(StrictSchema):
    """Which pledge, as it was called then."""

    id = uuid()
    reference = text(nullable=True)
    title = text()


class SubjectAnswer(StrictSchema):
    """What an event is of: a pledge, an entity, and so on."""

    kind = text()
    id = uuid()


class FoundEvent(HistoryEntry):
    """One thing that happened; `pledge` is null for what happened to something else."""

    subject = one(SubjectAnswer)
    pledge = one(PledgeNamed, nullable=True)


class EventList(StrictSchema):
    """Some of the events that were asked for."""

    items = many(FoundEvent)
    total = whole()
    next = text(nullable=True)


class ListedEvent(HistoryEntry):
    """One thing that happened to some pledge."""

    pledge = one(PledgeNamed)
