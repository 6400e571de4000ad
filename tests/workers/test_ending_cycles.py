"""What was decided on pledges of a closed cycle is carried out once, whoever dies or is faster meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from domain.actors import OPERATOR, Actor, Authority, Grant
from domain.cycles.commands import CloseCycle, DecideOnPledges, OpenCycle
from domain.errors import StaleVersion
from domain.pledges.commands import CarryOverPledge, RecordPledge, ReinstatePledge, WithdrawPledge
from domain.pledges.content import Content
from domain.reference.states import state_id
from projections.composition import Runtime
from projections.processes import Processes
from workers.ending_cycles import end_cycles

LETTER = Authority(kind="email", reference="letter 7")
SOMEBODY = Actor(account=UUID(int=77), grants=(Grant(role="secretariat"),), channel="form", office="Desk")


@pytest.fixture
def open_ones(runtime: Runtime) -> list[UUID]:
    """Four of 2022, which is closed, and one of 2026."""
    runtime.register.handle(OpenCycle(cycle=2026, opened_on="2025-12-01"), by=OPERATOR)
    runtime.register.handle(CloseCycle(cycle=2022, reason="The next one began"), by=OPERATOR)
    return [recorded(runtime, made_on) for made_on in (*["2022-05-17"] * 4, "2026-05-01")]


def recorded(runtime: Runtime, made_on: str) -> UUID:
    content = Content(title="Schools", entity=state_id("KEN"), type="individual", made_on=made_on)
    pledge_id = runtime.new_id()
    runtime.register.handle(RecordPledge(pledge_id=pledge_id, content=content, authority=LETTER), by=OPERATOR)
    return pledge_id


def decide(runtime: Runtime, outcome: Any, *pledges: UUID) -> None:
    command = DecideOnPledges(cycle=2022, outcome=outcome, pledges=pledges, reason="After notice")
    runtime.register.handle(command, by=SOMEBODY)


def names(runtime: Runtime, pledge: UUID) -> list[str]:
    with runtime.recorder.session() as session:
        return [event.header.name.removeprefix("pledge.") for event in session.events(pledge)]


def dies(monkeypatch: pytest.MonkeyPatch, of: Any, name: str, call: int, *, first: bool = True) -> None:
    """Whoever calls it for the nth time dies, before or after it was done."""
    done: Callable[..., Any] = getattr(of, name)
    count = [0]

    def dying(*arguments: Any, **said: Any) -> Any:
        count[0] += 1
        if count[0] != call:
            return done(*arguments, **said)
        if not first:
            done(*arguments, **said)
        raise KeyboardInterrupt

    monkeypatch.setattr(of, name, dying)


def test_decisions_become_facts_of_the_pledges_that_they_name_and_of_no_other(
    runtime: Runtime, open_ones: list[UUID]
) -> None:
    lapsing, going_on, untouched, withdrawn, later = open_ones
    runtime.register.handle(WithdrawPledge(pledge_id=withdrawn, reason="No.", authority=LETTER), by=OPERATOR)
    decide(runtime, "lapse", lapsing, later, withdrawn)
    decide(runtime, "carry-over", going_on)
    assert end_cycles(runtime) == 2
    assert end_cycles(runtime) == 0
    assert [names(runtime, one) for one in open_ones] == [
        ["made", "lapsed"], ["made", "carried-over"], ["made"], ["made", "withdrawn"], ["made"],
    ]  # fmt: skip
    with runtime.recorder.session() as session:
        last = session.events(lapsing)[-1]
    assert (last.header.actor, last.header.office, last.header.role) == (
        SOMEBODY.account, "Desk", "secretariat",
    )  # fmt: skip
    assert last.fact.reason == "After notice"
    assert untouched


@pytest.mark.parametrize(
    ("part", "call", "first"),
    [("handle", 1, True), ("handle", 2, True), ("handle", 2, False), ("finished", 1, True)],
)
def test_a_crash_between_fact_and_command_loses_nothing_and_does_nothing_twice(
    runtime: Runtime,
    open_ones: list[UUID],
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    call: int,
    *,
    first: bool,
) -> None:
    decide(runtime, "lapse", *open_ones[:3])
    with monkeypatch.context() as dying:
        dies(dying, Processes if part == "finished" else runtime.register, part, call, first=first)
        with pytest.raises(KeyboardInterrupt):
            end_cycles(runtime)
    end_cycles(runtime)
    assert [names(runtime, one) for one in open_ones[:4]] == [["made", "lapsed"]] * 3 + [["made"]]
    assert end_cycles(runtime) == 0


def test_what_was_opened_again_before_the_process_wakes_stays_open(
    runtime: Runtime, open_ones: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(runtime, "lapse", open_ones[0])
    with monkeypatch.context() as dying:
        dies(dying, Processes, "finished", 1)
        with pytest.raises(KeyboardInterrupt):
            end_cycles(runtime)
    runtime.register.handle(ReinstatePledge(pledge_id=open_ones[0], reason="A mistake"), by=OPERATOR)
    assert end_cycles(runtime) == 0
    assert names(runtime, open_ones[0]) == ["made", "lapsed", "reinstated"]


def test_of_two_who_decide_at_once_the_first_decides(runtime: Runtime, open_ones: list[UUID]) -> None:
    decide(runtime, "carry-over", open_ones[0])
    decide(runtime, "lapse", open_ones[0], open_ones[1])
    assert end_cycles(runtime) == 2
    assert names(runtime, open_ones[0]) == ["made", "carried-over"]
    assert names(runtime, open_ones[1]) == ["made", "lapsed"]


def test_a_stranger_who_is_faster_is_not_undone(
    runtime: Runtime, open_ones: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(runtime, "lapse", open_ones[0])
    handle = runtime.register.handle

    def overtaken(command: Any, **said: Any) -> Any:
        handle(CarryOverPledge(pledge_id=open_ones[0], reason="Theirs"), by=OPERATOR)
        return handle(command, **said)

    with monkeypatch.context() as faster:
        faster.setattr(runtime.register, "handle", overtaken)
        with pytest.raises(StaleVersion):
            end_cycles(runtime)
    assert end_cycles(runtime) == 0
    assert names(runtime, open_ones[0]) == ["made", "carried-over"]
