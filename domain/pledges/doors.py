"""In which role somebody may act on a pledge, for whom and by what authority. One function a door.

The Secretariat acts in an owner's or partner's place only with an authority it cites (design section 3).
"""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from domain.deciding import Context
from domain.errors import NotFound, NotPermitted
from domain.pledges.commands import PledgeCommand
from domain.pledges.findings import Findings, check_text
from domain.pledges.sight import eyes_of
from domain.pledges.state import Pledge
from domain.recording import Acting, Authority
from domain.reference.vocabularies import AuthorityKind
from domain.values import first_day, parse_partial_date, utc_day

CITED: frozenset[str] = frozenset(get_args(AuthorityKind))
"""What an authority may be that comes from outside: it needs a reference by which it can be found."""
IMPORT, PUBLICATION, CLOSURE = "import", "publication", "closure"
"""The register's own: a row of a file, and what follows from publishing or closing another pledge."""
OWN_AUTHORITIES = frozenset({IMPORT, PUBLICATION, CLOSURE})

REFERENCE_CHARS_MAX = 1000
OFFICE_CHARS_MAX = 300


def speaks_for(entity: UUID | None, context: Context) -> bool:
    """Whether the actor is a pledger of the entity, whatever it or the actor's own was merged into."""
    return entity is not None and eyes_of(context.actor, context.lasting).is_own(entity)


def may_see(pledge: Pledge, context: Context) -> bool:
    """Whether the actor may know of the pledge."""
    return eyes_of(context.actor, context.lasting).knows_of(pledge)


def known(pledge: Pledge | None, context: Context) -> Pledge:
    """The pledge, if there is one and the actor may know of it."""
    if pledge is None or not may_see(pledge, context):
        raise NotFound("There is no such pledge.")
    return pledge


def as_entity(command: PledgeCommand, entity: UUID, context: Context) -> Acting:
    """Acting as the entity: its own pledger, or the Secretariat in its place with an authority."""
    if speaks_for(entity, context):
        return _acting(command, context, "pledger", entity=context.lasting(entity))
    if not context.actor.has("secretariat"):
        raise NotPermitted(
            "Only a pledger of the entity concerned, or the Secretariat in its place, may do this."
        )
    return instead_of(command, entity, context)


def instead_of(command: PledgeCommand, entity: UUID, context: Context) -> Acting:
    """Acting as the Secretariat in an entity's place, with an authority."""
    if command.authority is None:
        raise NotPermitted(
            "In an entity's place the Secretariat acts only with an authority: send `authority` with its "
            "kind and reference.",
            code="authority-required",
        )
    return _acting(command, context, "secretariat", on_behalf_of=context.lasting(entity))


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
    if entity is None:
        return None
    lasting = context.lasting(entity)
    if lasting not in map(context.lasting, context.actor.entities("validator")):
        return None
    return _acting(command, context, "validator", entity=lasting)


def as_assessor(command: PledgeCommand, context: Context) -> Acting | None:
    """Acting as the independent body that the actor assesses for, if it does."""
    bodies = [grant.entity for grant in context.actor.grants if grant.role == "assessor"]
    return _acting(command, context, "assessor", entity=bodies[0]) if bodies else None


def _acting(
    command: PledgeCommand,
    context: Context,
    role: str,
    entity: UUID | None = None,
    on_behalf_of: UUID | None = None,
) -> Acting:
    actor = context.actor
    _check_citation(command, context)
    return Acting(
        actor=actor.account, role=role, entity=entity, on_behalf_of=on_behalf_of,
        office=command.office or actor.office, authority=command.authority or Authority(kind=actor.channel),
        request_id=actor.request_id, command_id=context.command_id,
    )  # fmt: skip


def _check_citation(command: PledgeCommand, context: Context) -> None:
    """What goes into the header is as fit to be kept as what goes into the payload."""
    found = Findings()
    check_text(command.office, "office", OFFICE_CHARS_MAX, found)
    if command.authority is not None:
        check_authority(command.authority, context, found, also=OWN_AUTHORITIES)
    found.raise_if_any()


def check_authority(
    authority: Authority, context: Context, found: Findings, *, also: frozenset[str] = frozenset()
) -> None:
    """Say what is wrong with what somebody cites. `also`: kinds that the register gives itself."""
    if authority.kind not in CITED | also:
        found.say("authority.kind", f"must be one of {', '.join(get_args(AuthorityKind))}.")
    if authority.kind in CITED and not (authority.reference or "").strip():
        found.say("authority.reference", "must say by what the authority can be found again.")
    check_text(authority.reference, "authority.reference", REFERENCE_CHARS_MAX, found)
    if authority.date is None or not found.attempt("authority.date", parse_partial_date, authority.date):
        return
    if first_day(authority.date) > utc_day(context.now):
        found.say("authority.date", f"must not lie in the future (today is {context.today()} in UTC).")
