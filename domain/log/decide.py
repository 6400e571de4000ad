"""What follows from a command about the log. Only who runs the register changes its key."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from domain.actors import OPERATOR_ID
from domain.deciding import Context, Decision, acting_as
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused, invalid
from domain.log.commands import AdoptKey, EraseField, LogCommand
from domain.log.events import FieldErased, KeyAdopted
from domain.log.notes import BadKey, parse_verifier
from domain.log.state import LOG_ID, LogState
from domain.recording import ACCOUNT_PARTS, Authority, Fact, has_part, is_erased, parts_of
from domain.values import clean_text


def decide(command: LogCommand, state: LogState | None, context: Context) -> Decision:
    """The facts that follow from a command, for the log as it is."""
    if context.actor.account != OPERATOR_ID:
        raise NotPermitted("The log is kept on the machine itself, by its operator.")
    if isinstance(command, EraseField):
        acting = acting_as(context, "secretariat", authority=_decision(command.authority, context))
        return Decision(_erase(command, context), acting, context.effective(None), LOG_ID)
    lost = _decision(command.lost, context) if command.lost else None
    acting = acting_as(context, "secretariat", authority=lost)
    return Decision(_adopt(command, state or LogState()), acting, context.effective(None), LOG_ID)


def _adopt(command: AdoptKey, state: LogState) -> tuple[Fact, ...]:
    try:
        verifier = parse_verifier(command.key)
    except BadKey as problem:
        raise invalid("key", f"{problem}.") from None
    before = state.keys[-1] if state.keys else None
    if command.key == before:
        return ()
    if command.key in state.keys:
        raise Refused("This key was replaced before; a key does not come back.", code="key-replaced")
    if before and parse_verifier(before).name != verifier.name:
        raise invalid("key", f"must keep the name of the log, {parse_verifier(before).name}.")
    reason = _words(command.reason)
    if before and not reason:
        raise invalid("reason", "must be given: why the key is changed.")
    if command.lost and not before:
        raise Refused("The log was never signed: no key of it can be lost.", code="no-key")
    return (KeyAdopted(key=command.key, replaces=None if command.lost else before, reason=reason),)


def _erase(command: EraseField, context: Context) -> tuple[Fact, ...]:
    event = context.world.event(command.position)
    if event is None:
        raise NotFound(f"There is no event at position {command.position}.")
    if not has_part(event, command.part):
        raise not_erasable(command.part, parts_of(event))
    ground = _words(command.ground, "ground")
    if not ground:
        raise invalid("ground", "must be given: the legal reason why the words are erased.")
    if is_erased(event, command.part):
        return ()
    stream = event.header.stream
    return (FieldErased(position=command.position, stream=stream, part=command.part, ground=ground),)


def not_erasable(part: str, parts: Iterable[str]) -> InvalidInput:
    """What to say about a part that cannot be erased, given those that can."""
    said = f"must be one of the event's parts: {', '.join(sorted(parts)) or 'it has none'}."
    if part in {f"header.{path}" for path in ACCOUNT_PARTS}:
        said = f"{said} By which account and request an event came is withheld from readers, never erased."
    return invalid("part", said)


def _decision(authority: Authority, context: Context) -> Authority:
    """What an erasure or a key after a lost one cites: a document and its date, today's if none was given."""
    reference = _words(authority.reference, "decision")
    if not reference:
        raise invalid("decision", "must be cited: the Secretariat's decision, as its file names it.")
    date = context.effective(authority.date, "date")
    return msgspec.structs.replace(authority, reference=reference, date=date)


def _words(text: str | None, field: str = "reason") -> str | None:
    try:
        return clean_text(text or "") or None
    except ValueError as problem:
        raise invalid(field, str(problem)) from None
