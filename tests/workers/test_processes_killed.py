"""kill -9 between a fact and what follows from it: afterwards both are there, once, and of nobody else.

Where both are one transaction there is no such moment: the process is killed when the database has one of
the two and not the other yet. Where the worker takes facts up, the real worker is killed on its way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import msgspec
import pytest

from domain.actors import OPERATOR
from domain.cycles.commands import CloseCycle, DecideOnPledges, OpenCycle
from domain.pledges import commands
from domain.pledges.content import Part
from projections.composition import Runtime
from tests.conftest import Database
from tests.workers.held import Held, held_before, killed
from tests.workers.processes import LETTER, MALI, UGANDA, WHY, World, a_world, happened, since
from tests.workers.served import wait_for
from workers.calendar import expire_offers
from workers.ending_cycles import end_cycles

Case = tuple[Callable[[World], commands.PledgeCommand], str, list[tuple[str, str]]]
"""A command; before which event it is held; what it leads to: fields of the world, names of events."""


@pytest.fixture
def world(runtime: Runtime) -> World:
    return a_world(runtime)


def withdrawal(world: World) -> commands.PledgeCommand:
    return commands.WithdrawPledge(pledge_id=world.offering, reason=WHY, authority=LETTER)


def lapse(world: World) -> commands.PledgeCommand:
    return commands.LapsePledge(pledge_id=world.offering, reason=WHY)


def publication(world: World) -> commands.PledgeCommand:
    return commands.PublishPledge(pledge_id=world.answering)


def consent(world: World) -> commands.PledgeCommand:
    return commands.AcceptInvitation(pledge_id=world.joint, entity=UGANDA, part=Part(), authority=LETTER)


def leaving(world: World) -> commands.PledgeCommand:
    return commands.LeavePledge(pledge_id=world.joint, entity=MALI, reason=WHY, authority=LETTER)


IN_ONE_TRANSACTION: list[Case] = [
    (withdrawal, "pledge.match-withdrawn",
     [("offering", "withdrawn"), ("asking", "match-withdrawn"), ("asking", "unmatched")]),
    (lapse, "pledge.unmatched",
     [("offering", "lapsed"), ("asking", "match-withdrawn"), ("asking", "unmatched")]),
    (publication, "pledge.match-offered", [("answering", "made"), ("asking", "match-offered")]),
    (consent, "pledge.partner-joined", [("joint", "partner-joined")]),
    (leaving, "pledge.progress-reverted", [("joint", "partner-left"), ("joint", "progress-reverted")]),
]  # fmt: skip


@contextmanager
def carrying(
    command: commands.PledgeCommand, command_id: UUID, environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A process that carries out the command."""
    said = [type(command).__name__, msgspec.json.encode(command).decode(), str(command_id)]
    with started(["tests.workers.carrying", *said], environment) as process:
        yield process


@contextmanager
def started(module: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", *module], env={**os.environ, **environment}, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def goes_down(held: Held, process: subprocess.Popen[str]) -> None:
    """The process is killed, and with it what the server does for it."""
    backend = held.reached(process)
    killed(process)
    held.end(backend)


def dies_alone(held: Held, process: subprocess.Popen[str]) -> None:
    """The process is killed; the server has what it was sent, and learns of it when it looks."""
    backend = held.reached(process)
    killed(process)
    held.let_go(backend)


@pytest.mark.parametrize("case", IN_ONE_TRANSACTION, ids=lambda case: case[0].__name__)
def test_a_fact_and_what_follows_are_there_together_or_not_at_all(
    world: World, database: Database, environment: dict[str, str], case: Case
) -> None:
    command_of, second, said = case
    command, command_id, before = command_of(world), uuid4(), happened(world.runtime)
    both = [(getattr(world, field), name) for field, name in said]
    for dies, left in ((goes_down, ([],)), (dies_alone, ([], both))):
        with (
            held_before(database.owner_url, second) as held,
            carrying(command, command_id, environment) as process,
        ):
            dies(held, process)
        assert since(world.runtime, before) in left
    for _ in range(2):
        with carrying(command, command_id, environment) as process:
            assert process.wait(90) == 0
        assert since(world.runtime, before) == both


@contextmanager
def working(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The real worker."""
    with started(["workers", "work"], environment) as process:
        yield process


def test_a_worker_killed_among_deadlines_leaves_the_rest_to_the_next(
    world: World, database: Database, environment: dict[str, str]
) -> None:
    first, second = sorted(world.expiring)
    before = happened(world.runtime)
    with held_before(database.owner_url, "pledge.match-expired", second) as held:
        with working(environment) as worker:
            goes_down(held, worker)
        assert since(world.runtime, before) == [(first, "match-expired")]
    with working(environment):
        wait_for(lambda: len(since(world.runtime, before)) > 1)
    assert expire_offers(world.runtime) == 0
    assert since(world.runtime, before) == [(first, "match-expired"), (second, "match-expired")]


def test_a_worker_killed_between_a_decision_on_a_cycle_and_its_commands_loses_none(
    world: World, database: Database, environment: dict[str, str]
) -> None:
    handle, lapsing = world.runtime.register.handle, (world.stranger, world.offering)
    handle(OpenCycle(cycle=2026, opened_on="2026-11-01"), by=OPERATOR)
    handle(CloseCycle(cycle=2022, reason="The next one began"), by=OPERATOR)
    handle(DecideOnPledges(cycle=2022, outcome="lapse", pledges=lapsing, reason="After notice"), by=OPERATOR)
    expire_offers(world.runtime)
    before = happened(world.runtime)
    with held_before(database.owner_url, "pledge.lapsed", world.offering) as held:
        with working(environment) as worker:
            goes_down(held, worker)
        assert since(world.runtime, before) == [(world.stranger, "lapsed"), (world.asking, "match-withdrawn")]
    with working(environment):
        wait_for(lambda: len(since(world.runtime, before)) > 2)
    assert end_cycles(world.runtime) == 0
    assert since(world.runtime, before) == [
        (world.stranger, "lapsed"), (world.asking, "match-withdrawn"),
        (world.offering, "lapsed"), (world.asking, "match-withdrawn"), (world.asking, "unmatched"),
    ]  # fmt: skip
