"""Ids that are the same in every register: they follow from what they name, never from chance."""

from __future__ import annotations

from uuid import UUID, uuid5

NAMESPACE = UUID("38db4920-7530-41ac-95b6-d83b91ff939a")


def fixed_id(kind: str, key: str) -> UUID:
    """The id that a thing known from the start has in every register."""
    return uuid5(NAMESPACE, f"{kind}:{key}")
