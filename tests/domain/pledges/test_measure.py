"""Status and percent come from one rule: a table of what was said, and what follows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.pledges import events
from domain.pledges.content import Changes, Target
from domain.pledges.measure import (
    measured_percent,
    part_percent,
    percent,
    status,
    target_values,
    whole_percent,
)
from tests.domain.pledges.life import (
    GHANA,
    MALTA,
    Said,
    at,
    fulfilled,
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


def target(number: str, baseline: str | None = None, **said: Any) -> Target:
    return Target(**{"id": "t1", "unit": "people", "target": number, "baseline": baseline, **said})


words = reported(narrative="The bill is drafted")
left = events.PartnerLeft(entity=GHANA, reason="So")


@pytest.mark.parametrize(
    ("goal", "value", "expected"),
    [
        (target("240", "0"), "96", 40),
        (target("240"), "96", 40),
        (target("240"), "0", 0),
        (target("240"), "0.01", 1),
        (target("240"), "239.99", 99),
        (target("240"), "240", 100),
        (target("240"), "500", 100),
        (target("240", "40"), "20", 0),
        (target("240", "40"), "140", 50),
        (target("0", "80"), "20", 75),
        (target("0", "80"), "90", 0),
        (target("-10", "10"), "0", 50),
        (target("0.3", "0"), "0.1", 33),
        (target("5", "5"), "5", 0),
        (target("999999999999999999", "0"), "999999999999999998.999999", 99),
        (target("3", "0"), "0.21", 7),
    ],
)
def test_a_target_goes_from_baseline_to_target(goal: Target, value: str, expected: int) -> None:
    pledge = pledge_of(made(targets=(goal,)), measured(value))
    assert measured_percent(pledge) == expected


def several(*numbers: str) -> tuple[Target, ...]:
    return tuple(target(number, id=f"t{n}") for n, number in enumerate(numbers, 1))


def all_at(value: str, count: int) -> events.Fact:
    return reported(measures=tuple(events.Measure(target=f"t{n}", value=value) for n in range(1, count + 1)))


@pytest.mark.parametrize(
    ("targets", "report", "expected"),
    [
        (several("100", "50"), measured("50"), 25),
        (several("3", "3", "3", "3"), all_at("1", 3), 25),
        (several("3", "3", "3"), all_at("1", 3), 33),
        (several("7", "7", "7", "7", "7", "7", "7"), all_at("1", 7), 14),
        (several("100", "1000"), measured("1"), 1),
        ((*several("100"), target("50", id="t2", retired=True)), measured("50"), 50),
        ((*several("100"), Target(id="t2", description="A law")), measured("50"), 50),
    ],
)
def test_a_part_is_the_mean_over_its_targets_with_a_number(
    targets: tuple[Target, ...], report: events.Fact, expected: int
) -> None:
    assert part_percent(pledge_of(made(targets=targets), report), 0) == expected


def test_without_numbers_the_percent_last_declared_counts() -> None:
    pledge = pledge_of(made(), Said(reported(60), on="2026-02"), Said(reported(40), on="2026-01"), words)
    assert percent(pledge) == 60


def test_with_numbers_a_declared_percent_does_not_count() -> None:
    assert percent(pledge_of(made(targets=(target("240"),)), reported(90))) == 0


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2026-01-31", "2026-02-01", "20"),
        ("2026-02-01", "2026-01-31", "10"),
        ("2026-02", "2026-02-01", "20"),
        ("2026", "2026-01-02", "20"),
        ("2026-01-02", "2026", "10"),
        ("2026-02-01", "2026-02", "20"),
    ],
)
def test_the_latest_effective_date_counts_and_then_the_position(
    first: str, second: str, expected: str
) -> None:
    pledge = pledge_of(
        made(targets=(target("240"),)), Said(measured("10"), on=first), Said(measured("20"), on=second)
    )
    assert target_values(pledge, 0) == {"t1": expected}


def test_values_of_several_reports_are_read_together() -> None:
    pledge = pledge_of(made(targets=several("100", "100")), measured("50"), measured("30", target="t2"))
    assert percent(pledge) == 40


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((), 0),
        ((reported(40),), 20),
        ((reported(40), reported(60, part=1)), 50),
        ((reported(40), reported(narrative="Words", part=1)), 40),
        ((words, reported(narrative="Words", part=1)), None),
        ((words,), 0),
        ((reported(1),), 1),
        ((reported(40), reported(60, part=1), left), 40),
        ((reported(60, part=1), left), 0),
        ((reported(40), events.PartnerInvited(entity=MALTA)), 20),
        ((reported(40), events.PartnerInvited(entity=MALTA), events.PartnerDeclined(entity=MALTA)), 20),
        ((reported(40), joined(MALTA)), 13),
    ],
)
def test_a_joint_pledge_is_the_mean_over_who_takes_part(facts: tuple[Any, ...], expected: int | None) -> None:
    assert measured_percent(pledge_of(joint(), joined(GHANA), *facts)) == expected


def test_named_co_pledgers_do_not_count() -> None:
    assert percent(pledge_of(joint(named=(GHANA, MALTA)), reported(40))) == 40


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    wrong = Said(reported(90), on="2026-01")
    mended = Said(events.ProgressCorrected(corrects=at(2), reason="A sum", percent=9), on="2026-01")
    assert percent(pledge_of(made(), wrong, mended)) == 9
    assert percent(pledge_of(made(), wrong, Said(reported(50), on="2026-02"), mended)) == 50


def test_retired_targets_no_longer_count() -> None:
    retired = events.PledgeAmended(
        changes=Changes(targets=(target("100", retired=True), target("10", id="t2"))), reason="Another goal"
    )
    pledge = pledge_of(made(targets=(target("100"),)), measured("50"), retired)
    assert (percent(pledge), status(pledge)) == (0, "made")
    all_retired = events.PledgeAmended(
        changes=Changes(targets=(target("100", retired=True),)), reason="A law instead"
    )
    assert percent(pledge_of(made(targets=(target("100"),)), measured("50"), all_retired)) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((submitted(),), ("submitted", 0)),
        ((submitted(), events.PledgeRecalled()), ("draft", 0)),
        ((submitted(), events.PledgeReturned(reason="So")), ("returned", 0)),
        ((submitted(), events.PledgeRejected(reason="So")), ("rejected", 0)),
        ((made(),), ("made", 0)),
        ((made(), words), ("made", None)),
        ((made(), reported(0)), ("made", 0)),
        ((made(**matching()), events.PledgeMatched()), ("matched", 0)),
        ((made(**matching()), events.PledgeMatched(), words), ("matched", None)),
        ((made(**matching()), events.PledgeMatched(), reported(1)), ("partially_fulfilled", 1)),
        ((made(**matching()), events.PledgeMatched(), events.PledgeUnmatched()), ("made", 0)),
        ((made(), reported(100)), ("partially_fulfilled", 100)),
        ((made(), fulfilled), ("fulfilled", 100)),
        ((made(), reported(40), withdrawn), ("withdrawn", 40)),
        ((made(), fulfilled, withdrawn), ("withdrawn", 0)),
        ((made(), reported(40), lapsed), ("lapsed", 40)),
    ],
)
def test_status_and_percent(facts: tuple[Any, ...], expected: tuple[str, int | None]) -> None:
    pledge = pledge_of(*facts)
    assert (status(pledge), percent(pledge)) == expected


numbers = st.decimals(min_value=-1000, max_value=1000, places=3).map(str)


@for_all(start=numbers, goal=numbers, value=numbers)
def test_percents_are_exact(start: str, goal: str, value: str) -> None:
    one = target(goal, start)
    found = one.percent_at(value)
    way = Fraction(Decimal(goal)) - Fraction(Decimal(start))
    exact = (Fraction(Decimal(value)) - Fraction(Decimal(start))) * 100 / way if way else Fraction(0)
    assert found == min(Fraction(100), max(Fraction(0), exact))
    assert (whole_percent(found) == 0) == (found == 0)
    assert (whole_percent(found) == 100) == (found == 100)
