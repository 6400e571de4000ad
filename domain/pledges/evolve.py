"""How each fact changes a pledge. Never refuses: what is recorded happened. Accepts erased words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec

from domain.pledges import events
from domain.pledges.content import Content, Part, Target, apply_changes, changed_fields
from domain.pledges.state import (
    LEAD,
    GivenVerdict,
    Match,
    MatchState,
    Partner,
    PartnerState,
    Pledge,
    Report,
)
from domain.recording import Fact, Header, Recorded
from domain.values import rfc3339

replace = msgspec.structs.replace
Evolver = Callable[[Pledge, Any, Header], Pledge]
_EVOLVERS: dict[type[Fact], Evolver] = {}


def evolve(pledge: Pledge | None, recorded: Recorded) -> Pledge:
    """The pledge after one more event; its version and times follow the event's header."""
    fact, header = recorded.fact, recorded.header
    if pledge is None:
        pledge = _begin(fact, header)
    changed = _EVOLVERS[type(fact)](pledge, fact, header)
    return replace(changed, version=header.stream_version, updated_at=moment(recorded))


def moment(recorded: Recorded) -> str:
    """When an event was recorded, as RFC 3339 text in UTC with microseconds."""
    return _moment(recorded.header)


def _moment(header: Header) -> str:
    return rfc3339(header.recorded_at)


def _begin(fact: events.PledgeSubmitted | events.PledgeMade, header: Header) -> Pledge:
    published = fact.published if isinstance(fact, events.PledgeMade) else None
    content = published.content if published else fact.content
    if content is None:
        raise ValueError(f"{header.name} begins pledge {header.stream} and says nothing of it")
    return Pledge(id=header.stream, version=0, phase="draft", content=content, recorded_at=_moment(header))


def _on(kind: type[Fact]) -> Callable[[Evolver], Evolver]:
    def register(evolver: Evolver) -> Evolver:
        _EVOLVERS[kind] = evolver
        return evolver

    return register


# -- from working paper to public


@_on(events.PledgeSubmitted)
def _submitted(pledge: Pledge, fact: events.PledgeSubmitted, _header: Header) -> Pledge:
    taking_part = {partner.entity for partner in pledge.partners if partner.state in ("invited", "joined")}
    kept = tuple(partner for partner in pledge.partners if partner.state != "named")
    named = _named(entity for entity in fact.content.named if entity not in taking_part)
    return replace(
        pledge, phase="submitted", content=fact.content, partners=kept + named, return_reason=None,
        return_fields={}, rejection_code=None, target_ids=_ids_ever(pledge, fact.content.targets),
    )  # fmt: skip


def _named(entities: Iterable[Any]) -> tuple[Partner, ...]:
    return tuple(Partner(entity=entity, state="named") for entity in entities)


def _ids_ever(pledge: Pledge, targets: tuple[Target, ...]) -> tuple[str, ...]:
    """All ids that the pledge's targets ever had, so that none is given again."""
    new = [target.id for target in targets if target.id not in pledge.target_ids]
    return (*pledge.target_ids, *new) if new else pledge.target_ids


@_on(events.PledgeRecalled)
def _recalled(pledge: Pledge, _fact: events.PledgeRecalled, _header: Header) -> Pledge:
    return replace(pledge, phase="draft")


@_on(events.PledgeReturned)
def _returned(pledge: Pledge, fact: events.PledgeReturned, _header: Header) -> Pledge:
    return replace(
        pledge,
        phase="returned",
        return_reason=fact.reason,
        return_fields=fact.fields,
        rejection_code=fact.code,
    )


@_on(events.PledgeRejected)
def _rejected(pledge: Pledge, fact: events.PledgeRejected, _header: Header) -> Pledge:
    return replace(
        pledge,
        phase="rejected",
        return_reason=fact.reason,
        return_fields=fact.fields,
        rejection_code=fact.code,
    )


@_on(events.PledgeMade)
def _made(pledge: Pledge, fact: events.PledgeMade, _header: Header) -> Pledge:
    content, partners = _as_made(pledge, fact)
    return replace(
        pledge, phase="public", content=content, partners=partners, reference=fact.reference,
        cycle=fact.cycle, made_on=fact.made_on, originals={LEAD: content.targets} if content.targets else {},
        target_ids=_ids_ever(pledge, content.targets),
        recorded_at=fact.published.recorded_at if fact.published else pledge.recorded_at,
    )  # fmt: skip


def _as_made(pledge: Pledge, fact: events.PledgeMade) -> tuple[Content, tuple[Partner, ...]]:
    """What became public, the same whether what was submitted before is known or not."""
    if fact.content is not None:
        return fact.content, _named(fact.content.named)
    if fact.published is None:
        return pledge.content, pledge.partners
    known, partners = pledge.content, pledge.partners
    for one in fact.published.partners:
        partner = Partner(entity=one.entity, state=one.state, part=one.part)
        partners = _placed(partners, one.number, partner)
    return replace(fact.published.content, partners=known.partners, named=known.named), partners


def _placed(partners: tuple[Partner, ...], number: int, partner: Partner) -> tuple[Partner, ...]:
    """The partners with this one at its place; those before it of whom nothing is known have theirs."""
    unknown = (_UNKNOWN,) * (number - 1 - len(partners))
    return (*partners[: number - 1], *unknown, partner, *partners[number:])


_UNKNOWN = Partner(entity=UUID(int=0), state="withheld")


@_on(events.PledgeAmended)
def _amended(pledge: Pledge, fact: events.PledgeAmended, _header: Header) -> Pledge:
    said = changed_fields(fact.changes)
    content = apply_changes(pledge.content, fact.changes)
    return replace(
        pledge, content=content, target_ids=_ids_ever(pledge, content.targets),
        made_on=said.get("made_on", pledge.made_on),
        classified=tuple(field for field in pledge.classified if field not in said),
    )  # fmt: skip


@_on(events.PledgeClassified)
def _classified(pledge: Pledge, fact: events.PledgeClassified, _header: Header) -> Pledge:
    fields = tuple(sorted({*pledge.classified, *changed_fields(fact.changes)}))
    return replace(pledge, content=apply_changes(pledge.content, fact.changes), classified=fields)


# -- partners


@_on(events.PartnerInvited)
def _invited(pledge: Pledge, fact: events.PartnerInvited, _header: Header) -> Pledge:
    """A named co-pledger keeps its place when it is invited; whoever left or declined gets a new one."""
    if any(p.entity == fact.entity and p.state == "named" for p in pledge.partners):
        return _partner_becomes(pledge, fact, "invited", ("named",))
    return replace(pledge, partners=(*pledge.partners, Partner(entity=fact.entity, state="invited")))


@_on(events.PartnerJoined)
def _joined(pledge: Pledge, fact: events.PartnerJoined, _header: Header) -> Pledge:
    number = fact.number or 0
    if number > len(pledge.partners) or (number and pledge.partners[number - 1].state == "withheld"):
        invited = Partner(entity=fact.entity, state="invited")
        pledge = replace(pledge, partners=_placed(pledge.partners, number, invited))
    return _partner_becomes(pledge, fact, "joined", ("invited", "named"), part=fact.part)


@_on(events.PartnerDeclined)
def _declined(pledge: Pledge, fact: events.PartnerDeclined, _header: Header) -> Pledge:
    return _partner_becomes(pledge, fact, "declined", ("invited", "named"))


@_on(events.PartnerLeft)
def _left(pledge: Pledge, fact: events.PartnerLeft, _header: Header) -> Pledge:
    return _partner_becomes(pledge, fact, "left", ("joined",))


@_on(events.PartnerUninvited)
def _uninvited(pledge: Pledge, fact: events.PartnerUninvited, _header: Header) -> Pledge:
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
def _lead_transferred(pledge: Pledge, fact: events.LeadTransferred, _header: Header) -> Pledge:
    number = pledge.part_number(fact.new_lead)
    if number is not None and number != LEAD:
        return _with_parts_swapped(pledge, number, fact)
    partners = tuple(
        replace(p, state="uninvited") if p.entity == fact.new_lead and p.state in ("invited", "named") else p
        for p in pledge.partners
    )
    return replace(pledge, content=replace(pledge.content, entity=fact.new_lead), partners=partners)


def _with_parts_swapped(pledge: Pledge, number: int, fact: events.LeadTransferred) -> Pledge:
    """Old and new lead keep what each promised and reported; only the numbers of their parts change."""
    old, theirs = pledge.content, pledge.partners[number - 1].part
    ours = Part(
        description=old.description,
        forms=old.forms,
        targets=old.targets,
        amount=old.amount,
        due_on=old.due_on,
    )
    new = replace(
        old, entity=fact.new_lead, targets=theirs.targets, amount=theirs.amount,
        forms=theirs.forms or old.forms, due_on=theirs.due_on or old.due_on,
    )  # fmt: skip
    place = Partner(entity=pledge.owner, state="joined", part=ours)
    partners = (*pledge.partners[: number - 1], place, *pledge.partners[number:])
    other = {LEAD: number, number: LEAD}
    reports = tuple(replace(report, part=other.get(report.part, report.part)) for report in pledge.reports)
    originals = {other.get(part, part): targets for part, targets in pledge.originals.items()}
    return replace(
        pledge, content=new, partners=partners, reports=reports,
        originals={**originals, LEAD: theirs.targets}, target_ids=_ids_ever(pledge, theirs.targets),
    )  # fmt: skip


# -- matching


@_on(events.MatchOffered)
def _offered(pledge: Pledge, fact: events.MatchOffered, _header: Header) -> Pledge:
    offer = Match(
        id=fact.match, pledge=fact.pledge, entity=fact.entity, state="offered", amount=fact.amount,
        counted_value=fact.counted_value,
    )  # fmt: skip
    return replace(pledge, matches=(*pledge.matches, offer))


def _match_becomes(state: MatchState) -> Evolver:
    def evolver(pledge: Pledge, fact: Any, _header: Header) -> Pledge:
        matches = tuple(replace(m, state=state) if m.id == fact.match else m for m in pledge.matches)
        return replace(pledge, matches=matches)

    return evolver


_on(events.MatchAccepted)(_match_becomes("accepted"))
_on(events.MatchDeclined)(_match_becomes("declined"))
_on(events.MatchWithdrawn)(_match_becomes("withdrawn"))
_on(events.MatchExpired)(_match_becomes("expired"))


@_on(events.PledgeMatched)
def _matched(pledge: Pledge, _fact: events.PledgeMatched, _header: Header) -> Pledge:
    return replace(pledge, is_matched=True)


@_on(events.PledgeUnmatched)
def _unmatched(pledge: Pledge, _fact: events.PledgeUnmatched, _header: Header) -> Pledge:
    return replace(pledge, is_matched=False)


# -- progress and fulfilment


@_on(events.ProgressReported)
def _reported(pledge: Pledge, fact: events.ProgressReported, header: Header) -> Pledge:
    return replace(pledge, reports=(*pledge.reports, _report(fact, header, header.position, None)))


@_on(events.ProgressCorrected)
def _corrected(pledge: Pledge, fact: events.ProgressCorrected, header: Header) -> Pledge:
    """The correction replaces what the report said; the report keeps the position under which it is known."""
    wrong = pledge.report_at(fact.corrects)
    reports = tuple(
        replace(_report(fact, header, report.position, header.position), part=report.part)
        if report is wrong
        else report
        for report in pledge.reports
    )
    return replace(pledge, reports=reports)


def _report(fact: events.Progress, header: Header, position: int, corrected_at: int | None) -> Report:
    return Report(
        position=position, version=header.stream_version, part=fact.part, effective_on=header.effective_on,
        account=header.actor, narrative=fact.narrative, percent=fact.percent, measures=fact.measures,
        money=fact.money, outlook=fact.outlook, evidence=fact.evidence, corrected_at=corrected_at,
    )  # fmt: skip


@_on(events.PledgePartiallyFulfilled)
@_on(events.PledgeProgressReverted)
def _crossed(pledge: Pledge, _fact: Fact, header: Header) -> Pledge:
    """The percent follows from the reports; these facts say when it crossed 0, and by which report."""
    before = header.position - 1
    reports = tuple(
        replace(report, crossing_at=header.position)
        if before > 0 and before in (report.position, report.corrected_at)
        else report
        for report in pledge.reports
    )
    return replace(pledge, reports=reports)


@_on(events.PledgeFulfilled)
def _fulfilled(pledge: Pledge, _fact: events.PledgeFulfilled, header: Header) -> Pledge:
    return replace(pledge, is_fulfilled=True, fulfilled_at=header.position, fulfilled_by=header.actor)


@_on(events.FulfilmentRetracted)
def _retracted(pledge: Pledge, _fact: events.FulfilmentRetracted, _header: Header) -> Pledge:
    return _not_fulfilled(pledge)


def _not_fulfilled(pledge: Pledge) -> Pledge:
    """Without the declaration, and without the verdicts on it: they stand in the history."""
    verdicts = tuple(verdict for verdict in pledge.verdicts if verdict.report is not None)
    return replace(pledge, is_fulfilled=False, fulfilled_at=None, fulfilled_by=None, verdicts=verdicts)


# -- verdicts


@_on(events.PledgeVerified)
def _verified(pledge: Pledge, fact: events.PledgeVerified, header: Header) -> Pledge:
    return _with_verdict(pledge, fact, fact.kind, header)


@_on(events.PledgeContested)
def _contested(pledge: Pledge, fact: events.PledgeContested, header: Header) -> Pledge:
    return _with_verdict(pledge, fact, "contested", header)


def _with_verdict(pledge: Pledge, fact: events.Verdict, kind: str, header: Header) -> Pledge:
    verdict = GivenVerdict(
        kind=kind, position=header.position, version=header.stream_version, effective_on=header.effective_on,
        role=header.role, entity=header.entity, report=fact.report, reason=fact.reason,
    )  # fmt: skip
    return replace(pledge, verdicts=(*pledge.verdicts, verdict))


@_on(events.PledgeReplied)
def _replied(pledge: Pledge, fact: events.PledgeReplied, header: Header) -> Pledge:
    """A reply answers the latest contest of the report it names (or of the fulfilment)."""
    contest = pledge.contest_of(fact.report)
    verdicts = tuple(
        replace(verdict, replies=(*verdict.replies, header.position), last_reply=fact.reason)
        if verdict is contest
        else verdict
        for verdict in pledge.verdicts
    )
    return replace(pledge, verdicts=verdicts)


# -- the end, and back


@_on(events.PledgeWithdrawn)
def _withdrawn(pledge: Pledge, _fact: events.PledgeWithdrawn, _header: Header) -> Pledge:
    return replace(pledge, closed="withdrawn")


@_on(events.PledgeLapsed)
def _lapsed(pledge: Pledge, _fact: events.PledgeLapsed, _header: Header) -> Pledge:
    return replace(pledge, closed="lapsed")


@_on(events.PledgeReinstated)
def _reinstated(pledge: Pledge, _fact: events.PledgeReinstated, _header: Header) -> Pledge:
    """Back to what is measured: a declaration of fulfilment does not outlive the withdrawal."""
    return replace(_not_fulfilled(pledge) if pledge.is_fulfilled else pledge, closed=None)


@_on(events.PledgeCarriedOver)
def _carried_over(pledge: Pledge, fact: events.PledgeCarriedOver, _header: Header) -> Pledge:
    return replace(pledge, cycle=fact.to_cycle, carried_over=True)
