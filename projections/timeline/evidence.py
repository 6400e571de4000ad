"""The bytes of one event that its entry in the log was made of, for whoever may see the event.

Who may is what its pledge's history says, by the same rule. Must not know the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.pledges.sight import Eyes
from domain.recording import log_entry
from projections.database.roles import SCHEMA
from projections.erasure.told import Told, erased_of_event
from projections.moments import Moment
from projections.timeline.questions import told_with_pledges
from projections.timeline.readable import Stored, header_as_read, readings, text_of

BYTES: LiteralString = f"""
SELECT stream, name, header, header_salt, header_salts, header_digest, payload, salts, payload_digest
FROM {SCHEMA}.events WHERE position = %s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event as the log has it, and as far as somebody may see it: what happened, header and payload.

    `event` is what a pledge's history tells of it: None for who may not see it, and for events of no pledge.
    `header` is None where nothing may be seen, and lacks the account where that may not be known; `payload`
    is None where history tells less than the event says. `erased` is what was erased of it, for who reads it.
    """

    position: int
    event: dict[str, Any] | None
    header: dict[str, Any] | None
    payload: dict[str, Any] | None
    erased: list[Told]
    header_digest: bytes
    payload_digest: bytes

    @property
    def entry(self) -> bytes:
        return log_entry(self.header_digest, self.payload_digest)


def evidence(connection: Connection[Any], position: int, *, eyes: Eyes, moment: Moment) -> Evidence | None:
    """What proves an event; None if there is no such position."""
    with connection.cursor(row_factory=dict_row) as cursor:
        stored = cursor.execute(BYTES, [position]).fetchone()
    if stored is None:
        return None
    event = Stored(
        position, stored["name"], bytes(stored["header"]), stored["header_salts"], bytes(stored["payload"])
    )
    reading = readings(connection, [event], eyes)[position]
    told = None
    if reading.entry is not None:
        row, sight = reading.entry
        (told,) = told_with_pledges(connection, [row], moment, [sight])
    return Evidence(
        position,
        told,
        header_as_read(stored, reading) if reading.header else None,
        _payload(stored) if reading.payload else None,
        erased_of_event(connection, stored["stream"], position) if reading.header else [],
        stored["header_digest"],
        stored["payload_digest"],
    )


def _payload(stored: DictRow) -> dict[str, Any]:
    return {"payload": text_of(stored["payload"]), "salts": stored["salts"]}
