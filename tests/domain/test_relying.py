"""What a decision has read of others is still so when what was decided is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.actors import OPERATOR
from domain.entities.commands import MergeEntity
from domain.errors import Refused
from domain.pledges.commands import AmendPledge, OfferMatch, RecordPledge, WithdrawPledge
from domain.pledges.content import Changes, Content, Terms
from domain.pledges.state import Pledge
from domain.register import Order
from domain.unit_of_work import ReliedOn
from projections.board.read_model import BoardReadModel
from projections.composition import Runtime
from projections.database.recorder import StoreSession
from tests.projections.filled import AUTHORITY, BuildRuntime, bank, record_pledge

TERMS = Terms(kind="technical", deadline="2090-06-30", condition="help", count=5)


def asking_pledge(runtime: Runtime) -> UUID:
    content = Content(title="Asks", entity=bank(runtime.register, "Asking"), type="matching", terms=TERMS)
    command = RecordPledge(pledge_id=uuid4(), content=content, authority=AUTHORITY)
    return runtime.register.handle(command, by=OPERATOR).stream


def offer(asking: UUID, offering: UUID) -> OfferMatch:
    return OfferMatch(pledge_id=asking, offering=offering, authority=AUTHORITY)


def withdraw(pledge: UUID) -> WithdrawPledge:
    return WithdrawPledge(pledge_id=pledge, reason="No longer needed", authority=AUTHORITY)


def pledge(runtime: Runtime, pledge_id: UUID) -> Pledge:
    found = runtime.register.consult(lambda context: context.world.pledge(pledge_id), by=OPERATOR)
    assert found is not None
    return found


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], list[ReliedOn]]:
    """Does something after the next command was decided and before it is stored; tells who relied on what."""

    def do(something: Callable[[], Any]) -> list[ReliedOn]:
        hold, held = StoreSession.hold, list[ReliedOn]()

        def hold_later(session: StoreSession, relied_on: ReliedOn) -> None:
            held.append(relied_on)
            if len(held) == 1:
                something()
            hold(session, relied_on)

        monkeypatch.setattr(StoreSession, "hold", hold_later)
        return held

    return do


def test_a_pledge_that_is_withdrawn_meanwhile_is_not_offered(
    founded: Runtime, build_runtime: BuildRuntime, between: Any
) -> None:
    asking, offering = asking_pledge(founded), record_pledge(founded.register, bank(founded.register)).stream
    other = build_runtime()
    between(lambda: other.register.handle(withdraw(offering), by=OPERATOR))
    with pytest.raises(Refused):
        founded.register.handle(offer(asking, offering), by=OPERATOR)
    assert pledge(founded, asking).matches == ()


def test_a_pledge_that_is_offered_meanwhile_is_withdrawn_with_its_match(
    founded: Runtime, build_runtime: BuildRuntime, between: Any
) -> None:
    asking, offering = asking_pledge(founded), record_pledge(founded.register, bank(founded.register)).stream
    other = build_runtime()
    held = between(lambda: other.register.handle(offer(asking, offering), by=OPERATOR))
    founded.register.handle(withdraw(offering), by=OPERATOR)
    assert [match.state for match in pledge(founded, asking).matches] == ["withdrawn"]
    assert len(held) == 3


def test_many_are_decided_again_together(founded: Runtime, build_runtime: BuildRuntime, between: Any) -> None:
    asking, offering = asking_pledge(founded), record_pledge(founded.register, bank(founded.register)).stream
    other = build_runtime()
    between(lambda: other.register.handle(withdraw(offering), by=OPERATOR))
    amend = AmendPledge(
        pledge_id=asking, changes=Changes(title="Still asks"), reason="Typo", authority=AUTHORITY
    )
    orders = [Order(command=offer(asking, offering)), Order(command=amend)]
    refused, amended = founded.register.handle_many(orders, by=OPERATOR)
    assert isinstance(refused, Refused)
    assert not isinstance(amended, Refused)
    assert pledge(founded, asking).content.title == "Still asks"


def test_two_entities_are_never_merged_into_each_other(
    founded: Runtime, build_runtime: BuildRuntime, between: Any
) -> None:
    one, other = bank(founded.register, "One bank"), bank(founded.register, "Other bank")
    elsewhere = build_runtime()
    back = MergeEntity(entity=other, into=one, reason="The same")
    between(lambda: elsewhere.register.handle(back, by=OPERATOR))
    with pytest.raises(Refused, match="was itself merged"):
        founded.register.handle(MergeEntity(entity=one, into=other, reason="The same"), by=OPERATOR)
    lasting = founded.register.consult(
        lambda context: {context.lasting(one), context.lasting(other)}, by=OPERATOR
    )
    assert lasting == {one}


def test_a_pledge_of_an_entity_that_is_merged_meanwhile_is_that_of_the_one_that_stands_for_it(
    founded: Runtime, build_runtime: BuildRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, lasting = bank(founded.register, "One bank"), bank(founded.register, "Other bank")
    elsewhere, append = build_runtime([BoardReadModel()]), StoreSession.append
    merge = MergeEntity(entity=one, into=lasting, reason="The same")

    def append_later(session: StoreSession, *said: Any) -> Any:
        monkeypatch.setattr(StoreSession, "append", append)
        elsewhere.register.handle(merge, by=OPERATOR)
        return append(session, *said)

    monkeypatch.setattr(StoreSession, "append", append_later)
    made = record_pledge(founded.register, one)
    assert pledge(founded, made.stream).owner == one
    stands_for = founded.register.consult(lambda context: context.lasting(one), by=OPERATOR)
    assert stands_for == lasting
    elsewhere.projector().catch_up()
    with elsewhere.pool.connection() as connection:
        shown = connection.execute("SELECT entity FROM board WHERE pledge_id = %s", [made.stream])
        assert shown.fetchall() == [(lasting,)]


def test_what_relies_on_nothing_else_holds_nobody_up(founded: Runtime, between: Any) -> None:
    held = between(lambda: None)
    record_pledge(founded.register, bank(founded.register))
    assert held == []


def test_a_command_that_comes_twice_at_once_is_carried_out_once(founded: Runtime) -> None:
    one = record_pledge(founded.register, bank(founded.register)).stream
    order = Order(command=withdraw(one), command_id=uuid4())
    first, second = founded.register.handle_many([order, order], by=OPERATOR)
    assert not isinstance(first, Exception)
    assert not isinstance(second, Exception)
    assert (first.repeated, second.repeated) == (False, True)
    assert second.events == first.events
    assert second.position == first.position == first.events[-1].position


def test_an_id_is_of_one_kind_whatever_it_is_called(founded: Runtime) -> None:
    entity = bank(founded.register)
    one = record_pledge(founded.register, entity).stream

    def as_both(context: Any) -> list[Any]:
        world = context.world
        return [world.pledge(entity), world.entity(entity).id, world.entity(one), world.pledge(one).id]

    assert founded.register.consult(as_both, by=OPERATOR) == [None, entity, None, one]
