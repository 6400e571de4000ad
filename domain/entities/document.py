"""How an entity is told to the outside: short beside a pledge (contract), long on its own page."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.entities.state import Entity
from domain.reference.states import region_of, subregion_of


def entity_document(entity: Entity, day: date) -> dict[str, Any]:
    """The entity in short, under the name of that day."""
    return {
        "id": str(entity.id),
        "name": entity.name_on(day),
        "slug": entity.slug,
        "category": entity.category,
        "kind": entity.kind,
        "kind_in_words": entity.kind_in_words,
        "country": entity.country,
        "region": region_of(entity.country),
    }


def entity_details(entity: Entity, day: date) -> dict[str, Any]:
    """All that is known of the entity: names through time and in other languages, aliases, offices."""
    return {
        **entity_document(entity, day),
        "subregion": subregion_of(entity.country),
        "membership": entity.membership,
        "names": entity.naming_on(day).names,
        "aliases": list(entity.aliases),
        "renames": [
            {"name": naming.name, "old_name": before.name, "effective_on": naming.since}
            for before, naming in zip(entity.namings, entity.namings[1:], strict=False)
        ],
        "offices": list(entity.offices),
        "merged_into": str(entity.merged_into) if entity.merged_into else None,
    }
