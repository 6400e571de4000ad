"""What the calendar does by itself: offers of a match expire when the deadline of the terms has passed.

Says what is due to the register, which decides. Must not know who calls, or how often.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from apscheduler.schedulers.background import BackgroundScheduler

from domain.actors import OPERATOR
from domain.pledges.commands import ExpireOffers
from domain.reference.vocabularies import OPEN
from domain.values import last_day
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.projector import Projector

LOOK_MINUTES = 10
MISSED_SECONDS_MAX = 3600


def expire_offers(runtime: Runtime) -> int:
    """Let unanswered offers expire whose deadline has passed, and say on how many pledges. Safe to repeat."""
    due = list(_with_offers_past_deadline(runtime))
    for pledge_id in due:
        runtime.register.handle(ExpireOffers(pledge_id=pledge_id), by=OPERATOR)
    return len(due)


def _with_offers_past_deadline(runtime: Runtime) -> Iterator[UUID]:
    moment = runtime.questions.moment()
    matching = PledgeFilters(type=("matching",), status=tuple(sorted(OPEN)))
    for pledge in runtime.questions.every_pledge(matching, viewer=None, moment=moment):
        if _is_due(pledge, moment.day):
            yield UUID(pledge["id"])


def _is_due(pledge: dict[str, Any], today: Any) -> bool:
    terms = pledge["terms"]
    waiting = any(offer["state"] == "offered" for offer in pledge["offers"])
    return bool(terms) and waiting and today > last_day(terms["deadline"])


def calendar_of(runtime: Runtime, projector: Projector) -> BackgroundScheduler:
    """A calendar that looks every few minutes where the projector leads, so only one process keeps it."""

    def look() -> None:
        if projector.leads.is_set():
            expire_offers(runtime)

    calendar = BackgroundScheduler(timezone="UTC")
    calendar.add_job(
        look, "interval", minutes=LOOK_MINUTES, id="deadlines", coalesce=True, max_instances=1,
        misfire_grace_time=MISSED_SECONDS_MAX,
    )  # fmt: skip
    return calendar
