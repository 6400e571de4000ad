"""All that became one by mergers, as they are known today: one look for all entities of somebody's roles.

The reading side's way to the rule of `domain/pledges/sight.py`. Must not know what is seen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.pledges.sight import Eyes

# What was merged stays merged, and each into one: whatever is tied to an entity has the same survivor.
FAMILIES: LiteralString = """
WITH RECURSIVE family (of, entity) AS (
    SELECT entity, entity FROM unnest(%b::uuid[]) AS roles (entity)
    UNION
    SELECT family.of, CASE family.entity WHEN merged.entity THEN merged.merged_into ELSE merged.entity END
    FROM family JOIN entities_versions AS merged
        ON merged.merged_into IS NOT NULL AND family.entity IN (merged.entity, merged.merged_into)
)
SELECT of, entity FROM family
"""


def with_families(connection: Connection[Any], eyes: Eyes) -> Eyes:
    """The eyes of who also has a role for all that became one with their entities."""
    roles = eyes.own | eyes.audited
    if not roles:
        return eyes
    found = connection.execute(FAMILIES, [list(roles)], binary=True).fetchall()
    return replace(eyes, own=_families(found, eyes.own), audited=_families(found, eyes.audited))


def _families(found: Collection[tuple[UUID, UUID]], entities: Collection[UUID]) -> frozenset[UUID]:
    return frozenset(entity for of, entity in found if of in entities)
