"""An entity as its events have made it: a frozen value. How events change it is in `evolve.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

import msgspec

from domain.reference.vocabularies import Category, Kind
from domain.reservations import name_key
from domain.values import Value, first_day


class Naming(Value, kw_only=True):
    """What an entity was called from a day on. The first name has no day: it holds for all time before."""

    name: str
    names: dict[str, str] = msgspec.field(default_factory=dict)
    since: str | None = None


class Entity(Value, kw_only=True):
    """One entity. `version` is that of its last event; `namings` are in the order of their days."""

    id: UUID
    version: int
    slug: str
    category: Category | None
    namings: tuple[Naming, ...]
    kind: Kind | None = None
    kind_in_words: str | None = None
    country: str | None = None
    membership: str | None = None
    other_names: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    merged_into: UUID | None = None

    @property
    def name(self) -> str:
        """What it is called today."""
        return self.namings[-1].name

    @property
    def names(self) -> dict[str, str]:
        """What it is called today in other languages, by language code."""
        return self.namings[-1].names

    def naming_on(self, day: date) -> Naming:
        """What it was called on a day."""
        held = [naming for naming in self.namings if naming.since is None or first_day(naming.since) <= day]
        return held[-1]

    def name_on(self, day: date, language: str | None = None) -> str:
        """Its name on a day, in a language if it is known there."""
        naming = self.naming_on(day)
        return naming.names.get(language or "", naming.name)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other names it is known by: those added, and those it had before."""
        spoken = {name_key(self.name)}
        found: list[str] = []
        for name in (*(naming.name for naming in self.namings[:-1]), *self.other_names):
            if name_key(name) not in spoken:
                spoken.add(name_key(name))
                found.append(name)
        return tuple(found)

    def is_called(self, name: str) -> bool:
        """Whether a name, in whatever language or time, means this entity."""
        return name_key(name) in set(map(name_key, self.all_names()))

    def all_names(self) -> Iterator[str]:
        """Every name that means it, in all languages and of all times."""
        for naming in self.namings:
            yield naming.name
            yield from naming.names.values()
        yield from self.other_names


def survivor(entity: Entity, find: Callable[[UUID], Entity | None]) -> Entity:
    """The entity that stands for this one today: itself, or the last of the chain that it was merged into."""
    passed = {entity.id}
    while entity.merged_into is not None:
        following = find(entity.merged_into)
        if following is None or following.id in passed:
            break
        passed.add(following.id)
        entity = following
    return entity
