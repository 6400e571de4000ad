from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from domain.actors import OPERATOR
from domain.pledges.commands import ReinstatePledge, WithdrawPledge
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from projections.batch import Batch, Pledges
from projections.composition import Runtime
from projections.database import places
from tests.projections.filled import AUTHORITY, bank, record_pledge

PLEDGES = 3


@pytest.fixture
def told(founded: Runtime) -> Runtime:
    """A register in which pledges are recorded, withdrawn and reinstated, each after the others."""
    register = founded.register
    entity = bank(register)
    pledges = [record_pledge(register, entity, f"Pledge {n}").stream for n in range(PLEDGES)]
    for happens in (WithdrawPledge, ReinstatePledge):
        for pledge in pledges:
            register.handle(happens(pledge_id=pledge, reason="So.", authority=AUTHORITY), by=OPERATOR)
    return founded


@pytest.mark.parametrize("kept_max", [0, 1, 100])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_steps_are_what_folding_gives_however_events_are_cut(told: Runtime, size: int, kept_max: int) -> None:
    folded: dict[UUID, Pledge] = {}
    pledges = Pledges(kept_max=kept_max)
    with psycopg.connect(told.urls.app) as connection:
        head = places.head(connection)
        for events in places.in_batches(connection, 0, head, size):
            batch = Batch(events, pledges)
            for step in batch.steps(connection):
                stream = step.event.header.stream
                assert step.before == folded.get(stream)
                folded[stream] = evolve(folded.get(stream), step.event)
                assert step.after == folded[stream]
        assert len(folded) == PLEDGES
        assert pledges.at(connection, folded, head + 1) == folded


def test_what_is_remembered_at_another_version_is_folded_anew(told: Runtime) -> None:
    pledges = Pledges()
    with psycopg.connect(told.urls.app) as connection:
        events = places.read_events(connection, 0, 1000)
        first = Batch(events, pledges).steps(connection)
        again = Batch(events[-1:], pledges).steps(connection)
        assert again == first[-1:]
        assert Batch(events, pledges).steps(connection) == first
