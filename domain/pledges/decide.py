"""The index of decisions: which function answers which command, and what follows from its facts.

Crossing 0 percent and meeting or losing the terms of a match are facts of their own, derived here for every
command; so are the commands on other pledges that are carried out in the same breath.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from domain.deciding import Context, Decision
from domain.pledges import (
    commands,
    decide_closing,
    decide_content,
    decide_matching,
    decide_partners,
    decide_progress,
    decide_submission,
    decide_verdicts,
    events,
)
from domain.pledges.evolve import evolve
from domain.pledges.measure import measured_percent, terms_are_met
from domain.pledges.state import Pledge
from domain.pledges.tidy import tidied
from domain.recording import Fact, Recorded, record

Decider = Callable[[Any, Pledge | None, Context], Decision]

DECIDERS: dict[type[commands.PledgeCommand], Decider] = {
    commands.SubmitPledge: decide_submission.submit,
    commands.RecallPledge: decide_submission.recall,
    commands.ReturnPledge: decide_submission.send_back,
    commands.RejectPledge: decide_submission.reject,
    commands.PublishPledge: decide_submission.publish,
    commands.RecordPledge: decide_submission.record_on_behalf,
    commands.AmendPledge: decide_content.amend,
    commands.ClassifyPledge: decide_content.classify,
    commands.InvitePartner: decide_partners.invite,
    commands.AcceptInvitation: decide_partners.accept,
    commands.DeclineInvitation: decide_partners.decline,
    commands.LeavePledge: decide_partners.leave,
    commands.CancelInvitation: decide_partners.cancel,
    commands.HandOverLead: decide_partners.hand_over_lead,
    commands.OfferMatch: decide_matching.offer,
    commands.AcceptMatch: decide_matching.accept,
    commands.DeclineMatch: decide_matching.decline,
    commands.WithdrawMatch: decide_matching.withdraw,
    commands.ExpireOffers: decide_matching.expire,
    commands.ReportProgress: decide_progress.report,
    commands.CorrectReport: decide_progress.correct,
    commands.DeclareFulfilled: decide_progress.declare_fulfilled,
    commands.RetractFulfilment: decide_progress.retract_fulfilment,
    commands.VerifyPledge: decide_verdicts.verify,
    commands.ContestPledge: decide_verdicts.contest,
    commands.ReplyToContest: decide_verdicts.reply,
    commands.WithdrawPledge: decide_closing.withdraw,
    commands.LapsePledge: decide_closing.lapse,
    commands.CarryOverPledge: decide_closing.carry_over,
    commands.ReinstatePledge: decide_closing.reinstate,
}


def decide(command: commands.PledgeCommand, pledge: Pledge | None, context: Context) -> Decision:
    """The facts that follow from a command, or the reason why not.

    Raises InvalidInput (fields), NotPermitted (door), NotFound (no such pledge, or not for this actor) and
    Refused (the pledge's life forbids it now; `code` says which rule).
    """
    decision = DECIDERS[type(command)](tidied(command), pledge, context)
    if not decision.facts:
        return decision
    facts = tuple(_with_crossings(pledge, decision, context))
    return dataclasses.replace(decision, facts=facts)


def _with_crossings(before: Pledge | None, decision: Decision, context: Context) -> list[Fact]:
    """The facts with those that their effect on terms and percent calls for."""
    facts = list(decision.facts)
    after = preview(before, decision, context)
    if terms_are_met(after) != after.is_matched:
        facts.append(events.PledgeUnmatched() if after.is_matched else events.PledgeMatched())
    if before is None or not (before.is_open and after.is_open):
        return facts
    was, now = measured_percent(before), measured_percent(after)
    if now and not was:
        facts.append(events.PledgePartiallyFulfilled(percent_before=was, percent_after=now))
    elif was and not now:
        facts.append(events.PledgeProgressReverted(percent_before=was, percent_after=now))
    return [_with_percents(fact, was, now) for fact in facts]


def _with_percents(fact: Fact, was: int | None, now: int | None) -> Fact:
    """A change of the parts that count shows the pledge's percent before and after."""
    if isinstance(fact, events.PartnerJoined | events.PartnerLeft):
        return msgspec.structs.replace(fact, percent_before=was, percent_after=now)
    return fact


def preview(pledge: Pledge | None, decision: Decision, context: Context) -> Pledge:
    """The pledge as it would be after a decision that says something; positions are not given yet."""
    first, *rest = provisional(pledge, decision, context)
    after = evolve(pledge, first)
    for recorded in rest:
        after = evolve(after, recorded)
    return after


def provisional(pledge: Pledge | None, decision: Decision, context: Context) -> list[Recorded]:
    """A decision's facts as events that have not been stored."""
    stream, version = (pledge.id, pledge.version) if pledge else (decision.stream or context.new_id(), 0)
    return [
        record(
            fact,
            stream=stream,
            version=version + number,
            acting=decision.acting,
            effective_on=decision.effective_on,
            now=context.now,
        )
        for number, fact in enumerate(decision.facts, 1)
    ]


def consequences(
    recorded: Sequence[Recorded], pledge: Pledge, context: Context
) -> list[commands.PledgeCommand]:
    """The commands on other pledges that follow from what happened to this one, saved together with it."""
    follow: list[commands.PledgeCommand] = []
    for event in recorded:
        if isinstance(event.fact, events.PledgeMade):
            follow.extend(decide_matching.offers_of_published(pledge, context))
        elif isinstance(event.fact, events.PledgeWithdrawn | events.PledgeLapsed):
            follow.extend(decide_matching.withdrawals_of_closed(pledge, context))
    return follow
