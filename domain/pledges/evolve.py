"""How each fact changes a pledge. Never refuses: what is recorded happened. Accepts erased words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from domain.pledges import events
from domain.pledges.content import Content, apply_changes, changed_fields
from domain.pledges.state import GivenVerdict, Match, MatchState, Partner, PartnerState, Pledge, Report
from domain.recording import Fact, Recorded

replace = msgspec.structs.replace
Evolver = Callable[[Pledge, Any, Recorded], Pledge]
_EVOLVERS: dict[type[Fact], Evolver] = {}


def evolve(pledge: Pledge | None, recorded: Recorded) -> Pledge:
    """The pledge after one more event; its version and times follow the event's header."""
    fact, header = recorded.fact, recorded.header
    if pledge is None:
        pledge = _begin(recorded)
    changed = _EVOLVERS.get(type(fact), _as_it_was)(pledge, fact, recorded)
    return replace(changed, version=header.stream_version, updated_at=moment(recorded))


def moment(recorded: Recorded) -> str:
    """When an event was recorded, as RFC 3339 text in UTC with microseconds."""
    return recorded.header.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _begin(recorded: Recorded) -> Pledge:
    content = recorded.fact.content
    return Pledge(
        id=recorded.header.stream, version=0, phase="draft", content=content, recorded_at=moment(recorded)
    )


def _as_it_was(pledge: Pledge, fact: Any, recorded: Recorded) -> Pledge:
    return pledge


def _on(kind: type[Fact]) -> Callable[[Evolver], Evolver]:
    def register(evolver: Evolver) -> Evolver:
        _EVOLVERS[kind] = evolver
        return evolver

    return register


# -- from working paper to public


@_on(events.PledgeSubmitted)
def _submitted(pledge: Pledge, fact: events.PledgeSubmitted, recorded: Recorded) -> Pledge:
    invited = {partner.entity for partner in pledge.partners if partner.state in ("invited", "joined")}
    kept = tuple(partner for partner in pledge.partners if partner.state != "named")
    named = tuple(Partner(entity=e, state="named") for e in fact.content.named if e not in invited)
    return replace(
        pledge,
        phase="submitted",
        content=fact.content,
        partners=kept + named,
        return_reason=None,
        return_fields={},
    )


@_on(events.PledgeRecalled)
def _recalled(pledge: Pledge, fact: events.PledgeRecalled, recorded: Recorded) -> Pledge:
    return replace(pledge, phase="draft")


@_on(events.PledgeReturned)
def _returned(pledge: Pledge, fact: events.PledgeReturned, recorded: Recorded) -> Pledge:
    return replace(pledge, phase="returned", return_reason=fact.reason, return_fields=fact.fields)


@_on(events.PledgeRejected)
def _rejected(pledge: Pledge, fact: events.PledgeRejected, recorded: Recorded) -> Pledge:
    return replace(pledge, phase="rejected", return_reason=fact.reason)


@_on(events.PledgeMade)
def _made(pledge: Pledge, fact: events.PledgeMade, recorded: Recorded) -> Pledge:
    content: Content = fact.content or pledge.content
    if fact.content is not None:
        named = tuple(Partner(entity=entity, state="named") for entity in content.named)
        pledge = replace(pledge, partners=named)
    return replace(
        pledge,
        phase="public",
        content=content,
        reference=fact.reference,
        cycle=fact.cycle,
        made_on=fact.made_on,
    )


@_on(events.PledgeAmended)
def _amended(pledge: Pledge, fact: events.PledgeAmended, recorded: Recorded) -> Pledge:
    said = changed_fields(fact.changes)
    still = tuple(field for field in pledge.classified if field not in said)
    return replace(pledge, content=apply_changes(pledge.content, fact.changes), classified=still)


@_on(events.PledgeClassified)
def _classified(pledge: Pledge, fact: events.PledgeClassified, recorded: Recorded) -> Pledge:
    fields = tuple(sorted({*pledge.classified, *changed_fields(fact.changes)}))
    return replace(pledge, content=apply_changes(pledge.content, fact.changes), classified=fields)


# -- partners


@_on(events.PartnerInvited)
def _invited(pledge: Pledge, fact: events.PartnerInvited, recorded: Recorded) -> Pledge:
    """A named co-pledger keeps its place when it is invited; whoever left or declined gets a new one."""
    if any(p.entity == fact.entity and p.state == "named" for p in pledge.partners):
        return _partner_becomes(pledge, fact, "invited", ("named",))
    return replace(pledge, partners=(*pledge.partners, Partner(entity=fact.entity, state="invited")))


@_on(events.PartnerJoined)
def _joined(pledge: Pledge, fact: events.PartnerJoined, recorded: Recorded) -> Pledge:
    return _partner_becomes(pledge, fact, "joined", ("invited", "named"), part=fact.part)


@_on(events.PartnerDeclined)
def _declined(pledge: Pledge, fact: events.PartnerDeclined, recorded: Recorded) -> Pledge:
    return _partner_becomes(pledge, fact, "declined", ("invited", "named"))


@_on(events.PartnerLeft)
def _left(pledge: Pledge, fact: events.PartnerLeft, recorded: Recorded) -> Pledge:
    return _partner_becomes(pledge, fact, "left", ("joined",))


@_on(events.PartnerUninvited)
def _uninvited(pledge: Pledge, fact: events.PartnerUninvited, recorded: Recorded) -> Pledge:
    return _partner_becomes(pledge, fact, "uninvited", ("invited", "named"))


def _partner_becomes(
    pledge: Pledge, fact: Any, state: PartnerState, was: tuple[PartnerState, ...], **more: Any
) -> Pledge:
    partners = tuple(
        replace(p, state=state, **more) if p.entity == fact.entity and p.state in was else p
        for p in pledge.partners
    )
    return replace(pledge, partners=partners)


@_on(events.LeadTransferred)
def _lead_transferred(pledge: Pledge, fact: events.LeadTransferred, recorded: Recorded) -> Pledge:
    return replace(pledge, content=replace(pledge.content, entity=fact.new_lead))


# -- matching


@_on(events.MatchOffered)
def _offered(pledge: Pledge, fact: events.MatchOffered, recorded: Recorded) -> Pledge:
    offer = Match(
        id=fact.match, pledge=fact.pledge, entity=fact.entity, state="offered", amount=fact.amount,
        counted_value=fact.counted_value,
    )  # fmt: skip
    return replace(pledge, matches=(*pledge.matches, offer))


def _match_becomes(state: MatchState) -> Evolver:
    def evolver(pledge: Pledge, fact: Any, recorded: Recorded) -> Pledge:
        matches = tuple(replace(m, state=state) if m.id == fact.match else m for m in pledge.matches)
        return replace(pledge, matches=matches)

    return evolver


_on(events.MatchAccepted)(_match_becomes("accepted"))
_on(events.MatchDeclined)(_match_becomes("declined"))
_on(events.MatchWithdrawn)(_match_becomes("withdrawn"))
_on(events.MatchExpired)(_match_becomes("expired"))


@_on(events.PledgeMatched)
def _matched(pledge: Pledge, fact: events.PledgeMatched, recorded: Recorded) -> Pledge:
    return replace(pledge, is_matched=True)


@_on(events.PledgeUnmatched)
def _unmatched(pledge: Pledge, fact: events.PledgeUnmatched, recorded: Recorded) -> Pledge:
    return replace(pledge, is_matched=False)


# -- progress and fulfilment


@_on(events.ProgressReported)
def _reported(pledge: Pledge, fact: events.ProgressReported, recorded: Recorded) -> Pledge:
    header = recorded.header
    report = Report(
        position=recorded.position, part=fact.part, effective_on=header.effective_on, account=header.actor,
        narrative=fact.narrative, percent=fact.percent, measures=fact.measures, money=fact.money,
        outlook=fact.outlook,
    )  # fmt: skip
    return replace(pledge, reports=(*pledge.reports, report))


@_on(events.ProgressCorrected)
def _corrected(pledge: Pledge, fact: events.ProgressCorrected, recorded: Recorded) -> Pledge:
    """The correction replaces what the report said; the report keeps the position under which it is known."""

    def mend(report: Report) -> Report:
        if fact.corrects not in (report.position, report.corrected_at):
            return report
        return replace(
            report, effective_on=recorded.header.effective_on, narrative=fact.narrative, percent=fact.percent,
            measures=fact.measures, money=fact.money, outlook=fact.outlook, account=recorded.header.actor,
            corrected_at=recorded.position,
        )  # fmt: skip

    return replace(pledge, reports=tuple(mend(report) for report in pledge.reports))


@_on(events.PledgeFulfilled)
def _fulfilled(pledge: Pledge, fact: events.PledgeFulfilled, recorded: Recorded) -> Pledge:
    return replace(
        pledge, is_fulfilled=True, fulfilled_at=recorded.position, fulfilled_by=recorded.header.actor
    )


@_on(events.FulfilmentRetracted)
def _retracted(pledge: Pledge, fact: events.FulfilmentRetracted, recorded: Recorded) -> Pledge:
    return replace(pledge, is_fulfilled=False, fulfilled_at=None, fulfilled_by=None)


# -- verdicts


@_on(events.PledgeVerified)
def _verified(pledge: Pledge, fact: events.PledgeVerified, recorded: Recorded) -> Pledge:
    return _with_verdict(pledge, fact, fact.kind, recorded)


@_on(events.PledgeContested)
def _contested(pledge: Pledge, fact: events.PledgeContested, recorded: Recorded) -> Pledge:
    return _with_verdict(pledge, fact, "contested", recorded)


def _with_verdict(pledge: Pledge, fact: events.Verdict, kind: str, recorded: Recorded) -> Pledge:
    header = recorded.header
    verdict = GivenVerdict(
        kind=kind, position=recorded.position, effective_on=header.effective_on, role=header.role,
        entity=header.entity, report=fact.report, reason=fact.reason,
    )  # fmt: skip
    return replace(pledge, verdicts=(*pledge.verdicts, verdict))


@_on(events.PledgeReplied)
def _replied(pledge: Pledge, fact: events.PledgeReplied, recorded: Recorded) -> Pledge:
    """A reply answers the latest contest of the report it names (or of the fulfilment)."""
    contests = [v.position for v in pledge.verdicts if v.kind == "contested" and v.report == fact.report]
    verdicts = tuple(
        replace(v, replies=(*v.replies, recorded.position), last_reply=fact.reason) if v.position == contests[-1] else v
        for v in pledge.verdicts
    ) if contests else pledge.verdicts  # fmt: skip
    return replace(pledge, verdicts=verdicts)


# -- the end, and back


@_on(events.PledgeWithdrawn)
def _withdrawn(pledge: Pledge, fact: events.PledgeWithdrawn, recorded: Recorded) -> Pledge:
    return replace(pledge, closed="withdrawn")


@_on(events.PledgeLapsed)
def _lapsed(pledge: Pledge, fact: events.PledgeLapsed, recorded: Recorded) -> Pledge:
    return replace(pledge, closed="lapsed")


@_on(events.PledgeReinstated)
def _reinstated(pledge: Pledge, fact: events.PledgeReinstated, recorded: Recorded) -> Pledge:
    """Back to what is measured: a declaration of fulfilment does not outlive the withdrawal."""
    return replace(pledge, closed=None, is_fulfilled=False, fulfilled_at=None, fulfilled_by=None)


@_on(events.PledgeCarriedOver)
def _carried_over(pledge: Pledge, fact: events.PledgeCarriedOver, recorded: Recorded) -> Pledge:
    return replace(pledge, cycle=fact.to_cycle)
