"""Names of entities for whoever fills in a form: those to choose from, and those near what was typed.

Must not know forms.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import msgspec
from psycopg import Connection

from domain.entities.state import Entity
from projections.entities.questions import survivors_at
from projections.entities.search_key import is_text, search_key
from projections.moments import Moment

NAMES_MAX = 300
"""More make a page heavy. States and UN entities come first; the others are found by writing their names."""
NEAR_MAX = 5
LIKENESS_MIN = 0.7
COMPARED_MAX = 20_000

STANDING = """
WITH versions AS (
    SELECT DISTINCT ON (entity) entity, category, merged_into, state FROM entities_versions
    WHERE from_position <= %s ORDER BY entity, from_position DESC
)
SELECT state FROM versions WHERE merged_into IS NULL
ORDER BY category IS DISTINCT FROM 'state', category IS DISTINCT FROM 'un_entity', entity LIMIT %s
"""
KEYS = "SELECT search_key, entity FROM entities_names WHERE from_position <= %s ORDER BY entity LIMIT %s"


def names(connection: Connection[Any], language: str, *, moment: Moment) -> list[str]:
    """What entities are called in a language, where that is known: all of them, up to a limit."""
    found = connection.execute(STANDING, [moment.position, NAMES_MAX])
    entities = (msgspec.json.decode(state, type=Entity) for (state,) in found)
    return sorted((one.name_on(moment.day, language) for one in entities), key=search_key)


def near(connection: Connection[Any], name: str, language: str, *, moment: Moment) -> list[str]:
    """What entities are called in a language of which some name is like that one, the likest first."""
    key = search_key(name) if is_text(name) else ""
    if not key:
        return []
    rows = connection.execute(KEYS, [moment.position, COMPARED_MAX])
    keys = {named.strip(): entity for named, entity in rows}
    # Compared here: how a database compares letters that are not Latin depends on how it was set up.
    alike = [one for one in keys if f" {key}" in f" {one}"][:NEAR_MAX]
    alike += get_close_matches(key, keys, NEAR_MAX, LIKENESS_MIN)
    found = [keys[one] for one in alike]
    standing = survivors_at(connection, found, moment.position)
    return list(dict.fromkeys(standing[one].name_on(moment.day, language) for one in found))[:NEAR_MAX]
