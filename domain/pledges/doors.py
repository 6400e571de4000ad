"""In which role somebody may act on a pledge, for whom and by what authority. One function a door.

The Secretariat acts in an owner's or partner's place only with an authority it cites (design section 3).
"""

from __future__ import annotations

from uuid import UUID

from domain.deciding import Context
from domain.errors import NotFound, NotPermitted
from domain.pledges.commands import PledgeCommand
from domain.pledges.state import Pledge
from domain.recording import Acting, Authority


def may_see(pledge: Pledge, context: Context) -> bool:
    """Whether the actor may know of the pledge: all do once it is public; before, its entities, the Secretariat
    and auditors of that entity or of all."""
    actor = context.actor
    if pledge.phase == "public" or actor.has("secretariat"):
        return True
    if any(grant.role == "auditor" and grant.entity in (None, pledge.owner) for grant in actor.grants):
        return True
    invited = {partner.entity for partner in pledge.partners if partner.state in ("invited", "joined")}
    return bool(actor.own_entities & (invited | {pledge.owner}))


def known(pledge: Pledge | None, context: Context) -> Pledge:
    """The pledge, if there is one and the actor may know of it."""
    if pledge is None or not may_see(pledge, context):
        raise NotFound("There is no such pledge.")
    return pledge


def _acting(
    command: PledgeCommand,
    context: Context,
    role: str,
    entity: UUID | None = None,
    instead_of: UUID | None = None,
) -> Acting:
    actor = context.actor
    return Acting(
        actor=actor.account, role=role, entity=entity, on_behalf_of=instead_of, office=command.office or actor.office,
        authority=command.authority or Authority(kind=actor.channel), request_id=actor.request_id,
        command_id=context.command_id,
    )  # fmt: skip


def as_entity(command: PledgeCommand, entity: UUID, context: Context) -> Acting:
    """Acting as the entity: its own pledger, or the Secretariat in its place with an authority."""
    if entity in context.actor.own_entities:
        return _acting(command, context, "pledger", entity=entity)
    if not context.actor.has("secretariat"):
        raise NotPermitted(
            "Only a pledger of the entity concerned, or the Secretariat in its place, may do this."
        )
    if command.authority is None:
        raise NotPermitted(
            "In an entity's place the Secretariat acts only with an authority: send `authority` with its kind and reference.",
            code="authority-required",
        )
    return _acting(command, context, "secretariat", instead_of=entity)


def as_owner(command: PledgeCommand, pledge: Pledge, context: Context) -> Acting:
    """Acting as the pledge's owner, the lead of a joint pledge."""
    return as_entity(command, pledge.owner, context)


def as_secretariat(command: PledgeCommand, context: Context) -> Acting:
    """Acting as the Secretariat in its own right."""
    if not context.actor.has("secretariat"):
        raise NotPermitted("Only the Secretariat may do this.")
    return _acting(command, context, "secretariat")


def as_validator(command: PledgeCommand, entity: UUID | None, context: Context) -> Acting | None:
    """Acting as a validator of the entity, if the actor is one."""
    if entity is not None and entity in context.actor.entities("validator"):
        return _acting(command, context, "validator", entity=entity)
    return None


def as_assessor(command: PledgeCommand, context: Context) -> Acting | None:
    """Acting as the independent body that the actor assesses for, if it does."""
    bodies = [grant.entity for grant in context.actor.grants if grant.role == "assessor"]
    return _acting(command, context, "assessor", entity=bodies[0]) if bodies else None
