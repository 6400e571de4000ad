"""What the calendar brings about: once, by the process that leads, and never before the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from domain.actors import OPERATOR, Authority
from domain.pledges.commands import AcceptMatch, OfferMatch, RecordPledge
from domain.pledges.content import Content, Terms
from domain.reference.states import state_id
from projections.composition import Runtime, build
from projections.database.roles import urls_of
from projections.settings import read_settings
from tests.workers.conftest import Pledges
from tests.workers.served import wait_for
from workers import calendar
from workers.running import wait_until_readable

LETTER = Authority(kind="email", reference="letter 7")
DEADLINE = "2030-06-30"


def recorded(runtime: Runtime, state: str, terms: Terms | None = None) -> UUID:
    content = Content(title="Matched", entity=state_id(state), type="matching", terms=terms)
    pledge_id = runtime.new_id()
    runtime.register.handle(RecordPledge(pledge_id=pledge_id, content=content, authority=LETTER), by=OPERATOR)
    return pledge_id


@pytest.fixture
def asking(runtime: Runtime) -> UUID:
    """A pledge with terms, to which one match was offered and accepted, and another was only offered."""
    asking = recorded(runtime, "KEN", Terms(kind="technical", deadline=DEADLINE, condition="help", count=5))
    for state in ("UGA", "RWA"):
        offering = recorded(runtime, state)
        offer = OfferMatch(pledge_id=asking, offering=offering, authority=LETTER)
        (event,) = runtime.register.handle(offer, by=OPERATOR).events
        if state == "UGA":
            accept = AcceptMatch(pledge_id=asking, match=event.fact.match, authority=LETTER)
            runtime.register.handle(accept, by=OPERATOR)
    return asking


def at(moment: datetime) -> Runtime:
    settings = read_settings()
    assert settings.database_url is not None
    return build(settings, urls_of(settings.database_url), clock=lambda: moment)


def states(runtime: Runtime, pledge: UUID) -> list[str]:
    found = runtime.register.consult(lambda context: context.world.pledge(pledge), by=OPERATOR)
    assert found is not None
    return [match.state for match in found.matches]


@pytest.mark.parametrize(
    ("moment", "changed", "then"),
    [
        (datetime(2030, 6, 30, 23, 59, tzinfo=UTC), 0, ["accepted", "offered"]),
        (datetime(2030, 7, 1, 0, 1, tzinfo=UTC), 1, ["accepted", "expired"]),
    ],
)
def test_offers_expire_after_the_deadline(
    pledges: Pledges, asking: UUID, moment: datetime, changed: int, then: list[str]
) -> None:
    later = at(moment)
    try:
        assert calendar.expire_offers(later) == changed
        assert states(later, asking) == then
        assert calendar.expire_offers(later) == 0
    finally:
        later.close()


def test_answers_are_forgotten_after_their_time(runtime: Runtime) -> None:
    account = runtime.new_id()
    runtime.idempotency.claim(account=account, method="POST", path="/", key="k", request_digest=b"x" * 32)
    assert calendar.forget_answers(runtime) == 0
    with runtime.pool.connection() as connection:
        connection.execute("UPDATE idempotent_requests SET created_at = created_at - interval '31 days'")
    assert calendar.forget_answers(runtime) == 1


def test_facts_are_told_while_the_calendar_runs(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "OFTEN_SECONDS", 1)
    leads, head = Event(), runtime.recorder.max_notification_id() or 0
    assert wait_until_readable(runtime, head)
    leads.set()

    def came_to() -> bool:
        with runtime.pool.connection() as connection:
            found = connection.execute("SELECT position FROM processes WHERE name = 'noticing'").fetchone()
        return found is not None and found[0] >= head

    assert not came_to()
    with calendar.observed(runtime, leads):
        wait_for(came_to)


def test_only_the_one_that_leads_observes_the_calendar(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Event()
    monkeypatch.setattr(calendar, "FIRST_AFTER_SECONDS", 0)

    def expire_offers(_: Runtime) -> int:
        done.set()
        return 1

    monkeypatch.setattr(calendar, "expire_offers", expire_offers)
    leads = Event()
    with calendar.observed(runtime, leads):
        assert not done.wait(0.5)
    leads.set()
    with calendar.observed(runtime, leads):
        wait_for(done.is_set)


class Fails:
    """The first look fails, as when a job ends meanwhile."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self._look, self._looked = look, 0

    def __call__(self) -> Any:
        self._looked += 1
        if self._looked == 1:
            raise KeyError("the job is gone")
        return self._look()


def test_jobs_that_wait_for_a_time_far_off_are_done_once_the_clock_is_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calendar, "LOOK_SECONDS", 0.05)
    scheduler, done, stop = BackgroundScheduler(timezone=UTC), Event(), Event()
    job = scheduler.add_job(done.set, "cron", second="*")
    scheduler.start()
    try:
        job.modify(next_run_time=datetime.now(UTC) + timedelta(days=2))
        done.clear()
        looks = Fails(scheduler.get_jobs)
        monkeypatch.setattr(scheduler, "get_jobs", looks)
        keeper = Thread(target=calendar.keep_in_step, args=[scheduler, stop])
        keeper.start()
        wait_for(done.is_set)
        stop.set()
        keeper.join()
    finally:
        scheduler.shutdown()
