"""Cycles: each command says, refuses and stays quiet; which cycle a day belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.cycles.commands import CloseCycle, CycleCommand, DecideOnPledges, OpenCycle
from domain.cycles.decide import decide
from domain.cycles.events import CycleClosed, CycleOpened, PledgesDecided
from domain.cycles.evolve import evolve
from domain.cycles.founding import founding_facts
from domain.cycles.state import CYCLES_ID, Cycles
from domain.errors import InvalidInput, NotPermitted, Refused, UnreadableEvent
from domain.pledges.events import PledgeCarriedOver, PledgeLapsed
from domain.recording import Fact
from tests.domain.given import ADMINISTRATOR, FakeWorld, context, folded, happened, recorded
from tests.domain.pledges.life import made, pledge_of, submitted

LATER = datetime(2026, 12, 1, tzinfo=UTC)
NEXT = OpenCycle(cycle=2026, opened_on="2025-12-01", forum_from="2026-05-05", forum_to="2026-05-08")


@pytest.fixture
def first() -> Cycles:
    return folded(evolve, None, [happened(fact, stream) for stream, fact in founding_facts()])


def after(cycles: Cycles, *commands: CycleCommand) -> Cycles:
    for command in commands:
        decision = decide(command, cycles, context(FakeWorld()))
        cycles = folded(evolve, cycles, recorded(decision, cycles.version))
    return cycles


def facts(cycles: Cycles | None, command: CycleCommand) -> tuple[Fact, ...]:
    return decide(command, cycles, context(FakeWorld(), now=LATER)).facts


def test_2022_is_there_from_the_start(first: Cycles) -> None:
    assert [cycle.cycle for cycle in first.all] == [2022]
    assert first.all[0].opened_on == "2021-12-17"


@pytest.mark.parametrize(
    ("made_on", "cycle"),
    [
        (None, 2022),
        ("2019", 2022),
        ("2021-12-16", 2022),
        ("2022-05-17", 2022),
        ("2025-11-30", 2022),
        ("2025-12", 2026),
        ("2025", 2022),
        ("2026", 2026),
    ],
)
def test_a_pledge_belongs_to_the_latest_cycle_opened_by_the_day_it_was_made(
    first: Cycles, made_on: str | None, cycle: int
) -> None:
    assert after(first, NEXT).cycle_for(made_on) == cycle


def test_without_any_cycle_there_is_no_answer() -> None:
    with pytest.raises(LookupError):
        Cycles().cycle_for("2022")


def test_open_says_the_cycle_and_its_days(first: Cycles) -> None:
    decision = decide(NEXT, first, context(FakeWorld()))
    assert decision.facts == (
        CycleOpened(cycle=2026, opened_on="2025-12-01", forum_from="2026-05-05", forum_to="2026-05-08"),
    )
    assert (decision.stream, decision.effective_on) == (CYCLES_ID, "2025-12-01")
    opened = after(first, NEXT)
    assert (opened.version, opened.next_after(2022), opened.next_after(2026)) == (2, 2026, None)


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (OpenCycle(cycle=22, opened_on="2025"), "cycle"),
        (OpenCycle(cycle=2030, opened_on="2029-12-01"), "opened_on"),
        (OpenCycle(cycle=2026, opened_on="soon"), "opened_on"),
        (OpenCycle(cycle=2026, opened_on="2020"), "opened_on"),
        (OpenCycle(cycle=2020, opened_on="2025"), "opened_on"),
        (OpenCycle(cycle=2026, opened_on="2025", forum_from="may"), "forum_from"),
        (OpenCycle(cycle=2026, opened_on="2025", forum_to="2026-05"), "forum_to"),
        (OpenCycle(cycle=2026, opened_on="2025", forum_from="2026-05-05", forum_to="2026-05-04"), "forum_to"),
        (OpenCycle(cycle=2026, opened_on="2025", basis="\0"), "basis"),
    ],
)
def test_open_refuses_bad_input(first: Cycles, command: OpenCycle, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        facts(first, command)
    assert list(refusal.value.errors) == [field]


def test_open_refuses_other_days_for_a_cycle_that_is_open(first: Cycles) -> None:
    with pytest.raises(Refused) as refusal:
        facts(first, OpenCycle(cycle=2022, opened_on="2022-01-01"))
    assert refusal.value.code == "cycle-exists"


def test_open_stays_quiet_about_what_is_open(first: Cycles) -> None:
    assert facts(after(first, NEXT), NEXT) == ()


def test_close_says_so(first: Cycles) -> None:
    command = CloseCycle(cycle=2022, effective_on="2025-11-30", reason="The next one opens.")
    assert facts(first, command) == (CycleClosed(cycle=2022, reason="The next one opens."),)
    closed = after(first, command)
    assert closed.is_closed(2022)
    assert closed.all[0].closed_on == "2025-11-30"
    assert not first.is_closed(2022)


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (CloseCycle(cycle=2026), "cycle"),
        (CloseCycle(cycle=2022, effective_on="2020"), "effective_on"),
        (CloseCycle(cycle=2022, effective_on="2027"), "effective_on"),
    ],
)
def test_close_refuses_bad_input(first: Cycles, command: CloseCycle, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        facts(first, command)
    assert list(refusal.value.errors) == [field]


def test_close_stays_quiet_about_what_is_closed(first: Cycles) -> None:
    closed = after(first, CloseCycle(cycle=2022))
    assert facts(closed, CloseCycle(cycle=2022)) == ()


@pytest.mark.parametrize("command", [NEXT, CloseCycle(cycle=2022)])
def test_only_the_secretariat_may(first: Cycles, command: CycleCommand) -> None:
    with pytest.raises(NotPermitted):
        decide(command, first, context(FakeWorld(), ADMINISTRATOR))


def test_replay_refuses_what_is_no_event_of_cycles() -> None:
    with pytest.raises(UnreadableEvent):
        evolve(None, happened(Fact(), CYCLES_ID))


OPEN_IN_2022, CARRIED, LAPSED, HIDDEN = (UUID(int=number) for number in range(1, 5))
WENT_ON = PledgeCarriedOver(from_cycle=2022, to_cycle=2026, reason="Work goes on")


@pytest.fixture
def closed(first: Cycles) -> FakeWorld:
    """2022 is closed: one pledge of it is open, one was carried over, one lapsed, one is no public one."""
    pledges = {
        OPEN_IN_2022: pledge_of(made(), stream=OPEN_IN_2022),
        CARRIED: pledge_of(made(), WENT_ON, stream=CARRIED),
        LAPSED: pledge_of(made(), PledgeLapsed(reason="No answer"), stream=LAPSED),
        HIDDEN: pledge_of(submitted(), stream=HIDDEN),
    }
    cycles = after(first, NEXT, CloseCycle(cycle=2022))
    return FakeWorld(pledges=pledges, known_cycles=cycles)


def decided(world: FakeWorld, *pledges: UUID, **said: Any) -> tuple[Fact, ...]:
    command = DecideOnPledges(
        **{"cycle": 2022, "outcome": "lapse", "pledges": pledges, "reason": "After notice", **said}
    )
    return decide(command, world.known_cycles, context(world, now=LATER)).facts


def test_what_becomes_of_open_pledges_is_decided_for_those_that_are_open_in_the_cycle(
    closed: FakeWorld,
) -> None:
    assert decided(closed, OPEN_IN_2022, CARRIED, LAPSED, OPEN_IN_2022) == (
        PledgesDecided(cycle=2022, outcome="lapse", pledges=(OPEN_IN_2022,), reason="After notice"),
    )
    assert decided(closed, CARRIED, LAPSED) == ()


@pytest.mark.parametrize(
    ("pledges", "said", "field"),
    [
        ((), {}, "pledges"),
        (tuple(UUID(int=number) for number in range(100, 301)), {}, "pledges"),
        ((UUID(int=99),), {}, "pledges"),
        ((HIDDEN,), {}, "pledges"),
        ((OPEN_IN_2022,), {"reason": " "}, "reason"),
        ((OPEN_IN_2022,), {"reason": "a\x00"}, "reason"),
        ((OPEN_IN_2022,), {"cycle": 2030}, "cycle"),
    ],
)
def test_a_decision_on_pledges_refuses(
    closed: FakeWorld, pledges: tuple[UUID, ...], said: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        decided(closed, *pledges, **said)
    assert list(refused.value.errors) == [field]


def test_nothing_is_decided_while_a_cycle_is_open_nor_by_others(closed: FakeWorld) -> None:
    with pytest.raises(Refused) as refused:
        decided(closed, OPEN_IN_2022, cycle=2026)
    assert refused.value.code == "cycle-open"
    command = DecideOnPledges(cycle=2022, outcome="lapse", pledges=(OPEN_IN_2022,), reason="No")
    with pytest.raises(NotPermitted):
        decide(command, closed.known_cycles, context(closed, ADMINISTRATOR, now=LATER))


def test_cycles_stay_as_they_are_when_pledges_were_decided_on(closed: FakeWorld) -> None:
    fact = PledgesDecided(cycle=2022, outcome="lapse", pledges=(OPEN_IN_2022,), reason="No")
    assert folded(evolve, closed.known_cycles, [happened(fact, CYCLES_ID)]).all == closed.known_cycles.all
