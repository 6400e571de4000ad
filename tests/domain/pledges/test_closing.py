from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import events
from domain.pledges.commands import CarryOverPledge, LapsePledge, ReinstatePledge, WithdrawPledge
from domain.pledges.measure import percent, status
from tests.domain.pledges.life import (
    GHANA,
    GHANAIAN,
    KENYA,
    MATCH,
    NOTE,
    OWNER,
    SECRETARIAT,
    STRANGER,
    content,
    fulfilled,
    given,
    joined,
    joint,
    lapsed,
    made,
    matching,
    offered,
    reported,
    submitted,
    withdrawn,
)

WHY = "Another government"
TYPES = [{}, {"type": "common"}, {"type": "partnership"}, matching(), {"type": None}]
rejected = events.PledgeRejected(reason="No pledge")
carried_over = events.PledgeCarriedOver(from_cycle=2022, to_cycle=2026, reason=WHY)


class TestWithdrawPledge:
    @pytest.mark.parametrize("kind", TYPES)
    @pytest.mark.parametrize("so_far", [(), (reported(40),), (reported(100), fulfilled)])
    def test_says_why_of_open_and_fulfilled_pledges(
        self, kind: dict[str, Any], so_far: tuple[Any, ...]
    ) -> None:
        outcome = given(made(**kind), *so_far).when(WithdrawPledge, reason=WHY)
        outcome.then(events.PledgeWithdrawn(reason=WHY))
        assert status(outcome.pledge) == "withdrawn"

    def test_says_it_for_the_owner_by_an_authority(self) -> None:
        given(made()).when(WithdrawPledge, SECRETARIAT, reason=WHY, authority=NOTE).then_acts(
            "secretariat", on_behalf_of=KENYA
        )

    def test_refuses_all_but_the_owner(self) -> None:
        life = given(joint(), joined(GHANA))
        life.when(WithdrawPledge, GHANAIAN, reason=WHY).then_refuses(NotPermitted)
        life.when(WithdrawPledge, SECRETARIAT, reason=WHY).then_refuses(NotPermitted, "authority-required")

    def test_refuses_without_a_reason(self) -> None:
        given(made()).when(WithdrawPledge, reason="\n").then_refuses(InvalidInput, reason="say why")

    @pytest.mark.parametrize(
        ("so_far", "code"),
        [
            ((made(), lapsed), "pledge-closed"),
            ((submitted(),), "pledge-not-public"),
            ((submitted(), rejected), "pledge-not-public"),
        ],
    )
    def test_refuses_what_is_not_open(self, so_far: tuple[Any, ...], code: str) -> None:
        given(*so_far).when(WithdrawPledge, reason=WHY).then_refuses(Refused, code)

    def test_stays_quiet_when_it_was_withdrawn(self) -> None:
        given(made(), withdrawn).when(WithdrawPledge, reason="Once more").then_nothing()


class TestLapsePledge:
    @pytest.mark.parametrize("kind", TYPES)
    def test_says_after_which_notice(self, kind: dict[str, Any]) -> None:
        outcome = given(made(**kind), reported(40)).when(
            LapsePledge, SECRETARIAT, reason="Notice of May 2026"
        )
        outcome.then(events.PledgeLapsed(reason="Notice of May 2026")).then_acts("secretariat")
        assert status(outcome.pledge) == "lapsed"

    def test_refuses_all_but_the_secretariat(self) -> None:
        given(made()).when(LapsePledge, OWNER, reason=WHY).then_refuses(NotPermitted)

    @pytest.mark.parametrize(
        ("so_far", "code"),
        [
            ((made(), withdrawn), "pledge-closed"),
            ((made(), fulfilled), "pledge-fulfilled"),
            ((submitted(),), "pledge-not-public"),
        ],
    )
    def test_refuses_what_is_not_open(self, so_far: tuple[Any, ...], code: str) -> None:
        given(*so_far).when(LapsePledge, SECRETARIAT, reason=WHY).then_refuses(Refused, code)

    def test_stays_quiet_when_it_has_lapsed(self) -> None:
        given(made(), lapsed).when(LapsePledge, SECRETARIAT, reason=WHY).then_nothing()


class TestCarryOverPledge:
    @pytest.mark.parametrize("kind", TYPES)
    def test_says_that_it_goes_on_in_the_next_cycle(self, kind: dict[str, Any]) -> None:
        outcome = (
            given(made(**kind), reported(40))
            .when(CarryOverPledge, SECRETARIAT, reason=WHY)
            .then(carried_over)
        )
        assert (outcome.pledge.cycle, outcome.pledge.reference) == (2026, "2022-0042")
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("partially_fulfilled", 40)

    def test_says_the_cycle_that_is_to_come(self) -> None:
        to_come = events.PledgeCarriedOver(from_cycle=2026, to_cycle=2030, reason=WHY)
        made_in_2026 = events.PledgeMade(reference="2026-0001", cycle=2026, content=content())
        given(made_in_2026).when(CarryOverPledge, SECRETARIAT, reason=WHY).then(to_come)
        given(made(), carried_over).when(CarryOverPledge, SECRETARIAT, reason=WHY, to_cycle=2030).then(
            to_come
        )

    def test_says_it_again_once_that_cycle_is_closed(self) -> None:
        life = given(made(), carried_over)
        first, last = life.world.known_cycles.all
        closed = msgspec.structs.replace(last, closed_on="2026-11-01")
        life.world.known_cycles = msgspec.structs.replace(life.world.known_cycles, all=(first, closed))
        life.when(CarryOverPledge, SECRETARIAT, reason=WHY).then_names("carried-over")

    @pytest.mark.parametrize(
        ("cycle", "rule"), [(2018, "later than"), (2030, "opened"), (2023, "opened"), (10**9, "opened")]
    )
    def test_refuses_a_cycle_that_is_not_next(self, cycle: int, rule: str) -> None:
        given(made()).when(CarryOverPledge, SECRETARIAT, reason=WHY, to_cycle=cycle).then_refuses(
            InvalidInput, to_cycle=rule
        )

    def test_refuses_all_but_the_secretariat(self) -> None:
        given(made()).when(CarryOverPledge, OWNER, reason=WHY).then_refuses(NotPermitted)

    @pytest.mark.parametrize(
        ("end", "code"),
        [(withdrawn, "pledge-closed"), (lapsed, "pledge-closed"), (fulfilled, "pledge-fulfilled")],
    )
    def test_refuses_what_is_not_open(self, end: events.Fact, code: str) -> None:
        given(made(), end).when(CarryOverPledge, SECRETARIAT, reason=WHY).then_refuses(Refused, code)

    def test_stays_quiet_when_it_is_in_that_cycle(self) -> None:
        life = given(made(), carried_over)
        life.when(CarryOverPledge, SECRETARIAT, reason=WHY).then_nothing()
        life.when(CarryOverPledge, SECRETARIAT, reason=WHY, to_cycle=2026).then_nothing()
        to_come = events.PledgeCarriedOver(from_cycle=2026, to_cycle=2030, reason=WHY)
        given(made(), carried_over, to_come).when(CarryOverPledge, SECRETARIAT, reason=WHY).then_nothing()


class TestReinstatePledge:
    @pytest.mark.parametrize("end", [withdrawn, lapsed])
    @pytest.mark.parametrize(
        ("so_far", "as_measured"),
        [
            ((), ("made", 0)),
            ((reported(40),), ("partially_fulfilled", 40)),
            ((reported(narrative="Words"),), ("made", None)),
        ],
    )
    def test_says_that_it_is_open_as_measured(
        self, so_far: tuple[Any, ...], as_measured: tuple[str, int | None], end: events.Fact
    ) -> None:
        outcome = given(made(), *so_far, end).when(ReinstatePledge, reason=WHY)
        outcome.then(events.PledgeReinstated(reason=WHY))
        assert (status(outcome.pledge), percent(outcome.pledge)) == as_measured

    def test_says_that_a_fulfilment_does_not_outlive_a_withdrawal(self) -> None:
        outcome = given(made(), reported(40), fulfilled, withdrawn).when(ReinstatePledge, reason=WHY)
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("partially_fulfilled", 40)

    def test_says_that_it_is_matched_still(self) -> None:
        life = given(
            made(**matching(count=1)),
            offered(),
            events.MatchAccepted(match=MATCH),
            events.PledgeMatched(),
            withdrawn,
        )
        assert status(life.when(ReinstatePledge, reason=WHY).pledge) == "matched"

    def test_says_a_lapse_back_on_the_secretariat_s_own(self) -> None:
        given(made(), lapsed).when(ReinstatePledge, SECRETARIAT, reason=WHY).then_names(
            "reinstated"
        ).then_acts("secretariat")

    def test_refuses_the_secretariat_a_withdrawal_without_an_authority(self) -> None:
        given(made(), withdrawn).when(ReinstatePledge, SECRETARIAT, reason=WHY).then_refuses(
            NotPermitted, "authority-required"
        )
        given(made(), withdrawn).when(ReinstatePledge, SECRETARIAT, reason=WHY, authority=NOTE).then_acts(
            "secretariat", on_behalf_of=KENYA
        )

    def test_refuses_all_but_the_owner(self) -> None:
        for end in (withdrawn, lapsed):
            given(made(), end).when(ReinstatePledge, STRANGER, reason=WHY).then_refuses(NotPermitted)

    @pytest.mark.parametrize(
        ("so_far", "code"),
        [((made(), fulfilled), "not-closed"), ((submitted(), rejected), "pledge-not-public")],
    )
    def test_refuses_what_was_not_closed(self, so_far: tuple[Any, ...], code: str) -> None:
        given(*so_far).when(ReinstatePledge, reason=WHY).then_refuses(Refused, code)
        given().when(ReinstatePledge, reason=WHY).then_refuses(NotFound)

    def test_stays_quiet_when_it_is_open(self) -> None:
        given(made()).when(ReinstatePledge, reason=WHY).then_nothing()
