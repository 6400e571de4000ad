from __future__ import annotations

from typing import Any

import pytest

from domain.actors import Actor
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import events
from domain.pledges.commands import ContestPledge, ReplyToContest, RetractFulfilment, VerifyPledge
from domain.pledges.document import document
from domain.pledges.measure import percent, status
from tests.domain.pledges.life import (
    ASSESSOR,
    BODY,
    COLLEAGUE,
    GHANA,
    GHANAIAN,
    KENYA,
    NOTE,
    OWNER,
    SECRETARIAT,
    STRANGER,
    VALIDATOR,
    Said,
    actor,
    at,
    fulfilled,
    given,
    joined,
    joint,
    made,
    reported,
    submitted,
    withdrawn,
)

WHY = "We went and looked"
LINK = events.Evidence(title="Our report", url="https://example.org/report")
ROLES = [(VALIDATOR, "confirmed", KENYA), (SECRETARIAT, "evidence_seen", None), (ASSESSOR, "assessed", BODY)]
contested = Said(events.PledgeContested(report=at(2), reason=WHY), by=ASSESSOR)
left = events.PartnerLeft(entity=GHANA, reason="So")


class TestVerifyPledge:
    @pytest.mark.parametrize(("somebody", "kind", "entity"), ROLES)
    def test_says_a_verdict_of_the_kind_that_goes_with_the_role(
        self, somebody: Actor, kind: str, entity: Any
    ) -> None:
        life = given(made(), reported(40))
        outcome = life.when(VerifyPledge, somebody, report=at(2), reason=WHY, evidence=(LINK,))
        outcome.then(events.PledgeVerified(kind=kind, report=at(2), reason=WHY, evidence=(LINK,)))
        outcome.then_acts(somebody.grants[0].role, entity)
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("partially_fulfilled", 40)

    @pytest.mark.parametrize(("somebody", "kind", "entity"), ROLES)
    def test_says_it_of_the_fulfilment(self, somebody: Actor, kind: str, entity: Any) -> None:
        outcome = given(made(), fulfilled).when(VerifyPledge, somebody, reason=WHY)
        outcome.then(events.PledgeVerified(kind=kind, reason=WHY))
        assert outcome.said.acting.entity == entity

    def test_says_it_of_a_partner_s_report(self) -> None:
        of_ghana = actor(812, "validator", GHANA)
        life = given(joint(), joined(GHANA), reported(40, part=1))
        life.when(VerifyPledge, of_ghana, report=at(4), reason=WHY).then_acts("validator", GHANA)
        life.when(VerifyPledge, VALIDATOR, report=at(4), reason=WHY).then_refuses(NotPermitted)

    def test_says_it_again_of_what_was_corrected(self) -> None:
        verified = Said(events.PledgeVerified(kind="assessed", report=at(2), reason=WHY), by=ASSESSOR)
        corrected = events.ProgressCorrected(corrects=at(2), reason="So", percent=20)
        life = given(made(), reported(40), verified, corrected)
        assert [verdict["before_correction"] for verdict in document(life.pledge)["verdicts"]] == [True]
        outcome = life.when(VerifyPledge, ASSESSOR, report=at(4), reason=WHY).then_names("verified")
        assert outcome.said.facts[0].report == at(2)

    def test_refuses_the_account_that_reported(self) -> None:
        both = actor(OWNER.account.int & 0xFFF, "validator", KENYA)
        assert both.account == OWNER.account
        life = given(made(), Said(reported(40), by=OWNER))
        life.when(VerifyPledge, both, report=at(2), reason=WHY).then_refuses(Refused, "own-report")
        colleague = Actor(account=COLLEAGUE.account, grants=both.grants)
        life.when(VerifyPledge, colleague, report=at(2), reason=WHY).then_names("verified")
        given(made(), Said(fulfilled, by=OWNER)).when(VerifyPledge, both, reason=WHY).then_refuses(
            Refused, "own-report"
        )

    def test_refuses_all_who_are_no_judges(self) -> None:
        for somebody in (OWNER, STRANGER, actor(813, "validator", GHANA), actor(814, "auditor")):
            given(made(), reported(40)).when(VerifyPledge, somebody, report=at(2), reason=WHY).then_refuses(
                NotPermitted
            )

    def test_refuses_what_there_is_not_to_judge(self) -> None:
        life = given(made(), reported(40))
        life.when(VerifyPledge, ASSESSOR, reason=WHY).then_refuses(
            InvalidInput, report="not declared fulfilled"
        )
        life.when(VerifyPledge, ASSESSOR, report=at(1), reason=WHY).then_refuses(NotFound)
        given(submitted()).when(VerifyPledge, SECRETARIAT, reason=WHY).then_refuses(
            Refused, "pledge-not-public"
        )

    def test_refuses_without_a_reason(self) -> None:
        given(made(), reported(40)).when(VerifyPledge, ASSESSOR, report=at(2)).then_refuses(
            InvalidInput, reason="say why"
        )

    def test_stays_quiet_when_the_same_body_said_so(self) -> None:
        verified = Said(events.PledgeVerified(kind="assessed", report=at(2), reason=WHY), by=ASSESSOR)
        life = given(made(), reported(40), verified)
        life.when(VerifyPledge, ASSESSOR, report=at(2), reason=WHY).then_nothing()
        life.when(VerifyPledge, SECRETARIAT, report=at(2), reason=WHY).then_names("verified")


class TestContestPledge:
    @pytest.mark.parametrize("somebody", [VALIDATOR, SECRETARIAT, ASSESSOR])
    def test_says_why_and_changes_nothing_else(self, somebody: Actor) -> None:
        life = given(made(), reported(40))
        outcome = life.when(ContestPledge, somebody, report=at(2), reason=WHY, evidence=(LINK,))
        outcome.then(events.PledgeContested(report=at(2), reason=WHY, evidence=(LINK,)))
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("partially_fulfilled", 40)

    def test_says_it_of_the_fulfilment_and_of_closed_pledges(self) -> None:
        given(made(), fulfilled).when(ContestPledge, ASSESSOR, reason=WHY).then(
            events.PledgeContested(reason=WHY)
        )
        given(made(), reported(40), withdrawn).when(
            ContestPledge, ASSESSOR, report=at(2), reason=WHY
        ).then_names("contested")

    def test_refuses_all_who_are_no_judges(self) -> None:
        given(made(), reported(40)).when(ContestPledge, OWNER, report=at(2), reason=WHY).then_refuses(
            NotPermitted
        )

    @pytest.mark.parametrize(
        "url", ["ftp://example.org", "https://unhcr.org@evil.example", "https://a:b@example.org/"]
    )
    def test_refuses_evidence_that_leads_nowhere_or_elsewhere(self, url: str) -> None:
        nowhere = events.Evidence(title="Look", url=url)
        given(made(), reported(40)).when(
            ContestPledge, ASSESSOR, report=at(2), reason=WHY, evidence=(nowhere,)
        ).then_refuses(InvalidInput, evidence__0__url="web address")

    def test_stays_quiet_when_the_same_body_said_so(self) -> None:
        life = given(made(), reported(40), contested)
        life.when(ContestPledge, ASSESSOR, report=at(2), reason=WHY).then_nothing()
        life.when(ContestPledge, ASSESSOR, report=at(2), reason="More").then_names("contested")


class TestReplyToContest:
    def test_says_what_the_owner_answers(self) -> None:
        outcome = given(made(), reported(40), contested).when(
            ReplyToContest, report=at(2), reason="See annex 2"
        )
        outcome.then(events.PledgeReplied(report=at(2), reason="See annex 2")).then_acts("pledger", KENYA)
        assert outcome.pledge.verdicts[0].last_reply == "See annex 2"

    def test_says_it_of_the_fulfilment(self) -> None:
        life = given(made(), fulfilled, Said(events.PledgeContested(reason=WHY), by=ASSESSOR))
        life.when(ReplyToContest, SECRETARIAT, reason="See annex 2", authority=NOTE).then_names("replied")

    def test_says_it_for_the_partner_whose_report_it_is(self) -> None:
        life = given(
            joint(),
            joined(GHANA),
            reported(40, part=1),
            Said(events.PledgeContested(report=at(4), reason=WHY), by=ASSESSOR),
        )
        life.when(ReplyToContest, OWNER, report=at(4), reason="No").then_refuses(NotPermitted)
        life.when(ReplyToContest, GHANAIAN, report=at(4), reason="No").then_acts("pledger", GHANA)

    def test_refuses_where_nothing_is_contested(self) -> None:
        given(made(), reported(40)).when(ReplyToContest, report=at(2), reason="No").then_refuses(
            Refused, "not-contested"
        )
        given(made(), reported(40), contested).when(ReplyToContest, reason="No").then_refuses(
            Refused, "not-contested"
        )

    def test_refuses_for_one_who_left_and_without_words(self) -> None:
        life = given(joint(), joined(GHANA), reported(40, part=1), left)
        life.when(ReplyToContest, GHANAIAN, report=at(4), reason="No").then_refuses(Refused, "partner-left")
        given(made(), reported(40), contested).when(ReplyToContest, report=at(2)).then_refuses(
            InvalidInput, reason="say why"
        )

    def test_refuses_all_but_who_answers_for_it(self) -> None:
        given(made(), reported(40), contested).when(
            ReplyToContest, STRANGER, report=at(2), reason="No"
        ).then_refuses(NotPermitted)

    def test_stays_quiet_when_that_was_answered(self) -> None:
        life = given(made(), reported(40), contested, events.PledgeReplied(report=at(2), reason="No"))
        life.when(ReplyToContest, report=at(2), reason="No").then_nothing()


def test_verdicts_on_a_fulfilment_fall_with_it() -> None:
    verified = Said(events.PledgeVerified(kind="evidence_seen", reason=WHY), by=SECRETARIAT)
    life = given(made(), reported(100), fulfilled, verified)
    outcome = life.when(RetractFulfilment, reason="Not yet")
    assert outcome.pledge.verdicts == ()


def test_a_verdict_tells_who_gave_it_and_of_what() -> None:
    life = given(made(), reported(40), contested, events.PledgeReplied(report=at(2), reason="No"))
    (verdict,) = document(life.pledge)["verdicts"]
    assert verdict == {
        "kind": "contested", "position": at(3), "effective_on": "2026-03-01", "role": "assessor",
        "entity": str(BODY), "report": at(2), "reason": WHY, "replies": [at(4)], "before_correction": False,
    }  # fmt: skip
