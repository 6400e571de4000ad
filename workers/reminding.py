"""Reminds those who report for a pledge of what is due, once; mail to a State waits for the Secretariat.

Must not know what is due by which rule, nor how mail is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from domain.pledges.concerned import Party
from domain.values import utc_day
from projections.composition import Runtime
from projections.letters.reminders import Kind, reminder
from projections.questions import BOARD
from projections.reminders import Addressed, Due
from workers.recipients import Recipient, recipients

KINDS: tuple[Kind, ...] = get_args(Kind)
ANSWERED = "no longer due"


def remind(runtime: Runtime) -> int:
    """Write what is due to whoever reports for it; how many reminders that made.

    Without an own address there is nothing to lead people to, so nothing is written.
    """
    if runtime.settings.base_url is None:
        return 0
    runtime.questions.moment(of=BOARD)  # NotReadYet where the board cannot be asked
    found = runtime.reminders.due(utc_day(runtime.clock()))
    _drop_answered(runtime, found)
    unwritten = runtime.reminders.unwritten(found)
    return sum(_written(runtime, unwritten)) if unwritten else 0


def _drop_answered(runtime: Runtime, found: list[Due]) -> None:
    """What waits for a word and is not due any more, because somebody reported, need not go."""
    due = {one.key for one in found}
    answered = [letter for letter, key in runtime.outbox.held().items() if key not in due]
    if answered:
        runtime.outbox.drop(answered, None, ANSWERED)


def _written(runtime: Runtime, unwritten: list[Due]) -> list[bool]:
    found = recipients(runtime, {Party(one.entity) for one in unwritten})
    return [_write(runtime, one, found[Party(one.entity)]) for one in unwritten]


def _write(runtime: Runtime, one: Due, to: Sequence[Recipient]) -> bool:
    """Nobody to write to now: whoever gets an account later is reminded then."""
    moment = runtime.questions.moment(of=BOARD)
    pledge = runtime.questions.pledge(str(one.pledge), viewer=None, moment=moment)
    kind = next((kind for kind in KINDS if kind == one.kind), None)
    if pledge is None or kind is None or not to:
        return False
    base = runtime.settings.base_url or ""
    letters = [
        Addressed(runtime.new_id(), each.id, reminder(kind, one.day, pledge, base, each.language))
        for each in to
    ]
    return runtime.reminders.write(one, letters, is_held=pledge["entity"]["category"] == "state")
