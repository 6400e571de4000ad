"""What follows from a command about an import. Pledgers may hand in a sheet, the Secretariat records one."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

from domain.deciding import Context, Decision, acting_as
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from domain.imports.commands import ImportCommand, RecordRows, StartImport
from domain.imports.events import ImportFinished, ImportRowsRecorded, ImportStarted
from domain.imports.state import Import
from domain.pledges.doors import check_authority
from domain.pledges.findings import Findings
from domain.recording import Acting, Fact, Recorded
from domain.reservations import Reservation, reserves

SAMPLE = "sample"
"""The kind and the key of the reservation that the demonstration data takes: it is loaded once."""

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def decide(command: ImportCommand, known: Import | None, context: Context) -> Decision:
    """The facts that follow from a command, for the import as it is (None if there is none)."""
    mode = command.mode if isinstance(command, StartImport) else known.mode if known else "record"
    acting = _acting(mode, context)
    if isinstance(command, StartImport):
        acting = replace(acting, authority=command.authority or acting.authority)
        return Decision(_start(command, known, context), acting, context.today(), command.import_id)
    if known is None or known.account != context.actor.account:
        raise NotFound(f"There is no import {command.import_id} of this account.")
    facts = _rows(command, known) if isinstance(command, RecordRows) else _finish(known)
    return Decision(facts, acting, context.today(), command.import_id)


def _acting(mode: str, context: Context) -> Acting:
    if mode == "submit" and not context.actor.has("secretariat"):
        if context.actor.has("pledger"):
            return acting_as(context, "pledger")
        raise NotPermitted("Only pledgers and the Secretariat hand pledges in.")
    if not context.actor.has("secretariat"):
        raise NotPermitted("Only the Secretariat records pledges from a sheet; submit it with --submit.")
    return acting_as(context, "secretariat")


def _start(command: StartImport, known: Import | None, context: Context) -> tuple[Fact, ...]:
    if known is not None:
        if known.sha256 == command.sha256 and not known.finished:
            return ()
        raise Refused("An import with this id was started before, with another file.", code="import-exists")
    if not _SHA256.match(command.sha256) or command.bytes < 0 or command.rows < 0:
        raise InvalidInput({"sha256": ["must be the SHA-256 of the file, in hex, with its size and rows."]})
    if command.authority is not None:
        found = Findings()
        check_authority(command.authority, context, found)
        found.raise_if_any()
    if command.sample and context.world.holder(SAMPLE, SAMPLE) is not None:
        raise Refused("The sample was loaded before.", code="sample-loaded")
    return (
        ImportStarted(
            sha256=command.sha256, bytes=command.bytes, media=command.media, mode=command.mode,
            rows=command.rows, kept=command.kept, sample=command.sample,
        ),
    )  # fmt: skip


def _rows(command: RecordRows, known: Import) -> tuple[Fact, ...]:
    numbers = [row.row for row in command.rows]
    if not numbers:
        return ()
    if known.finished or numbers[0] <= known.last_row or numbers != sorted(set(numbers)):
        raise Refused(
            "Rows are dealt with in order, each once, before an import is finished.", code="rows-disordered"
        )
    return (ImportRowsRecorded(rows=command.rows),)


def _finish(known: Import) -> tuple[Fact, ...]:
    if known.finished:
        return ()
    if known.dealt_with != known.rows:
        raise Refused(
            f"{known.rows - known.dealt_with} of {known.rows} rows have no outcome yet.", code="rows-missing"
        )
    return (finished(known.counts),)


def finished(counts: dict[str, int]) -> ImportFinished:
    """What an import came to, from how many rows had which outcome."""
    return ImportFinished(
        made=counts.get("made", 0), submitted=counts.get("submitted", 0), amended=counts.get("amended", 0),
        unchanged=counts.get("unchanged", 0), refused=counts.get("refused", 0) + counts.get("duplicate", 0),
        conflicts=counts.get("conflict", 0),
    )  # fmt: skip


@reserves("import.started")
def _sample_is_loaded_once(recorded: Recorded) -> list[Reservation]:
    import_id: UUID = recorded.originator_id
    return [Reservation(kind=SAMPLE, key=SAMPLE, holder=import_id)] if recorded.fact.sample else []
