"""What is to be done about each row: which commands, with which outcome, given the register as it is.

Must decide nothing: the register decides each command again, and a plan that was overtaken is made anew.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from domain.actors import Actor, Authority
from domain.deciding import Context
from domain.entities.state import Entity
from domain.errors import InvalidInput, RegisterError
from domain.imports.cells import clean
from domain.imports.content import (
    Conflicting,
    amendments,
    amendments_of_export,
    changed_columns,
    check_erased,
    check_fixed,
    check_new,
    check_note,
    content_of,
    merged,
)
from domain.imports.events import Mode, RowOutcome, RowResult
from domain.imports.own_export import (
    VERSION,
    differing,
    exported_cells,
    is_of_another_version,
    named_pledge,
)
from domain.imports.pledgers import Meeting, Newcomers
from domain.imports.rows import Row, clean_cells, read_row
from domain.pledges.commands import AmendPledge, RecallPledge, RecordPledge, ReportProgress, SubmitPledge
from domain.pledges.content import Content, apply_changes, changed_fields
from domain.pledges.state import Pledge
from domain.reservations import name_key

SOURCE = "source"
"""The kind of the reservation by which a pledge holds the reference of its source."""

Commands = list[tuple[Any, int | None]]
"""Commands, each with the version that it rests on."""

AMENDED = "The source says so now."
EDITED = "A sheet of the register's own export says so now."
OVERTAKEN = "says something else, and the row is of version {}; it is {} by now: begin with a new export."
NOTHING: Mapping[str, str] = {}
NOTHING_BROKEN: Mapping[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Remembered:
    """The pledge that a row became, and its cells as they were last imported."""

    pledge: UUID
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Planned:
    """One row's outcome, the commands that bring it about, each with its version, and what to remember.

    `errors` are the rules by column that a refused row breaks.
    """

    outcome: RowOutcome
    commands: tuple[tuple[Any, int | None], ...] = ()
    remember: Remembered | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is the same for all rows of one file."""

    sha256: str
    mode: Mode
    actor: Actor

    def authority(self, row: int) -> Authority:
        return Authority(kind="import", reference=f"sha256:{self.sha256} row {row}")


@dataclass
class Planner:
    """Plans some rows, each after those before it. `seen` are the references met so far, with their rows."""

    sheet: Sheet
    context: Context
    memory: Mapping[str, Remembered]
    seen: dict[str, int] = field(default_factory=dict)
    newcomers: Newcomers | None = None

    def plan(self, number: int, cells: Mapping[str, str], beside: Mapping[str, str] = NOTHING) -> Planned:
        """What is to be done about a row. Whatever is wrong with it is its outcome.

        `beside` is what a row of an export says of its pledge beside its cells.
        """
        ref = ref_of(cells)
        if ref is not None and (first := self.seen.setdefault(ref, number)) != number:
            problem = f"ref: is that of row {first} too; only the first row counts."
            return Planned(
                RowOutcome(row=number, ref=ref, outcome="duplicate", duplicate_of=first, problem=problem)
            )
        try:
            planned = self._plan(number, clean_cells(cells), beside)
        except RegisterError as refusal:
            self._world.undo()
            result: RowResult = "conflict" if isinstance(refusal, Conflicting) else "refused"
            known = self.memory.get(ref or "")
            return Planned(
                RowOutcome(
                    row=number,
                    ref=ref,
                    outcome=result,
                    pledge=known.pledge if known else None,
                    problem=refusal.detail,
                ),
                errors=refusal.errors if isinstance(refusal, InvalidInput) else NOTHING_BROKEN,
            )
        self._world.keep()
        return planned

    @property
    def _world(self) -> Newcomers:
        if self.newcomers is None:
            self.newcomers = Newcomers(self.context.world)
        return self.newcomers

    def _plan(self, number: int, cells: dict[str, str], beside: Mapping[str, str]) -> Planned:
        known = self.memory.get(cells.get("ref", ""))
        exported = named_pledge(cells.get("ref", ""), beside, self.context)
        if exported is not None:
            return self._exported(number, cells, beside, exported, known)
        if known is None:
            return self._new(number, cells)
        return self._imported(number, cells, known)

    def _imported(self, number: int, cells: Mapping[str, str], known: Remembered) -> Planned:
        now = merged(known.cells, cells)
        if not changed_columns(known.cells, now):
            return self._outcome("unchanged", number, cells["ref"], known.pledge)
        return self._known(number, Remembered(known.pledge, now), known.cells)

    def _exported(
        self,
        number: int,
        cells: Mapping[str, str],
        beside: Mapping[str, str],
        pledge: Pledge,
        known: Remembered | None,
    ) -> Planned:
        """A row of this register's own export: compared with what the register says today."""
        if known is not None and known.pledge != pledge.id:
            raise InvalidInput({"ref": [f"is that of the pledge {known.pledge} too, which came by a sheet."]})
        held = exported_cells(pledge, self.context)
        other = differing(held, cells)
        if not other:
            return self._outcome("unchanged", number, cells["ref"], pledge.id)
        if not is_of_another_version(beside, pledge):
            return self._known(number, Remembered(pledge.id, {**held, **other}), held, exported=True)
        if known is None:
            overtaken = OVERTAKEN.format(beside[VERSION], pledge.version)
            raise Conflicting({column: [overtaken] for column in other})
        return self._imported(number, {"ref": cells["ref"], **other}, known)

    def _outcome(self, result: RowResult, number: int, ref: str, pledge: UUID) -> Planned:
        return Planned(RowOutcome(row=number, ref=ref, outcome=result, pledge=pledge))

    # -- a row that is new

    def _new(self, number: int, cells: dict[str, str]) -> Planned:
        row = read_row(cells)
        if (holder := self.context.world.holder(SOURCE, row.ref)) is not None:
            raise InvalidInput(
                {"ref": [f"is the source of the pledge {holder}, which was not imported by a sheet."]}
            )
        meeting = self._meeting(number)
        content = self._content(row, meeting)
        self._check(content, row.status_note)
        pledge_id = self.context.new_id()
        record, result = self._entering(pledge_id, content, row, number)
        commands = [(command, None) for command in (*meeting.commands, *record)]
        return dataclasses.replace(
            self._outcome(result, number, row.ref, pledge_id),
            commands=tuple(commands), remember=Remembered(pledge_id, said(cells)),
        )  # fmt: skip

    def _entering(
        self, pledge_id: UUID, content: Content, row: Row, number: int
    ) -> tuple[list[Any], RowResult]:
        authority = self.sheet.authority(number)
        if self.sheet.mode == "submit":
            content = with_note(content, row)
            return [SubmitPledge(pledge_id=pledge_id, content=content, authority=authority)], "submitted"
        record = RecordPledge(pledge_id=pledge_id, content=content, authority=authority)
        return [record, *self._report(pledge_id, row.status_note, authority)], "made"

    def _report(self, pledge_id: UUID, note: str | None, authority: Authority) -> list[Any]:
        if note is None:
            return []
        today = self.context.today()
        return [
            ReportProgress(
                pledge_id=pledge_id, effective_on=today, narrative=note, part=0, authority=authority
            )
        ]

    def _meeting(self, number: int) -> Meeting:
        return Meeting(
            newcomers=self._world, new_id=self.context.new_id, authority=self.sheet.authority(number),
            may_register=self.sheet.actor.has("secretariat"),
        )  # fmt: skip

    def _content(self, row: Row, meeting: Meeting) -> Content:
        pledger, office = meeting.pledger(row)
        self._check_door(pledger)
        named = [meeting.co_pledger(co_pledger) for co_pledger in row.co_pledgers]
        if pledger.id in {entity.id for entity in named}:
            raise InvalidInput({"co_pledgers": [f"“{pledger.name}” is the pledger itself."]})
        content = content_of(row, pledger.id, [entity.id for entity in named])
        return msgspec.structs.replace(content, through=office)

    def _check_door(self, pledger: Entity) -> None:
        actor = self.sheet.actor
        if not actor.has("secretariat") and pledger.id not in actor.own_entities:
            raise InvalidInput(
                {"pledger": [f"{pledger.name} is not an entity that this account pledges for."]}
            )

    def _check(self, content: Content, note: str | None) -> None:
        check_new(content, note, dataclasses.replace(self.context, world=self._world))

    # -- a row that was imported before

    def _known(
        self, number: int, remember: Remembered, last: Mapping[str, str], *, exported: bool = False
    ) -> Planned:
        before, now = read_row(dict(last)), read_row(dict(remember.cells))
        pledge = self.context.world.pledge(remember.pledge)
        if pledge is None:
            raise InvalidInput(
                {"ref": [f"was imported as the pledge {remember.pledge}, which is not there."]}
            )
        check_erased(last, remember.cells, now, pledge.content)
        check_fixed(self._as_meant(before), self._as_meant(now), is_public=pledge.phase == "public")
        check_note(now.status_note)
        meeting = self._meeting(number)
        meeting.pledger(now)
        changes = (amendments_of_export if exported else amendments)(before, now, pledge.content)
        after = apply_changes(pledge.content, changes)
        self._check(msgspec.structs.replace(after, made_on=self._day_made(pledge, after), cycle=None), None)
        commands: Commands = [(command, None) for command in meeting.commands]
        commands += self._amending(number, pledge, changes, before, now)
        result: RowResult = "amended" if commands else "unchanged"
        planned = self._outcome(result, number, now.ref, pledge.id)
        # What sources said last stays what they said: an export is no word of theirs.
        return dataclasses.replace(planned, commands=tuple(commands), remember=None if exported else remember)

    def _day_made(self, pledge: Pledge, after: Content) -> str | None:
        """A pledge that was published was made on that day, whatever its sheet says."""
        if pledge.phase != "public" or pledge.made_on == pledge.content.made_on:
            return after.made_on
        if after.made_on != pledge.content.made_on:
            raise InvalidInput({"announced_on": [f"is {pledge.made_on}, the day on which it was published."]})
        return pledge.made_on

    def _as_meant(self, row: Row) -> Row:
        """The row with its pledger under one key, whichever name it is given."""
        entity = self._world.called(row.pledger.name) if row.pledger.state is None else None
        if entity is None:
            return row
        return msgspec.structs.replace(
            row, pledger=msgspec.structs.replace(row.pledger, state=str(entity.id))
        )

    def _amending(self, number: int, pledge: Pledge, changes: Any, before: Row, now: Row) -> Commands:
        authority = self.sheet.authority(number)
        if pledge.phase in ("submitted", "returned"):
            return self._handing_in_again(pledge, changes, now, authority)
        if pledge.phase != "public":
            raise InvalidInput(
                {"ref": [f"is the source of a pledge that is {pledge.phase}; nothing was changed."]}
            )
        if pledge.closed or pledge.is_fulfilled:
            state = pledge.closed or "fulfilled"
            raise InvalidInput({"ref": [f"is the source of a pledge that is {state}; nothing was changed."]})
        note = now.status_note if now.status_note != before.status_note else None
        reason = AMENDED if pledge.content.source else EDITED
        amend = AmendPledge(pledge_id=pledge.id, changes=changes, reason=reason, authority=authority)
        amending: Commands = [(amend, pledge.version)] if changed_fields(changes) else []
        return [*amending, *((command, None) for command in self._report(pledge.id, note, authority))]

    def _handing_in_again(self, pledge: Pledge, changes: Any, now: Row, authority: Authority) -> Commands:
        content = msgspec.structs.replace(
            apply_changes(pledge.content, changes),
            made_on=now.announced_on,
            source=msgspec.structs.replace(pledge.content.source, kept=now.kept)
            if pledge.content.source
            else None,
        )
        content = with_note(content, now)
        if content == pledge.content:
            return []
        recall = RecallPledge(pledge_id=pledge.id, authority=authority)
        submit = SubmitPledge(pledge_id=pledge.id, content=content, authority=authority)
        if pledge.phase == "returned":
            return [(submit, pledge.version)]
        return [(recall, pledge.version), (submit, None)]


def with_note(content: Content, row: Row) -> Content:
    """The content of a submission: nothing can be reported on it yet, so the note is kept with its source."""
    if row.status_note is None or content.source is None:
        return content
    kept = {**content.source.kept, "status_note": row.status_note}
    return msgspec.structs.replace(content, source=msgspec.structs.replace(content.source, kept=kept))


def ref_of(cells: Mapping[str, str]) -> str | None:
    """A row's reference, if it has one that can be one."""
    try:
        return clean(cells.get("ref", "")) or None
    except ValueError:
        return None


def given_ref(cells: Mapping[str, str]) -> str:
    """A reference for a row that came without: the same as long as title and pledger are."""
    named = "\n".join(name_key(cells.get(column, "")) for column in ("title", "pledger"))
    return f"sheet-{hashlib.sha256(named.encode()).hexdigest()[:16]}"


def said(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells that say something, as they are remembered."""
    return {column: cell for column, cell in cells.items() if cell}
