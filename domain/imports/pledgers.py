"""Who the names in a sheet mean: entities that are known, or that have to be registered first.

Nothing is guessed: a name that is not known becomes an entity of the category the sheet gives, or of none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.actors import Authority
from domain.deciding import World
from domain.entities.commands import ClassifyEntity, RegisterEntity
from domain.entities.names import NAME, clean_name
from domain.entities.state import Entity, Naming, survivor
from domain.errors import InvalidInput
from domain.imports.cells import read_list
from domain.imports.rows import Named, Row
from domain.reference.states import state_id
from domain.reservations import name_key

Classification = tuple[str | None, str | None, str | None]


class Foreknown:
    """The world, with who holds some reservations asked for beforehand, many at a time."""

    def __init__(self, world: World, held: Mapping[tuple[str, str], UUID | None]) -> None:
        self._world, self._held = world, held

    def holder(self, kind: str, key: str) -> UUID | None:
        if (kind, key) in self._held:
            return self._held[kind, key]
        return self._world.holder(kind, key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)


def names_in(cells: Mapping[str, str]) -> set[str]:
    """The keys of the names that a row's pledgers may be known by."""
    named = [cells.get("pledger", ""), *read_list(cells.get("co_pledgers", ""))]
    return {name_key(name) for name in named if name}


class Newcomers:
    """The register as it will be once the entities that were found missing so far are registered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._entities: dict[UUID, Entity] = {}
        self._named: dict[str, UUID] = {}
        self._added: list[tuple[Entity, Entity | None]] = []

    def entity(self, entity_id: UUID) -> Entity | None:
        return self._entities.get(entity_id) or self.world.entity(entity_id)

    def called(self, name: str) -> Entity | None:
        """The entity that a name means, or what it was merged into."""
        key = name_key(name)
        entity_id = self._named.get(key) or self.world.holder(NAME, key)
        found = self.entity(entity_id) if entity_id else None
        return survivor(found, self.entity) if found else None

    def add(self, entity: Entity) -> None:
        self._added.append((entity, self._entities.get(entity.id)))
        self._entities[entity.id] = entity
        self._named[name_key(entity.name)] = entity.id

    def keep(self) -> None:
        """What was added belongs to a row that holds."""
        self._added.clear()

    def undo(self) -> None:
        """What was added since belongs to a row that was refused."""
        while self._added:
            entity, before = self._added.pop()
            if before is None:
                del self._entities[entity.id]
                self._named.pop(name_key(entity.name), None)
            else:
                self._entities[entity.id] = before

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)


@dataclass
class Meeting:
    """The entities of one row: found, or to be made known by `commands`."""

    newcomers: Newcomers
    new_id: Callable[[], UUID]
    authority: Authority
    may_register: bool
    commands: list[Any] = field(default_factory=list)

    def pledger(self, row: Row) -> tuple[Entity, str | None]:
        """The row's pledger and the office it acts through."""
        said: Classification = (row.category, row.kind, row.kind_in_words)
        whole = self.newcomers.called(row.pledger.name) if row.pledger.office else None
        if whole is not None and whole.category != "state":
            return self._classified(whole, said), None
        return self._classified(self._found(row.pledger, said, "pledger"), said), row.pledger.office

    def co_pledger(self, named: Named) -> Entity:
        """A co-pledger; of one that is not known, the name is all that is known."""
        whole = self.newcomers.called(named.name) if named.office else None
        return whole or self._found(named, (None, None, None), "co_pledgers")

    def _found(self, named: Named, said: Classification, column: str) -> Entity:
        state = self.newcomers.entity(state_id(named.state)) if named.state else None
        return state or self.newcomers.called(named.name) or self._registered(named.name, said, column)

    def _registered(self, name: str, said: Classification, column: str) -> Entity:
        name = _as_name(name, column)
        if not self.may_register:
            raise InvalidInput(
                {column: [f"“{name}” is not known, and only the Secretariat makes entities known."]}
            )
        category, kind, words = said
        entity_id = self.new_id()
        self.commands.append(
            RegisterEntity(
                entity=entity_id, name=name, category=category, kind=kind,  # type: ignore[arg-type]
                kind_in_words=words and _as_name(words, "pledger_kind"), authority=self.authority,
            )
        )  # fmt: skip
        return self._known(entity_id, name, said)

    def _known(self, entity_id: UUID, name: str, said: Classification) -> Entity:
        category, kind, words = said
        entity = Entity(
            id=entity_id, version=1, slug="", namings=(Naming(name=name),), category=category,  # type: ignore[arg-type]
            kind=kind, kind_in_words=words,  # type: ignore[arg-type]
        )  # fmt: skip
        self.newcomers.add(entity)
        return entity

    def _classified(self, entity: Entity, said: Classification) -> Entity:
        """The entity, after what the row adds to what is known of it. A contradiction is refused."""
        known: Classification = (entity.category, entity.kind, entity.kind_in_words)
        columns = ("pledger_category", "pledger_kind", "pledger_kind")
        errors = {
            column: [f"is {new}, but {entity.name} is known as {old}."]
            for column, old, new in zip(columns, known, said, strict=True)
            if old is not None and new is not None and old != new
        }
        if errors:
            raise InvalidInput(errors)
        both: Classification = (known[0] or said[0], known[1] or said[1], known[2] or said[2])
        if both == known:
            return entity
        if not self.may_register:
            raise InvalidInput({"pledger_category": [f"of {entity.name} is for the Secretariat to say."]})
        category, kind, words = both
        self.commands.append(
            ClassifyEntity(
                entity=entity.id, category=category, kind=kind, kind_in_words=words, authority=self.authority,  # type: ignore[arg-type]
            )
        )  # fmt: skip
        return self._known(entity.id, entity.name, both)


def _as_name(name: str, column: str) -> str:
    try:
        return clean_name(name, column)
    except InvalidInput as refusal:
        raise InvalidInput({column: [rule for rules in refusal.errors.values() for rule in rules]}) from None
