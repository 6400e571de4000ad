"""A register in memory: real decisions over a store that is a list, for sheets to be imported into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import msgspec

from domain.actors import OPERATOR, Actor
from domain.aggregates import AGGREGATES
from domain.cycles import founding as cycles
from domain.deciding import Context
from domain.entities import founding as entities
from domain.entities.document import entity_document
from domain.imports.columns import EXPORTED_BESIDE, NAMES_PLEDGE
from domain.imports.events import Mode, RowOutcome
from domain.imports.plan import Planned, Planner, Remembered, Sheet
from domain.imports.render import exported_row
from domain.pledges.document import document, public_document
from domain.pledges.state import Pledge
from domain.recording import Recorded
from domain.reservations import reservations_of
from domain.unit_of_work import SlowCache, UnitOfWork
from domain.values import utc_day
from tests.domain.given import NOW, an_id, happened


class MemoryRegister:
    """What the register does with PostgreSQL, without it: one command at a time."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.log: list[Recorded] = []
        self.held: dict[tuple[str, str], UUID] = {}
        self.memory: dict[str, Remembered] = {}
        self._ids = count(1)
        for stream, fact in [*entities.founding_facts(), *cycles.founding_facts()]:
            self._store([happened(fact, stream)])

    # -- as a session of the store

    def events(self, stream: UUID) -> Sequence[Recorded]:
        return [event for event in self.log if event.header.stream == stream]

    def holder(self, kind: str, key: str) -> UUID | None:
        return self.held.get((kind, key))

    def holders(self, kind: str, prefix: str) -> Sequence[UUID]:
        return [
            holder
            for (its, key), holder in sorted(self.held.items())
            if its == kind and key.startswith(prefix)
        ]

    def last_number(self, cycle: int) -> int:
        keys = [key for kind, key in self.held if kind == "reference" and key.startswith(f"{cycle}-")]
        return max((int(key.split("-")[1]) for key in keys), default=0)

    # -- decisions

    def work(self) -> UnitOfWork:
        kinds = {aggregate.kind: aggregate for aggregate in AGGREGATES.values()}
        return UnitOfWork(self, kinds, lambda command: AGGREGATES[type(command)], SlowCache(), 0)

    def context(self, actor: Actor = OPERATOR) -> Context:
        return Context(now=self.now, actor=actor, world=self.work(), new_id=lambda: an_id(next(self._ids)))

    def handle(self, command: Any, by: Actor = OPERATOR, version: int | None = None) -> Sequence[Recorded]:
        work = self.work()
        context = replace(self.context(by), world=work)
        return self._store(work.carry_out(command, context, version).events)

    def _store(self, events: Sequence[Recorded]) -> list[Recorded]:
        stored = []
        for event in events:
            position = len(self.log) + 1
            at = self.now + timedelta(microseconds=position)
            header = msgspec.structs.replace(event.header, position=position, recorded_at=at)
            stored.append(replace(event, header=header))
            self.log.append(stored[-1])
            for wanted in reservations_of(event):
                holder = self.held.setdefault((wanted.kind, wanted.key), wanted.holder)
                assert holder == wanted.holder
        return stored

    # -- sheets

    def plan(
        self, rows: Sequence[Mapping[str, str]], *, mode: Mode = "record", actor: Actor = OPERATOR
    ) -> list[Planned]:
        sheet = Sheet(sha256="0" * 64, mode=mode, actor=actor)
        planner = Planner(sheet, self.context(actor), self.memory)
        return [
            planner.plan(
                number,
                {column: cell for column, cell in row.items() if column not in EXPORTED_BESIDE},
                {column: row[column] for column in NAMES_PLEDGE if column in row},
            )
            for number, row in enumerate(rows, 2)
        ]

    def load(
        self, *rows: Mapping[str, str], mode: Mode = "record", actor: Actor = OPERATOR
    ) -> list[RowOutcome]:
        """Import a sheet as workers do: plan all, carry out all, remember all."""
        planned = self.plan(rows, mode=mode, actor=actor)
        for row in planned:
            for command, version in row.commands:
                self.handle(command, actor, version)
            if row.remember is not None and row.outcome.ref is not None:
                self.memory[row.outcome.ref] = row.remember
        return [row.outcome for row in planned]

    def pledge(self, ref: str) -> Pledge:
        found = self.work().pledge(self.memory[ref].pledge)
        assert found is not None
        return found

    def shown(self, pledge: Pledge) -> dict[str, Any]:
        """The pledge as the public is shown it."""
        shown = public_document(document(pledge))
        partners = [{**partner, "entity": self._entity(partner["entity"])} for partner in shown["partners"]]
        return {**shown, "entity": self._entity(shown["entity"]), "partners": partners}

    def _entity(self, entity_id: str) -> dict[str, Any]:
        entity = self.work().entity(UUID(entity_id))
        assert entity is not None
        return entity_document(entity, utc_day(self.now))

    def exported(self, ref: str) -> dict[str, str | int | None]:
        return exported_row(self.shown(self.pledge(ref)))

    def export(self) -> list[dict[str, str]]:
        """All public pledges as the rows of a sheet."""
        streams = dict.fromkeys(e.originator_id for e in self.log if e.header.name == "pledge.made")
        found = [pledge for stream in streams if (pledge := self.work().pledge(stream))]
        rows = [exported_row(self.shown(pledge)) for pledge in found]
        return [{column: "" if cell is None else str(cell) for column, cell in row.items()} for row in rows]
