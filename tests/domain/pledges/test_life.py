"""Whatever anybody says in whatever order: pledges live by a few laws that never break.

`pytest --hypothesis-profile=long` looks further.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from domain.actors import Actor
from domain.errors import RegisterError
from domain.pledges import commands, events
from domain.pledges.commands import PledgeCommand
from domain.pledges.content import Changes, Content, Part, Target
from domain.pledges.decide import DECIDERS, consequences, decide, provisional
from domain.pledges.document import document, public_document
from domain.pledges.evolve import evolve
from domain.pledges.measure import measured_percent, percent, status, terms_are_met
from domain.pledges.state import Pledge
from domain.recording import Authority, Recorded, canonical, read_fact, read_header, seal_payload
from domain.values import Money
from tests.domain.given import context
from tests.domain.pledges.life import (
    ASSESSOR,
    DONOR,
    FORMERLY_MALTA,
    FUND,
    GHANA,
    GHANAIAN,
    KENYA,
    MALTA,
    MALTESE,
    NOTE,
    NOW,
    OTHER,
    OWNER,
    PLEDGE,
    SECRETARIAT,
    STRANGER,
    THIRD,
    VALIDATOR,
    a_world,
    content,
    matching,
)

PLEDGES = (PLEDGE, OTHER, THIRD)
LAST_YEAR = 2028
RARELY = st.sampled_from([False] * 9 + [True])
ACTORS = (OWNER, GHANAIAN, MALTESE, DONOR, SECRETARIAT, VALIDATOR, ASSESSOR, STRANGER)
PARTNERS = (GHANA, MALTA, FORMERLY_MALTA)
WORDS = st.sampled_from(["So", "Because", None])
DAYS = st.sampled_from(["2025", "2026-01", "2026-01-01", "2026-06-30", "2026-11-23"])
VALUES = st.sampled_from(["0", "0.1", "1", "2", "3", "10"])
TARGETS = st.lists(
    st.sampled_from(
        [
            Target(unit="people", target="3"),
            Target(unit="people", baseline="1", target="10"),
            Target(description="A law"),
        ]
    ),
    max_size=3,
    unique=True,
).map(tuple)
MONEY = st.sampled_from([None, Money(value="600", currency="EUR"), Money(value="600", currency="USD")])
TYPES: dict[str, dict[str, Any]] = {
    "individual": {},
    "common": {"type": "common"},
    "partnership": {"type": "partnership"},
    "by money": matching(),
    "by number": matching(count=1),
    "answering": {"type": "matching", "matches": OTHER},
}
JOINT = ("common", "partnership")
ALONE = ("individual", "by money", "by number")

Draw = Callable[[Any], Any]
Fields = dict[str, Any]


# -- what may be said


def contents(draw: Draw, owner: UUID, types: Collection[str] = TYPES) -> Content:
    kind = TYPES[draw(st.sampled_from(sorted(types)))]
    is_joint = kind.get("type") in JOINT
    partners = draw(st.sampled_from([(), (GHANA,), (GHANA, MALTA)])) if is_joint else ()
    return content(entity=owner, partners=partners, targets=draw(TARGETS), amount=draw(MONEY), **kind)


def _content(draw: Draw, pledge: Pledge | None) -> Fields:
    owner = pledge.owner if pledge else draw(st.sampled_from([KENYA, FUND]))
    return {"content": contents(draw, owner)}


def _reason(draw: Draw, _: Pledge | None) -> Fields:
    return {"reason": draw(WORDS) or ""}


def _changes(draw: Draw, _: Pledge | None) -> Fields:
    said = draw(
        st.sampled_from(
            [
                {"title": "Another title"},
                {"objectives": (2,)},
                {"regions": ("Africa",)},
                {"due_on": "2027"},
                {},
            ]
        )
    )
    if draw(st.booleans()):
        said = {**said, "targets": draw(TARGETS)}
    return {"changes": Changes(**said), "reason": "So"}


def _invited(draw: Draw, _: Pledge | None) -> Fields:
    return {"entity": draw(st.sampled_from([*PARTNERS, KENYA]))}


def _partner(draw: Draw, pledge: Pledge | None) -> Fields:
    places = [place.entity for place in pledge.partners] if pledge else []
    return {"entity": draw(st.sampled_from([*places, *places, KENYA, MALTA])), "reason": "So"}


def _part(draw: Draw, pledge: Pledge | None) -> Fields:
    return {**_partner(draw, pledge), "part": Part(targets=draw(TARGETS))}


def _offer(draw: Draw, _: Pledge | None) -> Fields:
    said = {"offering": draw(st.sampled_from(PLEDGES)), "amount": draw(MONEY)}
    if draw(st.booleans()):
        said |= {"counted_value": Money(value="700", currency="EUR"), "basis": "A rate"}
    return said


def _match(draw: Draw, pledge: Pledge | None) -> Fields:
    known = [match.id for match in pledge.matches] if pledge else []
    return {"match": draw(st.sampled_from([*known, *known, *known, PLEDGE]))}


def _match_and_reason(draw: Draw, pledge: Pledge | None) -> Fields:
    return {**_match(draw, pledge), "reason": "So"}


def _report(draw: Draw, pledge: Pledge | None) -> Fields:
    part = draw(st.sampled_from([None, None, 0, 1, 2]))
    said: Fields = {"effective_on": draw(DAYS), "part": part, "narrative": draw(WORDS)}
    if draw(st.booleans()):
        said["percent"] = draw(st.sampled_from([0, 1, 50, 100]))
    targets = [t.id for n in range(1 + len(pledge.partners)) for t in pledge.targets_of(n)] if pledge else []
    if targets and draw(st.booleans()):
        said["measures"] = (events.Measure(target=draw(st.sampled_from(targets)), value=draw(VALUES)),)
    return said


def _position(draw: Draw, pledge: Pledge | None) -> int:
    known = [report.position for report in pledge.reports] if pledge else []
    return int(draw(st.sampled_from([*known, *known, 1])))


def _correction(draw: Draw, pledge: Pledge | None) -> Fields:
    return {**_report(draw, pledge), "part": None, "report": _position(draw, pledge), "reason": "A sum"}


def _fulfilment(draw: Draw, _: Pledge | None) -> Fields:
    return {"reason": draw(WORDS), "effective_on": draw(DAYS)}


def _verdict(draw: Draw, pledge: Pledge | None) -> Fields:
    report = None if draw(st.booleans()) else _position(draw, pledge)
    return {"report": report, "reason": draw(WORDS)}


def _nothing(_draw: Draw, _: Pledge | None) -> Fields:
    return {}


SAYINGS: dict[type[PledgeCommand], Callable[[Draw, Pledge | None], Fields]] = {
    commands.SubmitPledge: _content,
    commands.RecallPledge: _nothing,
    commands.ReturnPledge: _reason,
    commands.RejectPledge: _reason,
    commands.PublishPledge: _nothing,
    commands.RecordPledge: _content,
    commands.AmendPledge: _changes,
    commands.ClassifyPledge: _changes,
    commands.InvitePartner: _invited,
    commands.AcceptInvitation: _part,
    commands.DeclineInvitation: _partner,
    commands.LeavePledge: _partner,
    commands.CancelInvitation: _partner,
    commands.HandOverLead: _partner,
    commands.OfferMatch: _offer,
    commands.AcceptMatch: _match,
    commands.DeclineMatch: _match_and_reason,
    commands.WithdrawMatch: _match_and_reason,
    commands.ExpireOffers: _nothing,
    commands.ReportProgress: _report,
    commands.CorrectReport: _correction,
    commands.DeclareFulfilled: _fulfilment,
    commands.RetractFulfilment: _reason,
    commands.VerifyPledge: _verdict,
    commands.ContestPledge: _verdict,
    commands.ReplyToContest: _verdict,
    commands.WithdrawPledge: _reason,
    commands.LapsePledge: _reason,
    commands.CarryOverPledge: _reason,
    commands.ReinstatePledge: _reason,
}
PARTNERSHIP = (
    commands.InvitePartner, commands.AcceptInvitation, commands.AcceptInvitation, commands.DeclineInvitation,
    commands.CancelInvitation, commands.LeavePledge,
)  # fmt: skip
REVIEW = (
    commands.PublishPledge, commands.PublishPledge, commands.ReturnPledge, commands.RejectPledge,
    commands.RecallPledge,
)  # fmt: skip
MATCHING = (
    commands.OfferMatch, commands.OfferMatch, commands.AcceptMatch, commands.AcceptMatch,
    commands.DeclineMatch, commands.WithdrawMatch, commands.ExpireOffers,
)  # fmt: skip
PROGRESS = (
    commands.ReportProgress, commands.ReportProgress, commands.ReportProgress, commands.CorrectReport,
    commands.AmendPledge, commands.ClassifyPledge, commands.DeclareFulfilled, commands.HandOverLead,
)  # fmt: skip
VERDICTS = (commands.VerifyPledge, commands.ContestPledge, commands.ReplyToContest)
ENDS = (commands.WithdrawPledge, commands.LapsePledge, commands.CarryOverPledge)
BY_SECRETARIAT = frozenset(
    {
        commands.ReturnPledge, commands.RejectPledge, commands.PublishPledge, commands.RecordPledge,
        commands.ClassifyPledge, commands.LapsePledge, commands.CarryOverPledge, commands.ExpireOffers,
    }
)  # fmt: skip
BY_PARTNER = frozenset({commands.AcceptInvitation, commands.DeclineInvitation, commands.LeavePledge})
PLEDGERS = {KENYA: OWNER, GHANA: GHANAIAN, MALTA: MALTESE, FORMERLY_MALTA: MALTESE, FUND: DONOR}


def likely(pledge: Pledge | None) -> tuple[type[PledgeCommand], ...]:
    """What may well be said of a pledge as it is."""
    if pledge is None:
        return (commands.SubmitPledge, commands.RecordPledge)
    if pledge.phase in ("draft", "returned"):
        return (commands.SubmitPledge, *PARTNERSHIP)
    if pledge.phase == "submitted":
        return (*REVIEW, *PARTNERSHIP)
    if pledge.phase == "rejected":
        return tuple(SAYINGS)
    if pledge.closed:
        return (commands.ReinstatePledge, commands.ReinstatePledge, *VERDICTS, *ENDS)
    if pledge.is_fulfilled:
        return (commands.RetractFulfilment, commands.RetractFulfilment, *VERDICTS, *ENDS)
    joint = PARTNERSHIP * 2 if pledge.content.type in JOINT else ()
    matched = MATCHING * 2 if pledge.content.terms is not None else ()
    return (*PROGRESS, *PROGRESS, *VERDICTS, *ENDS, *joint, *matched)


def natural_actor(draw: Draw, kind: type[PledgeCommand], said: Fields, pledge: Pledge | None) -> Actor:
    """Who would say it, if all knew their place."""
    if kind in BY_SECRETARIAT:
        return SECRETARIAT
    if kind in (commands.VerifyPledge, commands.ContestPledge):
        return draw(st.sampled_from([VALIDATOR, ASSESSOR, SECRETARIAT]))
    if kind in BY_PARTNER:
        return PLEDGERS[said["entity"]]
    if pledge is None:
        return PLEDGERS[said["content"].entity]
    part = said.get("part") or 0
    return PLEDGERS[pledge.part_owner(part) or pledge.owner]


def test_everything_may_be_said() -> None:
    assert set(SAYINGS) == set(DECIDERS)


# -- what must never be


@dataclass
class Stream:
    """A pledge beside what a second, simpler memory says of it."""

    pledge: Pledge | None = None
    stored: list[tuple[bytes, bytes]] = field(default_factory=list)
    in_progress: bool = False
    speakers: dict[int, UUID] = field(default_factory=dict)


def stored(event: Recorded) -> tuple[bytes, bytes]:
    """The bytes that the store keeps of an event."""
    sealed = seal_payload(event.fact, lambda size: hashlib.shake_128(b"salt").digest(size))
    return canonical(msgspec.structs.replace(event.header, digests=sealed.digests)), sealed.payload


def read_again(header: bytes, payload: bytes) -> Recorded:
    read = read_header(header)
    return Recorded(read, read_fact(read.name, read.version, payload))


class Life(RuleBasedStateMachine):
    """Several pledges, and several actors who say whatever comes to their minds."""

    def __init__(self) -> None:
        super().__init__()
        self.world = a_world()
        self.streams = {pledge: Stream() for pledge in PLEDGES}
        self.position = 0
        self.ids = 1000
        self.now: datetime = NOW

    # -- what happens

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A joint pledge and another are public from the start, so that there is something to talk about."""
        for pledge, owner, types in ((PLEDGE, KENYA, JOINT), (OTHER, FUND, ALONE)):
            said = {"content": contents(data.draw, owner, types), "authority": NOTE}
            self.carry_out(commands.RecordPledge(pledge_id=pledge, **said), SECRETARIAT)
            assert self.streams[pledge].pledge is not None
        for partner, actor in ((GHANA, GHANAIAN), (MALTA, MALTESE)):
            if data.draw(st.booleans(), label="joins"):
                self.carry_out(commands.InvitePartner(pledge_id=PLEDGE, entity=partner), OWNER)
                self.carry_out(commands.AcceptInvitation(pledge_id=PLEDGE, entity=partner), actor)

    @rule(
        pledge_id=st.sampled_from((PLEDGE, PLEDGE, PLEDGE, OTHER, OTHER, THIRD)),
        data=st.data(),
        at_random=RARELY,
    )
    def somebody_says(self, pledge_id: UUID, data: st.DataObject, *, at_random: bool) -> None:
        pledge = self.streams[pledge_id].pledge
        kind = data.draw(st.sampled_from(tuple(SAYINGS) if at_random else likely(pledge)), label="command")
        said = SAYINGS[kind](data.draw, pledge)
        self.now += timedelta(days=200 if self.now.year < LAST_YEAR and data.draw(RARELY) else 0)
        if at_random or data.draw(RARELY):
            actor, authority = data.draw(st.sampled_from(ACTORS)), NOTE if data.draw(RARELY) else None
        elif kind is commands.RecordPledge or data.draw(RARELY):
            actor, authority = SECRETARIAT, NOTE
        else:
            actor, authority = self.natural_actor(data.draw, kind, said, pledge), None
        self.say(kind, pledge_id, said, actor, authority)

    def natural_actor(
        self, draw: Draw, kind: type[PledgeCommand], said: Fields, pledge: Pledge | None
    ) -> Actor:
        offering = self.world.pledge(said["offering"]) if kind is commands.OfferMatch else None
        return natural_actor(draw, kind, said, offering or pledge)

    def say(
        self,
        kind: type[PledgeCommand],
        pledge_id: UUID,
        said: Fields,
        actor: Actor,
        authority: Authority | None,
    ) -> None:
        known = {name: value for name, value in said.items() if name in kind.__struct_fields__}
        self.carry_out(kind(pledge_id=pledge_id, authority=authority, **known), actor)

    def context(self, actor: Actor) -> Any:
        self.ids += 100
        return context(self.world, actor, self.now, first_id=self.ids)

    def carry_out(self, order: PledgeCommand, actor: Actor) -> None:
        stream = self.streams[order.pledge_id]
        try:
            decision = decide(order, stream.pledge, self.context(actor))
        except RegisterError:
            return
        happenings = [
            self.placed(event) for event in provisional(stream.pledge, decision, self.context(actor))
        ]
        before = stream.pledge
        for event in happenings:
            self.take_in(stream, event)
        if not happenings:
            return
        after = stream.pledge
        assert after is not None
        self.world.pledges[order.pledge_id] = after
        self.check(stream, before, happenings)
        self.check_said_again(order, actor, after)
        for follow in consequences(happenings, after, self.context(actor)):
            self.carry_out(follow, actor)

    def placed(self, event: Recorded) -> Recorded:
        self.position += 1
        return replace(event, header=msgspec.structs.replace(event.header, position=self.position))

    def take_in(self, stream: Stream, event: Recorded) -> None:
        self.check_speaker(stream, event)
        self.world.reserve(event)
        stream.stored.append(stored(event))
        was = stream.pledge
        stream.pledge = evolve(was, event)
        if was is not None and was.closed and stream.pledge.closed != was.closed:
            assert isinstance(event.fact, events.PledgeReinstated)
        if was is not None and was.phase in ("public", "rejected"):
            assert stream.pledge.phase == was.phase

    # -- the laws

    def check(self, stream: Stream, before: Pledge | None, happenings: list[Recorded]) -> None:
        pledge = stream.pledge
        assert pledge is not None
        check_status_and_percent(pledge)
        check_crossings(stream, pledge, happenings)
        self.check_speakers(stream, pledge)
        check_what_is_public(pledge)
        assert terms_are_met(pledge) == pledge.is_matched
        assert pledge.version == (before.version if before else 0) + len(happenings)
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(pledge), type=Pledge) == pledge

    def check_speaker(self, stream: Stream, event: Recorded) -> None:
        """Whoever speaks of a part answers for it; whoever speaks for a partner is that partner."""
        fact, header, pledge = event.fact, event.header, stream.pledge
        lasting = self.context(STRANGER).lasting
        speaker = header.entity or header.on_behalf_of
        if isinstance(fact, events.Progress):
            assert pledge is not None
            owner = pledge.part_owner(fact.part)
            assert owner is not None
            assert speaker == lasting(owner)
            said_at = fact.corrects if isinstance(fact, events.ProgressCorrected) else header.position
            stream.speakers[said_at] = lasting(owner)
        if isinstance(fact, events.PartnerJoined | events.PartnerDeclined | events.PartnerLeft):
            assert speaker == lasting(fact.entity)
        if isinstance(fact, events.LeadTransferred):
            self.hand_over(stream, fact)

    def hand_over(self, stream: Stream, fact: events.LeadTransferred) -> None:
        """Who takes over from a lead that goes answers for what it said; who changes places does not."""
        pledge, lasting = stream.pledge, self.context(STRANGER).lasting
        assert pledge is not None
        if pledge.part_number(fact.new_lead) is None:
            led = {report.position for report in pledge.reports_of(0)}
            stream.speakers.update(dict.fromkeys(led, lasting(fact.new_lead)))

    def check_speakers(self, stream: Stream, pledge: Pledge) -> None:
        """A report stays with whoever made it, whatever becomes of the lead."""
        for report in pledge.reports:
            owner = pledge.part_owner(report.part)
            if owner is not None:
                assert self.context(STRANGER).lasting(owner) == stream.speakers[report.position]

    def check_said_again(self, order: PledgeCommand, actor: Actor, after: Pledge) -> None:
        """Saying the same at once again says nothing new."""
        try:
            again = decide(order, after, self.context(actor))
        except RegisterError:
            return
        assert again.facts == ()

    def teardown(self) -> None:
        """What is read back from the stored bytes is the same pledge."""
        for stream in self.streams.values():
            replayed = None
            for header, payload in stream.stored:
                replayed = evolve(replayed, read_again(header, payload))
            assert replayed == stream.pledge


def check_status_and_percent(pledge: Pledge) -> None:
    shown = percent(pledge)
    match status(pledge):
        case "made" | "matched":
            assert shown in (0, None)
        case "partially_fulfilled":
            assert shown is not None
            assert 1 <= shown <= 100
        case "fulfilled":
            assert shown == 100


def check_crossings(stream: Stream, pledge: Pledge, happenings: list[Recorded]) -> None:
    """The facts alone tell whether a pledge is in progress; nobody has to compute it."""
    for event in happenings:
        if isinstance(event.fact, events.PledgePartiallyFulfilled):
            assert not stream.in_progress
            stream.in_progress = True
        elif isinstance(event.fact, events.PledgeProgressReverted):
            assert stream.in_progress
            stream.in_progress = False
    assert stream.in_progress == bool(measured_percent(pledge))


def check_what_is_public(pledge: Pledge) -> None:
    told = document(pledge)
    assert (told["status"], told["percent"]) == (status(pledge), percent(pledge))
    assert all(p["state"] in ("named", "joined", "left") for p in public_document(told)["partners"])


def test_the_laws_hold() -> None:
    is_long = settings.get_current_profile_name() == "long"
    short = settings(max_examples=80, stateful_step_count=60, deadline=None)
    run_state_machine_as_test(Life, settings=settings() if is_long else short)


# -- that the laws would be noticed to be broken


@pytest.mark.parametrize(
    "broken",
    [
        partial(check_status_and_percent),
        partial(check_crossings, Stream(in_progress=False), happenings=[]),
    ],
)
def test_a_broken_law_is_noticed(broken: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    pledge = Pledge(id=PLEDGE, version=1, phase="public", content=content(), is_matched=True)
    monkeypatch.setitem(globals(), "percent", lambda _: 40)
    monkeypatch.setitem(globals(), "measured_percent", lambda _: 40)
    with pytest.raises(AssertionError):
        broken(pledge=pledge)
