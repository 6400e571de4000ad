"""What can have happened to a pledge (design section 3), under names that outlive this module.

Each docstring is its entry in the event catalogue (docs/events.md). Facts never hold anybody's personal data.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec

from domain.pledges.content import Changes, Content, Part
from domain.recording import Fact, recorded_as
from domain.reference.vocabularies import MoneyStage, Outlook
from domain.values import Money, Value


class EvidenceFile(Value):
    """A file by the digest of its bytes, which are kept apart from the events."""

    sha256: str
    bytes: int
    media_type: str


class Evidence(Value):
    """A link or a file that supports what is said."""

    title: str
    url: str | None = None
    file: EvidenceFile | None = None


class Measure(Value):
    """The value reached on one target."""

    target: str
    value: str


class MoneyReport(Value):
    """Money committed or paid, on a date. Kept apart from progress."""

    stage: MoneyStage
    amount: Money
    date: str


class Progress(Fact):
    """What a report says: at least one of narrative, percent and measures. `part` 0 is the lead's."""

    part: int = 0
    narrative: str | None = None
    percent: int | None = None
    measures: tuple[Measure, ...] = ()
    money: tuple[MoneyReport, ...] = ()
    outlook: Outlook | None = None
    evidence: tuple[Evidence, ...] = ()


@recorded_as("pledge.submitted")
class PledgeSubmitted(Fact):
    """The pledger handed the pledge in for review, with this content."""

    content: Content


@recorded_as("pledge.recalled")
class PledgeRecalled(Fact):
    """The pledger took the submission back; it is a working paper again."""


@recorded_as("pledge.returned")
class PledgeReturned(Fact):
    """The Secretariat asked for changes before publication, with its reasons by field.

    `code` says of which sort the reason is, where that was said.
    """

    reason: str
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    code: str | None = None


@recorded_as("pledge.rejected")
class PledgeRejected(Fact):
    """The Secretariat did not accept the submission; `code` says of which sort the reason is."""

    reason: str
    code: str = "other"
    fields: dict[str, str] = msgspec.field(default_factory=dict)


class PublicPartner(Value, kw_only=True):
    """A partner of whom everybody may know: its source names it, or it has joined, or it joined and left.

    `number` is its place among all partners of the pledge, from 1.
    """

    number: int
    entity: UUID
    state: Literal["named", "joined", "left"]
    part: Part = Part()


class Published(Value, kw_only=True):
    """What everybody may know of a submission that is published: its content, and the partners so far.

    `content` names no partners. `recorded_at` is when it was submitted first.
    """

    content: Content
    recorded_at: str
    partners: tuple[PublicPartner, ...] = ()


def _made_told_less(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had no `published`, and its `content` also named who was asked to take part."""
    return payload


@recorded_as("pledge.made", version=2, upcasters={1: _made_told_less})
class PledgeMade(Fact):
    """The pledge became public under its reference. From here on its public events tell all of it.

    `content` is there if it was recorded without a submission, and `published` if what was submitted became
    public. Neither names partners who are asked to take part: their invitations do. `reason` is there if the
    Secretariat said one.
    """

    reference: str
    cycle: int
    made_on: str | None = None
    content: Content | None = None
    reason: str | None = None
    published: Published | None = None


@recorded_as("pledge.amended")
class PledgeAmended(Fact):
    """The owner changed what is promised: only the fields that changed, each with its new value, and why."""

    changes: Changes
    reason: str


@recorded_as("pledge.classified")
class PledgeClassified(Fact):
    """The Secretariat classified what the pledger had not stated: objectives, principles, regions, type."""

    changes: Changes
    reason: str


@recorded_as("pledge.partner-invited")
class PartnerInvited(Fact):
    """An entity was asked to take part. It is neither shown nor counted in public until it has joined."""

    entity: UUID


def _joined_without_place(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had no `number`: it follows from the invitations."""
    return payload


@recorded_as("pledge.partner-joined", version=2, upcasters={1: _joined_without_place})
class PartnerJoined(Fact):
    """The invited entity accepted, with its own part. The percents are the pledge's.

    `number` is its place among all partners, from 1: who may not know of the others needs to be told.
    """

    entity: UUID
    part: Part = Part()
    percent_before: int | None = None
    percent_after: int | None = None
    number: int | None = None


@recorded_as("pledge.partner-declined")
class PartnerDeclined(Fact):
    """The invited entity declined. Never public."""

    entity: UUID
    reason: str | None = None


@recorded_as("pledge.partner-left")
class PartnerLeft(Fact):
    """A joined partner left; its part and reports stay in the history and leave the mean."""

    entity: UUID
    reason: str
    percent_before: int | None = None
    percent_after: int | None = None


@recorded_as("pledge.partner-uninvited")
class PartnerUninvited(Fact):
    """The lead cancelled an invitation that was not answered."""

    entity: UUID
    reason: str | None = None


@recorded_as("pledge.lead-transferred")
class LeadTransferred(Fact):
    """The lead passed to another entity.

    If a partner takes it that had joined, the old lead takes its place: each keeps what it promised and
    reported itself, and only the numbers of their parts change. Any other new lead takes over the part of the
    old one.
    """

    old_lead: UUID
    new_lead: UUID
    reason: str


@recorded_as("pledge.match-offered")
class MatchOffered(Fact):
    """Another pledge was offered as a match.

    `counted_value` is what it counts for in the currency of the terms, where its own is another, and `basis`
    says how that value was found.
    """

    match: UUID
    pledge: UUID
    entity: UUID
    amount: Money | None = None
    counted_value: Money | None = None
    basis: str | None = None


@recorded_as("pledge.match-accepted")
class MatchAccepted(Fact):
    """The owner accepted an offered match."""

    match: UUID


@recorded_as("pledge.match-declined")
class MatchDeclined(Fact):
    """The owner declined an offered match."""

    match: UUID
    reason: str


@recorded_as("pledge.match-withdrawn")
class MatchWithdrawn(Fact):
    """An offered or accepted match was withdrawn, by either side or because the offering pledge ended."""

    match: UUID
    reason: str


@recorded_as("pledge.match-expired")
class MatchExpired(Fact):
    """The deadline of the terms passed with this offer unanswered."""

    match: UUID


@recorded_as("pledge.matched")
class PledgeMatched(Fact):
    """The accepted matches meet the terms."""


@recorded_as("pledge.unmatched")
class PledgeUnmatched(Fact):
    """The accepted matches no longer meet the terms."""


def _bare_links_become_evidence(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 kept evidence as bare addresses; in version 2 links have titles: there, their addresses."""
    links = payload.get("evidence")
    return {**payload, "evidence": [{"title": link, "url": link} for link in links]} if links else payload


def _evidence_was_links(payload: dict[str, Any]) -> dict[str, Any]:
    """In the version before, all evidence was links. It reads the same."""
    return payload


@recorded_as(
    "pledge.progress-reported", version=3, upcasters={1: _bare_links_become_evidence, 2: _evidence_was_links}
)
class ProgressReported(Progress):
    """The owner (part 0) or a partner (its own part) reported what was reached by the effective date."""


@recorded_as("pledge.progress-corrected", version=2, upcasters={1: _evidence_was_links})
class ProgressCorrected(Progress, kw_only=True):
    """A report was wrong: this replaces what the report at the position `corrects` said, and says why."""

    corrects: int
    reason: str


@recorded_as("pledge.partially-fulfilled")
class PledgePartiallyFulfilled(Fact):
    """Measured progress left 0."""

    percent_before: int | None = None
    percent_after: int | None = None


@recorded_as("pledge.progress-reverted")
class PledgeProgressReverted(Fact):
    """Measured progress fell back to 0, or is no longer known."""

    percent_before: int | None = None
    percent_after: int | None = None


@recorded_as("pledge.fulfilled", version=2, upcasters={1: _evidence_was_links})
class PledgeFulfilled(Fact):
    """The owner declared the pledge fulfilled: all parts are at 100, or the reason says why it is so."""

    narrative: str | None = None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    measured_percent: int | None = None


@recorded_as("pledge.fulfilment-retracted", version=2, upcasters={1: _evidence_was_links})
class FulfilmentRetracted(Fact):
    """The owner took the declaration of fulfilment back; the status is again as measured."""

    reason: str
    evidence: tuple[Evidence, ...] = ()


class Verdict(Fact):
    """A verdict on one report (its position), or on the fulfilment where no report is named."""

    report: int | None = None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()


@recorded_as("pledge.verified", version=2, upcasters={1: _evidence_was_links})
class PledgeVerified(Verdict, kw_only=True):
    """What was reported was checked.

    `kind`: confirmed (a validator of the pledger's institution), evidence_seen (the Secretariat) or assessed
    (an independent body with a mandate).
    """

    kind: str


@recorded_as("pledge.contested", version=2, upcasters={1: _evidence_was_links})
class PledgeContested(Verdict):
    """What was reported is contested, with a reason. The owner may reply."""


@recorded_as("pledge.replied", version=2, upcasters={1: _evidence_was_links})
class PledgeReplied(Verdict):
    """The owner replied to a contest."""


@recorded_as("pledge.withdrawn")
class PledgeWithdrawn(Fact):
    """The owner withdrew the pledge. It stays in the register, with its history."""

    reason: str


@recorded_as("pledge.lapsed")
class PledgeLapsed(Fact):
    """After notice and the end of its cycle, the Secretariat recorded that the pledge lapsed."""

    reason: str


@recorded_as("pledge.carried-over")
class PledgeCarriedOver(Fact):
    """The pledge goes on in the next cycle."""

    from_cycle: int
    to_cycle: int
    reason: str


@recorded_as("pledge.reinstated")
class PledgeReinstated(Fact):
    """A withdrawn or lapsed pledge is open again; its status is as measured."""

    reason: str
