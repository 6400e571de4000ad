"""What can have happened to an entity. Docstrings are the entries of the event catalogue (docs/events.md)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from domain.recording import Fact, recorded_as
from domain.reference.vocabularies import Category, Kind


@recorded_as("entity.registered")
class EntityRegistered(Fact):
    """An entity became known under a name.

    `slug` is its address on the web, for ever. `names` are by language code, `country` is an ISO 3166 alpha-3
    code, `kind` is for stakeholders, with the source's own word in `kind_in_words` where it is `other`. No
    `category`: the source that names the entity does not say of what sort it is.
    `membership` is for States: member or observer of the United Nations.
    """

    name: str
    slug: str
    category: Category | None = None
    kind: Kind | None = None
    kind_in_words: str | None = None
    country: str | None = None
    membership: Literal["member", "observer"] | None = None
    names: dict[str, str] = msgspec.field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@recorded_as("entity.renamed")
class EntityRenamed(Fact):
    """From the effective date on, the entity has another name; the old one goes on meaning it.

    `names` are those by language that changed too. `inherited` lists which of the names (`name`, or a
    language code) already meant this entity, through one that was merged into it.
    """

    name: str
    old_name: str
    names: dict[str, str] = msgspec.field(default_factory=dict)
    reason: str | None = None
    inherited: tuple[str, ...] = ()


@recorded_as("entity.merged")
class EntityMerged(Fact):
    """The entity is the same as another: its pledges are shown under that one, `into`, from now on."""

    into: UUID
    reason: str


@recorded_as("entity.alias-added")
class EntityAliasAdded(Fact):
    """Another name by which people call the entity. It is found by it and never shown under it."""

    alias: str


@recorded_as("entity.classified")
class EntityClassified(Fact):
    """Of what sort the entity is became known: its category, or only the kind of a stakeholder."""

    category: Category
    kind: Kind | None = None
    kind_in_words: str | None = None


@recorded_as("entity.office-registered")
class EntityOfficeRegistered(Fact):
    """An office through which the entity acts, such as a State's ministry."""

    office: str
