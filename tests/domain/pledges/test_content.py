from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import events
from domain.pledges.commands import AmendPledge, ClassifyPledge
from domain.pledges.content import CHANGEABLE, FIXED, Changes, Content, Target
from domain.pledges.measure import percent, status
from domain.values import Money
from tests.domain.pledges.life import (
    GHANA,
    KENYA,
    NOTE,
    OTHER,
    OWNER,
    SECRETARIAT,
    STRANGER,
    TRAINED,
    euros,
    fulfilled,
    given,
    joined,
    joint,
    lapsed,
    made,
    matching,
    measured,
    offered,
    submitted,
    withdrawn,
)

WHY = "The budget was passed"
SECOND = Target(id="t2", description="A law", due_on="2027")


def test_changes_are_the_content_without_what_is_fixed() -> None:
    assert set(CHANGEABLE) == set(Content.__struct_fields__) - FIXED


class TestAmendPledge:
    @pytest.mark.parametrize(
        "said",
        [
            {"title": "Train more officials"},
            {"due_on": "2029-01", "due_is_firm": True},
            {"amount": euros("5.00")},
            {"description": None},
            {"forms": ()},
            {"levels": ("national", "local"), "countries": ("KEN",)},
        ],
    )
    def test_says_what_changed_and_why(self, said: dict[str, Any]) -> None:
        outcome = given(made(amount=euros("7"))).when(AmendPledge, changes=Changes(**said), reason=WHY)
        outcome.then(events.PledgeAmended(changes=Changes(**said), reason=WHY)).then_acts("pledger", KENYA)
        for name, value in said.items():
            assert getattr(outcome.pledge.content, name) == value

    def test_says_only_what_really_differs(self) -> None:
        changes = Changes(title="Train officials in data", due_on="2029")
        given(made()).when(AmendPledge, changes=changes, reason=WHY).then(
            events.PledgeAmended(changes=Changes(due_on="2029"), reason=WHY)
        )

    def test_says_that_objectives_are_stated_now(self) -> None:
        life = given(made(objectives=(1,), objectives_basis="inferred"))
        outcome = life.when(AmendPledge, changes=Changes(objectives=(2,)), reason=WHY)
        outcome.then(
            events.PledgeAmended(changes=Changes(objectives=(2,), objectives_basis="stated"), reason=WHY)
        )

    def test_says_it_for_the_owner_by_an_authority(self) -> None:
        life = given(made())
        outcome = life.when(
            AmendPledge, SECRETARIAT, changes=Changes(title="Four"), reason=WHY, authority=NOTE
        )
        outcome.then_names("amended").then_acts("secretariat", on_behalf_of=KENYA)

    def test_says_that_a_source_knew_another_day(self) -> None:
        for day in ("2022-05", None):
            outcome = given(made()).when(
                AmendPledge, SECRETARIAT, changes=Changes(made_on=day), reason=WHY, authority=NOTE
            )
            outcome.then(events.PledgeAmended(changes=Changes(made_on=day), reason=WHY))
            assert (outcome.pledge.made_on, outcome.pledge.content.made_on) == (day, day)

    def test_refuses_another_day_to_the_owner_and_of_what_was_published(self) -> None:
        another = Changes(made_on="2021")
        given(made()).when(AmendPledge, changes=another, reason=WHY).then_refuses(
            InvalidInput, changes__made_on="for the Secretariat to correct"
        )
        published = (submitted(), events.PledgeMade(reference="2026-0001", cycle=2022, made_on="2026-11-20"))
        given(*published).when(
            AmendPledge, SECRETARIAT, changes=another, reason=WHY, authority=NOTE
        ).then_refuses(InvalidInput, changes__made_on="recorded from a source")

    def test_refuses_a_day_after_the_due_date(self) -> None:
        given(made(due_on="2024")).when(
            AmendPledge, SECRETARIAT, changes=Changes(made_on="2025"), reason=WHY, authority=NOTE
        ).then_refuses(InvalidInput, changes__due_on="before the day it was made")

    def test_says_that_a_target_with_reports_is_retired(self) -> None:
        life = given(made(targets=(TRAINED, SECOND)), measured("120"))
        outcome = life.when(AmendPledge, changes=Changes(targets=()), reason=WHY)
        outcome.then_names("amended", "progress-reverted")
        (kept,) = outcome.pledge.content.targets
        assert (kept.id, kept.retired) == ("t1", True)

    def test_says_ids_that_no_target_ever_had(self) -> None:
        life = given(
            made(targets=(TRAINED, SECOND)), events.PledgeAmended(changes=Changes(targets=()), reason=WHY)
        )
        new = Target(description="A register")
        outcome = life.when(AmendPledge, changes=Changes(targets=(new,)), reason=WHY).then_names("amended")
        assert [target.id for target in outcome.pledge.content.targets] == ["t3"]

    def test_says_when_progress_crosses_nothing(self) -> None:
        life = given(made(targets=(TRAINED,)), measured("60"))
        later = Target(id="t1", unit="people", baseline="60", target="240")
        outcome = life.when(AmendPledge, changes=Changes(targets=(later,)), reason=WHY)
        outcome.then_names("amended", "progress-reverted")
        assert outcome.said.facts[1] == events.PledgeProgressReverted(percent_before=25, percent_after=0)
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("made", 0)

    def test_says_that_terms_hold_or_no_longer_hold(self) -> None:
        life = given(
            made(**matching()), offered(amount=euros("600")), events.MatchAccepted(match=offered().match)
        )
        less = Changes(terms=matching(amount=euros("500"))["terms"])
        outcome = life.when(AmendPledge, changes=less, reason=WHY).then_names("amended", "matched")
        assert status(outcome.pledge) == "matched"
        outcome = life.when(AmendPledge, changes=Changes(type="individual", terms=None), reason=WHY)
        outcome.then_names("amended", "unmatched")

    def test_refuses_to_take_back_the_terms_under_an_offer_that_nobody_answered(self) -> None:
        without = Changes(type="individual", terms=None)
        life = given(made(**matching()), offered())
        life.when(AmendPledge, changes=without, reason=WHY).then_refuses(
            InvalidInput, changes__terms="offers wait for an answer (1)"
        )
        declined = events.MatchDeclined(match=offered().match, reason=WHY)
        given(made(**matching()), offered(), declined).when(
            AmendPledge, changes=without, reason=WHY
        ).then_names("amended")

    def test_refuses_what_could_not_have_been_recorded(self) -> None:
        life = given(made())
        life.when(AmendPledge, changes=Changes(due_on="2021", title="No"), reason=WHY).then_refuses(
            InvalidInput, changes__due_on="before the day it was made", changes__title="at least 3"
        )
        life.when(
            AmendPledge, changes=Changes(targets=(Target(id="t9", description="?"),)), reason=WHY
        ).then_refuses(InvalidInput, changes__targets__0__id="not a target")

    def test_refuses_without_a_reason(self) -> None:
        given(made()).when(AmendPledge, changes=Changes(title="Four"), reason="").then_refuses(
            InvalidInput, reason="say why"
        )

    def test_refuses_another_type_while_partners_take_part(self) -> None:
        one = Changes(type="individual")
        life = given(joint(partners=(GHANA,)), joined(GHANA))
        life.when(AmendPledge, changes=one, reason=WHY).then_refuses(
            InvalidInput, changes__type="while partners take part (1)"
        )
        declined = events.PartnerInvited(entity=GHANA), events.PartnerDeclined(entity=GHANA)
        given(joint(partners=(GHANA,)), declined).when(AmendPledge, changes=one, reason=WHY).then_names(
            "amended"
        )

    @pytest.mark.parametrize(
        ("end", "code"),
        [(withdrawn, "pledge-closed"), (lapsed, "pledge-closed"), (fulfilled, "pledge-fulfilled")],
    )
    def test_refuses_a_pledge_that_is_not_open(self, end: events.Fact, code: str) -> None:
        given(made(), end).when(AmendPledge, changes=Changes(title="Four"), reason=WHY).then_refuses(
            Refused, code
        )

    def test_refuses_before_publication(self) -> None:
        given(submitted()).when(AmendPledge, changes=Changes(title="Four"), reason=WHY).then_refuses(
            Refused, "pledge-not-public"
        )

    def test_refuses_all_but_the_owner(self) -> None:
        life = given(joint(), joined(GHANA))
        life.when(AmendPledge, STRANGER, changes=Changes(title="Four"), reason=WHY).then_refuses(NotPermitted)
        life.when(AmendPledge, SECRETARIAT, changes=Changes(title="Four"), reason=WHY).then_refuses(
            NotPermitted, "authority-required"
        )
        given().when(AmendPledge, changes=Changes(title="Four"), reason=WHY).then_refuses(NotFound)

    def test_stays_quiet_when_nothing_differs(self) -> None:
        same = Changes(title=" Train officials in data ", seeking="")
        given(made()).when(AmendPledge, changes=same, reason=WHY).then_nothing()

    def test_is_not_stopped_by_what_it_does_not_change(self) -> None:
        """The pledge that this one matches asks no more, and cannot be amended away."""
        life = given(made(type="matching", matches=OTHER)).and_of(OTHER, made("2022-0007"))
        life.when(AmendPledge, changes=Changes(title="Four"), reason=WHY).then_names("amended")


class TestClassifyPledge:
    @pytest.mark.parametrize(
        "said", [{"type": "common"}, {"principles": ("human-rights",)}, {"regions": ("Africa", "Asia")}]
    )
    def test_says_what_the_pledger_did_not_state(self, said: dict[str, Any]) -> None:
        life = given(made(type=None))
        outcome = life.when(ClassifyPledge, SECRETARIAT, changes=Changes(**said), reason="Form 7")
        outcome.then(events.PledgeClassified(changes=Changes(**said), reason="Form 7"))
        assert outcome.pledge.classified == tuple(said)

    def test_says_that_objectives_are_inferred(self) -> None:
        life = given(made(objectives=()))
        outcome = life.when(ClassifyPledge, SECRETARIAT, changes=Changes(objectives=(3,)), reason="Its text")
        assert outcome.pledge.content.objectives_basis == "inferred"

    @pytest.mark.parametrize("end", [withdrawn, lapsed, fulfilled])
    def test_says_it_of_any_public_pledge(self, end: events.Fact) -> None:
        life = given(made(), end)
        life.when(ClassifyPledge, SECRETARIAT, changes=Changes(regions=("Africa",)), reason="M49").then_names(
            "classified"
        )

    def test_says_another_classification_later(self) -> None:
        life = given(made(), events.PledgeClassified(changes=Changes(regions=("Africa",)), reason="M49"))
        life.when(ClassifyPledge, SECRETARIAT, changes=Changes(regions=()), reason="An error").then_names(
            "classified"
        )

    def test_refuses_what_the_pledger_stated(self) -> None:
        life = given(made(objectives_basis="stated"))
        life.when(ClassifyPledge, SECRETARIAT, changes=Changes(objectives=(5,)), reason="So").then_refuses(
            Refused, "stated-by-pledger"
        )
        amended = events.PledgeAmended(changes=Changes(regions=("Asia",)), reason=WHY)
        classified = events.PledgeClassified(changes=Changes(regions=("Africa",)), reason="M49")
        given(made(), classified, amended).when(
            ClassifyPledge, SECRETARIAT, changes=Changes(regions=("Europe",)), reason="So"
        ).then_refuses(Refused, "stated-by-pledger")

    def test_refuses_what_is_no_classification(self) -> None:
        life = given(made())
        changes = Changes(title="Mine", objectives=(24,))
        life.when(ClassifyPledge, SECRETARIAT, changes=changes, reason="So").then_refuses(
            InvalidInput, changes__title="cannot be classified"
        )
        given(made(objectives=())).when(
            ClassifyPledge, SECRETARIAT, changes=Changes(objectives=(24,)), reason="So"
        ).then_refuses(InvalidInput, changes__objectives__0="1 to 23")

    def test_refuses_all_but_the_secretariat_and_before_publication(self) -> None:
        regions = Changes(regions=("Africa",))
        given(made()).when(ClassifyPledge, OWNER, changes=regions, reason="So").then_refuses(NotPermitted)
        given(submitted()).when(ClassifyPledge, SECRETARIAT, changes=regions, reason="So").then_refuses(
            Refused, "pledge-not-public"
        )

    def test_stays_quiet_when_nothing_differs(self) -> None:
        life = given(made())
        life.when(ClassifyPledge, SECRETARIAT, changes=Changes(objectives=(1,)), reason="So").then_nothing()


def test_money_is_never_converted() -> None:
    outcome = given(made()).when(
        AmendPledge, changes=Changes(amount=Money(value="5", currency="XYZ")), reason=WHY
    )
    outcome.then_refuses(InvalidInput, changes__amount="ISO 4217")
