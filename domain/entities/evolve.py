"""How events change an entity. Takes every event as it is stored, erased words included; refuses nothing."""

from __future__ import annotations

import msgspec

from domain.entities.events import (
    EntityAliasAdded,
    EntityClassified,
    EntityMerged,
    EntityOfficeRegistered,
    EntityRegistered,
    EntityRenamed,
)
from domain.entities.state import Entity, Naming
from domain.errors import UnreadableEvent
from domain.recording import Fact, Header, Recorded
from domain.values import ERASED, first_day


def evolve(entity: Entity | None, recorded: Recorded) -> Entity:
    """The entity after an event."""
    if entity is None:
        return _registered(recorded.header, recorded.fact)
    changed = _after(entity, recorded.fact, recorded.header.effective_on)
    return msgspec.structs.replace(changed, version=recorded.header.stream_version)


def _registered(header: Header, fact: Fact) -> Entity:
    if not isinstance(fact, EntityRegistered):
        raise UnreadableEvent(f"{header.name} came before the entity {header.stream} was registered.")
    return Entity(
        id=header.stream,
        version=header.stream_version,
        slug=str(header.stream) if fact.slug == ERASED else fact.slug,
        category=fact.category,
        kind=fact.kind,
        kind_in_words=fact.kind_in_words,
        country=fact.country,
        membership=fact.membership,
        namings=(Naming(name=fact.name, names=fact.names),),
        other_names=fact.aliases,
    )


def _after(entity: Entity, fact: Fact, effective_on: str) -> Entity:
    match fact:
        case EntityRenamed():
            return msgspec.structs.replace(entity, namings=_renamed(entity, fact, effective_on))
        case EntityMerged(into=into):
            return msgspec.structs.replace(entity, merged_into=into)
        case EntityAliasAdded(alias=alias):
            return msgspec.structs.replace(entity, other_names=(*entity.other_names, alias))
        case EntityClassified():
            return msgspec.structs.replace(
                entity, category=fact.category, kind=fact.kind, kind_in_words=fact.kind_in_words
            )
        case EntityOfficeRegistered(office=office):
            return msgspec.structs.replace(entity, offices=(*entity.offices, office))
    raise UnreadableEvent(f"{fact.NAME} is nothing that happens to an entity that is there.")


def _renamed(entity: Entity, fact: EntityRenamed, since: str) -> tuple[Naming, ...]:
    before = entity.naming_on(first_day(since))
    names = {**before.names, **fact.names}
    if "en" not in fact.names and before.names.get("en") == before.name:
        names["en"] = fact.name
    # Sorting is stable: of two names from the same day, the one said later holds.
    return tuple(sorted((*entity.namings, Naming(name=fact.name, names=names, since=since)), key=_begins))


def _begins(naming: Naming) -> str:
    return first_day(naming.since).isoformat() if naming.since else ""
