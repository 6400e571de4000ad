"""Which moment is meant, and that no answer claims one that what it is made from has not reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from domain.actors import OPERATOR
from domain.errors import InvalidInput
from domain.founding import found
from domain.pledges.commands import RecordPledge
from domain.pledges.content import Content
from domain.recording import Recorded
from domain.register import Outcome
from domain.values import rfc3339
from projections import questions
from projections.board.filters import PledgeFilters
from projections.database.pool import DatabaseUnavailable
from projections.moments import NotReadYet, Standstill
from projections.projector import Projector
from projections.questions import BOARD, HISTORY, PROGRESS
from projections.read_models import READ_MODELS
from tests.projections.filled import AUTHORITY, BuildRuntime, bank, record_pledge
from tests.projections.moody import Moody
from tests.projections.tally import Tally

if TYPE_CHECKING:
    from projections.composition import Runtime

FOUNDED = 196


# -- what has stopped


@pytest.fixture
def stopped(build_runtime: BuildRuntime) -> tuple[Runtime, Outcome]:
    """A register whose timeline stopped before a pledge was recorded."""
    moody = Moody("timeline")
    runtime: Runtime = build_runtime(moody.among_all)
    found(runtime.register)
    runtime.projector().catch_up()
    moody.is_well = False
    outcome = record_pledge(runtime.register, bank(runtime.register))
    runtime.projector().catch_up()
    return runtime, outcome


def test_now_is_where_that_stands_from_which_the_answer_is_made(stopped: tuple[Runtime, Outcome]) -> None:
    runtime, outcome = stopped
    board = runtime.questions.moment(of=BOARD)
    assert (board.position, board.stands_still) == (outcome.position, ())
    history = runtime.questions.moment(of=HISTORY)
    assert (history.position, history.stands_still) == (FOUNDED, (Standstill("timeline", FOUNDED),))
    everything = runtime.questions.moment()
    assert (everything.position, everything.stands_still) == (FOUNDED, history.stands_still)


def test_no_answer_claims_what_its_read_model_has_not_reached(stopped: tuple[Runtime, Outcome]) -> None:
    runtime, outcome = stopped
    now = runtime.questions.moment(of=BOARD)
    assert runtime.questions.pledges(PledgeFilters(), viewer=None, moment=now).total == 1
    with pytest.raises(NotReadYet, match=f"timeline.*position {outcome.position}"):
        runtime.questions.history(str(outcome.stream), viewer=None, moment=now)
    with pytest.raises(NotReadYet, match=f"timeline stands still since position {FOUNDED}"):
        runtime.questions.moment(str(outcome.position), of=HISTORY)
    assert runtime.questions.moment(str(FOUNDED), of=HISTORY).stands_still == ()


def test_a_write_is_told_of_what_has_stopped_and_does_not_wait_for_it(
    stopped: tuple[Runtime, Outcome],
) -> None:
    runtime, outcome = stopped
    assert not runtime.readers.wait_for(outcome.position, at_most=600)
    assert runtime.readers.wait_for_live(outcome.position, at_most=600)
    assert runtime.questions.stands_still() == [Standstill("timeline", FOUNDED)]


def test_what_stopped_and_goes_on_is_read_again(stopped: tuple[Runtime, Outcome]) -> None:
    runtime, outcome = stopped
    Projector(runtime.urls.app, READ_MODELS).catch_up()
    now = runtime.questions.moment(of=HISTORY)
    assert (now.position, now.stands_still) == (outcome.position, ())
    assert runtime.questions.history(str(outcome.stream), viewer=None, moment=now)


# -- what was never whole


def test_a_new_version_is_not_read_before_it_is_whole(build_runtime: BuildRuntime) -> None:
    old = build_runtime([Tally()])
    found(old.register)
    old.projector().catch_up()
    half = Tally(version=2, poison="cycle.opened")
    new = build_runtime([half])
    with pytest.raises(NotReadYet, match="tally is being built: 0 of 196"):
        new.questions.moment()
    new.projector().catch_up()
    for as_of in (None, "1"):
        with pytest.raises(NotReadYet, match="tally is being built: 195 of 196"):
            new.questions.moment(as_of)
    assert old.questions.moment().position == FOUNDED, "the code of the old version reads it still"
    half.poison = None
    new.projector().catch_up()
    assert new.questions.moment().position == FOUNDED


# -- times that are not over yet


@contextmanager
def appending(runtime: Runtime) -> Iterator[Event]:
    """An append that has its time, and is committed when the block says so or ends."""
    begun, go = Event(), Event()

    def wait(_: Any, __: Sequence[Recorded]) -> None:
        begun.set()
        assert go.wait(60)

    entity = bank(runtime.register)
    content = Content(title="More places of learning", entity=entity)
    command = RecordPledge(pledge_id=uuid4(), content=content, authority=AUTHORITY)
    with ThreadPoolExecutor(1) as threads:
        task = threads.submit(runtime.register.handle, command, by=OPERATOR, also=[wait])
        assert begun.wait(60) or task.result()
        try:
            yield go
        finally:
            go.set()
            task.result()


def last_of(runtime: Runtime) -> int:
    return runtime.recorder.max_notification_id() or 0


def test_a_time_waits_for_what_may_still_be_recorded_at_it(founded: Runtime) -> None:
    with ThreadPoolExecutor(1) as threads, appending(founded) as go:
        asked = threads.submit(founded.questions.moment, rfc3339(datetime.now(UTC)))
        with pytest.raises(TimeoutError):
            asked.result(timeout=0.3)
        go.set()
        assert asked.result(timeout=60).position == last_of(founded)


def test_a_time_that_is_settled_waits_for_nobody(founded: Runtime) -> None:
    first = founded.questions.moment("1").at
    with appending(founded):
        before = last_of(founded)
        assert founded.questions.moment(rfc3339(first)).position == 1
        assert founded.questions.moment(rfc3339(first - timedelta(days=1))).position == 0
        with pytest.raises(DatabaseUnavailable):
            founded.questions.moment(rfc3339(datetime.now(UTC)))
        assert founded.questions.moment().position == before


def test_a_time_is_answered_once_it_is_read(
    build_runtime: BuildRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = build_runtime([Tally()])
    found(runtime.register)
    runtime.projector().catch_up()
    outcome = record_pledge(runtime.register, bank(runtime.register))
    now = rfc3339(datetime.now(UTC))
    with pytest.raises(NotReadYet, match=f"tally is at position {FOUNDED}, and {outcome.position}"):
        runtime.questions.moment(now)
    monkeypatch.setattr(questions, "WAIT_SECONDS_MAX", 60)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(runtime.questions.moment, now)
        runtime.projector().catch_up()
        assert asked.result().position == outcome.position


# -- what `as_of` can say


NO_MOMENTS = (
    "2026-05-17T12:00:00", "2026-05-17 12:00:00Z", "2026-02-30T12:00:00Z", "20260517T120000Z", "2026-13-01",
    "1900-02-29", "0000-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "checkpoint:3",
    "-1", "٣", "1e3", "now",
)  # fmt: skip


@pytest.mark.parametrize("as_of", NO_MOMENTS)
def test_what_is_no_moment_is_refused_under_the_name_it_was_given(founded: Runtime, as_of: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        founded.questions.moment(as_of, field="compare_to", of=PROGRESS)
    assert set(refused.value.errors) == {"compare_to"}


@pytest.mark.parametrize("beginning", ["", "checkpoint:"])
def test_a_number_that_nothing_has_yet_is_told_as_such(founded: Runtime, beginning: str) -> None:
    said = "none of that size was signed" if beginning else f"is not there yet: the latest is {FOUNDED}."
    for number in ("9" * 18, "9" * 19, "9" * 64):
        with pytest.raises(InvalidInput, match=said):
            founded.questions.moment(beginning + number)


def test_the_future_is_refused(founded: Runtime) -> None:
    for as_of in (str(FOUNDED + 1), rfc3339(datetime.now(UTC) + timedelta(hours=1)), "2199-01-01"):
        with pytest.raises(InvalidInput, match=r"lies in the future|not there yet"):
            founded.questions.moment(as_of)


@pytest.mark.parametrize("as_of", ["0001-01-01T00:00:00Z", "1000-01-01T00:00:00Z", "1900-01-01", "1899-12"])
def test_long_before_the_first_event_there_was_nothing(founded: Runtime, as_of: str) -> None:
    moment = founded.questions.moment(as_of)
    assert (moment.position, moment.is_now) == (0, False)
    assert moment.recording_began == founded.questions.moment("1").at
    assert rfc3339(moment.at).startswith(as_of[:4])
