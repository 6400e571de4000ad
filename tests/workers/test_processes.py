"""Facts in, commands out, once, and of nobody else: what follows from a fact elsewhere in the register.

What is recorded is compared with all that was there before: whoever is not meant has no event more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from domain.actors import OPERATOR, Actor, Grant
from domain.cycles.commands import CloseCycle, DecideOnPledges, OpenCycle
from domain.entities.commands import MergeEntity, RegisterEntity
from domain.errors import InvalidInput, Refused
from domain.pledges import commands
from domain.pledges.content import Changes, Content, Part, Terms
from projections.composition import Runtime
from projections.database.recorder import StoreSession
from tests.workers.processes import (
    KENYA,
    LETTER,
    MALI,
    PASSED,
    TO_COME,
    UGANDA,
    WHY,
    World,
    a_world,
    happened,
    pledge,
    since,
)
from workers.calendar import expire_offers
from workers.ending_cycles import end_cycles

PLEDGER = Actor(account=uuid4(), grants=(Grant(role="pledger", entity=KENYA),))
Meanwhile = Callable[[Callable[[], Any]], None]


@pytest.fixture
def world(runtime: Runtime) -> World:
    return a_world(runtime)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Lets somebody be faster: after the next command was decided, and before it is stored."""

    def do(something: Callable[[], Any]) -> None:
        append = StoreSession.append

        def append_later(session: StoreSession, *said: Any) -> Any:
            monkeypatch.setattr(StoreSession, "append", append)
            something()
            return append(session, *said)

        monkeypatch.setattr(StoreSession, "append", append_later)

    return do


# -- a pledge that ends elsewhere


@pytest.mark.parametrize(
    ("command", "name"), [(commands.WithdrawPledge, "withdrawn"), (commands.LapsePledge, "lapsed")]
)
def test_a_pledge_that_ends_takes_its_match_along_and_no_other(
    world: World, command: type[commands.PledgeCommand], name: str
) -> None:
    before, order = happened(world.runtime), command(pledge_id=world.offering, reason=WHY, authority=LETTER)
    once = uuid4()
    for command_id in (once, once, uuid4()):
        world.runtime.register.handle(order, by=OPERATOR, command_id=command_id)
    assert since(world.runtime, before) == [
        (world.offering, name), (world.asking, "match-withdrawn"), (world.asking, "unmatched"),
    ]  # fmt: skip
    assert world.states(world.asking) == ["withdrawn", "offered"]


@pytest.mark.parametrize("end", [commands.WithdrawPledge, commands.LapsePledge, commands.DeclareFulfilled])
def test_what_was_matched_may_have_ended_itself(world: World, end: type[commands.PledgeCommand]) -> None:
    world.says(end, world.asking, reason=WHY)
    ended, before = pledge(world.runtime, world.asking), happened(world.runtime)
    world.says(commands.WithdrawPledge, world.offering, reason=WHY)
    assert since(world.runtime, before) == [
        (world.offering, "withdrawn"), (world.asking, "match-withdrawn"), (world.asking, "unmatched"),
    ]  # fmt: skip
    now = pledge(world.runtime, world.asking)
    assert (now.closed, now.is_fulfilled) == (ended.closed, ended.is_fulfilled)


def test_what_is_reinstated_is_offered_again_by_whoever_owns_it_and_not_by_itself(world: World) -> None:
    world.says(commands.PublishPledge, world.answering)
    world.says(commands.WithdrawPledge, world.answering, reason=WHY)
    before = happened(world.runtime)
    world.says(commands.ReinstatePledge, world.answering, reason="A mistake")
    assert since(world.runtime, before) == [(world.answering, "reinstated")]
    world.says(commands.OfferMatch, world.asking, offering=world.answering)
    world.says(commands.WithdrawPledge, world.answering, reason=WHY)
    assert world.states(world.asking) == ["accepted", "offered", "withdrawn", "withdrawn"]


def test_the_match_of_a_pledge_whose_lead_was_handed_over_falls_with_it(world: World) -> None:
    offering = world.says(
        commands.RecordPledge, world.runtime.new_id(),
        content=Content(title="Both", entity=UGANDA, type=None, partners=(MALI,)),
    ).stream  # fmt: skip
    world.says(commands.AcceptInvitation, offering, entity=MALI, part=Part(description="Ours"))
    world.says(commands.OfferMatch, world.asking, offering=offering)
    world.says(commands.HandOverLead, offering, entity=MALI, reason="They go on")
    before = happened(world.runtime)
    world.says(commands.WithdrawPledge, offering, reason=WHY)
    assert since(world.runtime, before) == [(offering, "withdrawn"), (world.asking, "match-withdrawn")]


def test_the_match_of_an_entity_that_was_merged_falls_with_its_pledge(world: World) -> None:
    one, other = (
        world.runtime.register.handle(
            RegisterEntity(name=name, category="stakeholder", kind="academia"), by=OPERATOR
        ).stream
        for name in ("An institute", "The same institute")
    )
    offering = world.says(
        commands.RecordPledge, world.runtime.new_id(),
        content=Content(title="Both", entity=one, type="individual"),
    ).stream  # fmt: skip
    world.says(commands.OfferMatch, world.asking, offering=offering)
    world.runtime.register.handle(MergeEntity(entity=one, into=other, reason="The same"), by=OPERATOR)
    before = happened(world.runtime)
    world.says(commands.WithdrawPledge, offering, reason=WHY)
    assert since(world.runtime, before) == [(offering, "withdrawn"), (world.asking, "match-withdrawn")]


def test_an_offer_that_is_accepted_while_its_pledge_is_withdrawn_falls(
    world: World, meanwhile: Meanwhile
) -> None:
    world.says(commands.PublishPledge, world.answering)
    offer = pledge(world.runtime, world.asking).matches[-1]
    meanwhile(lambda: world.says(commands.WithdrawPledge, world.answering, reason=WHY))
    with pytest.raises(Refused, match="is withdrawn already"):
        world.says(commands.AcceptMatch, world.asking, match=offer.id)
    assert world.states(world.asking) == ["accepted", "offered", "withdrawn"]


# -- a pledge that is published and answers another


def test_what_is_published_as_an_answer_is_offered_once(world: World) -> None:
    before = happened(world.runtime)
    once = uuid4()
    for command_id in (once, once, uuid4()):
        world.runtime.register.handle(
            commands.PublishPledge(pledge_id=world.answering), by=OPERATOR, command_id=command_id
        )
    assert since(world.runtime, before) == [(world.answering, "made"), (world.asking, "match-offered")]


def test_what_answers_a_pledge_outside_or_one_that_has_ended_is_published_alone(world: World) -> None:
    world.says(commands.WithdrawPledge, world.asking, reason=WHY)
    before = happened(world.runtime)
    world.says(commands.PublishPledge, world.other)
    world.says(commands.PublishPledge, world.answering)
    assert since(world.runtime, before) == [(world.other, "made"), (world.answering, "made")]


def test_a_pledge_that_ends_while_its_answer_is_published_gets_no_offer(
    world: World, meanwhile: Meanwhile
) -> None:
    before = happened(world.runtime)
    meanwhile(lambda: world.says(commands.WithdrawPledge, world.asking, reason=WHY))
    world.says(commands.PublishPledge, world.answering)
    assert since(world.runtime, before) == [(world.asking, "withdrawn"), (world.answering, "made")]


# -- a partner's consent


def test_a_partner_s_consent_measures_the_pledge_anew_once(world: World) -> None:
    before = happened(world.runtime)
    order = commands.AcceptInvitation(pledge_id=world.joint, entity=UGANDA, part=Part(), authority=LETTER)
    once = uuid4()
    first, again, later = (
        world.runtime.register.handle(order, by=OPERATOR, command_id=one) for one in (once, once, uuid4())
    )
    assert since(world.runtime, before) == [(world.joint, "partner-joined")]
    (joined,) = first.events
    assert (joined.fact.percent_before, joined.fact.percent_after) == (50, 25)
    assert (again.events, later.events) == (first.events, ())


def test_a_partner_that_leaves_takes_its_progress_along(world: World) -> None:
    before = happened(world.runtime)
    for _ in range(2):
        world.says(commands.LeavePledge, world.joint, entity=MALI, reason=WHY)
    assert since(world.runtime, before) == [
        (world.joint, "partner-left"), (world.joint, "progress-reverted"),
    ]  # fmt: skip


def test_nobody_joins_what_is_declared_fulfilled_in_that_moment(world: World, meanwhile: Meanwhile) -> None:
    before = happened(world.runtime)
    meanwhile(lambda: world.says(commands.DeclareFulfilled, world.joint, reason="All is done"))
    with pytest.raises(Refused, match="declared fulfilled"):
        world.says(commands.AcceptInvitation, world.joint, entity=UGANDA, part=Part())
    assert since(world.runtime, before) == [(world.joint, "fulfilled")]


def test_who_joins_while_all_is_declared_done_is_not_passed_over(world: World, meanwhile: Meanwhile) -> None:
    for part in (0, 2):
        world.says(commands.ReportProgress, world.joint, part=part, percent=100, effective_on="2026-01-03")
    before = happened(world.runtime)
    joins = {"entity": UGANDA, "part": Part()}
    meanwhile(lambda: world.says(commands.AcceptInvitation, world.joint, **joins))
    with pytest.raises(InvalidInput, match="not every part stands at 100 percent"):
        world.says(commands.DeclareFulfilled, world.joint)
    assert since(world.runtime, before) == [(world.joint, "partner-joined")]


def test_the_lead_does_not_pass_to_who_leaves_in_that_moment(world: World, meanwhile: Meanwhile) -> None:
    mali = commands.HandOverLead(pledge_id=world.joint, entity=MALI, reason="They go on")
    leaving = {"entity": MALI, "reason": WHY}
    before = happened(world.runtime)
    meanwhile(lambda: world.says(commands.LeavePledge, world.joint, **leaving))
    with pytest.raises(Refused, match="only to a partner that has joined"):
        world.runtime.register.handle(mali, by=PLEDGER)
    assert since(world.runtime, before)[0] == (world.joint, "partner-left")


@pytest.mark.parametrize("end", [commands.LapsePledge, commands.WithdrawPledge])
def test_a_partner_of_what_ended_neither_joins_nor_leaves_and_may_decline(
    world: World, end: type[commands.PledgeCommand]
) -> None:
    world.says(end, world.joint, reason=WHY)
    before = happened(world.runtime)
    with pytest.raises(Refused):
        world.says(commands.AcceptInvitation, world.joint, entity=UGANDA, part=Part())
    with pytest.raises(Refused):
        world.says(commands.LeavePledge, world.joint, entity=MALI, reason=WHY)
    world.says(commands.DeclineInvitation, world.joint, entity=UGANDA)
    assert since(world.runtime, before) == [(world.joint, "partner-declined")]


# -- a deadline that passed


def test_what_nobody_answered_in_time_expires_once_and_what_is_not_due_stays(world: World) -> None:
    before = happened(world.runtime)
    assert expire_offers(world.runtime) == 2
    assert sorted(since(world.runtime, before)) == sorted((one, "match-expired") for one in world.expiring)
    assert expire_offers(world.runtime) == 0
    assert world.states(world.asking) == ["accepted", "offered"]


def test_the_deadlines_of_pledges_that_ended_pass_too(world: World) -> None:
    gone, fulfilled = world.expiring
    world.says(commands.WithdrawPledge, gone, reason=WHY)
    world.says(commands.DeclareFulfilled, fulfilled, reason="Done")
    before = happened(world.runtime)
    assert expire_offers(world.runtime) == 2
    assert sorted(since(world.runtime, before)) == sorted((one, "match-expired") for one in world.expiring)


def test_a_deadline_that_is_put_off_while_it_is_looked_at_is_the_later_one(
    world: World, meanwhile: Meanwhile
) -> None:
    later = Changes(terms=Terms(kind="technical", deadline=TO_COME, condition="help", count=1))
    first, second = sorted(world.expiring)
    before = happened(world.runtime)
    meanwhile(lambda: world.says(commands.AmendPledge, first, changes=later, reason="More time"))
    assert expire_offers(world.runtime) == 1
    assert since(world.runtime, before) == [(first, "amended"), (second, "match-expired")]
    assert PASSED < TO_COME


def test_what_expired_stays_so_when_the_deadline_is_put_off(world: World) -> None:
    expire_offers(world.runtime)
    later = Changes(terms=Terms(kind="technical", deadline=TO_COME, condition="help", count=1))
    world.says(commands.AmendPledge, world.expiring[0], changes=later, reason="More time")
    assert world.states(world.expiring[0]) == ["expired"]
    world.says(commands.OfferMatch, world.expiring[0], offering=world.stranger)
    assert world.states(world.expiring[0]) == ["expired", "offered"]


# -- a cycle that is closed


def test_what_lapses_with_its_cycle_takes_its_match_along_citing_what_was_cited(world: World) -> None:
    handle, cycle = world.runtime.register.handle, 2022
    handle(OpenCycle(cycle=2026, opened_on="2026-11-01"), by=OPERATOR)
    handle(CloseCycle(cycle=cycle, reason="The next one began"), by=OPERATOR)
    handle(
        DecideOnPledges(
            cycle=cycle, outcome="lapse", pledges=(world.offering,), reason="After notice", authority=LETTER
        ),
        by=OPERATOR,
    )
    before = happened(world.runtime)
    assert (end_cycles(world.runtime), end_cycles(world.runtime)) == (1, 0)
    assert since(world.runtime, before) == [
        (world.offering, "lapsed"), (world.asking, "match-withdrawn"), (world.asking, "unmatched"),
    ]  # fmt: skip
    with world.runtime.recorder.session() as session:
        assert session.events(world.offering)[-1].header.authority == LETTER
