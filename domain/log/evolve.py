"""How events change what is known of the log. Takes every event as it is stored; refuses nothing."""

from __future__ import annotations

from domain.errors import UnreadableEvent
from domain.log.events import FieldErased, KeyAdopted
from domain.log.state import LogState
from domain.recording import Recorded


def evolve(state: LogState | None, recorded: Recorded) -> LogState:
    """The log after an event."""
    known = state or LogState()
    match recorded.fact:
        case KeyAdopted(key=key):
            return LogState(version=recorded.header.stream_version, keys=(*known.keys, key))
        case FieldErased():
            return LogState(version=recorded.header.stream_version, keys=known.keys)
    raise UnreadableEvent(f"{recorded.header.name} is nothing that happens to the log.")
