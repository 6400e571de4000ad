from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import events
from domain.pledges.commands import (
    AcceptMatch,
    DeclineMatch,
    ExpireOffers,
    LapsePledge,
    OfferMatch,
    WithdrawMatch,
    WithdrawPledge,
)
from domain.pledges.measure import status, terms_are_met
from domain.recording import Authority
from domain.values import Money
from tests.domain.pledges.life import (
    DONOR,
    FUND,
    GHANA,
    GHANAIAN,
    MATCH,
    NOTE,
    OTHER,
    OWNER,
    PLEDGE,
    SECOND_MATCH,
    SECRETARIAT,
    STRANGER,
    THIRD,
    Given,
    euros,
    fulfilled,
    given,
    lapsed,
    made,
    matching,
    offered,
    pledge_of,
    reported,
    submitted,
    withdrawn,
)

accepted = events.MatchAccepted(match=MATCH)
WHY = "The board said no"
DOLLARS = Money(value="1100", currency="USD")
AFTER_THE_DEADLINE = datetime(2027, 7, 1, tzinfo=UTC)
ON_THE_DEADLINE = datetime(2027, 6, 30, 23, 59, tzinfo=UTC)


def asking(*more: Any, **terms: Any) -> Given:
    """A pledge that asks to be matched, and another that could do so."""
    return given(made(**matching(**terms)), *more).and_of(OTHER, made("2022-0007", entity=FUND))


class TestOfferMatch:
    def test_says_which_pledge_is_offered_and_what_it_is_worth(self) -> None:
        outcome = asking().when(OfferMatch, DONOR, offering=OTHER, amount=euros("400"))
        outcome.then(events.MatchOffered(match=MATCH, pledge=OTHER, entity=FUND, amount=euros("400")))
        outcome.then_acts("pledger", FUND)
        assert status(outcome.pledge) == "made"

    def test_says_the_amount_of_the_offered_pledge(self) -> None:
        life = given(made(**matching())).and_of(OTHER, made("2022-0007", entity=FUND, amount=euros("250")))
        (fact,) = life.when(OfferMatch, DONOR, offering=OTHER).said.facts
        assert fact.amount == euros("250")

    def test_says_what_another_currency_counts_for(self) -> None:
        counted = {"amount": DOLLARS, "counted_value": euros("1000"), "basis": "UN rate of November 2026"}
        outcome = asking().when(OfferMatch, DONOR, offering=OTHER, **counted)
        outcome.then(events.MatchOffered(match=MATCH, pledge=OTHER, entity=FUND, **counted))

    @pytest.mark.parametrize(
        "before",
        [
            (),
            (reported(40),),
            (offered(THIRD, THIRD), events.MatchAccepted(match=THIRD), events.PledgeMatched()),
        ],
    )
    def test_says_it_of_pledges_made_matched_and_partially_fulfilled(self, before: tuple[Any, ...]) -> None:
        asking(*before, count=1).when(OfferMatch, DONOR, offering=OTHER).then_names("match-offered")

    def test_says_it_again_once_it_was_declined(self) -> None:
        life = asking(offered(), events.MatchDeclined(match=MATCH, reason=WHY))
        life.when(OfferMatch, DONOR, offering=OTHER).then_names("match-offered")

    def test_says_it_on_the_last_day(self) -> None:
        asking().when(OfferMatch, DONOR, ON_THE_DEADLINE, offering=OTHER).then_names("match-offered")

    def test_says_itself_when_it_is_published(self) -> None:
        """The Secretariat publishes; nobody has to state what another currency counts for."""
        life = given(made(**matching())).and_of(
            OTHER, made("2022-0007", entity=FUND, type="matching", matches=PLEDGE, amount=DOLLARS)
        )
        publication = Authority(kind="publication", reference="2022-0007")
        outcome = life.when(OfferMatch, SECRETARIAT, offering=OTHER, authority=publication)
        outcome.then_names("match-offered").then_acts("secretariat", on_behalf_of=FUND)

    def test_refuses_another_currency_without_its_value(self) -> None:
        asking().when(OfferMatch, DONOR, offering=OTHER, amount=DOLLARS).then_refuses(
            InvalidInput, counted_value="EUR"
        )
        life = given(made(**matching())).and_of(OTHER, made("2022-0007", entity=FUND, amount=DOLLARS))
        life.when(OfferMatch, DONOR, offering=OTHER).then_refuses(InvalidInput, counted_value="EUR")

    def test_refuses_a_value_in_another_currency_or_without_its_basis(self) -> None:
        asking().when(OfferMatch, DONOR, offering=OTHER, amount=DOLLARS, counted_value=DOLLARS).then_refuses(
            InvalidInput, counted_value="in the currency", basis="how"
        )
        asking(count=2).when(
            OfferMatch, DONOR, offering=OTHER, counted_value=euros("5"), basis="So"
        ).then_refuses(InvalidInput, counted_value="in the currency")

    def test_refuses_a_pledge_without_terms(self) -> None:
        life = given(made()).and_of(OTHER, made("2022-0007", entity=FUND))
        life.when(OfferMatch, DONOR, offering=OTHER).then_refuses(Refused, "no-terms")

    def test_refuses_after_the_deadline(self) -> None:
        asking().when(OfferMatch, DONOR, AFTER_THE_DEADLINE, offering=OTHER).then_refuses(
            Refused, "deadline-passed"
        )

    @pytest.mark.parametrize(
        ("end", "code"),
        [(withdrawn, "pledge-closed"), (lapsed, "pledge-closed"), (fulfilled, "pledge-fulfilled")],
    )
    def test_refuses_when_either_pledge_is_not_open(self, end: events.Fact, code: str) -> None:
        asking(end).when(OfferMatch, DONOR, offering=OTHER).then_refuses(Refused, code)
        life = given(made(**matching())).and_of(OTHER, made("2022-0007", entity=FUND), end)
        life.when(OfferMatch, DONOR, offering=OTHER).then_refuses(Refused, code)

    def test_refuses_another_s_pledge_and_one_s_own(self) -> None:
        asking().when(OfferMatch, STRANGER, offering=OTHER).then_refuses(NotPermitted)
        asking().when(OfferMatch, OWNER, offering=OTHER).then_refuses(NotPermitted)
        asking().when(OfferMatch, OWNER, offering=PLEDGE).then_refuses(InvalidInput, pledge="itself")

    def test_refuses_a_pledge_that_one_may_not_know_of(self) -> None:
        hidden = given(made(**matching())).and_of(OTHER, submitted(entity=FUND))
        hidden.when(OfferMatch, OWNER, offering=OTHER).then_refuses(InvalidInput, pledge="not a known")
        hidden.when(OfferMatch, OWNER, offering=THIRD).then_refuses(InvalidInput, pledge="not a known")
        hidden.when(OfferMatch, DONOR, offering=OTHER).then_refuses(Refused, "pledge-not-public")

    @pytest.mark.parametrize("so_far", [(offered(),), (offered(), accepted)])
    def test_stays_quiet_while_the_offer_stands(self, so_far: tuple[Any, ...]) -> None:
        asking(*so_far).when(OfferMatch, DONOR, offering=OTHER).then_nothing()


class TestAcceptMatch:
    def test_says_that_the_terms_are_met(self) -> None:
        outcome = asking(offered(amount=euros("1000"))).when(AcceptMatch, match=MATCH)
        outcome.then(accepted, events.PledgeMatched())
        assert status(outcome.pledge) == "matched"

    def test_says_no_more_while_something_is_missing(self) -> None:
        outcome = asking(offered(amount=euros("999.99"))).when(AcceptMatch, match=MATCH).then(accepted)
        assert status(outcome.pledge) == "made"

    def test_says_it_when_all_together_are_enough(self) -> None:
        life = asking(
            offered(amount=euros("600")), accepted, offered(SECOND_MATCH, THIRD, amount=euros("400.00"))
        )
        life.when(AcceptMatch, match=SECOND_MATCH).then_names("match-accepted", "matched")

    def test_says_it_of_a_pledge_that_has_progress(self) -> None:
        outcome = asking(reported(30), offered(), count=1).when(AcceptMatch, match=MATCH)
        outcome.then_names("match-accepted", "matched")
        assert status(outcome.pledge) == "partially_fulfilled"

    def test_refuses_after_the_deadline(self) -> None:
        asking(offered()).when(AcceptMatch, now=AFTER_THE_DEADLINE, match=MATCH).then_refuses(
            Refused, "deadline-passed"
        )

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (events.MatchDeclined(match=MATCH, reason=WHY), "match-declined"),
            (events.MatchWithdrawn(match=MATCH, reason=WHY), "match-withdrawn"),
            (events.MatchExpired(match=MATCH), "match-expired"),
        ],
    )
    def test_refuses_what_is_no_longer_offered(self, answer: events.Fact, code: str) -> None:
        asking(offered(), answer).when(AcceptMatch, match=MATCH).then_refuses(Refused, code)

    def test_refuses_all_but_the_owner(self) -> None:
        asking(offered()).when(AcceptMatch, DONOR, match=MATCH).then_refuses(NotPermitted)
        asking(offered()).when(AcceptMatch, match=THIRD).then_refuses(NotFound)
        asking(offered(), withdrawn).when(AcceptMatch, match=MATCH).then_refuses(Refused, "pledge-closed")

    def test_stays_quiet_when_it_was_accepted(self) -> None:
        asking(offered(), accepted).when(AcceptMatch, match=MATCH).then_nothing()


class TestDeclineMatch:
    def test_says_why(self) -> None:
        asking(offered()).when(DeclineMatch, match=MATCH, reason=WHY).then(
            events.MatchDeclined(match=MATCH, reason=WHY)
        )

    def test_refuses_without_a_reason(self) -> None:
        asking(offered()).when(DeclineMatch, match=MATCH, reason="").then_refuses(
            InvalidInput, reason="say why"
        )

    def test_refuses_what_was_accepted(self) -> None:
        asking(offered(), accepted).when(DeclineMatch, match=MATCH, reason=WHY).then_refuses(
            Refused, "match-accepted"
        )

    def test_refuses_all_but_the_owner(self) -> None:
        asking(offered()).when(DeclineMatch, DONOR, match=MATCH, reason=WHY).then_refuses(NotPermitted)
        asking().when(DeclineMatch, match=MATCH, reason=WHY).then_refuses(NotFound)

    def test_stays_quiet_when_it_was_declined(self) -> None:
        life = asking(offered(), events.MatchDeclined(match=MATCH, reason=WHY))
        life.when(DeclineMatch, match=MATCH, reason=WHY).then_nothing()


class TestWithdrawMatch:
    @pytest.mark.parametrize("somebody", [OWNER, DONOR])
    def test_says_that_the_terms_no_longer_hold(self, somebody: Any) -> None:
        life = asking(offered(), accepted, events.PledgeMatched(), count=1)
        outcome = life.when(WithdrawMatch, somebody, match=MATCH, reason=WHY)
        outcome.then(events.MatchWithdrawn(match=MATCH, reason=WHY), events.PledgeUnmatched())
        assert status(outcome.pledge) == "made"

    def test_says_no_more_while_the_terms_hold(self) -> None:
        life = asking(
            offered(), accepted, events.PledgeMatched(), offered(SECOND_MATCH, THIRD),
            events.MatchAccepted(match=SECOND_MATCH), count=1,
        )  # fmt: skip
        life.when(WithdrawMatch, DONOR, match=MATCH, reason=WHY).then_names("match-withdrawn")

    def test_says_it_of_an_offer_that_was_not_answered(self) -> None:
        asking(offered()).when(WithdrawMatch, DONOR, match=MATCH, reason=WHY).then_names("match-withdrawn")

    def test_says_it_for_whoever_leads_the_offering_pledge_today(self) -> None:
        handed_over = events.LeadTransferred(old_lead=FUND, new_lead=GHANA, reason=WHY)
        life = given(made(**matching()), offered()).and_of(OTHER, made("2022-0007", entity=FUND), handed_over)
        life.when(WithdrawMatch, DONOR, match=MATCH, reason=WHY).then_refuses(NotPermitted)
        life.when(WithdrawMatch, GHANAIAN, match=MATCH, reason=WHY).then_names("match-withdrawn")

    def test_refuses_everybody_else(self) -> None:
        asking(offered()).when(WithdrawMatch, STRANGER, match=MATCH, reason=WHY).then_refuses(NotPermitted)
        asking(offered()).when(WithdrawMatch, SECRETARIAT, match=MATCH, reason=WHY).then_refuses(
            NotPermitted, "authority-required"
        )

    def test_refuses_what_does_not_stand(self) -> None:
        life = asking(offered(), events.MatchExpired(match=MATCH))
        life.when(WithdrawMatch, DONOR, match=MATCH, reason=WHY).then_refuses(Refused, "match-expired")
        asking().when(WithdrawMatch, DONOR, match=MATCH, reason=WHY).then_refuses(NotFound)

    def test_stays_quiet_when_it_was_withdrawn(self) -> None:
        life = asking(offered(), events.MatchWithdrawn(match=MATCH, reason=WHY))
        life.when(WithdrawMatch, DONOR, match=MATCH, reason=WHY).then_nothing()


class TestExpireOffers:
    def test_says_it_of_each_offer_that_stands_unanswered(self) -> None:
        life = asking(offered(), accepted, offered(SECOND_MATCH, THIRD))
        life.when(ExpireOffers, SECRETARIAT, AFTER_THE_DEADLINE).then(
            events.MatchExpired(match=SECOND_MATCH), on="2027-07-01"
        )

    def test_refuses_a_pledge_without_terms(self) -> None:
        given(made()).when(ExpireOffers, SECRETARIAT).then_refuses(Refused, "no-terms")

    def test_refuses_all_but_the_register_itself(self) -> None:
        asking(offered()).when(ExpireOffers, OWNER, AFTER_THE_DEADLINE).then_refuses(NotPermitted)

    def test_stays_quiet_until_the_deadline_and_without_offers(self) -> None:
        asking(offered()).when(ExpireOffers, SECRETARIAT, ON_THE_DEADLINE).then_nothing()
        asking(offered(), accepted).when(ExpireOffers, SECRETARIAT, AFTER_THE_DEADLINE).then_nothing()


class TestTerms:
    """When terms are met: in their own currency only, or by a number of matches, or in words by the first."""

    @pytest.mark.parametrize(
        ("offers", "met"),
        [
            ([{}], False),
            ([{"amount": euros("1000")}], True),
            ([{"amount": euros("500.5")}, {"amount": euros("499.5")}], True),
            ([{"amount": DOLLARS}], False),
            ([{"amount": DOLLARS, "counted_value": euros("1000"), "basis": "UN rate"}], True),
            ([{"amount": euros("999")}, {"amount": DOLLARS}], False),
        ],
    )
    def test_amounts_add_in_the_currency_of_the_terms(self, offers: list[dict[str, Any]], met: bool) -> None:  # noqa: FBT001
        facts: list[events.Fact] = []
        for number, said in enumerate(offers):
            match = (MATCH, SECOND_MATCH)[number]
            facts += [offered(match, **said), events.MatchAccepted(match=match)]
        assert terms_are_met(pledge_of(made(**matching()), *facts)) is met

    def test_a_number_of_matches_is_counted(self) -> None:
        one = (made(**matching(count=2)), offered(), accepted)
        assert not terms_are_met(pledge_of(*one))
        assert terms_are_met(pledge_of(*one, offered(SECOND_MATCH), events.MatchAccepted(match=SECOND_MATCH)))

    def test_words_are_met_by_the_first_match_that_the_owner_accepts(self) -> None:
        words = made(**matching(condition="A partner with a laboratory"))
        assert not terms_are_met(pledge_of(words, offered()))
        assert terms_are_met(pledge_of(words, offered(), accepted))


class TestConsequences:
    """A pledge that ends takes its offers on others along, in the same breath."""

    def ending(self, *more: Any) -> Given:
        return given(made(entity=FUND)).and_of(
            OTHER, made("2022-0007", **matching(count=1)), offered(MATCH, PLEDGE), *more
        )

    @pytest.mark.parametrize("so_far", [(), (accepted, events.PledgeMatched())])
    def test_a_withdrawn_pledge_withdraws_what_it_offered(self, so_far: tuple[Any, ...]) -> None:
        (order,) = self.ending(*so_far).when(WithdrawPledge, DONOR, reason=WHY).follow
        assert (order.pledge_id, order.match) == (OTHER, MATCH)
        assert "2022-0042, is withdrawn" in order.reason

    def test_a_lapsed_pledge_does_so_too(self) -> None:
        (order,) = self.ending().when(LapsePledge, SECRETARIAT, reason=WHY).follow
        assert order.authority == Authority(kind="closure", reference="2022-0042")

    def test_what_no_longer_stands_is_left_alone(self) -> None:
        life = self.ending(events.MatchDeclined(match=MATCH, reason=WHY))
        assert life.when(WithdrawPledge, DONOR, reason=WHY).follow == ()

    def test_the_command_that_follows_is_carried_out(self) -> None:
        life = self.ending(accepted, events.PledgeMatched())
        (order,) = life.when(WithdrawPledge, SECRETARIAT, reason=WHY, authority=NOTE).follow
        swapped = given(made("2022-0007", **matching(count=1)), offered(), accepted, events.PledgeMatched())
        swapped.and_of(OTHER, made("2022-0042", entity=FUND), withdrawn)
        outcome = swapped.when(
            WithdrawMatch, SECRETARIAT, match=order.match, reason=order.reason, authority=order.authority
        )
        outcome.then_names("match-withdrawn", "unmatched").then_acts("secretariat", on_behalf_of=FUND)
