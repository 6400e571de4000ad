from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import events
from domain.pledges.commands import (
    PublishPledge,
    RecallPledge,
    RecordPledge,
    RejectPledge,
    ReturnPledge,
    SubmitPledge,
)
from domain.pledges.content import Part, Source, Target
from domain.pledges.measure import percent, status
from domain.recording import Authority
from domain.values import ERASED, rfc3339
from tests.domain.pledges.life import (
    AUDITOR,
    BY_IMPORT,
    CITY,
    FORMERLY_MALTA,
    GHANA,
    GHANAIAN,
    KENYA,
    MALTA,
    MALTESE,
    NOTE,
    OTHER,
    OWNER,
    SECRETARIAT,
    STRANGER,
    THEN,
    TODAY,
    TRAINED,
    UNKNOWN,
    content,
    given,
    made,
    matching,
    reported,
    submitted,
    withdrawn,
)

TYPES = {
    "individual": {},
    "common": {"type": "common", "partners": (GHANA,)},
    "partnership": {"type": "partnership", "partners": (GHANA, MALTA)},
    "matching": matching(),
}

returned = events.PledgeReturned(reason="Say by when")
recalled = events.PledgeRecalled()
rejected = events.PledgeRejected(reason="About refugees", code="refugee-compact")


class TestSubmitPledge:
    @pytest.mark.parametrize("kind", TYPES)
    def test_says_what_was_handed_in_and_invites_each_partner(self, kind: str) -> None:
        handed_in = content(**TYPES[kind])
        outcome = given().when(SubmitPledge, content=handed_in)
        outcome.then(
            events.PledgeSubmitted(content=handed_in),
            *(events.PartnerInvited(entity=partner) for partner in handed_in.partners),
        )
        outcome.then_acts("pledger", entity=KENYA)
        assert status(outcome.pledge) == "submitted"

    def test_says_it_again_after_a_return(self) -> None:
        outcome = given(submitted(), returned).when(SubmitPledge, content=content(due_on="2029"))
        outcome.then(events.PledgeSubmitted(content=content(due_on="2029")))
        assert (status(outcome.pledge), outcome.pledge.return_reason) == ("submitted", None)

    def test_says_it_again_after_a_recall(self) -> None:
        given(submitted(), recalled).when(SubmitPledge, content=content()).then_names("submitted")

    def test_says_the_same_again_after_a_return(self) -> None:
        given(submitted(), returned).when(SubmitPledge, content=content()).then_names("submitted")

    def test_says_it_in_the_place_of_the_owner(self) -> None:
        outcome = given().when(SubmitPledge, SECRETARIAT, content=content(), authority=NOTE)
        outcome.then_names("submitted").then_acts("secretariat", on_behalf_of=KENYA)

    def test_says_which_targets_there_are(self) -> None:
        targets = (Target(description="In words"), TRAINED)
        outcome = given().when(SubmitPledge, content=content(targets=targets))
        assert [target.id for target in outcome.pledge.content.targets] == ["t2", "t1"]

    def test_says_the_entity_that_another_was_merged_into(self) -> None:
        outcome = given().when(
            SubmitPledge, MALTESE, content=content(entity=FORMERLY_MALTA, type="common", partners=(GHANA,))
        )
        assert outcome.then_acts("pledger", entity=MALTA).pledge.owner == MALTA

    def test_says_nothing_to_partners_that_answered_before(self) -> None:
        partners = {"type": "common", "partners": (GHANA, MALTA)}
        life = given(
            submitted(**partners), events.PartnerInvited(entity=GHANA), events.PartnerInvited(entity=MALTA),
            events.PartnerJoined(entity=GHANA), events.PartnerDeclined(entity=MALTA), returned,
        )  # fmt: skip
        life.when(SubmitPledge, content=content(**partners)).then_names("submitted")

    def test_says_that_a_partner_no_longer_named_is_not_invited(self) -> None:
        life = given(
            submitted(type="common", partners=(GHANA,)), events.PartnerInvited(entity=GHANA), returned
        )
        outcome = life.when(SubmitPledge, content=content(type="common", partners=(MALTA,)))
        outcome.then_names("submitted", "partner-invited", "partner-uninvited")
        assert [partner.state for partner in outcome.pledge.partners] == ["uninvited", "invited"]

    def test_says_less_if_it_was_imported(self) -> None:
        bare = content(description=None, forms=(), objectives=(), due_on=None, source=Source(ref="GCMP-001"))
        given().when(SubmitPledge, SECRETARIAT, content=bare, authority=BY_IMPORT).then_names("submitted")

    def test_says_text_without_white_space_at_its_ends_and_a_title_on_one_line(self) -> None:
        said = content(title="  Train \r\n\n officials \n", seeking=" ", scope_in_words="All\r\nof it")
        found = given().when(SubmitPledge, content=said).pledge.content
        assert (found.title, found.seeking, found.scope_in_words) == ("Train officials", None, "All\nof it")

    def test_refuses_what_the_form_does_not_allow(self) -> None:
        given().when(
            SubmitPledge,
            content=content(description="Short", forms=(), objectives=(), due_on=None, type=None),
        ).then_refuses(
            InvalidInput,
            description="300",
            forms="at least one",
            objectives="at least one",
            principles="at least one",
            due_on="must be given",
            type="must be said",
        )

    def test_refuses_a_day_in_the_past(self) -> None:
        given().when(SubmitPledge, content=content(due_on="2026-10")).then_refuses(
            InvalidInput, due_on="before today"
        )
        given().when(SubmitPledge, content=content(due_on="2026-11")).then_names("submitted")

    def test_refuses_matching_without_terms(self) -> None:
        given().when(SubmitPledge, content=content(type="matching")).then_refuses(
            InvalidInput, terms="needs terms", matches="needs terms"
        )

    def test_refuses_control_characters_wherever_they_are(self) -> None:
        given().when(SubmitPledge, content=content(actions=("ok", "no\0"))).then_refuses(
            InvalidInput, actions__1="control characters"
        )

    def test_refuses_whoever_is_no_pledger_of_the_entity(self) -> None:
        given().when(SubmitPledge, STRANGER, content=content()).then_refuses(NotPermitted, "forbidden")

    def test_refuses_the_secretariat_without_an_authority(self) -> None:
        given().when(SubmitPledge, SECRETARIAT, content=content()).then_refuses(
            NotPermitted, "authority-required"
        )

    def test_refuses_an_authority_that_cannot_be_found_again(self) -> None:
        given().when(
            SubmitPledge,
            SECRETARIAT,
            content=content(),
            authority=Authority(kind="hearsay", date="2027-01-01"),
        ).then_refuses(InvalidInput, authority__kind="one of", authority__date="future")
        given().when(
            SubmitPledge, SECRETARIAT, content=content(), authority=Authority(kind="email")
        ).then_refuses(InvalidInput, authority__reference="found again")

    def test_refuses_another_owner(self) -> None:
        given(submitted(), returned).when(SubmitPledge, content=content(entity=GHANA)).then_refuses(
            InvalidInput, entity="cannot change"
        )

    def test_refuses_a_source_that_no_import_named(self) -> None:
        given().when(SubmitPledge, content=content(source=Source(ref="X-1"))).then_refuses(
            InvalidInput, source="imports"
        )
        again = given(submitted(source=Source(ref="X-1")), returned)
        again.when(SubmitPledge, content=content(source=Source(ref="X-1"))).then_names("submitted")

    @pytest.mark.parametrize(
        ("so_far", "code"),
        [
            ((submitted(),), "pledge-submitted"),
            ((submitted(), rejected), "pledge-rejected"),
            ((made(),), "pledge-public"),
        ],
    )
    def test_refuses_a_pledge_that_is_no_working_paper(self, so_far: tuple[object, ...], code: str) -> None:
        given(*so_far).when(SubmitPledge, content=content(title="Another")).then_refuses(Refused, code)

    def test_refuses_to_say_that_there_is_such_a_submission(self) -> None:
        given(submitted()).when(SubmitPledge, STRANGER, content=content()).then_refuses(NotFound)

    def test_stays_quiet_when_it_was_handed_in_already(self) -> None:
        given(submitted()).when(SubmitPledge, content=content()).then_nothing()


class TestRecallPledge:
    def test_says_that_it_is_a_working_paper_again(self) -> None:
        outcome = given(submitted()).when(RecallPledge).then(recalled)
        assert status(outcome.pledge) == "draft"

    def test_refuses_once_it_was_decided_on(self) -> None:
        for decided in (returned, rejected):
            given(submitted(), decided).when(RecallPledge).then_refuses(Refused, "not-submitted")
        given(made()).when(RecallPledge).then_refuses(Refused, "not-submitted")

    def test_refuses_all_but_the_owner(self) -> None:
        given(submitted()).when(RecallPledge, STRANGER).then_refuses(NotFound)
        given(submitted()).when(RecallPledge, AUDITOR).then_refuses(NotPermitted, "forbidden")
        given(submitted()).when(RecallPledge, SECRETARIAT).then_refuses(NotPermitted, "authority-required")

    def test_refuses_invited_partners_a_look_at_the_working_paper(self) -> None:
        asked = submitted(type="common", partners=(GHANA,)), events.PartnerInvited(entity=GHANA)
        given(*asked).when(RecallPledge, GHANAIAN).then_refuses(NotPermitted)
        given(*asked, recalled).when(RecallPledge, GHANAIAN).then_refuses(NotFound)

    def test_stays_quiet_when_it_was_recalled(self) -> None:
        given(submitted(), recalled).when(RecallPledge).then_nothing()


class TestReturnPledge:
    def test_says_why_and_in_which_fields(self) -> None:
        outcome = given(submitted()).when(
            ReturnPledge,
            SECRETARIAT,
            reason="Say more",
            fields={"due_on": "By when?", "targets.0.unit": "Of what?"},
        )
        outcome.then(
            events.PledgeReturned(
                reason="Say more", fields={"due_on": "By when?", "targets.0.unit": "Of what?"}
            )
        )
        assert status(outcome.pledge) == "returned"

    def test_refuses_without_a_reason_or_for_fields_that_are_none(self) -> None:
        life = given(submitted())
        life.when(ReturnPledge, SECRETARIAT, reason=" ").then_refuses(InvalidInput, reason="say why")
        life.when(
            ReturnPledge, SECRETARIAT, reason="So", fields={"colour": "Red?", "title": ""}
        ).then_refuses(InvalidInput, fields__colour="not a field", fields__title="what to change")

    @pytest.mark.parametrize("name", ["title.Jane Doe", "targets.0.", "title.é", "targets.0.1.2.3.4"])
    def test_refuses_names_of_fields_that_could_be_words(self, name: str) -> None:
        """They are kept as keys, and keys cannot be erased."""
        life = given(submitted())
        life.when(ReturnPledge, SECRETARIAT, reason="So", fields={name: "Red?"}).then_refuses(InvalidInput)

    def test_refuses_what_does_not_wait_for_review(self) -> None:
        given(made()).when(ReturnPledge, SECRETARIAT, reason="So").then_refuses(Refused, "not-submitted")
        given().when(ReturnPledge, SECRETARIAT, reason="So").then_refuses(NotFound)

    def test_refuses_all_but_the_secretariat(self) -> None:
        given(submitted()).when(ReturnPledge, OWNER, reason="So").then_refuses(NotPermitted)

    def test_stays_quiet_when_it_was_returned(self) -> None:
        given(submitted(), returned).when(ReturnPledge, SECRETARIAT, reason="Say by when").then_nothing()


class TestRejectPledge:
    def test_says_why_and_of_which_sort_the_reason_is(self) -> None:
        outcome = given(submitted()).when(
            RejectPledge, SECRETARIAT, reason="About refugees", code="refugee-compact"
        )
        outcome.then(rejected)
        assert (status(outcome.pledge), outcome.pledge.rejection_code) == ("rejected", "refugee-compact")

    def test_refuses_a_code_that_there_is_not(self) -> None:
        given(submitted()).when(RejectPledge, SECRETARIAT, reason="So", code="boring").then_refuses(
            InvalidInput, code="one of"
        )

    def test_refuses_what_does_not_wait_for_review(self) -> None:
        given(submitted(), returned).when(RejectPledge, SECRETARIAT, reason="So").then_refuses(
            Refused, "not-submitted"
        )
        given(made()).when(RejectPledge, SECRETARIAT, reason="So").then_refuses(Refused, "not-submitted")

    def test_refuses_all_but_the_secretariat(self) -> None:
        given(submitted()).when(RejectPledge, OWNER, reason="So").then_refuses(NotPermitted)

    def test_stays_quiet_when_it_was_rejected(self) -> None:
        given(submitted(), rejected).when(RejectPledge, SECRETARIAT, reason="So").then_nothing()


class TestPublishPledge:
    @pytest.mark.parametrize("kind", TYPES)
    def test_says_that_it_was_made_today(self, kind: str) -> None:
        outcome = given(submitted(**TYPES[kind])).when(PublishPledge, SECRETARIAT)
        said = events.Published(content=content(**{**TYPES[kind], "partners": ()}), recorded_at=rfc3339(THEN))
        outcome.then(events.PledgeMade(reference="2026-0001", cycle=2026, made_on=TODAY, published=said))
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("made", 0)
        assert outcome.pledge.content == content(**TYPES[kind])

    def test_says_of_partners_what_everybody_may_know(self) -> None:
        """So that who may not see what was before can still tell how it stands."""
        life = (
            submitted(type="common", partners=(GHANA, MALTA), named=(CITY,)),
            events.PartnerInvited(entity=GHANA),
            events.PartnerInvited(entity=MALTA),
            events.PartnerJoined(entity=MALTA, part=Part(description="Ships"), number=3),
        )
        outcome = given(*life).when(PublishPledge, SECRETARIAT)
        (fact,) = outcome.said.facts
        assert [(one.number, one.entity, one.state) for one in fact.published.partners] == [
            (1, CITY, "named"),
            (3, MALTA, "joined"),
        ]
        assert str(GHANA) not in str(fact)
        assert [partner.state for partner in outcome.pledge.partners] == ["named", "invited", "joined"]
        assert outcome.pledge.content.partners == (GHANA, MALTA)

    def test_refuses_what_has_lost_words_by_law(self) -> None:
        for lost in ({"title": ERASED}, {"targets": (Target(description=ERASED),)}):
            outcome = given(submitted(**lost)).when(PublishPledge, SECRETARIAT)
            outcome.then_refuses(Refused, "words-erased")

    def test_says_the_cycle_that_was_given(self) -> None:
        outcome = given(submitted(cycle=2022)).when(PublishPledge, SECRETARIAT)
        assert (outcome.pledge.reference, outcome.pledge.cycle) == ("2022-0001", 2022)

    def test_says_when_the_source_says_it_was_made(self) -> None:
        sheet = submitted(source=Source(ref="X-1"), made_on="2022-05", due_on="2024")
        outcome = given(sheet).when(PublishPledge, SECRETARIAT)
        (fact,) = outcome.then_names("made").said.facts
        assert (fact.reference, fact.cycle, fact.made_on) == ("2022-0001", 2022, "2022-05")
        assert outcome.said.effective_on == "2022-05"

    def test_says_that_it_offers_itself_to_the_pledge_it_matches(self) -> None:
        answer = submitted(type="matching", matches=OTHER)
        outcome = given(answer).and_of(OTHER, made(**matching())).when(PublishPledge, SECRETARIAT)
        (offer,) = outcome.follow
        assert (offer.pledge_id, offer.offering) == (OTHER, outcome.pledge.id)
        assert offer.authority == Authority(kind="publication", reference="2026-0001")

    @pytest.mark.parametrize("end", [withdrawn, events.PledgeFulfilled(reason="Done")])
    def test_says_no_offer_to_a_pledge_that_asks_no_more(self, end: events.Fact) -> None:
        answer = submitted(type="matching", matches=OTHER)
        given(answer).and_of(OTHER, made(**matching()), end).when(PublishPledge, SECRETARIAT).then_names(
            "made"
        )
        life = given(answer).and_of(OTHER, made(**matching(deadline="2026-10")))
        assert life.when(PublishPledge, SECRETARIAT).follow == ()

    def test_refuses_what_does_not_wait_for_review(self) -> None:
        for before in (recalled, returned, rejected):
            given(submitted(), before).when(PublishPledge, SECRETARIAT).then_refuses(Refused, "not-submitted")

    def test_refuses_when_the_due_day_has_passed_meanwhile(self) -> None:
        late = datetime(2029, 1, 1, tzinfo=UTC)
        given(submitted()).when(PublishPledge, SECRETARIAT, late).then_refuses(Refused, "due-date-passed")

    def test_refuses_all_but_the_secretariat(self) -> None:
        given(submitted()).when(PublishPledge, OWNER).then_refuses(NotPermitted)

    def test_stays_quiet_when_it_is_public(self) -> None:
        given(made()).when(PublishPledge, SECRETARIAT).then_nothing()


class TestRecordPledge:
    @pytest.mark.parametrize("kind", TYPES)
    def test_says_that_it_was_made_in_the_past(self, kind: str) -> None:
        recorded = content(**TYPES[kind], made_on="2022-05-17")
        told = content(**{**TYPES[kind], "partners": ()}, made_on="2022-05-17")
        outcome = given().when(RecordPledge, SECRETARIAT, content=recorded, authority=NOTE)
        outcome.then(
            events.PledgeMade(reference="2022-0001", cycle=2022, made_on="2022-05-17", content=told),
            *(events.PartnerInvited(entity=partner) for partner in recorded.partners),
            on="2022-05-17",
        )
        outcome.then_acts("secretariat", on_behalf_of=KENYA)
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("made", 0)

    def test_says_what_is_known_and_guesses_nothing(self) -> None:
        bare = content(type=None, description=None, forms=(), objectives=(), due_on=None, named=(GHANA,))
        outcome = (
            given().when(RecordPledge, SECRETARIAT, content=bare, authority=BY_IMPORT).then_names("made")
        )
        assert (outcome.pledge.made_on, outcome.pledge.cycle) == (None, 2022)
        assert [partner.state for partner in outcome.pledge.partners] == ["named"]

    def test_says_numbers_that_were_never_given(self) -> None:
        life = given().and_of(OTHER, events.PledgeMade(reference="2022-0001", cycle=2022, content=content()))
        outcome = life.when(RecordPledge, SECRETARIAT, content=content(cycle=2022), authority=NOTE)
        assert outcome.pledge.reference == "2022-0002"

    def test_refuses_without_an_authority(self) -> None:
        given().when(RecordPledge, SECRETARIAT, content=content()).then_refuses(
            NotPermitted, "authority-required"
        )

    def test_refuses_all_but_the_secretariat(self) -> None:
        given().when(RecordPledge, OWNER, content=content(), authority=NOTE).then_refuses(
            NotPermitted, "forbidden"
        )

    def test_refuses_dates_that_cannot_be(self) -> None:
        wrong = content(made_on="2027-01-01", due_on="2026-12-31")
        given().when(RecordPledge, SECRETARIAT, content=wrong, authority=NOTE).then_refuses(
            InvalidInput, made_on="future", due_on="before the day it was made"
        )

    def test_refuses_whom_the_register_does_not_know(self) -> None:
        unknown = content(entity=UNKNOWN, type="common", partners=(UNKNOWN, KENYA), cycle=2030, matches=None)
        given().when(RecordPledge, SECRETARIAT, content=unknown, authority=NOTE).then_refuses(
            InvalidInput, entity="not known", partners__0="not a known", cycle="not a cycle"
        )

    def test_refuses_an_id_that_is_taken(self) -> None:
        for before in (made(), submitted()):
            given(before).when(
                RecordPledge, SECRETARIAT, content=content(title="Another"), authority=NOTE
            ).then_refuses(Refused, "exists")

    def test_stays_quiet_when_it_was_recorded(self) -> None:
        given(made(), reported(40)).when(
            RecordPledge, SECRETARIAT, content=content(made_on="2022-05-17"), authority=NOTE
        ).then_nothing()
