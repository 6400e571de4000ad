"""What follows from a command about the log. Only who runs the register changes its key."""

from __future__ import annotations

from domain.actors import OPERATOR_ID
from domain.deciding import Context, Decision, acting_as
from domain.errors import NotPermitted, Refused, invalid
from domain.log.commands import AdoptKey, LogCommand
from domain.log.events import KeyAdopted
from domain.log.notes import BadKey, parse_verifier
from domain.log.state import LOG_ID, LogState
from domain.recording import Fact
from domain.values import clean_text


def decide(command: LogCommand, state: LogState | None, context: Context) -> Decision:
    """The facts that follow from a command, for the log as it is."""
    if context.actor.account != OPERATOR_ID:
        raise NotPermitted("The log's key is changed on the machine itself, by its operator.")
    acting = acting_as(context, "secretariat")
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
    return (KeyAdopted(key=command.key, replaces=before, reason=reason),)


def _words(text: str | None) -> str | None:
    try:
        return clean_text(text or "") or None
    except ValueError as problem:
        raise invalid("reason", str(problem)) from None
