"""Offers of a match expire by themselves after the deadline of the terms, once, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.actors import OPERATOR
from domain.founding import found
from domain.pledges.commands import OfferMatch, RecordPledge
from domain.pledges.content import Content, Terms
from domain.recording import Authority
from domain.reference.states import state_id
from projections.composition import Runtime, build
from projections.database.migrate import migrate
from projections.database.roles import urls_of
from projections.settings import read_settings
from workers.deadlines import calendar_of, expire_offers

BEFORE = datetime.now(UTC) + timedelta(days=1)
LETTER = Authority(kind="note_verbale", reference="NV 7")


class Clock:
    """A clock that a test moves on."""

    now = BEFORE

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def running(environment: dict[str, str], clock: Clock) -> Iterator[Runtime]:
    urls = urls_of(environment["DATABASE_URL"])
    migrate(urls.owner)
    runtime = build(read_settings(), urls, clock=clock)
    found(runtime.register)
    yield runtime
    runtime.close()


def _recorded(runtime: Runtime, state: str, terms: Terms | None = None) -> UUID:
    pledge = uuid4()
    content = Content(title="A pledge", entity=state_id(state), type="matching", terms=terms)
    runtime.register.handle(RecordPledge(pledge_id=pledge, content=content, authority=LETTER), by=OPERATOR)
    return pledge


def _with_an_offer(runtime: Runtime, deadline: str) -> UUID:
    asking = _recorded(runtime, "KEN", Terms(kind="technical", condition="Trainers", deadline=deadline))
    offering = _recorded(runtime, "DEU")
    offer = OfferMatch(pledge_id=asking, offering=offering, authority=LETTER)
    runtime.register.handle(offer, by=OPERATOR)
    runtime.projector().catch_up()
    return asking


def _last_event(runtime: Runtime, pledge: UUID) -> str:
    runtime.projector().catch_up()
    history = runtime.questions.history(str(pledge), viewer=None, moment=runtime.questions.moment())
    assert history
    return str(history[-1]["name"])


def test_offers_expire_after_the_deadline_once_and_not_before(running: Runtime, clock: Clock) -> None:
    asking = _with_an_offer(running, (BEFORE + timedelta(days=10)).date().isoformat())
    assert expire_offers(running) == 0

    clock.now = BEFORE + timedelta(days=11)
    assert expire_offers(running) == 1
    assert _last_event(running, asking) == "pledge.match-expired"
    assert expire_offers(running) == 0


def test_only_who_leads_keeps_the_calendar(running: Runtime, clock: Clock) -> None:
    asking = _with_an_offer(running, (BEFORE + timedelta(days=10)).date().isoformat())
    clock.now = BEFORE + timedelta(days=11)
    projector = running.projector()
    (job,) = calendar_of(running, projector).get_jobs()

    job.func()
    assert _last_event(running, asking) == "pledge.match-offered"

    projector.leads.set()
    job.func()
    assert _last_event(running, asking) == "pledge.match-expired"
