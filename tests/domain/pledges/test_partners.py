from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import events
from domain.pledges.commands import (
    AcceptInvitation,
    AmendPledge,
    CancelInvitation,
    CorrectReport,
    DeclineInvitation,
    HandOverLead,
    InvitePartner,
    LeavePledge,
    ReportProgress,
)
from domain.pledges.content import Changes, Part, Target
from domain.pledges.document import document, public_document
from domain.pledges.measure import measured_percent, part_percents, status
from tests.domain.pledges.life import (
    FORMERLY_MALTA,
    GHANA,
    GHANAIAN,
    KENYA,
    MALTA,
    MALTESE,
    NOTE,
    OWNER,
    SECRETARIAT,
    STRANGER,
    TODAY,
    TRAINED,
    UNKNOWN,
    actor,
    at,
    euros,
    fulfilled,
    given,
    joined,
    joint,
    lapsed,
    made,
    matching,
    measured,
    pledge_of,
    reported,
    submitted,
    withdrawn,
)

invited = events.PartnerInvited(entity=GHANA)
declined = events.PartnerDeclined(entity=GHANA)
WHY = "A change of plans"
NOT_OPEN = [(withdrawn, "pledge-closed"), (lapsed, "pledge-closed"), (fulfilled, "pledge-fulfilled")]


class TestInvitePartner:
    @pytest.mark.parametrize("kind", ["common", "partnership"])
    def test_says_who_was_asked(self, kind: str) -> None:
        outcome = given(made(type=kind)).when(InvitePartner, entity=GHANA).then(invited)
        assert public_document(document(outcome.pledge))["partners"] == []

    def test_says_it_from_submission_on(self) -> None:
        given(submitted(type="common")).when(InvitePartner, entity=GHANA).then(invited)

    def test_says_it_again_to_who_declined_or_left(self) -> None:
        given(joint(), invited, declined).when(InvitePartner, entity=GHANA).then(invited)
        outcome = given(joint(), joined(GHANA), events.PartnerLeft(entity=GHANA, reason=WHY)).when(
            InvitePartner, entity=GHANA
        )
        assert [partner.state for partner in outcome.pledge.partners] == ["left", "invited"]

    def test_says_it_to_a_co_pledger_that_a_source_named(self) -> None:
        outcome = given(joint(named=(GHANA,))).when(InvitePartner, entity=GHANA).then(invited)
        assert [partner.state for partner in outcome.pledge.partners] == ["invited"]

    def test_says_the_entity_that_another_was_merged_into(self) -> None:
        given(joint()).when(InvitePartner, entity=FORMERLY_MALTA).then(events.PartnerInvited(entity=MALTA))

    @pytest.mark.parametrize("fields", [{"type": "individual"}, matching(), {"type": None}])
    def test_refuses_a_pledge_that_is_not_joint(self, fields: dict[str, Any]) -> None:
        given(made(**fields)).when(InvitePartner, entity=GHANA).then_refuses(Refused, "not-joint")

    def test_refuses_whom_the_register_does_not_know(self) -> None:
        given(joint()).when(InvitePartner, entity=UNKNOWN).then_refuses(InvalidInput, entity="not a known")
        given(joint()).when(InvitePartner, entity=KENYA).then_refuses(InvalidInput, entity="own entity")

    @pytest.mark.parametrize(("end", "code"), NOT_OPEN)
    def test_refuses_a_pledge_that_is_not_open(self, end: events.Fact, code: str) -> None:
        given(joint(), end).when(InvitePartner, entity=GHANA).then_refuses(Refused, code)

    def test_refuses_all_but_the_lead(self) -> None:
        given(joint(), joined(GHANA)).when(InvitePartner, GHANAIAN, entity=MALTA).then_refuses(NotPermitted)
        given(joint()).when(InvitePartner, SECRETARIAT, entity=MALTA).then_refuses(
            NotPermitted, "authority-required"
        )

    def test_stays_quiet_when_it_was_asked_or_takes_part(self) -> None:
        given(joint(), invited).when(InvitePartner, entity=GHANA).then_nothing()
        given(joint(), joined(GHANA)).when(InvitePartner, entity=GHANA).then_nothing()


class TestAcceptInvitation:
    def test_says_what_the_partner_will_do_itself(self) -> None:
        part = Part(
            description="Train in Accra", targets=(Target(description="A course"),), amount=euros("5")
        )
        outcome = given(joint(), invited).when(AcceptInvitation, GHANAIAN, entity=GHANA, part=part)
        numbered = Part(
            description="Train in Accra",
            targets=(Target(id="t1", description="A course"),),
            amount=euros("5"),
        )
        outcome.then(
            events.PartnerJoined(entity=GHANA, part=numbered, percent_before=0, percent_after=0, number=1)
        )
        outcome.then_acts("pledger", GHANA)
        (partner,) = public_document(document(outcome.pledge))["partners"]
        assert (partner["state"], partner["percent"]) == ("joined", 0)

    def test_says_the_percent_before_and_after(self) -> None:
        life = given(joint(), invited, reported(41))
        outcome = life.when(AcceptInvitation, GHANAIAN, entity=GHANA)
        outcome.then(events.PartnerJoined(entity=GHANA, percent_before=41, percent_after=20, number=1))

    def test_says_it_before_publication(self) -> None:
        given(submitted(type="common"), invited).when(AcceptInvitation, GHANAIAN, entity=GHANA).then(
            events.PartnerJoined(entity=GHANA, number=1)
        )

    def test_says_its_place_among_those_who_were_asked(self) -> None:
        asked_again = (invited, declined, events.PartnerInvited(entity=MALTA), invited)
        outcome = given(joint(), *asked_again).when(AcceptInvitation, GHANAIAN, entity=GHANA)
        assert outcome.said.facts[0].number == 3

    def test_says_it_in_the_place_of_the_partner(self) -> None:
        outcome = given(joint(), invited).when(AcceptInvitation, SECRETARIAT, entity=GHANA, authority=NOTE)
        outcome.then_names("partner-joined").then_acts("secretariat", on_behalf_of=GHANA)

    def test_says_it_for_an_entity_that_was_merged(self) -> None:
        life = given(joint(), events.PartnerInvited(entity=FORMERLY_MALTA))
        outcome = life.when(AcceptInvitation, MALTESE, entity=MALTA)
        outcome.then_acts("pledger", MALTA)
        assert outcome.said.facts[0].entity == FORMERLY_MALTA

    def test_says_it_of_a_co_pledger_that_a_source_named(self) -> None:
        given(joint(named=(GHANA,))).when(AcceptInvitation, GHANAIAN, entity=GHANA).then_names(
            "partner-joined"
        )

    def test_refuses_the_lead_and_strangers(self) -> None:
        life = given(joint(), invited)
        for somebody in (OWNER, STRANGER, MALTESE):
            life.when(AcceptInvitation, somebody, entity=GHANA).then_refuses(NotPermitted, "forbidden")

    def test_refuses_to_tell_strangers_who_was_invited(self) -> None:
        for life in (given(joint(), invited), given(joint())):
            life.when(AcceptInvitation, STRANGER, entity=GHANA).then_refuses(NotPermitted)

    def test_refuses_who_was_not_invited(self) -> None:
        given(joint()).when(AcceptInvitation, GHANAIAN, entity=GHANA).then_refuses(NotFound)
        for answer in (declined, events.PartnerUninvited(entity=GHANA)):
            given(joint(), invited, answer).when(AcceptInvitation, GHANAIAN, entity=GHANA).then_refuses(
                Refused, f"partner-{'declined' if answer is declined else 'uninvited'}"
            )

    def test_refuses_a_part_that_cannot_be(self) -> None:
        part = Part(forms=("policy", "policy"), targets=(Target(target="5"),), due_on="2027-13")
        given(joint(), invited).when(AcceptInvitation, GHANAIAN, entity=GHANA, part=part).then_refuses(
            InvalidInput,
            part__forms="duplicates",
            part__targets__0__unit="what the number",
            part__due_on="calendar",
        )

    @pytest.mark.parametrize(("end", "code"), NOT_OPEN)
    def test_refuses_a_pledge_that_is_not_open(self, end: events.Fact, code: str) -> None:
        given(joint(), invited, end).when(AcceptInvitation, GHANAIAN, entity=GHANA).then_refuses(
            Refused, code
        )

    def test_stays_quiet_when_it_takes_part(self) -> None:
        given(joint(), joined(GHANA)).when(AcceptInvitation, GHANAIAN, entity=GHANA).then_nothing()


class TestDeclineInvitation:
    def test_says_no_and_that_is_never_public(self) -> None:
        outcome = given(joint(), invited).when(DeclineInvitation, GHANAIAN, entity=GHANA, reason=WHY)
        outcome.then(events.PartnerDeclined(entity=GHANA, reason=WHY))
        assert public_document(document(outcome.pledge))["partners"] == []

    def test_says_no_without_a_reason_and_before_publication(self) -> None:
        life = given(submitted(type="common"), invited)
        life.when(DeclineInvitation, GHANAIAN, entity=GHANA).then(declined)

    def test_refuses_all_but_the_partner(self) -> None:
        life = given(joint(), invited)
        life.when(DeclineInvitation, OWNER, entity=GHANA).then_refuses(NotPermitted)
        life.when(DeclineInvitation, SECRETARIAT, entity=GHANA).then_refuses(
            NotPermitted, "authority-required"
        )

    def test_refuses_who_takes_part(self) -> None:
        given(joint(), joined(GHANA)).when(DeclineInvitation, GHANAIAN, entity=GHANA).then_refuses(
            Refused, "partner-joined"
        )
        given(joint()).when(DeclineInvitation, GHANAIAN, entity=GHANA).then_refuses(NotFound)

    def test_stays_quiet_when_it_said_no(self) -> None:
        given(joint(), invited, declined).when(DeclineInvitation, GHANAIAN, entity=GHANA).then_nothing()


class TestLeavePledge:
    def test_says_why_and_the_percent_before_and_after(self) -> None:
        life = given(joint(), joined(GHANA), reported(40))
        outcome = life.when(LeavePledge, GHANAIAN, entity=GHANA, reason=WHY)
        outcome.then(events.PartnerLeft(entity=GHANA, reason=WHY, percent_before=20, percent_after=40))
        assert measured_percent(outcome.pledge) == 40

    def test_says_that_progress_fell_back_to_nothing(self) -> None:
        life = given(joint(), joined(GHANA), reported(40, part=1))
        outcome = life.when(LeavePledge, GHANAIAN, entity=GHANA, reason=WHY)
        outcome.then_names("partner-left", "progress-reverted")
        assert status(outcome.pledge) == "made"

    def test_says_it_before_publication(self) -> None:
        life = given(submitted(type="common"), joined(GHANA))
        life.when(LeavePledge, GHANAIAN, entity=GHANA, reason=WHY).then_names("partner-left")

    def test_refuses_without_a_reason(self) -> None:
        given(joint(), joined(GHANA)).when(LeavePledge, GHANAIAN, entity=GHANA, reason="").then_refuses(
            InvalidInput, reason="say why"
        )

    def test_refuses_who_does_not_take_part(self) -> None:
        given(joint(), invited).when(LeavePledge, GHANAIAN, entity=GHANA, reason=WHY).then_refuses(
            Refused, "partner-invited"
        )
        given(joint()).when(LeavePledge, OWNER, entity=KENYA, reason=WHY).then_refuses(NotFound)

    def test_refuses_all_but_the_partner(self) -> None:
        given(joint(), joined(GHANA)).when(LeavePledge, OWNER, entity=GHANA, reason=WHY).then_refuses(
            NotPermitted
        )

    @pytest.mark.parametrize(("end", "code"), NOT_OPEN)
    def test_refuses_a_pledge_that_is_not_open(self, end: events.Fact, code: str) -> None:
        life = given(joint(), joined(GHANA), end)
        life.when(LeavePledge, GHANAIAN, entity=GHANA, reason=WHY).then_refuses(Refused, code)

    def test_stays_quiet_when_it_left(self) -> None:
        life = given(joint(), joined(GHANA), events.PartnerLeft(entity=GHANA, reason=WHY))
        life.when(LeavePledge, GHANAIAN, entity=GHANA, reason=WHY).then_nothing()


class TestCancelInvitation:
    def test_says_that_it_is_no_longer_invited(self) -> None:
        given(joint(), invited).when(CancelInvitation, entity=GHANA, reason=WHY).then(
            events.PartnerUninvited(entity=GHANA, reason=WHY)
        )

    def test_refuses_once_it_answered(self) -> None:
        given(joint(), joined(GHANA)).when(CancelInvitation, entity=GHANA).then_refuses(
            Refused, "partner-joined"
        )
        given(joint(), invited, declined).when(CancelInvitation, entity=GHANA).then_refuses(
            Refused, "partner-declined"
        )
        given(joint()).when(CancelInvitation, entity=GHANA).then_refuses(NotFound)

    def test_refuses_all_but_the_lead(self) -> None:
        given(joint(), invited).when(CancelInvitation, GHANAIAN, entity=GHANA).then_refuses(NotPermitted)

    def test_refuses_a_pledge_that_is_closed(self) -> None:
        given(joint(), invited, withdrawn).when(CancelInvitation, entity=GHANA).then_refuses(
            Refused, "pledge-closed"
        )

    def test_stays_quiet_when_it_was_cancelled(self) -> None:
        life = given(joint(), invited, events.PartnerUninvited(entity=GHANA))
        life.when(CancelInvitation, entity=GHANA).then_nothing()


class TestHandOverLead:
    def test_says_that_lead_and_partner_change_places(self) -> None:
        life = given(
            joint(targets=(TRAINED,)),
            joined(GHANA, targets=(TRAINED,)),
            measured("120"),
            reported(30, part=1),
        )
        before = life.pledge
        outcome = life.when(HandOverLead, entity=GHANA, reason=WHY)
        outcome.then(events.LeadTransferred(old_lead=KENYA, new_lead=GHANA, reason=WHY))
        after = outcome.pledge
        assert before is not None
        assert (after.owner, [p.entity for p in after.partners]) == (GHANA, [KENYA])
        assert (status(after), measured_percent(after)) == (status(before), measured_percent(before))
        assert part_percents(before) == {0: 50, 1: 0}
        assert part_percents(after) == {0: 0, 1: 50}

    def test_says_what_the_new_lead_amends_though_the_submission_named_it_a_partner(self) -> None:
        life = given(
            joint(partners=(GHANA,)),
            joined(GHANA),
            events.LeadTransferred(old_lead=KENYA, new_lead=GHANA, reason=WHY),
        )
        changes = Changes(title="Train officials of both")
        life.when(AmendPledge, GHANAIAN, changes=changes, reason=WHY).then(
            events.PledgeAmended(changes=changes, reason=WHY)
        )

    def test_says_nothing_for_either_of_them_afterwards(self) -> None:
        life = given(
            joint(targets=(TRAINED,)), joined(GHANA), measured("120"),
            events.LeadTransferred(old_lead=KENYA, new_lead=GHANA, reason=WHY),
        )  # fmt: skip
        life.when(AmendPledge, OWNER, changes=Changes(title="Mine"), reason=WHY).then_refuses(NotPermitted)
        life.when(AmendPledge, GHANAIAN, changes=Changes(title="Ours"), reason=WHY).then_names("amended")
        wrong = {"report": at(4), "reason": WHY, "effective_on": TODAY, "narrative": "No"}
        life.when(CorrectReport, GHANAIAN, **wrong).then_refuses(NotPermitted)
        life.when(CorrectReport, OWNER, **wrong).then_names("progress-corrected", "progress-reverted")
        outcome = life.when(ReportProgress, OWNER, effective_on=TODAY, narrative="Still at it")
        assert outcome.said.facts[0].part == 1

    def test_says_it_for_both_by_an_authority(self) -> None:
        outcome = given(made(), reported(40)).when(
            HandOverLead, SECRETARIAT, entity=GHANA, reason=WHY, authority=NOTE
        )
        outcome.then_names("lead-transferred").then_acts("secretariat", on_behalf_of=KENYA)
        assert (outcome.pledge.owner, measured_percent(outcome.pledge)) == (GHANA, 40)

    def test_says_it_for_one_who_speaks_for_both(self) -> None:
        both = actor(811, "pledger", KENYA)
        both = type(both)(account=both.account, grants=(*both.grants, *GHANAIAN.grants))
        life = given(joint(), invited)
        outcome = life.when(HandOverLead, both, entity=GHANA, reason=WHY).then_names("lead-transferred")
        assert [partner.state for partner in outcome.pledge.partners] == ["uninvited"]

    def test_refuses_who_has_not_joined(self) -> None:
        for so_far in ((joint(),), (joint(), invited), (joint(named=(GHANA,)),)):
            given(*so_far).when(HandOverLead, entity=GHANA, reason=WHY).then_refuses(
                Refused, "partner-not-joined"
            )

    def test_refuses_whom_the_register_does_not_know(self) -> None:
        given(joint()).when(HandOverLead, entity=UNKNOWN, reason=WHY).then_refuses(
            InvalidInput, entity="not a known"
        )

    def test_refuses_all_but_the_lead(self) -> None:
        life = given(joint(), joined(GHANA))
        life.when(HandOverLead, GHANAIAN, entity=GHANA, reason=WHY).then_refuses(NotPermitted)
        life.when(HandOverLead, entity=GHANA, reason="").then_refuses(InvalidInput, reason="say why")

    @pytest.mark.parametrize(("end", "code"), NOT_OPEN)
    def test_refuses_a_pledge_that_is_not_open(self, end: events.Fact, code: str) -> None:
        life = given(joint(), joined(GHANA), end)
        life.when(HandOverLead, entity=GHANA, reason=WHY).then_refuses(Refused, code)

    def test_stays_quiet_when_it_has_the_lead(self) -> None:
        given(joint()).when(HandOverLead, entity=KENYA, reason=WHY).then_nothing()


def test_a_partner_that_comes_back_begins_a_new_part() -> None:
    pledge = pledge_of(
        joint(),
        joined(GHANA),
        reported(80, part=1),
        events.PartnerLeft(entity=GHANA, reason=WHY),
        joined(GHANA),
    )
    assert part_percents(pledge) == {0: 0, 2: 0}
    assert pledge.part_number(GHANA) == 2


class TestPartnersThatWereMerged:
    """An entity that was merged into another stands in two places; each is answered for by itself."""

    both = (joint(), joined(FORMERLY_MALTA), joined(MALTA))

    def test_each_place_can_be_left(self) -> None:
        once = given(*self.both, events.PartnerLeft(entity=MALTA, reason=WHY))
        once.when(LeavePledge, MALTESE, entity=MALTA, reason=WHY).then(
            events.PartnerLeft(entity=FORMERLY_MALTA, reason=WHY, percent_before=0, percent_after=0)
        )

    def test_an_invitation_beside_a_place_is_declined_or_cancelled_and_never_taken_twice(self) -> None:
        life = given(joint(), joined(FORMERLY_MALTA), events.PartnerInvited(entity=MALTA))
        life.when(AcceptInvitation, MALTESE, entity=MALTA, part=Part()).then_nothing()
        life.when(CancelInvitation, entity=MALTA).then(events.PartnerUninvited(entity=MALTA))
        life = given(joint(), events.PartnerInvited(entity=MALTA), joined(FORMERLY_MALTA))
        life.when(DeclineInvitation, MALTESE, entity=MALTA).then(events.PartnerDeclined(entity=MALTA))

    def test_the_lead_passes_to_the_place_that_has_joined(self) -> None:
        life = given(joint(), joined(FORMERLY_MALTA), events.PartnerInvited(entity=MALTA))
        life.when(HandOverLead, entity=MALTA, reason=WHY).then(
            events.LeadTransferred(old_lead=KENYA, new_lead=FORMERLY_MALTA, reason=WHY)
        )

    def test_who_was_merged_into_the_lead_does_not_join_it(self) -> None:
        life = given(joint(entity=MALTA), events.PartnerInvited(entity=FORMERLY_MALTA))
        life.when(AcceptInvitation, MALTESE, entity=FORMERLY_MALTA, part=Part()).then_refuses(
            Refused, "partner-leads"
        )
