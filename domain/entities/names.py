"""What entities may be called: the rules of a name, its address on the web, and what may exist once only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from domain.entities.events import EntityAliasAdded, EntityMerged, EntityRegistered, EntityRenamed
from domain.errors import InvalidInput
from domain.recording import Recorded
from domain.reference.compact import LANGUAGES
from domain.reservations import Reservation, name_key, reserves
from domain.values import ERASED, clean_text

NAME, SLUG, MERGE = "entity-name", "slug", "entity-merge"
"""Kinds of reservations: what entities are called, where they are shown, which two were made one."""

NAME_MAX = 300
SLUG_MAX = 80
_SLUG_TAIL = 8


def clean_name(text: str, field: str) -> str:
    """A name as it is kept; InvalidInput names the field and the rule."""
    try:
        name = clean_text(text)
    except ValueError as problem:
        raise InvalidInput({field: [str(problem)]}) from None
    if not 1 <= len(name) <= NAME_MAX:
        raise InvalidInput({field: [f"must have 1 to {NAME_MAX} characters."]})
    if "\n" in name:
        raise InvalidInput({field: ["must stand on one line."]})
    return name


def clean_names(names: Mapping[str, str]) -> dict[str, str]:
    """Names by language code, as they are kept."""
    for language in names:
        if language not in LANGUAGES:
            raise InvalidInput({f"names.{language}": [f"is no language kept here ({', '.join(LANGUAGES)})."]})
    return {language: clean_name(name, f"names.{language}") for language, name in names.items()}


def clean_aliases(aliases: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The aliases as they are kept, without those that say nothing beyond the names known anyway."""
    said = {name_key(name) for name in known}
    kept: list[str] = []
    for index, alias in enumerate(aliases):
        name = clean_name(alias, f"aliases.{index}")
        if name_key(name) not in said:
            said.add(name_key(name))
            kept.append(name)
    return tuple(kept)


# -- addresses on the web

# Letters that no decomposition turns into the one that they are filed under.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "’": "'"}
)


def slugify(name: str) -> str:
    """The name in plain letters, digits and hyphens; empty if it has no letter that can be written so."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN_LETTERS))
    ascii_only = plain.encode("ascii", "ignore").decode("ascii").replace("'", "-")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    return slug if len(slug) <= SLUG_MAX else slug[:SLUG_MAX].rpartition("-")[0] or slug[:SLUG_MAX]


def free_slug(names: Iterable[str], entity: UUID, holder: Callable[[str, str], UUID | None]) -> str:
    """An address that nobody has: the first name that has plain letters, told apart by the id if need be."""
    base = next(filter(None, map(slugify, names)), "")
    if base and holder(SLUG, base) in (None, entity):
        return base
    return f"{base or 'entity'}-{entity.hex[-_SLUG_TAIL:]}"


# -- what may exist once only


def _held(kind: str, keys: Iterable[str], holder: UUID) -> list[Reservation]:
    return [Reservation(kind=kind, key=key, holder=holder) for key in dict.fromkeys(keys) if key != ERASED]


@reserves("entity.registered")
def _registered(recorded: Recorded) -> list[Reservation]:
    fact: EntityRegistered = recorded.fact
    entity = recorded.header.stream
    names = [fact.name, *fact.names.values(), *fact.aliases]
    if fact.category == "state" and fact.country:
        names.append(fact.country)
    return [*_held(NAME, map(name_key, names), entity), *_held(SLUG, [fact.slug], entity)]


@reserves("entity.renamed")
def _renamed(recorded: Recorded) -> list[Reservation]:
    fact: EntityRenamed = recorded.fact
    said = {"name": fact.name, **fact.names}
    names = [name for part, name in said.items() if part not in fact.inherited]
    return _held(NAME, map(name_key, names), recorded.header.stream)


@reserves("entity.alias-added")
def _alias_added(recorded: Recorded) -> list[Reservation]:
    fact: EntityAliasAdded = recorded.fact
    return _held(NAME, [name_key(fact.alias)], recorded.header.stream)


@reserves("entity.merged")
def _merged(recorded: Recorded) -> list[Reservation]:
    # Two secretaries who merge two entities into each other at the same time must not both succeed.
    fact: EntityMerged = recorded.fact
    entity = recorded.header.stream
    return _held(MERGE, [":".join(sorted((str(entity), str(fact.into))))], entity)
