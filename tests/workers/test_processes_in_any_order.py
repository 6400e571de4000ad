"""Whatever is said of pledges, in any order: no match stands of one that ended, and terms decide the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.actors import OPERATOR
from domain.errors import RegisterError
from domain.pledges import commands
from domain.pledges.content import Changes, Content, Terms
from domain.pledges.decide_matching import STANDING
from domain.pledges.measure import terms_are_met
from projections.composition import Runtime
from tests.workers.processes import LETTER, RWANDA, TO_COME, WHY, pledge

TERMS = Terms(kind="technical", deadline=TO_COME, condition="help", count=1)
WITHOUT = Changes(type="individual", terms=None)
COUNT = 3


def asking(runtime: Runtime) -> UUID:
    content = Content(title="Schools", entity=RWANDA, type="matching", terms=TERMS)
    command = commands.RecordPledge(pledge_id=runtime.new_id(), content=content, authority=LETTER)
    return runtime.register.handle(command, by=OPERATOR).stream


def latest(runtime: Runtime, one: UUID) -> UUID:
    """The offer that was made last, if there is one."""
    matches = pledge(runtime, one).matches
    return matches[-1].id if matches else uuid4()


Said = Callable[[Runtime, UUID, UUID], commands.PledgeCommand]
SAYINGS: Sequence[Said] = (
    lambda _, one, other: commands.OfferMatch(pledge_id=one, offering=other, authority=LETTER),
    lambda r, one, _: commands.AcceptMatch(pledge_id=one, match=latest(r, one), authority=LETTER),
    lambda r, one, _: commands.DeclineMatch(
        pledge_id=one, match=latest(r, one), reason=WHY, authority=LETTER
    ),
    lambda r, one, _: commands.WithdrawMatch(
        pledge_id=one, match=latest(r, one), reason=WHY, authority=LETTER
    ),
    lambda _, one, __: commands.WithdrawPledge(pledge_id=one, reason=WHY, authority=LETTER),
    lambda _, one, __: commands.LapsePledge(pledge_id=one, reason=WHY),
    lambda _, one, __: commands.ReinstatePledge(pledge_id=one, reason=WHY, authority=LETTER),
    lambda _, one, __: commands.DeclareFulfilled(pledge_id=one, reason=WHY, authority=LETTER),
    lambda _, one, __: commands.RetractFulfilment(pledge_id=one, reason=WHY, authority=LETTER),
    lambda _, one, __: commands.AmendPledge(
        pledge_id=one, changes=WITHOUT, reason=WHY, authority=LETTER
    ),
    lambda _, one, __: commands.AmendPledge(
        pledge_id=one, changes=Changes(type="matching", terms=TERMS), reason=WHY, authority=LETTER
    ),
)  # fmt: skip
ORDERS = st.lists(
    st.tuples(st.sampled_from(SAYINGS), st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)),
    min_size=10, max_size=30,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ORDERS)
def test_no_match_stands_of_a_pledge_that_has_ended(
    runtime: Runtime, orders: list[tuple[Said, int, int]]
) -> None:
    pledges = [asking(runtime) for _ in range(COUNT)]
    for said, one, other in orders:
        with suppress(RegisterError):
            runtime.register.handle(said(runtime, pledges[one], pledges[other]), by=OPERATOR)
        now = {each: pledge(runtime, each) for each in pledges}
        for each in now.values():
            standing = [match for match in each.matches if match.state in STANDING]
            assert not [match for match in standing if now[match.pledge].closed]
            assert each.is_matched == terms_are_met(each)
            assert each.content.terms or "offered" not in {match.state for match in standing}
