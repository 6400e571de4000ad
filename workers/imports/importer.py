"""Imports one sheet in batches: plans each, has it carried out, and records what became of each row.

Must not know formats, nor who shows the progress.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, cast
from uuid import UUID

from domain.actors import Actor
from domain.contact_words import contact_words
from domain.deciding import Context, World
from domain.entities.names import NAME
from domain.errors import Conflict, RegisterError
from domain.imports.columns import Header, said_beside, told_apart
from domain.imports.commands import FinishImport, RecordRows, StartImport
from domain.imports.events import RowOutcome
from domain.imports.own_export import REFERENCE
from domain.imports.plan import SOURCE, Planned, Planner, Sheet, given_ref, ref_of
from domain.imports.pledgers import Foreknown, Newcomers, names_in
from domain.imports.preview import Foreseen, foreseen
from domain.recording import Recorded
from domain.register import AlsoWrite, Order
from projections.composition import Runtime
from projections.database.import_memory import ImportMemory, noting_end, noting_file, remembering
from projections.sheets.spool import RawRow

BATCH_ROWS = 300
PLANS_MAX = 3
WARNINGS_MAX = 20

Progress = Callable[[int], None]
Complain = Callable[[RawRow, RowOutcome], None]
See = Callable[[RawRow, Planned, Foreseen], None]
Noting = Callable[[Sequence[RowOutcome]], AlsoWrite]


class NotAsPlanned(Exception):
    """The register changed since a batch was planned; nothing of the batch was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file to be imported, and by whom. `pads`: short rows of its format are no damage."""

    start: StartImport
    header: Header
    filename: str
    actor: Actor
    pads: bool
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How somebody follows an import who keeps a table of their own.

    `see` is told what a dry run foresees of each row. `still` is written with each command and refuses all
    of a batch by raising, `noting` with what became of the rows, `ending` with the end. Rows up to
    `last_row` were dealt with before: the import goes on after them.
    """

    see: See | None = None
    still: AlsoWrite | None = None
    noting: Noting | None = None
    ending: AlsoWrite | None = None
    last_row: int = 1


@dataclass
class Tally:
    """What an import came to so far. `personal` are the places that look like contact details."""

    counts: Counter[str] = field(default_factory=Counter)
    position: int = 0
    personal: list[str] = field(default_factory=list)

    @property
    def has_problems(self) -> bool:
        return any(self.counts[outcome] for outcome in ("refused", "duplicate", "conflict"))


class Importer:
    """Carries out one job. `complain` is told of each row that was refused or is in conflict."""

    def __init__(
        self, runtime: Runtime, job: Job, complain: Complain, followed: Followed | None = None
    ) -> None:
        self._register, self._memory = runtime.register, ImportMemory(runtime.pool)
        self._job, self._complain, self._followed = job, complain, followed or Followed()
        self._sheet = Sheet(sha256=job.start.sha256, mode=job.start.mode, actor=job.actor)
        self._seen: dict[str, int] = {}
        self._foreseen: Newcomers | None = None
        self.tally = Tally()

    def run(self, rows: Iterable[RawRow], progress: Progress = lambda _: None) -> Tally:
        """Import all rows. What was recorded before an interruption stays, and is unchanged the next time."""
        if not self._job.dry_run:
            start = self._job.start
            self._handle(start, noting_file(start.import_id, self._job.actor.account, self._job.filename))
        for batch in _batches(filter(self._is_to_do, rows)):
            for raw, outcome in zip(batch, self._dealt_with(batch), strict=True):
                self._count(raw, outcome)
            progress(len(batch))
        if not self._job.dry_run:
            finish = FinishImport(import_id=self._job.start.import_id)
            ending = [self._followed.ending] if self._followed.ending else []
            self._handle(finish, noting_end(finish.import_id), *ending)
        return self.tally

    def _handle(self, command: StartImport | FinishImport, *also: AlsoWrite) -> None:
        outcome = self._register.handle(command, by=self._job.actor, also=also)
        self.tally.position = max(self.tally.position, outcome.position)

    def _is_to_do(self, raw: RawRow) -> bool:
        """Whether a row was not dealt with before. Of one that was, the reference counts as met."""
        if raw[0] > self._followed.last_row:
            return True
        cells = self._cells(raw)
        if isinstance(cells, dict) and (ref := ref_of(cells)):
            self._seen.setdefault(ref, raw[0])
        return False

    def _count(self, raw: RawRow, outcome: RowOutcome) -> None:
        self.tally.counts[outcome.outcome] += 1
        if outcome.problem is not None:
            self._complain(raw, outcome)
        elif outcome.outcome != "unchanged" and len(self.tally.personal) < WARNINGS_MAX:
            self.tally.personal += _reaching(raw, self._job.header)

    # -- one batch

    def _dealt_with(self, batch: Sequence[RawRow]) -> list[RowOutcome]:
        if self._job.dry_run:
            return [planned.outcome for planned in self._planned(batch)]
        for _ in range(PLANS_MAX):
            planned = self._planned(batch)
            try:
                self._carry_out(planned)
            except (NotAsPlanned, Conflict):
                self._forget(planned)
            else:
                return [row.outcome for row in planned]
        return [self._alone(raw) for raw in batch]

    def _planned(self, batch: Sequence[RawRow]) -> list[Planned]:
        cells = [self._cells(raw) for raw in batch]
        refs = [ref for said in cells if isinstance(said, dict) and (ref := ref_of(said))]
        memory = self._memory.known(refs)
        names = {name for said in cells if isinstance(said, dict) for name in names_in(said)}
        header = self._job.header
        references = {said_beside(row, header).get(REFERENCE, "") for _, row in batch}
        held = self._held(NAME, names) | self._held(SOURCE, [ref for ref in refs if ref not in memory])
        held |= self._held(REFERENCE, references)

        def plan(context: Context) -> list[Planned]:
            context = replace(context, world=cast("World", Foreknown(context.world, held)))
            planner = Planner(self._sheet, context, memory, self._seen, self._newcomers(context.world))
            planned = [
                planner.plan(number, said, said_beside(row, header))
                if isinstance(said, dict)
                else _refused(number, None, said)
                for (number, row), said in zip(batch, cells, strict=True)
            ]
            self._tell(batch, planned, context)
            return planned

        return self._register.consult(plan, by=self._job.actor)

    def _tell(self, batch: Sequence[RawRow], planned: Sequence[Planned], context: Context) -> None:
        if self._followed.see is not None and self._job.dry_run:
            for raw, one in zip(batch, planned, strict=True):
                self._followed.see(raw, one, foreseen(one, context))

    def _held(self, kind: str, keys: Collection[str]) -> dict[tuple[str, str], UUID | None]:
        known = self._memory.holders(kind, list(keys))
        return {(kind, key): known.get(key) for key in keys}

    def _newcomers(self, world: World) -> Newcomers:
        """Who was found missing: of a dry run in all its rows, else since the last batch was recorded."""
        if self._foreseen is None or not self._job.dry_run:
            self._foreseen = Newcomers(world)
        self._foreseen.world = world
        return self._foreseen

    def _cells(self, raw: RawRow) -> dict[str, str] | str:
        """The cells that are read, by column; or why the row cannot be told apart into columns."""
        cells = told_apart(raw[1], self._job.header, pads=self._job.pads)
        if isinstance(cells, str):
            return cells
        if self._job.start.mode == "submit" and not cells.get("ref", "").strip():
            cells["ref"] = given_ref(cells)
        return cells

    def _carry_out(self, planned: Sequence[Planned]) -> None:
        """Record a batch as planned, its outcomes and what to remember in one transaction; or nothing."""
        done: list[int] = []
        still = [self._followed.still] if self._followed.still else []
        orders = [
            Order(command=command, expected_version=version, also=[*still, _ticking(done, number)])
            for number, (command, version) in enumerate(_commands(planned))
        ]
        outcomes = tuple(row.outcome for row in planned)
        record = RecordRows(import_id=self._job.start.import_id, rows=outcomes)
        also = [_all_done(done, len(orders)), remembering(_remembered(planned))]
        if self._followed.noting is not None:
            also.append(self._followed.noting(outcomes))
        results = self._register.handle_many([*orders, Order(command=record, also=also)], by=self._job.actor)
        last = results[-1]
        if isinstance(last, RegisterError):
            raise last
        self.tally.position = max(self.tally.position, last.position)

    def _forget(self, planned: Sequence[Planned]) -> None:
        for row in planned:
            if row.outcome.ref is not None and self._seen.get(row.outcome.ref) == row.outcome.row:
                del self._seen[row.outcome.ref]

    def _alone(self, raw: RawRow) -> RowOutcome:
        """One row whose plan the register does not follow: what it answers is the row's outcome."""
        (planned,) = self._planned([raw])
        try:
            self._carry_out([planned])
        except (NotAsPlanned, Conflict):
            still = [self._followed.still] if self._followed.still else []
            orders = [
                Order(command=command, expected_version=version, also=still)
                for command, version in planned.commands
            ]
            results = self._register.handle_many(orders, by=self._job.actor)
            said = next(
                (result.detail for result in results if isinstance(result, RegisterError)), "was overtaken."
            )
            planned = _refused(raw[0], planned.outcome.ref, said)
            self._carry_out([planned])
        return planned.outcome


def _batches(rows: Iterable[RawRow]) -> Iterator[list[RawRow]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_ROWS)):
        yield batch


def _refused(number: int, ref: str | None, problem: str) -> Planned:
    return Planned(RowOutcome(row=number, ref=ref, outcome="refused", problem=problem))


def _commands(planned: Sequence[Planned]) -> Iterator[tuple[Any, int | None]]:
    for row in planned:
        yield from row.commands


def _remembered(planned: Sequence[Planned]) -> dict[str, Any]:
    return {row.outcome.ref: row.remember for row in planned if row.outcome.ref and row.remember}


def _ticking(done: list[int], number: int) -> AlsoWrite:
    def write(_: Any, __: Sequence[Recorded]) -> None:
        done.append(number)

    return write


def _all_done(done: list[int], count: int) -> AlsoWrite:
    """Raises unless each order before was carried out in this very attempt: a refused one leaves a gap."""

    def write(_: Any, __: Sequence[Recorded]) -> None:
        if done[len(done) - count :] != list(range(count)):
            raise NotAsPlanned

    return write


def _reaching(raw: RawRow, header: Header) -> list[str]:
    number, row = raw
    return [
        f"row {number}, {column}"
        for column, place in header.places.items()
        if place < len(row) and contact_words(row[place])
    ]
