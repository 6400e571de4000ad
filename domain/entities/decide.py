"""What follows from a command about entities. Only the Secretariat says who pledges, and under what name."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from domain.deciding import Context, Decision, acting_as
from domain.entities.commands import (
    AddAlias,
    ChangeOfEntity,
    ClassifyEntity,
    EntityCommand,
    MergeEntity,
    RegisterEntity,
    RegisterOffice,
    RenameEntity,
)
from domain.entities.events import (
    EntityAliasAdded,
    EntityClassified,
    EntityMerged,
    EntityOfficeRegistered,
    EntityRegistered,
    EntityRenamed,
)
from domain.entities.names import NAME, clean_aliases, clean_name, clean_names, free_slug
from domain.entities.state import Entity, survivor
from domain.errors import InvalidInput, NotFound, Refused, invalid
from domain.recording import Fact
from domain.reference.states import STATES
from domain.reference.vocabularies import Category, Kind
from domain.reservations import name_key
from domain.values import clean_text, first_day


def decide(command: EntityCommand, entity: Entity | None, context: Context) -> Decision:
    """The facts that follow from a command, for the entity as it is (None if there is none)."""
    acting = acting_as(context, "secretariat", authority=command.authority)
    effective_on = context.effective(getattr(command, "effective_on", None))
    if isinstance(command, RegisterEntity):
        stream = command.entity or context.new_id()
        return Decision(_register(command, stream, entity, context), acting, effective_on, stream)
    facts = _follows(command, _still_itself(entity, command, context), context)
    return Decision(facts, acting, effective_on, command.entity)


def _still_itself(entity: Entity | None, command: ChangeOfEntity, context: Context) -> Entity:
    if entity is None:
        raise NotFound(f"There is no entity {command.entity}.")
    if entity.merged_into is not None and not isinstance(command, MergeEntity):
        lasting = survivor(entity, context.world.entity)
        raise Refused(
            f"{entity.name} was merged into {lasting.name} ({lasting.id}); name that one.",
            code="entity-merged",
        )
    return entity


# -- registering


def _register(
    command: RegisterEntity, entity_id: UUID, known: Entity | None, context: Context
) -> tuple[Fact, ...]:
    _check_kind(command)
    name = clean_name(command.name, "name")
    names = clean_names(command.names)
    aliases = clean_aliases(command.aliases, (name, *names.values()))
    if known is not None:
        return _registered_before(known, name, command)
    for said in (name, *names.values(), *aliases):
        _refuse_taken(said, context)
    return (
        EntityRegistered(
            name=name,
            slug=free_slug((name, *names.values()), entity_id, context.world.holder),
            category=command.category,
            kind=command.kind,
            kind_in_words=clean_name(command.kind_in_words, "kind_in_words")
            if command.kind_in_words
            else None,
            country=command.country,
            names=names,
            aliases=aliases,
        ),
    )


def _registered_before(known: Entity, name: str, command: RegisterEntity) -> tuple[Fact, ...]:
    if known.is_called(name) and command.category in (None, known.category):
        return ()
    raise Refused(f"The id {known.id} already means {known.name}.", code="entity-exists")


def _check_kind(command: RegisterEntity | ClassifyEntity) -> None:
    if command.category == "state":
        raise Refused(
            "The 195 States are in the register from the start, and the category is closed.",
            code="category-closed",
        )
    errors: dict[str, list[str]] = {}
    if command.category is not None and command.category not in get_args(Category):
        errors["category"] = ["must be un_entity or stakeholder."]
    if command.kind is not None:
        errors.update(_kind_errors(command))
    if command.kind_in_words and command.kind != "other":
        errors["kind_in_words"] = ["is for stakeholders of the kind other."]
    if isinstance(command, RegisterEntity) and command.country is not None and command.country not in STATES:
        errors["country"] = ["must be the ISO 3166 alpha-3 code of a State, such as KEN."]
    if errors:
        raise InvalidInput(errors)


def _kind_errors(command: RegisterEntity | ClassifyEntity) -> dict[str, list[str]]:
    if command.category != "stakeholder":
        return {"kind": ["is for stakeholders only."]}
    if command.kind not in get_args(Kind):
        return {"kind": [f"must be one of {', '.join(get_args(Kind))}."]}
    return {}


def _refuse_taken(name: str, context: Context, entity: Entity | None = None) -> bool:
    """Whether the entity has the name already, through one merged into it. Refused if another has it."""
    holder_id = context.world.holder(NAME, name_key(name))
    holder = context.world.entity(holder_id) if holder_id else None
    if holder is None:
        return False
    lasting = survivor(holder, context.world.entity)
    if entity is None or lasting.id != entity.id:
        raise Refused(f"“{name}” already means {lasting.name} ({lasting.id}).", code="name-taken")
    return holder.id != entity.id


# -- the rest of its life


def _follows(command: ChangeOfEntity, entity: Entity, context: Context) -> tuple[Fact, ...]:
    match command:
        case RenameEntity():
            return _rename(command, entity, context)
        case MergeEntity():
            return _merge(command, entity, context)
        case AddAlias():
            return _add_alias(clean_name(command.alias, "alias"), entity, context)
        case RegisterOffice():
            return _register_office(clean_name(command.office, "office"), entity)
        case ClassifyEntity():
            return _classify(command, entity)


def _rename(command: RenameEntity, entity: Entity, context: Context) -> tuple[Fact, ...]:
    name, names = clean_name(command.name, "name"), clean_names(command.names)
    before = entity.naming_on(first_day(context.effective(command.effective_on)))
    if before.name == name and {**before.names, **names} == before.names:
        return ()
    said = {"name": name, **names}
    inherited = tuple(part for part, text in said.items() if _refuse_taken(text, context, entity))
    reason = _words(command.reason, "reason") if command.reason else None
    return (EntityRenamed(name=name, old_name=before.name, names=names, reason=reason, inherited=inherited),)


def _merge(command: MergeEntity, entity: Entity, context: Context) -> tuple[Fact, ...]:
    if entity.merged_into == command.into:
        return ()
    if entity.merged_into is not None:
        lasting = survivor(entity, context.world.entity)
        raise Refused(f"{entity.name} was already merged into {lasting.name}.", code="entity-merged")
    if entity.category == "state":
        raise Refused("A State is not merged into anything; the category is closed.", code="category-closed")
    reason = _words(command.reason, "reason")
    _check_survivor(command, context)
    return (EntityMerged(into=command.into, reason=reason),)


def _check_survivor(command: MergeEntity, context: Context) -> None:
    if command.into == command.entity:
        raise invalid("into", "must be another entity.")
    into = context.world.entity(command.into)
    if into is None:
        raise invalid("into", f"there is no entity {command.into}.")
    if into.merged_into is not None:
        lasting = survivor(into, context.world.entity)
        raise Refused(
            f"{into.name} was itself merged into {lasting.name} ({lasting.id}); name that one.",
            code="entity-merged",
        )


def _add_alias(alias: str, entity: Entity, context: Context) -> tuple[Fact, ...]:
    if entity.is_called(alias) or _refuse_taken(alias, context, entity):
        return ()
    # A State's code means it without being one of its names.
    return () if name_key(alias) == name_key(entity.country or "") else (EntityAliasAdded(alias=alias),)


def _register_office(office: str, entity: Entity) -> tuple[Fact, ...]:
    if name_key(office) in map(name_key, entity.offices):
        return ()
    return (EntityOfficeRegistered(office=office),)


def _classify(command: ClassifyEntity, entity: Entity) -> tuple[Fact, ...]:
    _check_kind(command)
    words = clean_name(command.kind_in_words, "kind_in_words") if command.kind_in_words else None
    known = (entity.category, entity.kind, entity.kind_in_words)
    said = (command.category, command.kind, words)
    if any(before is not None and before != after for before, after in zip(known, said, strict=True)):
        raise Refused(
            f"{entity.name} is known as {', '.join(filter(None, known))}: only the unknown can be filled in.",
            code="already-classified",
        )
    if said == known:
        return ()
    return (EntityClassified(category=command.category, kind=command.kind, kind_in_words=words),)


def _words(text: str, field: str) -> str:
    try:
        words = clean_text(text)
    except ValueError as problem:
        raise invalid(field, str(problem)) from None
    if not words:
        raise invalid(field, "must say why.")
    return words
