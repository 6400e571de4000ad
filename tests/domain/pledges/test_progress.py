from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from domain.actors import Actor
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.pledges import events
from domain.pledges.commands import CorrectReport, DeclareFulfilled, ReportProgress, RetractFulfilment
from domain.pledges.content import Target
from domain.pledges.measure import measured_percent, percent, status
from domain.values import Money
from tests.domain.pledges.life import (
    COLLEAGUE,
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
    Given,
    Said,
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
    reported,
    submitted,
    withdrawn,
)

WHY = "A sum was wrong"
ON = {"effective_on": "2026-06"}
NOT_OPEN = [(withdrawn, "pledge-closed"), (lapsed, "pledge-closed"), (fulfilled, "pledge-fulfilled")]
LINK = events.Evidence(title="The law", url="https://example.org/law")
FILE = events.EvidenceFile(sha256="ab" * 32, bytes=25_000_000, media_type="application/pdf")
LIST = events.Evidence(title="The list", file=FILE)
PAID = events.MoneyReport(stage="paid", amount=euros("12.50"), date="2026-05")
TYPES = [{}, {"type": "common"}, {"type": "partnership"}, matching(), {"type": None}]
left = events.PartnerLeft(entity=GHANA, reason="So")


class TestReportProgress:
    @pytest.mark.parametrize("kind", TYPES)
    def test_says_what_was_reached_and_that_it_is_a_beginning(self, kind: dict[str, Any]) -> None:
        outcome = given(made(**kind)).when(
            ReportProgress, **ON, percent=40, narrative="Half the way", outlook="on_track"
        )
        outcome.then(
            reported(40, narrative="Half the way", outlook="on_track"),
            events.PledgePartiallyFulfilled(percent_before=0, percent_after=40),
            on="2026-06",
        ).then_acts("pledger", KENYA)
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("partially_fulfilled", 40)

    def test_says_everything_that_was_reported(self) -> None:
        said: dict[str, Any] = {
            "measures": (events.Measure(target="t1", value="96"),), "money": (PAID,), "evidence": (LINK,)
        }  # fmt: skip
        outcome = given(made(targets=(TRAINED,))).when(ReportProgress, **ON, **said)
        outcome.then(
            reported(**said),
            events.PledgePartiallyFulfilled(percent_before=0, percent_after=40),
            on="2026-06",
        )

    def test_says_no_more_while_progress_stays_above_nothing(self) -> None:
        given(made(), reported(40)).when(ReportProgress, **ON, percent=60).then_names("progress-reported")

    def test_says_that_progress_fell_back_to_nothing(self) -> None:
        outcome = given(made(), reported(40)).when(ReportProgress, **ON, percent=0)
        outcome.then_names("progress-reported", "progress-reverted")
        assert outcome.said.facts[1] == events.PledgeProgressReverted(percent_before=40, percent_after=0)

    def test_says_so_also_for_two_reports_of_one_day(self) -> None:
        """The later position counts, also while it is not known yet."""
        life = given(made(), Said(reported(40), on="2026-06"))
        life.when(ReportProgress, **ON, percent=0).then_names("progress-reported", "progress-reverted")

    def test_says_nothing_more_of_what_is_older_than_what_is_known(self) -> None:
        life = given(made(), Said(reported(40), on="2026-07"))
        outcome = life.when(ReportProgress, **ON, percent=0).then_names("progress-reported")
        assert percent(outcome.pledge) == 40

    def test_says_words_that_have_no_percent(self) -> None:
        outcome = (
            given(made())
            .when(ReportProgress, **ON, narrative="The bill is drafted")
            .then_names("progress-reported")
        )
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("made", None)

    @pytest.mark.parametrize(("somebody", "part"), [(OWNER, 0), (GHANAIAN, 1), (MALTESE, 2)])
    def test_says_it_for_the_part_that_one_answers_for(self, somebody: Actor, part: int) -> None:
        life = given(joint(), joined(GHANA), joined(FORMERLY_MALTA))
        outcome = life.when(ReportProgress, somebody, **ON, percent=30)
        assert outcome.said.facts[0].part == part
        assert outcome.said.facts[1] == events.PledgePartiallyFulfilled(percent_before=0, percent_after=10)

    def test_says_it_in_a_partner_s_place(self) -> None:
        life = given(joint(), joined(GHANA))
        outcome = life.when(ReportProgress, SECRETARIAT, **ON, percent=30, part=1, authority=NOTE)
        outcome.then_acts("secretariat", on_behalf_of=GHANA)

    def test_refuses_another_s_part(self) -> None:
        life = given(joint(), joined(GHANA), joined(MALTA))
        for somebody, part in ((OWNER, 1), (GHANAIAN, 0), (GHANAIAN, 2), (STRANGER, 0), (STRANGER, None)):
            life.when(ReportProgress, somebody, **ON, percent=30, part=part).then_refuses(
                NotPermitted, "forbidden"
            )
        life.when(ReportProgress, SECRETARIAT, **ON, percent=30).then_refuses(
            NotPermitted, "authority-required"
        )

    def test_refuses_parts_that_nobody_answers_for(self) -> None:
        invited = events.PartnerInvited(entity=MALTA)
        life = given(joint(), joined(GHANA), left, invited)
        for part in (1, 2, 3, -1):
            life.when(ReportProgress, **ON, percent=30, part=part).then_refuses(
                InvalidInput, part="not a part"
            )
        life.when(ReportProgress, GHANAIAN, **ON, percent=30).then_refuses(NotPermitted)

    def test_refuses_a_report_of_nothing(self) -> None:
        given(made()).when(ReportProgress, **ON, narrative=" ", outlook="on_track").then_refuses(
            InvalidInput, narrative="needs", percent="needs", measures="needs"
        )

    def test_refuses_what_cannot_be(self) -> None:
        wrong = {
            "percent": 101,
            "outlook": "fine",
            "measures": (events.Measure(target="t1", value="many"), events.Measure(target="t2", value="1")),
            "money": (
                events.MoneyReport(stage="paid", amount=Money(value="-5", currency="EUR"), date="2027"),
                events.MoneyReport(stage="lost", amount=euros("5"), date="soon"),
            ),
            "evidence": (events.Evidence(title="", url="javascript:alert(1)"),),
        }
        law = Target(id="t2", description="A law")
        given(made(targets=(TRAINED, law))).when(ReportProgress, **ON, **wrong).then_refuses(
            InvalidInput,
            percent="0 to 100",
            outlook="on_track",
            measures__0__value="decimal number",
            measures__1__target="without a number",
            money__0__amount="positive",
            money__0__date="future",
            money__1__stage="committed or paid",
            money__1__date="must be a date",
            evidence__0__title="must be given",
            evidence__0__url="web address",
        )

    def test_says_which_file_supports_it(self) -> None:
        given(made()).when(ReportProgress, **ON, percent=40, evidence=(LIST, LINK)).then_names(
            "progress-reported", "partially-fulfilled"
        )

    @pytest.mark.parametrize(
        ("file", "rule"),
        [
            ({"sha256": "../" * 20}, "64 hexadecimal digits"), ({"bytes": 0}, "1 to 25,000,000"),
            ({"bytes": 25_000_001}, "1 to 25,000,000"), ({"media_type": "text/html"}, "one of pdf"),
        ],
    )  # fmt: skip
    def test_refuses_files_that_are_none(self, file: dict[str, Any], rule: str) -> None:
        wrong = replace(LIST, file=replace(FILE, **file))
        given(made()).when(ReportProgress, **ON, percent=40, evidence=(wrong,)).then_refuses(
            InvalidInput, evidence__0__file=rule
        )

    def test_refuses_a_link_beside_a_file_and_neither_of_both(self) -> None:
        both, neither = replace(LIST, url=LINK.url), replace(LIST, file=None)
        given(made()).when(ReportProgress, **ON, percent=40, evidence=(both, neither)).then_refuses(
            InvalidInput, evidence__0__url="beside a file", evidence__1__url="or a file"
        )

    def test_refuses_targets_that_there_are_not(self) -> None:
        gone = Target(id="t2", unit="people", target="5", retired=True)
        for target in ("t2", "t3"):
            given(made(targets=(TRAINED, gone))).when(
                ReportProgress, **ON, measures=(events.Measure(target=target, value="1"),)
            ).then_refuses(InvalidInput, measures__0__target="not a target")
        twice = (events.Measure(target="t1", value="1"), events.Measure(target="t1", value="2"))
        given(made(targets=(TRAINED,))).when(ReportProgress, **ON, measures=twice).then_refuses(
            InvalidInput, measures="t1 has two"
        )

    @pytest.mark.parametrize(
        ("day", "rule"),
        [("2026-11-24", "future"), ("2027", "future"), ("2026-02-30", "calendar"), ("x", "a date")],
    )
    def test_refuses_days_that_have_not_come(self, day: str, rule: str) -> None:
        given(made()).when(ReportProgress, effective_on=day, percent=1).then_refuses(
            InvalidInput, effective_on=rule
        )

    @pytest.mark.parametrize(("end", "code"), NOT_OPEN)
    def test_refuses_a_pledge_that_is_not_open(self, end: events.Fact, code: str) -> None:
        given(made(), end).when(ReportProgress, **ON, percent=40).then_refuses(Refused, code)
        given(submitted()).when(ReportProgress, **ON, percent=40).then_refuses(Refused, "pledge-not-public")

    def test_stays_quiet_when_that_was_reported(self) -> None:
        life = given(made(), Said(reported(40, narrative="So far"), on="2026-06"))
        life.when(ReportProgress, **ON, percent=40, narrative=" So far ").then_nothing()
        life.when(ReportProgress, **ON, percent=40, narrative="Further").then_names("progress-reported")


class TestCorrectReport:
    def corrected(self, **said: Any) -> events.Fact:
        return events.ProgressCorrected(corrects=at(2), reason=WHY, **said)

    def test_says_what_the_report_should_have_said(self) -> None:
        life = given(made(), reported(40))
        outcome = life.when(CorrectReport, report=at(2), reason=WHY, **ON, percent=14)
        outcome.then(self.corrected(percent=14), on="2026-06")
        assert (percent(outcome.pledge), len(outcome.pledge.reports)) == (14, 1)

    def test_says_when_nothing_is_left_or_something_is_there_after_all(self) -> None:
        life = given(made(), reported(40))
        life.when(CorrectReport, report=at(2), reason=WHY, **ON, percent=0).then_names(
            "progress-corrected", "progress-reverted"
        )
        life = given(made(), reported(0))
        life.when(CorrectReport, report=at(2), reason=WHY, **ON, percent=1).then_names(
            "progress-corrected", "partially-fulfilled"
        )

    def test_says_it_of_a_correction_too(self) -> None:
        life = given(made(), reported(40), self.corrected(percent=14))
        outcome = life.when(CorrectReport, report=at(3), reason="Again", **ON, percent=15)
        outcome.then(events.ProgressCorrected(corrects=at(2), reason="Again", percent=15), on="2026-06")
        assert percent(outcome.pledge) == 15

    def test_says_it_for_a_partner_and_for_a_colleague_s_report(self) -> None:
        life = given(joint(), joined(GHANA), Said(reported(40, part=1), by=GHANAIAN))
        outcome = life.when(CorrectReport, GHANAIAN, report=at(4), reason=WHY, **ON, percent=10)
        assert outcome.then_acts("pledger", GHANA).said.facts[0].part == 1
        given(made(), reported(40)).when(
            CorrectReport, COLLEAGUE, report=at(2), reason=WHY, **ON, percent=1
        ).then_names("progress-corrected")

    def test_refuses_another_s_report(self) -> None:
        life = given(joint(), joined(GHANA), reported(40, part=1), reported(20))
        life.when(CorrectReport, OWNER, report=at(4), reason=WHY, **ON, percent=1).then_refuses(NotPermitted)
        life.when(CorrectReport, GHANAIAN, report=at(5), reason=WHY, **ON, percent=1).then_refuses(
            NotPermitted
        )
        life.when(CorrectReport, report=at(5), part=1, reason=WHY, **ON, percent=1).then_refuses(
            InvalidInput, part="about part 0"
        )

    def test_refuses_what_was_never_reported(self) -> None:
        for position in (0, at(1), at(3)):
            given(made(), reported(40)).when(
                CorrectReport, report=position, reason=WHY, **ON, percent=1
            ).then_refuses(NotFound)

    def test_refuses_the_report_of_one_who_left(self) -> None:
        life = given(joint(), joined(GHANA), reported(40, part=1), left)
        life.when(CorrectReport, GHANAIAN, report=at(4), reason=WHY, **ON, percent=1).then_refuses(
            Refused, "partner-left"
        )

    def test_refuses_without_a_reason(self) -> None:
        given(made(), reported(40)).when(
            CorrectReport, report=at(2), reason="", **ON, percent=1
        ).then_refuses(InvalidInput, reason="say why")

    @pytest.mark.parametrize(("end", "code"), NOT_OPEN)
    def test_refuses_a_pledge_that_is_not_open(self, end: events.Fact, code: str) -> None:
        given(made(), reported(40), end).when(
            CorrectReport, report=at(2), reason=WHY, **ON, percent=1
        ).then_refuses(Refused, code)

    def test_stays_quiet_when_the_report_says_so(self) -> None:
        given(made(), Said(reported(40), on="2026-06")).when(
            CorrectReport, report=at(2), reason=WHY, **ON, percent=40
        ).then_nothing()


class TestDeclareFulfilled:
    @pytest.mark.parametrize("kind", TYPES)
    def test_says_it_with_all_parts_complete(self, kind: dict[str, Any]) -> None:
        outcome = given(made(**kind), reported(100)).when(DeclareFulfilled, **ON)
        outcome.then(events.PledgeFulfilled(measured_percent=100), on="2026-06")
        assert (status(outcome.pledge), percent(outcome.pledge)) == ("fulfilled", 100)

    def test_says_it_with_a_reason(self) -> None:
        outcome = given(joint(), joined(GHANA), reported(100)).when(
            DeclareFulfilled, reason="Ghana's part is not needed"
        )
        outcome.then(events.PledgeFulfilled(reason="Ghana's part is not needed", measured_percent=50))
        assert (percent(outcome.pledge), measured_percent(outcome.pledge)) == (100, 50)

    def test_says_it_with_a_narrative_and_evidence(self) -> None:
        said: dict[str, Any] = {"narrative": "The law is in force", "evidence": (LINK,)}
        given(made()).when(DeclareFulfilled, **said).then(events.PledgeFulfilled(**said, measured_percent=0))

    def test_says_it_for_the_owner_by_an_authority(self) -> None:
        given(made(), reported(100)).when(DeclareFulfilled, SECRETARIAT, authority=NOTE).then_acts(
            "secretariat", on_behalf_of=KENYA
        )

    def test_refuses_without_a_reason(self) -> None:
        life = given(joint(), joined(GHANA), reported(100), reported(99, part=1))
        life.when(DeclareFulfilled).then_refuses(InvalidInput, narrative="say why", reason="say why")
        given(made(), reported(narrative="Words")).when(DeclareFulfilled).then_refuses(
            InvalidInput, narrative="say why", reason="say why"
        )

    def test_refuses_all_but_the_lead(self) -> None:
        life = given(joint(), joined(GHANA), reported(100), reported(100, part=1))
        life.when(DeclareFulfilled, GHANAIAN).then_refuses(NotPermitted)
        life.when(DeclareFulfilled, SECRETARIAT).then_refuses(NotPermitted, "authority-required")

    def test_refuses_a_pledge_that_is_not_open(self) -> None:
        for end in (withdrawn, lapsed):
            given(made(), reported(100), end).when(DeclareFulfilled).then_refuses(Refused, "pledge-closed")
        given(submitted()).when(DeclareFulfilled, reason="So").then_refuses(Refused, "pledge-not-public")

    def test_refuses_a_day_in_the_future(self) -> None:
        given(made(), reported(100)).when(DeclareFulfilled, effective_on="2027").then_refuses(
            InvalidInput, effective_on="future"
        )

    def test_stays_quiet_when_it_was_declared(self) -> None:
        given(made(), fulfilled).when(DeclareFulfilled, reason="Once more").then_nothing()


class TestRetractFulfilment:
    @pytest.mark.parametrize(
        ("reports", "as_measured"),
        [
            ((), ("made", 0)),
            ((reported(70),), ("partially_fulfilled", 70)),
            ((reported(narrative="Words"),), ("made", None)),
        ],
    )
    def test_says_that_it_is_as_measured(
        self, reports: tuple[Any, ...], as_measured: tuple[str, int | None]
    ) -> None:
        outcome = given(made(), *reports, fulfilled).when(RetractFulfilment, reason=WHY)
        outcome.then(events.FulfilmentRetracted(reason=WHY))
        assert (status(outcome.pledge), percent(outcome.pledge)) == as_measured

    def test_says_that_it_is_matched_again(self) -> None:
        life = given(made(**matching(count=1)), events.PledgeMatched(), fulfilled)
        outcome = life.when(RetractFulfilment, reason=WHY)
        assert outcome.said.facts[0] == events.FulfilmentRetracted(reason=WHY)

    def test_refuses_without_a_reason_or_evidence_that_is_none(self) -> None:
        given(made(), fulfilled).when(RetractFulfilment, reason="").then_refuses(
            InvalidInput, reason="say why"
        )
        given(made(), fulfilled).when(RetractFulfilment, reason=WHY, evidence=(LINK, LINK)).then_refuses(
            InvalidInput, evidence="duplicates"
        )

    def test_refuses_all_but_the_owner(self) -> None:
        given(made(), fulfilled).when(RetractFulfilment, STRANGER, reason=WHY).then_refuses(NotPermitted)

    def test_refuses_once_it_is_closed(self) -> None:
        given(made(), fulfilled, withdrawn).when(RetractFulfilment, reason=WHY).then_refuses(
            Refused, "pledge-closed"
        )

    def test_stays_quiet_when_it_is_not_declared(self) -> None:
        given(made()).when(RetractFulfilment, reason=WHY).then_nothing()


def test_a_life_on_one_day() -> None:
    """Reports, a correction and a fulfilment of today, in the order in which they come."""
    life: Given = given(made(targets=(TRAINED,)), measured("24"))
    for value, expected in (("240", 100), ("0", 0), ("1", 1), ("-5", 0), ("500", 100)):
        outcome = life.when(
            ReportProgress, effective_on=TODAY, measures=(events.Measure(target="t1", value=value),)
        )
        assert percent(outcome.pledge) == expected


def test_a_report_is_also_known_by_the_position_at_which_it_crossed_zero() -> None:
    crossed = events.PledgePartiallyFulfilled(percent_before=0, percent_after=40)
    outcome = given(made(), reported(40), crossed).when(
        CorrectReport, report=at(3), reason=WHY, **ON, percent=50
    )
    assert outcome.said.facts[0].corrects == at(2)
