"""How events change an import. Takes every event as it is stored, erased words included; refuses nothing."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from domain.errors import UnreadableEvent
from domain.imports.events import ImportFinished, ImportRowsRecorded, ImportStarted
from domain.imports.state import Import
from domain.recording import Recorded


def evolve(known: Import | None, recorded: Recorded) -> Import:
    """The import after an event."""
    header, fact = recorded.header, recorded.fact
    if known is None:
        return _started(recorded)
    if isinstance(fact, ImportRowsRecorded):
        counts = Counter(known.counts) + Counter(row.outcome for row in fact.rows)
        last_row = max([known.last_row, *(row.row for row in fact.rows)])
        known = replace(known, counts=dict(counts), last_row=last_row)
    elif isinstance(fact, ImportFinished):
        known = replace(known, finished=True)
    return replace(known, version=header.stream_version)


def _started(recorded: Recorded) -> Import:
    header, fact = recorded.header, recorded.fact
    if not isinstance(fact, ImportStarted):
        raise UnreadableEvent(f"{header.name} came before the import {header.stream} was started.")
    return Import(
        id=header.stream, version=header.stream_version, sha256=fact.sha256, mode=fact.mode, rows=fact.rows,
        account=header.actor,
    )  # fmt: skip
