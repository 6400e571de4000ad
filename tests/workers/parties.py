"""A register in which entities, the Secretariat and an assessor have accounts, and letters are counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from domain.accounts.commands import AddAccount, GrantRole
from domain.actors import OPERATOR, Actor, Grant, Role
from domain.entities.commands import RegisterEntity
from domain.pledges.content import Content, Target, Terms
from domain.reference.states import state_id
from projections.composition import Runtime
from workers.noticing import notice_facts
from workers.running import wait_until_readable

KENYA = state_id("KEN")
DEADLINE = "2030-06-30"
Letter = tuple[str, str, str]
"""What it is about, to whom, and how it stands."""


@dataclass
class Parties:
    """Entities and accounts by their names; `told` are the letters that were seen."""

    runtime: Runtime
    entities: dict[str, UUID] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    seen: set[UUID] = field(default_factory=set)

    def entity(self, name: str) -> UUID:
        if name not in self.entities:
            command = RegisterEntity(name=name, category="stakeholder", kind="local_authority")
            self.entities[name] = self.runtime.register.handle(command, by=OPERATOR).stream
        return self.entities[name]

    def account(
        self, name: str, role: Role, entity: UUID | None = None, language: str | None = None
    ) -> Actor:
        """An account with the address `name`@example.org."""
        runtime, account = self.runtime, uuid4()
        runtime.register.handle(AddAccount(account=account), by=OPERATOR)
        runtime.register.handle(GrantRole(account=account, role=role, entity=entity), by=OPERATOR)
        runtime.people.add(account, f"{name}@example.org")
        if language:
            with runtime.pool.connection() as connection:
                runtime.people.speaks_in(connection, account, language)
        grant = Grant(role=role, entity=entity)
        self.actors[name] = Actor(account=account, grants=(grant,), channel="form")
        return self.actors[name]

    def does(self, who: str, command: Any) -> Any:
        """Somebody does something, and it is readable."""
        outcome = self.runtime.register.handle(command, by=self.actors[who])
        assert wait_until_readable(self.runtime, outcome.position)
        return outcome

    def told_by(self, who: str, command: Any) -> set[Letter]:
        """The letters that follow from what somebody does; looking again makes no more."""
        self.does(who, command)
        return self.told()

    def told(self) -> set[Letter]:
        """The letters since the last time."""
        count, before = notice_facts(self.runtime), len(self.seen)
        assert notice_facts(self.runtime) == 0
        found = self.unseen()
        assert len(self.seen) - before == count
        return found

    def unseen(self) -> set[Letter]:
        """The letters that were not seen yet."""
        new = [one for one in self.runtime.outbox.latest(200) if one.id not in self.seen]
        self.seen.update(one.id for one in new)
        found = [(one.about, str(one.address).removesuffix("@example.org"), one.standing) for one in new]
        assert len(set(found)) == len(found), "each is told once"
        return set(found)

    def on(self, moment: datetime) -> Parties:
        return replace(self, runtime=replace(self.runtime, clock=lambda: moment))


def content(entity: UUID, **said: Any) -> Content:
    """What can be submitted."""
    given = {
        "title": "Schools", "type": "individual", "objectives": (15,), "forms": ("process",),
        "description": "Children of migrants go to the same schools as all others, in all towns. " * 5,
        "targets": (Target(description="Schools"),), "due_on": "2031",
    }  # fmt: skip
    return Content(entity=entity, **(given | said))


TERMS = Terms(kind="technical", deadline=DEADLINE, condition="help", count=1)
