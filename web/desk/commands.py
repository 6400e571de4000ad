"""The commands that forms give, each with the API's own view and schema; whether somebody may give it now.

Whether it may be given is asked of the domain, which decides without recording. Must not know templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from flask_babel import lazy_gettext, lazy_pgettext
from marshmallow import Schema
from msgspec.structs import replace

from domain.deciding import Context
from domain.errors import InvalidInput, NotPermitted, Refused, RegisterError
from domain.pledges import commands
from domain.pledges.content import Changes
from domain.pledges.decide import decide
from domain.pledges.state import Pledge
from domain.recording import Authority
from web.api import matches as matching
from web.api import orders, partners, reporting, review, writing
from web.api.commanding import actor, runtime

Right = Literal["none", "own", "by_authority"]
"""Whether a command may be given now: in one's own right, or in somebody's place by an authority."""
ANY_DAY = "2000-01-01"
ANY_AUTHORITY = Authority(kind="document", reference="?")


@dataclass(frozen=True)
class CommandForm:
    """A command as a form: what carries it out, what it takes, what it is called, and one to try it with."""

    view: Callable[..., Any]
    schema: type[Schema]
    heading: Any
    button: Any
    tried: Callable[..., commands.PledgeCommand]
    about: str = ""
    """What the command is about beside the pledge: an entity, a match, the position of a report."""
    fields: tuple[str, ...] = ()
    asks: Any = ""
    """What it requires that no field alone tells."""


def _reasoned(command: Any) -> Callable[..., commands.PledgeCommand]:
    return lambda pledge, **about: command(pledge_id=pledge, reason="?", **about)


def _plain(command: Any) -> Callable[..., commands.PledgeCommand]:
    return lambda pledge, **about: command(pledge_id=pledge, **about)


def _effective(command: Any) -> Callable[..., commands.PledgeCommand]:
    return lambda pledge, **about: command(pledge_id=pledge, effective_on=ANY_DAY, narrative="?", **about)


def _verdict(command: Any) -> Callable[..., commands.PledgeCommand]:
    return lambda pledge, **about: command(pledge_id=pledge, effective_on=ANY_DAY, reason="?", **about)


_ASKED_OF_REPORTS = lazy_gettext("One of these at least is required: what was done, percent, values reached.")
_REPORTED = ("effective_on", "narrative", "percent", "measures", "money", "outlook", "evidence", "part")
FORMS: Mapping[str, CommandForm] = {
    "publication": CommandForm(
        review.publish, orders.MaybeReasoned, lazy_gettext("Publish this pledge"),
        lazy_pgettext("button", "Publish"), _plain(commands.PublishPledge), fields=("reason",),
    ),
    "return": CommandForm(
        review.send_back, orders.ReviewBody, lazy_gettext("Return this submission for changes"),
        lazy_pgettext("button", "Return"), _reasoned(commands.ReturnPledge), fields=("reason",),
    ),
    "rejection": CommandForm(
        review.reject, orders.ReviewBody, lazy_gettext("Turn this submission away"),
        lazy_pgettext("button", "Turn away"), _reasoned(commands.RejectPledge), fields=("code", "reason"),
    ),
    "recall": CommandForm(
        writing.recall, orders.Order, lazy_gettext("Take this submission back"),
        lazy_pgettext("button", "Take back"), _plain(commands.RecallPledge),
    ),
    "report": CommandForm(
        reporting.report, orders.ProgressBody, lazy_gettext("Report progress"),
        lazy_pgettext("button", "Report"), _effective(commands.ReportProgress), fields=_REPORTED,
        asks=_ASKED_OF_REPORTS,
    ),
    "correction": CommandForm(
        reporting.correct, orders.CorrectionBody, lazy_gettext("Correct a report"),
        lazy_pgettext("button", "Correct"),
        lambda pledge, position: commands.CorrectReport(
            pledge_id=pledge, report=position, effective_on=ANY_DAY, narrative="?", reason="?"
        ),
        about="position", fields=("reason", *_REPORTED), asks=_ASKED_OF_REPORTS,
    ),
    "fulfilment": CommandForm(
        reporting.declare_fulfilled, orders.FulfilmentBody, lazy_gettext("Declare this pledge fulfilled"),
        lazy_pgettext("button", "Declare fulfilled"), _effective(commands.DeclareFulfilled),
        fields=("effective_on", "narrative", "evidence"),
    ),
    "retraction": CommandForm(
        reporting.retract_fulfilment, orders.RetractionBody, lazy_gettext("Take the fulfilment back"),
        lazy_pgettext("button", "Take back"), _verdict(commands.RetractFulfilment),
        fields=("reason", "effective_on", "evidence"),
    ),
    "verification": CommandForm(
        reporting.verify, orders.VerdictBody, lazy_gettext("Say that this was checked"),
        lazy_pgettext("button", "Say so"), _verdict(commands.VerifyPledge),
        fields=("report", "reason", "effective_on", "evidence"),
    ),
    "contest": CommandForm(
        reporting.contest, orders.VerdictBody, lazy_gettext("Contest what was reported"),
        lazy_pgettext("button", "Contest"), _verdict(commands.ContestPledge),
        fields=("report", "reason", "effective_on", "evidence"),
    ),
    "reply": CommandForm(
        reporting.reply, orders.VerdictBody, lazy_gettext("Answer a contest"),
        lazy_pgettext("button", "Answer"), _verdict(commands.ReplyToContest),
        fields=("report", "reason", "effective_on", "evidence"),
    ),
    "classification": CommandForm(
        review.classify, orders.ClassificationBody, lazy_gettext("Classify what was not stated"),
        lazy_pgettext("button", "Classify"),
        lambda pledge: commands.ClassifyPledge(pledge_id=pledge, changes=Changes(), reason="?"),
        fields=("changes", "reason"),
    ),
    "invitation": CommandForm(
        partners.invite, orders.InvitationBody, lazy_gettext("Invite a partner"),
        lazy_pgettext("button", "Invite"),
        lambda pledge: commands.InvitePartner(pledge_id=pledge, entity=UUID(int=0)), fields=("entity",),
    ),
    "lead": CommandForm(
        writing.hand_over_lead, orders.LeadBody, lazy_gettext("Hand the lead over"),
        lazy_pgettext("button", "Hand over"),
        lambda pledge: commands.HandOverLead(pledge_id=pledge, entity=UUID(int=0), reason="?"),
        fields=("entity", "reason"),
    ),
    "acceptance": CommandForm(
        partners.accept, orders.AcceptanceBody, lazy_gettext("Take part"),
        lazy_pgettext("button", "Take part"),
        _plain(commands.AcceptInvitation), about="entity", fields=("part",),
    ),
    "declination": CommandForm(
        partners.decline, orders.MaybeReasoned, lazy_gettext("Decline the invitation"),
        lazy_pgettext("button", "Decline"), _plain(commands.DeclineInvitation), about="entity",
        fields=("reason",),
    ),
    "departure": CommandForm(
        partners.leave, orders.Reasoned, lazy_gettext("Stop taking part"), lazy_pgettext("button", "Leave"),
        _reasoned(commands.LeavePledge), about="entity", fields=("reason",),
    ),
    "cancellation": CommandForm(
        partners.cancel, orders.MaybeReasoned, lazy_gettext("Take the invitation back"),
        lazy_pgettext("button", "Take back"), _plain(commands.CancelInvitation), about="entity",
        fields=("reason",),
    ),
    "offer": CommandForm(
        matching.offer, orders.MatchBody, lazy_gettext("Offer a pledge as a match"),
        lazy_pgettext("button", "Offer"),
        lambda pledge: commands.OfferMatch(pledge_id=pledge, offering=UUID(int=0)),
        fields=("pledge", "amount", "counted_value", "basis"),
    ),
    "match-acceptance": CommandForm(
        matching.accept, orders.Order, lazy_gettext("Accept this match"), lazy_pgettext("button", "Accept"),
        _plain(commands.AcceptMatch), about="match",
    ),
    "match-declination": CommandForm(
        matching.decline, orders.Reasoned, lazy_gettext("Decline this match"),
        lazy_pgettext("button", "Decline"), _reasoned(commands.DeclineMatch), about="match",
        fields=("reason",),
    ),
    "match-withdrawal": CommandForm(
        matching.withdraw, orders.Reasoned, lazy_gettext("Withdraw this match"),
        lazy_pgettext("button", "Withdraw"), _reasoned(commands.WithdrawMatch), about="match",
        fields=("reason",),
    ),
    "withdrawal": CommandForm(
        writing.withdraw, orders.Reasoned, lazy_gettext("Withdraw this pledge"),
        lazy_pgettext("button", "Withdraw"), _reasoned(commands.WithdrawPledge), fields=("reason",),
    ),
    "reinstatement": CommandForm(
        writing.reinstate, orders.Reasoned, lazy_gettext("Open this pledge again"),
        lazy_pgettext("button", "Open again"), _reasoned(commands.ReinstatePledge), fields=("reason",),
    ),
    "lapse": CommandForm(
        review.lapse, orders.Reasoned, lazy_gettext("Record that this pledge lapsed"),
        lazy_pgettext("button", "Record"), _reasoned(commands.LapsePledge), fields=("reason",),
    ),
    "carry-over": CommandForm(
        review.carry_over, orders.CarryOverBody, lazy_gettext("Carry this pledge over to the next forum"),
        lazy_pgettext("button", "Carry over"), _reasoned(commands.CarryOverPledge),
        fields=("reason", "to_cycle"),
    ),
}  # fmt: skip
"""In the order in which the desk lists them."""


Asked = tuple[CommandForm, Mapping[str, Any]]
"""A command, and what it would be about beside the pledge."""


def right_to(form: CommandForm, pledge: UUID, **about: Any) -> Right:
    """Whether whoever is signed in may give the command now, as far as is known before it is filled in."""
    return rights_to([(form, about)], pledge)[0]


def rights_to(asked: Sequence[Asked], pledge: UUID) -> list[Right]:
    """The same for several commands, decided on one view of the pledge."""
    tried = [form.tried(pledge, **about) for form, about in asked]
    return runtime().register.consult(lambda context: [_right(one, context) for one in tried], by=actor())


def lacks(command: commands.PledgeCommand) -> dict[str, list[str]]:
    """What a command would be told of its fields, by field, if it were given now."""

    def ask(context: Context) -> dict[str, list[str]]:
        try:
            decide(command, context.world.pledge(command.pledge_id), context)
        except InvalidInput as error:
            return {name: list(said) for name, said in error.errors.items()}
        except RegisterError:
            return {}
        return {}

    return runtime().register.consult(ask, by=actor())


def _right(command: commands.PledgeCommand, context: Context) -> Right:
    refusal = _refusal(command, context)
    if refusal is None:
        return "own"
    if isinstance(refusal, NotPermitted) and refusal.code == "authority-required":
        return "none" if _refusal(replace(command, authority=ANY_AUTHORITY), context) else "by_authority"
    return "none"


def _refusal(command: commands.PledgeCommand, context: Context) -> RegisterError | None:
    """What stands against a command, other than what its fields say."""
    pledge: Pledge | None = context.world.pledge(command.pledge_id)
    try:
        says_something = bool(decide(command, pledge, context).facts)
    except InvalidInput:
        return None
    except RegisterError as refusal:
        return refusal
    return None if says_something else Refused("It is so already.")
