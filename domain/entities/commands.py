"""What can be asked for about entities."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.recording import Authority
from domain.reference.vocabularies import Category, Kind
from domain.values import Value


class RegisterEntity(Value, kw_only=True):
    """Make a UN entity or a stakeholder known, under the id `entity` or, without it, a new one.

    `category` None: not known, as for a co-pledger that a source names and says no more of.
    """

    name: str
    category: Category | None
    entity: UUID | None = None
    kind: Kind | None = None
    kind_in_words: str | None = None
    country: str | None = None
    names: dict[str, str] = msgspec.field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    authority: Authority | None = None


class RenameEntity(Value, kw_only=True):
    """Say what an entity is called from a day on; without a day, from today."""

    entity: UUID
    name: str
    names: dict[str, str] = msgspec.field(default_factory=dict)
    effective_on: str | None = None
    reason: str | None = None
    authority: Authority | None = None


class MergeEntity(Value, kw_only=True):
    """Say that an entity is the same as another, which survives."""

    entity: UUID
    into: UUID
    reason: str
    authority: Authority | None = None


class AddAlias(Value, kw_only=True):
    """Add a name by which an entity is to be found."""

    entity: UUID
    alias: str
    authority: Authority | None = None


class RegisterOffice(Value, kw_only=True):
    """Make known an office through which an entity acts."""

    entity: UUID
    office: str
    authority: Authority | None = None


class ClassifyEntity(Value, kw_only=True):
    """Say of what sort an entity is where that was not known."""

    entity: UUID
    category: Category
    kind: Kind | None = None
    kind_in_words: str | None = None
    authority: Authority | None = None


ChangeOfEntity = RenameEntity | MergeEntity | AddAlias | RegisterOffice | ClassifyEntity
EntityCommand = RegisterEntity | ChangeOfEntity
