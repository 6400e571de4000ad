"""Entities and pledges by the names that people write on forms. Must not know any form."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from uuid import UUID

from domain.errors import InvalidInput, NotFound
from domain.reference.states import STATES, find_state, state_id
from projections.entities.search_key import search_key
from projections.questions import ENTITIES
from web.api.commanding import actor, pledge_id, runtime
from web.api.fields import parse_id
from web.api.orders import parse_pledge_id
from web.pages.labels import country
from web.pages.language import gettext as _
from web.pages.language import language

NAME_SHOWN_CHARS_MAX = 100
NEAR_MAX = 5


def entity_named(name: str) -> str:
    """The id of the entity with that exact name, alias or code. InvalidInput with near ones else."""
    if _is_id(name):
        return name
    questions, state = runtime().questions, find_state(name)
    found = questions.entity_named(name) or (state and state_id(state.iso3))
    if found is None:
        shown = name[:NAME_SHOWN_CHARS_MAX]
        near = questions.entity_names_near(shown, language(), moment=questions.moment(of=ENTITIES))
        raise InvalidInput({"entity": [_no_entity(shown, near)]})
    return str(found)


def _no_entity(name: str, near: Sequence[str]) -> str:
    if near:
        said = _(
            "“%(name)s” is no entity of the register. Do you mean %(names)s?", name=name, names=_some(near)
        )
    else:
        said = _(
            "“%(name)s” is no entity of the register: write its exact name, or a State’s code.", name=name
        )
    return said


def _some(names: Sequence[str]) -> str:
    return _(" or ").join(f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}" for name in names)


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
    return found.names.get(language(), found.name) if found else entity


def _is_id(text: str) -> bool:
    try:
        parse_id(text)
    except ValueError:
        return False
    return True


def country_named(name: str) -> str:
    """The code of the State with that name, in any language, or code. InvalidInput with near ones else."""
    found = find_state(name)
    if found is None:
        shown = name[:NAME_SHOWN_CHARS_MAX]
        keys = {search_key(one): one for one in _countries()}
        near = [keys[key] for key in get_close_matches(search_key(shown), keys, NEAR_MAX)]
        if near:
            said = _("“%(name)s” is no State. Do you mean %(names)s?", name=shown, names=_some(near))
        else:
            said = _("“%(name)s” is no State: write its name, or its code of three letters.", name=shown)
        raise InvalidInput({"countries": [said]})
    return found.iso3


def _countries() -> list[str]:
    return sorted(map(country, STATES), key=search_key)


def suggested(names: str) -> Sequence[str]:
    """The names to choose from in a field: of entities, or of countries."""
    if names == "countries":
        return _countries()
    questions = runtime().questions
    return questions.entity_names(language(), moment=questions.moment(of=ENTITIES))


NAMED = {
    "entity": entity_named,
    "partners": entity_named,
    "matches": pledge_named,
    "countries": country_named,
}
"""Which fields of forms are filled in by name."""

NAMES = {"entity": name_of_entity, "partners": name_of_entity, "countries": country}
"""How ids are shown on forms."""
