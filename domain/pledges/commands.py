"""What can be asked of a pledge (design section 3, "A pledge's life"). Orders: each may be refused.

`authority` is what the Secretariat cites when it acts in an owner's or partner's place.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.pledges.content import Changes, Content, Part
from domain.pledges.events import Evidence, Measure, MoneyReport
from domain.recording import Authority
from domain.reference.vocabularies import Outlook
from domain.values import Money, Value


class PledgeCommand(Value, kw_only=True):
    """An order about one pledge."""

    pledge_id: UUID
    authority: Authority | None = None
    office: str | None = None


class SubmitPledge(PledgeCommand, kw_only=True):
    """Hand a working paper (or a returned submission) in for review."""

    content: Content


class RecallPledge(PledgeCommand):
    """Take a submission back."""


class ReturnPledge(PledgeCommand, kw_only=True):
    """Ask for changes, with reasons by field."""

    reason: str
    code: str | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)


class RejectPledge(PledgeCommand, kw_only=True):
    """Turn a submission away, e.g. code `refugee-compact`."""

    reason: str
    code: str = "other"
    fields: dict[str, str] = msgspec.field(default_factory=dict)


class PublishPledge(PledgeCommand):
    """Make exactly what was submitted public. A reason may be said and is not asked for."""

    reason: str | None = None


class RecordPledge(PledgeCommand, kw_only=True):
    """Record a pledge on behalf of its owner, with an authority; it may know less than a submission."""

    content: Content


class AmendPledge(PledgeCommand, kw_only=True):
    """Change what is promised."""

    changes: Changes
    reason: str


class ClassifyPledge(PledgeCommand, kw_only=True):
    """Classify what the pledger did not state: objectives, principles, regions, type."""

    changes: Changes
    reason: str


class InvitePartner(PledgeCommand, kw_only=True):
    """Ask an entity to take part."""

    entity: UUID


class AcceptInvitation(PledgeCommand, kw_only=True):
    """Take part, with a part of one's own."""

    entity: UUID
    part: Part = Part()


class DeclineInvitation(PledgeCommand, kw_only=True):
    """Answer an invitation with no."""

    entity: UUID
    reason: str | None = None


class LeavePledge(PledgeCommand, kw_only=True):
    """Stop taking part."""

    entity: UUID
    reason: str


class CancelInvitation(PledgeCommand, kw_only=True):
    """Take back an invitation that was not answered."""

    entity: UUID
    reason: str | None = None


class HandOverLead(PledgeCommand, kw_only=True):
    """Give the lead to a joined partner."""

    entity: UUID
    reason: str


class OfferMatch(PledgeCommand, kw_only=True):
    """Offer the pledge `offering` as a match for this one."""

    offering: UUID
    amount: Money | None = None
    counted_value: Money | None = None
    basis: str | None = None


class AcceptMatch(PledgeCommand, kw_only=True):
    """Accept an offered match."""

    match: UUID


class DeclineMatch(PledgeCommand, kw_only=True):
    """Decline an offered match."""

    match: UUID
    reason: str


class WithdrawMatch(PledgeCommand, kw_only=True):
    """Withdraw an offered or accepted match."""

    match: UUID
    reason: str


class ExpireOffers(PledgeCommand):
    """Let the unanswered offers expire once the deadline of the terms has passed."""


class ReportProgress(PledgeCommand, kw_only=True):
    """Report what was reached by a day. `part` None: the part that the actor answers for."""

    effective_on: str
    part: int | None = None
    narrative: str | None = None
    percent: int | None = None
    measures: tuple[Measure, ...] = ()
    money: tuple[MoneyReport, ...] = ()
    outlook: Outlook | None = None
    evidence: tuple[Evidence, ...] = ()


class CorrectReport(ReportProgress, kw_only=True):
    """Replace what the report at position `report` said, and say why."""

    report: int
    reason: str


class DeclareFulfilled(PledgeCommand, kw_only=True):
    """Declare the pledge fulfilled; a reason is needed unless all parts stand at 100."""

    effective_on: str | None = None
    narrative: str | None = None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()


class RetractFulfilment(PledgeCommand, kw_only=True):
    """Take the declaration of fulfilment back."""

    reason: str
    effective_on: str | None = None
    evidence: tuple[Evidence, ...] = ()


class VerdictCommand(PledgeCommand, kw_only=True):
    """A verdict on a report (its position) or, without one, on the fulfilment."""

    report: int | None = None
    effective_on: str | None = None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()


class VerifyPledge(VerdictCommand):
    """Say that what was reported was checked; the kind of verdict follows from the role."""


class ContestPledge(VerdictCommand):
    """Contest what was reported."""


class ReplyToContest(VerdictCommand):
    """The owner's answer to a contest."""


class WithdrawPledge(PledgeCommand, kw_only=True):
    """Withdraw the pledge."""

    reason: str


class LapsePledge(PledgeCommand, kw_only=True):
    """Record that the pledge lapsed."""

    reason: str


class CarryOverPledge(PledgeCommand, kw_only=True):
    """Let the pledge go on in the next cycle."""

    reason: str
    to_cycle: int | None = None


class ReinstatePledge(PledgeCommand, kw_only=True):
    """Open a withdrawn or lapsed pledge again."""

    reason: str
