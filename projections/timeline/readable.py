"""Which events somebody may read as they were recorded: by what history tells of pledges, the rest by kind.

An erasure may be read by whoever sees the event that was erased.

By which account an event came is for fewer: since format 3 a header can be read without it.

Asked for many events at once. Must not know in what form they are handed out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.actors import NOBODYS_ACCOUNTS
from domain.errors import UnreadableEvent
from domain.log.events import FieldErased
from domain.pledges.sight import Eyes, Sight
from domain.recording import read_header, without_account
from projections.timeline.questions import changes_told, sees, sights_of
from projections.timeline.visible import seen

ENTRIES: LiteralString = "SELECT * FROM timeline_entries WHERE position = ANY(%b::bigint[])"
PLEDGES = "pledge"


class Stored(NamedTuple):
    """What has to be known of an event: its place, name and bytes, and the salts of its header's parts."""

    position: int
    name: str
    header: bytes
    header_salts: Mapping[str, str]
    payload: bytes


class Reading(NamedTuple):
    """How much of an event somebody may read: its header, with the account or without, and its payload.

    `entry` is the history's, with what they see of its pledge.
    """

    header: bool = False
    account: bool = False
    payload: bool = False
    entry: tuple[DictRow, Sight] | None = None


def readings(connection: Connection[Any], events: Sequence[Stored], eyes: Eyes) -> dict[int, Reading]:
    """For each position what may be read of the event there."""
    kinds = {event.position: event.name.partition(".")[0] for event in events}
    erasures = {event.position for event in events if event.name == FieldErased.NAME}
    erasures_seen = seen(connection, erasures, eyes)
    found = {
        position: Reading(is_seen, eyes.knows_accounts_of(kind), is_seen)
        for position, kind in kinds.items()
        if kind != PLEDGES
        for is_seen in [position in erasures_seen if position in erasures else eyes.sees_events_of(kind)]
    }
    of_pledges = [event for event in events if kinds[event.position] == PLEDGES]
    found |= _of_pledges(connection, of_pledges, eyes) if of_pledges else {}
    return {event.position: _without_accounts(event, found[event.position]) for event in events}


def _without_accounts(event: Stored, reading: Reading) -> Reading:
    """A person's account that is no part of its own, as before format 3, takes the whole event with it."""
    if not reading.header or reading.account:
        return reading
    with suppress(UnreadableEvent):  # tampered with: nobody knows any more what it says
        account = read_header(event.header).actor
        if "actor" in event.header_salts or account in NOBODYS_ACCOUNTS:
            return reading
    return reading._replace(header=False, payload=False)


def header_as_read(stored: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """A header that may be read, from its columns, in JSON: with the account by which it came or without."""
    header, salts = bytes(stored["header"]), stored["header_salts"]
    if not reading.account and "actor" in salts:
        header, salts = without_account(header, salts)
    return {
        "header": text_of(header),
        "header_salt": bytes(stored["header_salt"]).hex(),
        "header_salts": salts,
    }


def text_of(stored: bytes) -> str:
    """Stored bytes as text; what was tampered with may be none, and is shown as well as can be."""
    return bytes(stored).decode(errors="replace")


def _of_pledges(connection: Connection[Any], events: Sequence[Stored], eyes: Eyes) -> dict[int, Reading]:
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        entries = cursor.execute(ENTRIES, [[event.position for event in events]]).fetchall()
    rows = {row["position"]: row for row in entries}
    sights = sights_of(connection, {row["pledge"] for row in entries}, eyes)
    found = {}
    for event in events:
        row = rows.get(event.position)
        sight = sights[row["pledge"]] if row else None
        if row is None or sight is None or not sees(sight, row):
            found[event.position] = Reading()
        else:
            found[event.position] = Reading(
                header=True,
                account=sight.knows_accounts,
                payload=_reads_payload(sight, row, event.payload),
                entry=(row, sight),
            )
    return found


def _reads_payload(sight: Sight, row: Mapping[str, Any], payload: bytes) -> bool:
    """What was handed in names the partners to be invited; what is about one is told to nobody else."""
    if sight.is_full:
        return True
    try:
        content = msgspec.json.decode(payload).get("content") or {}
    except (msgspec.DecodeError, AttributeError):
        return False  # tampered with: nobody knows any more whom it names
    return sight.reads_payload(content.get("partners") or (), set(_partners_told(changes_told(sight, row))))


def _partners_told(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for change in changes:
        if change["field"] == "partners":
            yield from (one["entity"] for one in change["after"] or ())
