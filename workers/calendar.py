"""What the calendar brings about: offers that expire, letters, checkpoints, what is forgotten.

Done by the process whose projector leads, so by one at a time; doing it twice would change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

from domain.actors import CALENDAR
from domain.errors import RegisterError
from domain.pledges.commands import ExpireOffers
from projections.composition import Runtime
from projections.deadlines import pledges_with_offers
from projections.problems import OperatorProblem
from workers.digesting import write_digests
from workers.ending_cycles import end_cycles
from workers.mailing import send_mail
from workers.noticing import notice_facts
from workers.publishing import latest_copy, publish
from workers.reminding import remind

FIRST_AFTER_SECONDS = 5
MINUTE = 5
CHECK_HOUR = 3
OFTEN_SECONDS = 5
LATE_SECONDS_MAX = 3000
LOOK_SECONDS = 60.0
STEP = timedelta(minutes=1)
"""By less no clock is set back that anybody would notice."""

log = structlog.get_logger(__name__)


@contextmanager
def observed(runtime: Runtime, leads: Event) -> Iterator[None]:
    """Do each minute or hour, and soon after the start, what the calendar asks for."""
    scheduler = BackgroundScheduler(timezone=UTC)
    first = runtime.clock() + timedelta(seconds=FIRST_AFTER_SECONDS)
    jobs = (
        (expire_offers, MINUTE), (forget_answers, MINUTE), (sign_checkpoint, "*"), (finish_erasures, "*"),
        (remind, MINUTE), (write_digests, MINUTE),
    )  # fmt: skip
    for job, minute in jobs:
        scheduler.add_job(
            _if_leading, "cron", args=[job, runtime, leads], minute=minute, next_run_time=first,
            misfire_grace_time=LATE_SECONDS_MAX, coalesce=True, id=job.__name__,
        )  # fmt: skip
    scheduler.add_job(
        _if_leading, "cron", args=[check_log, runtime, leads], hour=CHECK_HOUR, next_run_time=first,
        misfire_grace_time=LATE_SECONDS_MAX, coalesce=True, id=check_log.__name__,
    )  # fmt: skip
    for job in (send_mail, end_cycles, notice_facts):
        scheduler.add_job(
            _if_leading, "cron", args=[job, runtime, leads], second=f"*/{OFTEN_SECONDS}",
            misfire_grace_time=LATE_SECONDS_MAX, coalesce=True, max_instances=1, id=job.__name__,
        )  # fmt: skip
    stop = Event()
    scheduler.start()
    Thread(target=keep_in_step, args=[scheduler, stop], daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        scheduler.shutdown(wait=False)


def keep_in_step(scheduler: BaseScheduler, stop: Event) -> None:
    """Where the clock ran ahead and was set back, jobs wait for a time that is far off: find it anew."""
    while not stop.wait(LOOK_SECONDS):
        try:
            _keep_in_step(scheduler)
        except Exception:
            # A job may end while it is looked at. The next look finds what this one did not.
            log.exception("calendar.not-in-step")


def _keep_in_step(scheduler: BaseScheduler) -> None:
    now = datetime.now(UTC)
    for job in scheduler.get_jobs():
        soonest = job.trigger.get_next_fire_time(None, now)
        if job.next_run_time > soonest + STEP:
            log.warning("calendar.set-back", job=job.id, waited_for=job.next_run_time.isoformat())
            job.modify(next_run_time=soonest)


def _if_leading(job: Callable[[Runtime], int], runtime: Runtime, leads: Event) -> None:
    if not leads.is_set():
        return
    try:
        done = job(runtime)
    except (OperatorProblem, RegisterError) as problem:
        log.warning("calendar.put-off", job=job.__name__, problem=str(problem))
    else:
        if done:
            log.info("calendar.done", job=job.__name__, count=done)


def expire_offers(runtime: Runtime) -> int:
    """Let unanswered offers expire whose terms' deadline has passed; how many pledges that changed."""
    changed = 0
    for pledge_id in pledges_with_offers(runtime.pool):
        try:
            outcome = runtime.register.handle(ExpireOffers(pledge_id=pledge_id), by=CALENDAR)
        except RegisterError as refusal:
            log.info("calendar.refused", pledge=str(pledge_id), code=refusal.code)
        else:
            changed += bool(outcome.events)
    return changed


def sign_checkpoint(runtime: Runtime) -> int:
    """Sign a checkpoint of what was recorded since the last one; how many events that is."""
    before = runtime.log.latest()
    signed = runtime.notary.sign()
    publish(runtime, signed)
    return signed.checkpoint.size - (before.checkpoint.size if before else 0)


def finish_erasures(runtime: Runtime) -> int:
    """Have read models forget what an erasure that was cut short left in them; how many did."""
    forgot = runtime.eraser.let_read_models_forget()
    if forgot:
        log.warning("erasure.finished", read_models=forgot)
    return len(forgot)


def check_log(runtime: Runtime) -> int:
    """Hold events, tree, checkpoints and their copy against each other; whether something does not fit."""
    problem = runtime.log.check(latest_copy(runtime.settings.checkpoints_to))
    if problem:
        log.error("log.tampered", problem=problem)
    return int(problem is not None)


def forget_answers(runtime: Runtime) -> int:
    """Forget answers nobody can ask for again, what nobody signs in with, sheets and files left lying."""
    kept = (
        runtime.idempotency, runtime.sessions, runtime.links, runtime.tries, runtime.outbox,
        runtime.followers, runtime.passkeys, runtime.sent_sheets, runtime.files,
        runtime.kept_forms,
    )  # fmt: skip
    return sum(one.forget_old() for one in kept)
