"""What follows from a pledge on a day: overdue, staleness, completeness, what was last said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.pledges import events
from domain.pledges.content import Target
from domain.pledges.derived import (
    completeness,
    due_until,
    is_overdue,
    last_report_on,
    outlook,
    stale_since,
    staleness,
    status_note,
)
from tests.domain.pledges.life import (
    GHANA,
    TRAINED,
    Said,
    euros,
    fulfilled,
    joined,
    joint,
    lapsed,
    made,
    pledge_of,
    reported,
    submitted,
    withdrawn,
)


@pytest.mark.parametrize(
    ("due", "last"),
    [
        ("2024-05-17", "2024-05-17"),
        ("2024-02", "2024-02-29"),
        ("2025-02", "2025-02-28"),
        ("2024", "2024-12-31"),
    ],
)
def test_a_due_date_means_its_last_day(due: str, last: str) -> None:
    until = due_until(pledge_of(made(due_on=due)))
    assert until == date.fromisoformat(last)
    assert not is_overdue(until, date.fromisoformat(last))
    assert is_overdue(until, date.fromordinal(date.fromisoformat(last).toordinal() + 1))


@pytest.mark.parametrize(
    ("on", "overdue"),
    [
        ("2024-05-30", True),
        ("2024-05-31", False),
        ("2024-06", False),
        ("2024", True),
        ("2024-05", True),
        ("2025", False),
    ],
)
def test_a_report_from_the_due_day_on_answers_for_it(on: str, overdue: bool) -> None:  # noqa: FBT001
    pledge = pledge_of(made(due_on="2024-05"), Said(reported(40), on=on))
    assert is_overdue(due_until(pledge), date(2026, 1, 1)) is overdue


@pytest.mark.parametrize("end", [(withdrawn,), (lapsed,), (fulfilled,)])
def test_what_is_not_open_is_neither_overdue_nor_stale(end: tuple[events.Fact, ...]) -> None:
    pledge = pledge_of(made(due_on="2022-06"), *end)
    assert (due_until(pledge), stale_since(pledge)) == (None, None)
    assert staleness(stale_since(pledge), date(2026, 1, 1)) is None


def test_without_a_due_date_nothing_is_overdue() -> None:
    assert due_until(pledge_of(made(due_on=None))) is None
    assert due_until(pledge_of(submitted())) is None


@pytest.mark.parametrize(
    ("today", "colour"),
    [
        ("2022-05-17", "green"),
        ("2023-05-16", "green"),
        ("2023-05-17", "amber"),
        ("2024-05-16", "amber"),
        ("2024-05-17", "red"),
    ],
)
def test_a_year_without_a_report_is_amber_and_two_are_red(today: str, colour: str) -> None:
    assert staleness(stale_since(pledge_of(made())), date.fromisoformat(today)) == colour


def test_staleness_counts_from_the_last_report() -> None:
    pledge = pledge_of(made(), Said(reported(40), on="2024-02-29"), Said(reported(30), on="2023-05"))
    assert stale_since(pledge) == (date(2025, 3, 1), date(2026, 3, 1))
    assert last_report_on(pledge) == "2024-02-29"


def test_what_is_not_known_to_be_made_counts_from_its_record() -> None:
    pledge = pledge_of(made(made_on=None))
    assert stale_since(pledge) == (date(2027, 3, 1), date(2028, 3, 1))


def test_the_latest_day_says_the_outlook() -> None:
    pledge = pledge_of(
        made(),
        Said(reported(1, outlook="at_risk"), on="2026-02"),
        Said(reported(1, outlook="on_track"), on="2026-01"),
        Said(reported(2), on="2026-03"),
    )
    assert (outlook(pledge), last_report_on(pledge)) == ("at_risk", "2026-03")
    both = pledge_of(made(), reported(1, outlook="at_risk"), reported(1, outlook="delayed"))
    assert outlook(both) == "delayed"


def test_who_left_says_nothing_any_more() -> None:
    life = (joint(), joined(GHANA), reported(1, part=1, outlook="delayed"))
    assert outlook(pledge_of(*life)) == "delayed"
    gone = pledge_of(*life, events.PartnerLeft(entity=GHANA, reason="So"))
    assert (outlook(gone), last_report_on(gone)) == (None, None)


def test_the_status_note_is_the_owner_s_latest_report_in_words() -> None:
    pledge = pledge_of(
        joint(),
        joined(GHANA),
        reported(narrative="A draft"),
        reported(5),
        reported(narrative="Ghana's", part=1),
    )
    assert status_note(pledge) == "A draft"


@pytest.mark.parametrize(
    ("said", "score", "missing"),
    [
        ({"targets": (TRAINED,)}, 1.0, []),
        ({}, 0.8, ["targets"]),
        ({"targets": (Target(id="t1", unit="people", target="240"),)}, 0.8, ["baseline"]),
        ({"targets": (Target(id="t1", description="A law"),)}, 0.8, ["targets"]),
        ({"targets": (TRAINED,), "forms": ("financial",)}, 0.8, ["amount"]),
        ({"targets": (TRAINED,), "forms": ("financial",), "amount": euros("5")}, 1.0, []),
        ({"targets": (TRAINED,), "objectives": (), "principles": ("human-rights",)}, 1.0, []),
        (
            {"description": "Short", "forms": (), "objectives": (), "due_on": None},
            0.0,
            ["description", "targets", "forms", "objectives", "due_on"],
        ),
    ],
)
def test_completeness_says_what_is_missing(said: dict[str, Any], score: float, missing: list[str]) -> None:
    assert completeness(pledge_of(made(**said))) == (score, missing)
