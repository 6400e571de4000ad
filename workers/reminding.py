"""Reminds those who report for a pledge, or for a part of it, of what is due, once; mail to a State waits.

Must not know what is due by which rule, nor how mail is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.actors import Actor, Grant
from domain.pledges.concerned import Party
from domain.values import utc_day
from projections.board.due import Due
from projections.composition import Runtime
from projections.letters.reminders import URGENT_FIRST, Reminded, reminder
from projections.moments import Moment
from projections.questions import ACCOUNTS, BOARD, HISTORY
from projections.reminders import Addressed, key
from workers.recipients import Recipient, recipients

ANSWERED = "no longer due"
ASKS_FOR_A_REPORT = frozenset({"due-soon", "due-today", "overdue", "report-amber", "report-red"})
"""Kinds of which one letter is enough at a time: what is asked for is the same."""


def remind(runtime: Runtime) -> int:
    """Write what is due to whoever reports for it; how many reminders that made.

    Without an own address there is nothing to lead people to, so nothing is written.
    """
    if runtime.settings.base_url is None:
        return 0
    # NotReadYet where these cannot be asked
    moment = runtime.questions.moment(of=(*BOARD, *HISTORY, *ACCOUNTS))
    found = runtime.reminders.due(utc_day(runtime.clock()))
    _drop_answered(runtime, found)
    unwritten = runtime.reminders.unwritten(found)
    return sum(_written(runtime, unwritten, moment)) if unwritten else 0


def _drop_answered(runtime: Runtime, found: list[Due]) -> None:
    """What waits for a word and is not due any more, because somebody reported, need not go."""
    due = {key(one) for one in found}
    answered = [letter for letter, reminds_of in runtime.outbox.held().items() if reminds_of not in due]
    if answered:
        runtime.outbox.drop(answered, None, ANSWERED)


def _written(runtime: Runtime, unwritten: list[Due], moment: Moment) -> Iterator[bool]:
    named = runtime.questions.entities_named({one.entity for one in unwritten}, moment=moment)
    parties = {one: Party(UUID(str(entity["id"]))) for one, entity in named.items()}
    to = recipients(runtime, set(parties.values()))
    for several in _together(unwritten):
        entity = several[0].entity
        if entity in named:
            yield _write(runtime, several, named[entity], to[parties[entity]], moment)


def _together(unwritten: list[Due]) -> list[list[Due]]:
    """What one letter says, the most urgent first."""
    found: dict[tuple[UUID, UUID | None, str], list[Due]] = {}
    for one in sorted(unwritten, key=lambda due: URGENT_FIRST.index(due.kind)):
        about = "report" if one.kind in ASKS_FOR_A_REPORT else one.kind
        found.setdefault((one.pledge, one.partner, about), []).append(one)
    return list(found.values())


def _write(
    runtime: Runtime,
    several: Sequence[Due],
    whose: Mapping[str, Any],
    to: Sequence[Recipient],
    moment: Moment,
) -> bool:
    """Nobody to write to now: whoever gets an account later is reminded then."""
    one, *others = several
    viewer = Actor(account=UUID(int=0), grants=(Grant(role="pledger", entity=UUID(str(whose["id"]))),))
    pledge = runtime.questions.pledge(str(one.pledge), viewer=viewer, moment=moment, with_paper=False)
    if pledge is None or not to:
        return False
    base = runtime.settings.base_url or ""
    told = Reminded(one.kind, one.day, pledge, whose["name"], is_part=one.partner is not None)
    letters = [Addressed(runtime.new_id(), each.id, reminder(told, base, each.language)) for each in to]
    is_held = whose["category"] == "state"
    return runtime.reminders.write(one, letters, read_to=moment.position, is_held=is_held, says_too=others)
