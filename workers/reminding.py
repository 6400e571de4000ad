"""Reminds those who report for a pledge of what is due, once; mail to a State waits for the Secretariat.

Must not know what is due by which rule, nor how mail is sent.
"""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from domain.values import utc_day
from projections.composition import Runtime
from projections.letters.reminders import Kind, reminder
from projections.questions import BOARD
from projections.reminders import Addressed, Due
from projections.reporters import reporters

KINDS: tuple[Kind, ...] = get_args(Kind)
ANSWERED = "no longer due"
Recipients = dict[UUID, str | None]
"""To whom letters are addressed, and in which language each reads."""


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
    recipients = _recipients(runtime, {one.entity for one in unwritten})
    return [_write(runtime, one, recipients[one.entity]) for one in unwritten]


def _recipients(runtime: Runtime, entities: set[UUID]) -> dict[UUID, Recipients]:
    """Whom to write to for each entity: whoever reports for it, and its office's mailbox, each once."""
    reporting, known = reporters(runtime.questions), runtime.contacts.of_several(entities)
    languages = runtime.people.languages_of({to for entity in entities for to in reporting.get(entity, ())})
    found = {
        entity: {to: languages[to] for to in reporting.get(entity, ()) if to in languages}
        for entity in entities
    }
    for entity, contact in known.items():
        if contact.mailbox and runtime.people.account_of(contact.mailbox) not in found[entity]:
            found[entity][contact.mailbox_id] = contact.language
    return found


def _write(runtime: Runtime, one: Due, recipients: Recipients) -> bool:
    """Nobody to write to now: whoever gets an account later is reminded then."""
    moment = runtime.questions.moment(of=BOARD)
    pledge = runtime.questions.pledge(str(one.pledge), viewer=None, moment=moment)
    kind = next((kind for kind in KINDS if kind == one.kind), None)
    if pledge is None or kind is None or not recipients:
        return False
    base = runtime.settings.base_url or ""
    letters = [
        Addressed(runtime.new_id(), account, reminder(kind, one.day, pledge, base, language))
        for account, language in recipients.items()
    ]
    return runtime.reminders.write(one, letters, is_held=pledge["entity"]["category"] == "state")
