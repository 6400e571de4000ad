"""How events change what is known of the log. Takes every event as it is stored; refuses nothing."""

from __future__ import annotations

import msgspec

from domain.errors import UnreadableEvent
from domain.log.events import FieldErased, KeyAdopted
from domain.log.state import LogState
from domain.recording import Recorded


def evolve(state: LogState | None, recorded: Recorded) -> LogState:
    """The log after an event."""
    known = msgspec.structs.replace(state or LogState(), version=recorded.header.stream_version)
    match recorded.fact:
        case KeyAdopted(key=key):
            return msgspec.structs.replace(known, keys=(*known.keys, key), adopted_at=recorded.position)
        case FieldErased():
            return known
    raise UnreadableEvent(f"{recorded.header.name} is nothing that happens to the log.")
