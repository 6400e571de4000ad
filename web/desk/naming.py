"""Entities and pledges by the names that people write on forms. Must not know any form."""

from __future__ import annotations

from uuid import UUID

from domain.errors import InvalidInput, NotFound
from domain.reference.states import find_state
from web.api.commanding import actor, pledge_id, runtime
from web.api.fields import parse_id
from web.api.orders import parse_pledge_id
from web.pages.labels import country
from web.pages.language import gettext as _


def entity_named(name: str) -> str:
    """The id of the entity with that exact name, alias or code. InvalidInput if there is none."""
    if _is_id(name):
        return name
    found = runtime().questions.entity_named(name)
    if found is None:
        said = _(
            "“%(name)s” is no entity of the register: write its exact name, or a State’s code.",
            name=name[:100],
        )
        raise InvalidInput({"entity": [said]})
    return str(found)


def pledge_named(name: str) -> str:
    """The id of the pledge with that reference. InvalidInput if there is none."""
    if _is_id(name):
        return name
    try:
        return str(pledge_id(str(parse_pledge_id(name))))
    except (NotFound, ValueError):
        raise InvalidInput({"pledge": [_("“%(name)s” is no pledge’s reference.", name=name[:100])]}) from None


def name_of_entity(entity: str) -> str:
    """What an entity is called, by its id; what is none stays as it is."""
    if not _is_id(entity):
        return entity
    found = runtime().register.consult(lambda context: context.world.entity(UUID(entity)), by=actor())
    return found.name if found else entity


def _is_id(text: str) -> bool:
    try:
        parse_id(text)
    except ValueError:
        return False
    return True


def country_named(name: str) -> str:
    """The code of the State with that name, in any language, or code; what is none stays as it is."""
    found = find_state(name)
    return found.iso3 if found else name


NAMED = {
    "entity": entity_named,
    "partners": entity_named,
    "matches": pledge_named,
    "countries": country_named,
}
"""Which fields of forms are filled in by name."""

NAMES = {"entity": name_of_entity, "partners": name_of_entity, "countries": country}
"""How ids are shown on forms."""
