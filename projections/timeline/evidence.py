"""The bytes of one event that its entry in the log was made of, for whoever may see the event.

Who may is what its pledge's history says, by the same rule. Must not know the tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import msgspec
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.actors import Actor
from domain.documents.events import DocumentDeposited
from domain.log.events import FieldErased
from domain.recording import log_entry
from projections.database.roles import SCHEMA
from projections.moments import Moment
from projections.timeline.questions import Sight, sight_of, told_with_pledges

BYTES: LiteralString = f"""
SELECT name, header, header_salt, header_salts, header_digest, payload, salts, payload_digest
FROM {SCHEMA}.events WHERE position = %s
"""  # noqa: S608
FOR_EVERYBODY = frozenset({DocumentDeposited.NAME})
"""Events of no pledge that are public as a whole."""
ENTRY: LiteralString = "SELECT * FROM timeline_entries WHERE position = %s"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event as the log has it, and as far as somebody may see it: what happened, header and payload.

    `event` is what a pledge's history tells of it: None for who may not see it, and for events of no pledge.
    `header` is None where nothing may be seen, `payload` where history tells
    less than the event says.
    """

    position: int
    event: dict[str, Any] | None
    header: dict[str, Any] | None
    payload: dict[str, Any] | None
    header_digest: bytes
    payload_digest: bytes

    @property
    def entry(self) -> bytes:
        return log_entry(self.header_digest, self.payload_digest)


def evidence(
    connection: Connection[Any], position: int, *, viewer: Actor | None, moment: Moment
) -> Evidence | None:
    """What proves an event; None if there is no such position."""
    with connection.cursor(row_factory=dict_row) as cursor:
        stored = cursor.execute(BYTES, [position]).fetchone()
        row = cursor.execute(ENTRY, [position]).fetchone()
    if stored is None:
        return None
    digests = stored["header_digest"], stored["payload_digest"]
    if stored["name"] in FOR_EVERYBODY or _tells_of_what_is_seen(connection, stored, viewer, moment):
        return Evidence(position, None, _header(stored), _payload(stored), *digests)
    sight = sight_of(connection, [row["pledge"]], viewer)[row["pledge"]] if row else None
    if row is None or sight is None or not sight.may_see(row):
        return Evidence(position, None, None, None, *digests)
    return Evidence(
        position,
        told_with_pledges(connection, [row], moment, [sight])[0],
        _header(stored),
        _payload(stored) if _tells_all(stored, row, sight) else None,
        *digests,
    )


def _tells_of_what_is_seen(
    connection: Connection[Any], stored: DictRow, viewer: Actor | None, moment: Moment
) -> bool:
    """Whether it says that words were erased of an event that may be seen: then it may be, too."""
    if stored["name"] != FieldErased.NAME:
        return False
    position = msgspec.json.decode(stored["payload"])["position"]
    erased = evidence(connection, position, viewer=viewer, moment=moment)
    return erased is not None and erased.header is not None


def _header(stored: DictRow) -> dict[str, Any]:
    return {
        "header": bytes(stored["header"]).decode(),
        "header_salt": bytes(stored["header_salt"]).hex(),
        "header_salts": stored["header_salts"],
    }


def _payload(stored: DictRow) -> dict[str, Any]:
    return {"payload": bytes(stored["payload"]).decode(), "salts": stored["salts"]}


def _tells_all(stored: DictRow, row: DictRow, sight: Sight) -> bool:
    """Whether an event names no partner that its history does not tell this viewer of."""
    if sight.is_full:
        return True
    shown = sight.changes(row)
    if shown != row["changes"]:
        return False
    known = set(_partners_told(shown))
    said = msgspec.json.decode(stored["payload"])
    content = said.get("content") or {}
    return all(one in known for one in content.get("partners") or ())


def _partners_told(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for change in changes:
        if change["field"] == "partners":
            yield from (one["entity"] for one in change["after"] or ())
