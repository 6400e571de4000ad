"""Which commands are about which kind of thing, and who decides them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args
from uuid import UUID

from domain.accounts import decide as accounts
from domain.accounts.commands import AccountCommand
from domain.accounts.evolve import evolve as evolve_account
from domain.cycles import decide as cycles
from domain.cycles.commands import CycleCommand
from domain.cycles.evolve import evolve as evolve_cycles
from domain.cycles.state import CYCLES_ID
from domain.documents import decide as documents
from domain.documents.commands import DepositDocument
from domain.documents.evolve import evolve as evolve_document
from domain.entities import decide as entities
from domain.entities.commands import EntityCommand
from domain.entities.evolve import evolve as evolve_entity
from domain.imports import decide as imports
from domain.imports.commands import ImportCommand
from domain.imports.evolve import evolve as evolve_import
from domain.log import decide as log
from domain.log.commands import LogCommand
from domain.log.evolve import evolve as evolve_log
from domain.log.state import LOG_ID
from domain.pledges import decide as pledges
from domain.pledges.evolve import evolve as evolve_pledge
from domain.unit_of_work import Aggregate


def _named_in(field: str) -> Any:
    def stream_of(command: Any) -> UUID | None:
        stream: UUID | None = getattr(command, field)
        return stream

    return stream_of


PLEDGE = Aggregate(
    "pledge", pledges.decide, evolve_pledge, _named_in("pledge_id"), consequences=pledges.consequences
)
ENTITY = Aggregate("entity", entities.decide, evolve_entity, _named_in("entity"))
ACCOUNT = Aggregate("account", accounts.decide, evolve_account, _named_in("account"))
IMPORT = Aggregate("import", imports.decide, evolve_import, _named_in("import_id"))
CYCLE = Aggregate("cycle", cycles.decide, evolve_cycles, lambda _: CYCLES_ID)
DOCUMENT = Aggregate("document", documents.decide, evolve_document, lambda command: command.stream)
LOG = Aggregate("log", log.decide, evolve_log, lambda _: LOG_ID)


def _table(rows: Iterable[tuple[Aggregate, Iterable[type]]]) -> Mapping[type, Aggregate]:
    return {command: aggregate for aggregate, commands in rows for command in commands}


AGGREGATES: Mapping[type, Aggregate] = _table(
    [
        (PLEDGE, pledges.DECIDERS),
        (ENTITY, get_args(EntityCommand)),
        (ACCOUNT, get_args(AccountCommand)),
        (CYCLE, get_args(CycleCommand)),
        (IMPORT, get_args(ImportCommand)),
        (DOCUMENT, [DepositDocument]),
        (LOG, get_args(LogCommand)),
    ]
)
