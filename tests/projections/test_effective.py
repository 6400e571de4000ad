"""What was true on a day, as known at another: against folding by hand what had become true by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from domain.actors import OPERATOR
from domain.errors import InvalidInput
from domain.pledges.commands import (
    CorrectReport,
    DeclareFulfilled,
    RecordPledge,
    ReportProgress,
)
from domain.pledges.content import Content
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.moments import Moment, effective
from projections.read_models import READ_MODELS
from tests.projections.filled import AUTHORITY, BuildRuntime, bank


@pytest.fixture
def register(build_runtime: BuildRuntime, founded: Runtime) -> Runtime:
    runtime = build_runtime(READ_MODELS)
    runtime.projector().catch_up()
    return runtime


@pytest.fixture
def pledge(register: Runtime) -> UUID:
    """Done in March, reported in another order, corrected, then fulfilled: all recorded today."""
    entity = bank(register.register)
    pledge_id = uuid4()
    handle = register.register.handle
    content = Content(title="Schools for all", entity=entity, made_on="2022-05-17")
    handle(RecordPledge(pledge_id=pledge_id, content=content, authority=AUTHORITY), by=OPERATOR)
    report = {"pledge_id": pledge_id, "authority": AUTHORITY}
    handle(ReportProgress(**report, effective_on="2025-03", percent=60), by=OPERATOR)
    wrong = handle(ReportProgress(**report, effective_on="2024-06-30", percent=50), by=OPERATOR)
    handle(
        CorrectReport(
            **report, report=wrong.events[0].position, effective_on="2024-06-30", percent=30, reason="Typo"
        ),
        by=OPERATOR,
    )
    handle(
        DeclareFulfilled(
            pledge_id=pledge_id, authority=AUTHORITY, effective_on="2025-12-01", reason="All done"
        ),
        by=OPERATOR,
    )
    register.projector().catch_up()
    return pledge_id


def percent(
    register: Runtime, pledge: UUID, day: str, as_of: str | None = None
) -> tuple[str, int | None] | None:
    moment = effective(register.questions.moment(as_of), day)
    found = register.questions.pledge(str(pledge), viewer=None, moment=moment)
    return found and (found["status"], found["percent"])


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-05-16", None),
        ("2022-05-17", ("made", 0)),
        ("2024-06-29", ("made", 0)),
        ("2024-06-30", ("partially_fulfilled", 30)),
        ("2025-02", ("partially_fulfilled", 30)),
        ("2025-03-01", ("partially_fulfilled", 60)),
        ("2025-12-02", ("fulfilled", 100)),
    ],
)
def test_what_was_true_on_a_day(
    register: Runtime, pledge: UUID, day: str, expected: tuple[str, int | None] | None
) -> None:
    found = percent(register, pledge, day)
    if expected is not None:
        assert found is not None
        found = (found[0], found[1] or 0)
    assert found == expected


def test_as_known_before_it_was_corrected(register: Runtime, pledge: UUID) -> None:
    last = register.recorder.max_notification_id() or 0
    with register.pool.connection() as connection:
        row = connection.execute(
            "SELECT position FROM events WHERE name = 'pledge.progress-corrected'"
        ).fetchone()
    assert row is not None
    assert percent(register, pledge, "2024-07-01", str(row[0] - 1)) == ("partially_fulfilled", 50)
    assert percent(register, pledge, "2024-07-01", str(last)) == ("partially_fulfilled", 30)


def test_lists_and_numbers_say_the_same(register: Runtime, pledge: UUID) -> None:
    def counted(moment: Moment) -> tuple[int, int, dict[str, int]]:
        listed = register.questions.pledges(PledgeFilters(), viewer=None, moment=moment)
        by_status = {count.value: count.count for count in listed.facets["status"] if count.count}
        return listed.total, register.questions.totals(moment=moment)["pledges"], by_status

    now = register.questions.moment()
    assert counted(now) == (1, 1, {"fulfilled": 1})
    assert counted(effective(now, "2025-03-01")) == (1, 1, {"partially_fulfilled": 1})
    assert counted(effective(now, "2022")) == (1, 1, {"made": 1})
    assert counted(effective(now, "2021")) == (0, 0, {})
    assert counted(now) == (1, 1, {"fulfilled": 1})


def test_nothing_of_it_stays(register: Runtime, pledge: UUID) -> None:
    percent(register, pledge, "2025")
    with register.pool.connection() as connection:
        found = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%effective%'"
        ).fetchall()
    assert found == []


@pytest.mark.parametrize("day", ["2099", "soon", "2022-13", ""])
def test_what_is_no_day_is_refused(register: Runtime, day: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        effective(register.questions.moment(), day)
    assert list(refused.value.errors) == ["effective_at"]


def test_a_day_after_the_moment_is_refused(register: Runtime, pledge: UUID) -> None:
    moment = replace(register.questions.moment(), true_on=None)
    assert effective(moment, moment.day.isoformat()).true_on == moment.day
    with pytest.raises(InvalidInput):
        effective(moment, date(moment.day.year + 1, 1, 1).isoformat())
