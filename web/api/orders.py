"""What can be sent: the bodies of commands, field by field, as published in the specification.

Must not know the rules that depend on the pledge; those are the domain's.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from marshmallow import ValidationError, fields, validates_schema

from domain.pledges.decide_submission import REJECTION_CODES
from domain.pledges.evidence import SHA256
from domain.pledges.rules import (
    DESCRIPTION_CHARS_MAX,
    LIST_ITEMS_MAX,
    TITLE_CHARS_MAX,
    TITLE_CHARS_MIN,
    WORDS_CHARS_MAX,
)
from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES
from domain.reference.vocabularies import (
    REGIONS,
    AuthorityKind,
    Basis,
    Category,
    Form,
    Kind,
    Level,
    MoneyStage,
    Outlook,
    PledgeType,
    TermsKind,
)
from web.api.converters import SHA256_PATTERN
from web.api.fields import (
    REFERENCE_PATTERN,
    UUID_PATTERN,
    Blank,
    ByName,
    Distinct,
    Formed,
    Id,
    MoneyBody,
    Number,
    PartialDate,
    StrictSchema,
    Text,
    Truth,
    Whole,
    one_of,
    parse_id,
)

REASON_CHARS_MAX = 3 * WORDS_CHARS_MAX
YEAR_MIN, YEAR_MAX = 1945, 2200


def _reason(*, required: bool = True) -> Text:
    if required:
        return Text(chars_min=1, chars_max=REASON_CHARS_MAX, required=True)
    return Blank(chars_max=REASON_CHARS_MAX)


class Authority(StrictSchema):
    """By what right the Secretariat acts in somebody's place."""

    kind = one_of(*get_args(AuthorityKind), required=True)
    reference = Text(chars_min=1, chars_max=WORDS_CHARS_MAX, required=True)
    date = PartialDate(allow_none=True)


class Order(StrictSchema):
    """A command that may be sent in somebody's place. Nothing else need be said."""

    authority = fields.Nested(Authority, allow_none=True)


# -- what a pledge promises


class TargetBody(StrictSchema):
    """Something to reach: in words, or from baseline to target in a unit. Without an id it is a new one."""

    id = Formed("^[A-Za-z0-9_-]{1,20}$", str, allow_none=True)
    description = Blank(chars_max=WORDS_CHARS_MAX)
    unit = Blank(chars_max=100)
    baseline = Number(allow_none=True)
    target = Number(allow_none=True)
    due_on = PartialDate(allow_none=True)
    retired = Truth()


class TermsBody(StrictSchema):
    """What others must commit before a matching pledge is realised."""

    kind = one_of(*get_args(TermsKind), required=True)
    condition = Blank(chars_max=WORDS_CHARS_MAX)
    amount = fields.Nested(MoneyBody, allow_none=True)
    count = Whole(least=1, most=100_000, allow_none=True)
    deadline = PartialDate(required=True)


def _forms() -> Distinct:
    return Distinct(one_of(*get_args(Form)), clearable=True)


def _targets() -> Distinct:
    return Distinct(fields.Nested(TargetBody), items_max=LIST_ITEMS_MAX, clearable=True)


class PartBody(StrictSchema):
    """What one partner will do itself."""

    description = Blank(chars_max=DESCRIPTION_CHARS_MAX)
    forms = _forms()
    targets = _targets()
    amount = fields.Nested(MoneyBody, allow_none=True)
    due_on = PartialDate(allow_none=True)


class Classification(StrictSchema):
    """What the Secretariat may classify where the pledger did not state it."""

    type = one_of(*get_args(PledgeType), allow_none=True)
    objectives = Distinct(Whole(least=min(OBJECTIVES), most=max(OBJECTIVES)), clearable=True)
    principles = Distinct(one_of(*PRINCIPLES), clearable=True)
    regions = Distinct(one_of(*REGIONS), clearable=True)


def _language(code: str) -> None:
    if not (code.isascii() and code.isalpha() and code.islower() and len(code) in (2, 3)):
        raise ValueError("must be a language code such as en, fr or ar.")


class AmendableFields(Classification):
    """What an amendment may change."""

    title = Text(chars_min=TITLE_CHARS_MIN, chars_max=TITLE_CHARS_MAX)
    description = Blank(chars_max=DESCRIPTION_CHARS_MAX)
    language = Formed("^[a-z]{2,3}$", _language)
    forms = _forms()
    objectives_basis = one_of(*get_args(Basis), allow_none=True)
    actions = Distinct(Text(chars_min=1, chars_max=WORDS_CHARS_MAX), clearable=True)
    frameworks = Distinct(Text(chars_min=1, chars_max=WORDS_CHARS_MAX), clearable=True)
    seeking = Blank(chars_max=WORDS_CHARS_MAX)
    levels = Distinct(one_of(*get_args(Level)), clearable=True)
    scope_in_words = Blank(chars_max=WORDS_CHARS_MAX)
    countries = Distinct(one_of(*STATES), clearable=True)
    through = Blank(chars_max=WORDS_CHARS_MAX)
    targets = _targets()
    amount = fields.Nested(MoneyBody, allow_none=True)
    to_mptf = Truth()
    terms = fields.Nested(TermsBody, allow_none=True)
    matches_elsewhere = Blank(chars_max=WORDS_CHARS_MAX)
    champion = Truth()
    mirror = Truth()
    due_on = PartialDate(allow_none=True)
    due_is_firm = Truth()


class PledgeFields(AmendableFields):
    """What a working paper may hold."""

    entity = Id()
    partners = Distinct(Id(), clearable=True)
    matches = Id(allow_none=True)
    cycle = Whole(least=YEAR_MIN, most=YEAR_MAX, allow_none=True)
    made_on = PartialDate(allow_none=True)


class SourceBody(StrictSchema):
    """Where a recorded pledge comes from, and its reference there."""

    ref = Text(chars_min=1, chars_max=100, required=True)


class NewPledge(PledgeFields):
    """A working paper; or, with `record`, a pledge that is made at once."""

    title = Text(chars_min=TITLE_CHARS_MIN, chars_max=TITLE_CHARS_MAX, required=True)
    entity = Id(required=True)
    source = fields.Nested(SourceBody, allow_none=True)
    record = Truth()
    authority = fields.Nested(Authority, allow_none=True)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _as_much_as_a_draft_needs(self, _data: dict[str, Any], said: Any, **_: Any) -> None:
        if not isinstance(said, dict) or said.get("record"):
            return
        errors = {}
        if said.get("type") is None:
            errors["type"] = ["must be said: individual, common, partnership or matching."]
        if said.get("source") is not None:
            errors["source"] = ["is for pledges that are recorded (`record`: true)."]
        if errors:
            raise ValidationError(errors)


class ChangePledge(Order):
    """Fields with their new values; null or an empty list clears. A published pledge also needs a reason."""

    changes = fields.Nested(PledgeFields, required=True)
    reason = _reason(required=False)


# -- review


class Reasoned(Order):
    """A command with the reason for it."""

    reason = _reason()


class ReviewBody(Reasoned):
    """Why a submission is sent back or turned away: of which sort the reason is, and reasons by field."""

    code = one_of(*REJECTION_CODES, allow_none=True)
    fields_ = ByName(
        keys=Text(chars_min=1, chars_max=200),
        values=Text(chars_min=1, chars_max=REASON_CHARS_MAX),
        data_key="fields",
        attribute="fields",
        allow_none=True,
    )


class ClassificationBody(Reasoned):
    """What the pledger did not state, as the Secretariat classifies it."""

    changes = fields.Nested(Classification, required=True)


class CarryOverBody(Reasoned):
    """To which cycle; without it, the next."""

    to_cycle = Whole(least=YEAR_MIN, most=YEAR_MAX, allow_none=True)


class LeadBody(Reasoned):
    """Who takes the lead over."""

    entity = Id(required=True)


# -- progress


class Sha256(Formed):
    """A file that was sent before, by the digest of its bytes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SHA256_PATTERN, _sha256, **kwargs)


def _sha256(text: str) -> None:
    if not SHA256.match(text):
        raise ValueError("must be the SHA-256 of a file that you have sent: 64 hexadecimal digits.")


class EvidenceBody(StrictSchema):
    """A link, or a file that was sent before, that supports what is said."""

    title = Text(chars_min=1, chars_max=300, required=True)
    url = fields.String(
        allow_none=True, metadata={"maxLength": 2000, "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[!-~]+$"}
    )
    file = Sha256(allow_none=True)


class MeasureBody(StrictSchema):
    """The value reached on one target."""

    target = Text(chars_min=1, chars_max=20, required=True)
    value = Number(required=True)


class MoneyReportBody(StrictSchema):
    """Money committed or paid, on a date."""

    stage = one_of(*get_args(MoneyStage), required=True)
    amount = fields.Nested(MoneyBody, required=True)
    date = PartialDate(required=True)


def _evidence() -> Distinct:
    return Distinct(fields.Nested(EvidenceBody), items_max=50, clearable=True)


class ProgressBody(Order):
    """What was reached by a day: narrative, percent or measures. Without `part`, one's own."""

    effective_on = PartialDate(required=True)
    narrative = Blank(chars_max=DESCRIPTION_CHARS_MAX)
    percent = Whole(most=100, allow_none=True)
    measures = Distinct(fields.Nested(MeasureBody), clearable=True)
    money = Distinct(fields.Nested(MoneyReportBody), clearable=True)
    outlook = one_of(*get_args(Outlook), allow_none=True)
    evidence = _evidence()
    part = Whole(most=10_000, allow_none=True)


class CorrectionBody(ProgressBody):
    """What the report should have said, and why it did not."""

    reason = _reason()


class FulfilmentBody(Order):
    """Declared fulfilled; unless all parts stand at 100, narrative or reason says why."""

    effective_on = PartialDate(allow_none=True)
    narrative = Blank(chars_max=DESCRIPTION_CHARS_MAX)
    reason = _reason(required=False)
    evidence = _evidence()


class RetractionBody(Order):
    """Why the declaration is taken back."""

    effective_on = PartialDate(allow_none=True)
    reason = _reason()
    evidence = _evidence()


class VerdictBody(Order):
    """On a report, by its position, or without one on the fulfilment."""

    report = Whole(least=1, allow_none=True)
    effective_on = PartialDate(allow_none=True)
    reason = _reason()
    evidence = _evidence()


# -- partners and matches


class InvitationBody(Order):
    """Who is asked to take part."""

    entity = Id(required=True)


class AcceptanceBody(Order):
    """What the partner will do itself."""

    part = fields.Nested(PartBody, allow_none=True)


class MaybeReasoned(Order):
    """A command that may say why."""

    reason = _reason(required=False)


_REFERENCE = re.compile(REFERENCE_PATTERN.replace("$", r"\Z"), re.ASCII)
PLEDGE_ID_PATTERN = f"({UUID_PATTERN})|({REFERENCE_PATTERN})"


def parse_pledge_id(text: str) -> object:
    """The id of a pledge or its reference, for whoever looks it up."""
    if _REFERENCE.match(text):
        return text
    try:
        return parse_id(text)
    except ValueError:
        raise ValueError("must be the id or the reference of a pledge.") from None


class MatchBody(Order):
    """Which of one's own pledges is offered, and what it counts for in the currency of the terms."""

    pledge = Formed(PLEDGE_ID_PATTERN, parse_pledge_id, required=True)
    amount = fields.Nested(MoneyBody, allow_none=True)
    counted_value = fields.Nested(MoneyBody, allow_none=True)
    basis = Blank(chars_max=WORDS_CHARS_MAX)


# -- those who pledge, and cycles


def _names() -> ByName:
    return ByName(keys=one_of("en", "fr", "es", "ru", "zh", "ar"), values=Text(chars_min=1, chars_max=300))


def _name(*, required: bool = True) -> Text:
    return Text(chars_min=1, chars_max=300, required=required)


class NewEntity(Order):
    """A UN entity or a stakeholder; the 195 States are there already."""

    name = _name()
    category = one_of(*get_args(Category), required=True)
    kind = one_of(*get_args(Kind), allow_none=True)
    kind_in_words = Blank(chars_max=200)
    country = one_of(*STATES, allow_none=True)
    names = _names()
    aliases = Distinct(_name(required=False), clearable=True)


class RenameBody(Order):
    """What the entity is called from a day on; without a day, from today."""

    name = _name()
    names = _names()
    effective_on = PartialDate(allow_none=True)
    reason = _reason(required=False)


class MergeBody(Order):
    """The entity that this one is the same as, and that stays."""

    into = Id(required=True)
    reason = _reason()


class AliasBody(Order):
    """Another name by which the entity is found."""

    alias = _name()


class NewCycle(Order):
    """A cycle, the day it opens, and the days of its forum."""

    cycle = Whole(least=YEAR_MIN, most=YEAR_MAX, required=True)
    opened_on = PartialDate(required=True)
    forum_from = PartialDate(allow_none=True)
    forum_to = PartialDate(allow_none=True)
    basis = Blank(chars_max=WORDS_CHARS_MAX)
