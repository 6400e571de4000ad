"""Joint pledges: the lead invites, each partner answers and speaks for its own part alone."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.deciding import Context, Decision
from domain.errors import NotFound, Refused, invalid
from domain.pledges import commands, doors, events
from domain.pledges.decide_content import require_open
from domain.pledges.findings import check_reason
from domain.pledges.rules import JOINT, check_part
from domain.pledges.state import Partner, PartnerState, Pledge
from domain.pledges.targets import numbered

ASKED: tuple[PartnerState, ...] = ("invited", "named")
"""Who may still answer."""


def _require_answerable(pledge: Pledge) -> None:
    if not pledge.is_answerable:
        require_open(pledge)


def _place(pledge: Pledge, entity: UUID, context: Context, *rather: PartnerState) -> Partner | None:
    """The latest place of an entity among the partners, under whatever it was merged into.

    Where two partners were merged it has several: rather one in these states, the first of them first.
    """
    lasting = context.lasting(entity)
    places = [p for p in reversed(pledge.partners) if context.lasting(p.entity) == lasting]
    wanted = [p for state in rather for p in places if p.state == state]
    return next(iter([*wanted, *places]), None)


def _the_place(pledge: Pledge, entity: UUID, context: Context, *rather: PartnerState) -> Partner:
    partner = _place(pledge, entity, context, *rather)
    if partner is None:
        raise NotFound("This entity is no partner of the pledge.")
    return partner


def _require_state(partner: Partner, *states: str) -> None:
    if partner.state not in states:
        raise Refused(
            f"This partner is {partner.state}; that needs one that is {' or '.join(states)}.",
            code=f"partner-{partner.state}",
        )


def invite(command: commands.InvitePartner, pledge: Pledge | None, context: Context) -> Decision:
    """The lead asks an entity to take part."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    entity = _known_entity(command.entity, context)
    if entity == context.lasting(pledge.owner):
        raise invalid("entity", "is the pledge's own entity.")
    partner = _place(pledge, entity, context, "joined", *ASKED)
    if partner is not None and partner.state in ("invited", "joined"):
        return Decision((), acting, context.today())
    _require_answerable(pledge)
    if pledge.content.type not in JOINT:
        raise Refused(
            "Only a common pledge or a partnership has partners; amend the type first.", code="not-joint"
        )
    invited = partner.entity if partner is not None and partner.state == "named" else entity
    return Decision((events.PartnerInvited(entity=invited),), acting, context.today())


def _known_entity(entity: UUID, context: Context) -> UUID:
    if context.world.entity(entity) is None:
        raise invalid("entity", "is not a known entity.")
    return context.lasting(entity)


def accept(command: commands.AcceptInvitation, pledge: Pledge | None, context: Context) -> Decision:
    """The invited entity takes part, with its own part."""
    pledge = doors.known(pledge, context)
    # The door comes first: whether an entity was invited is not for others to learn.
    acting = doors.as_entity(command, command.entity, context)
    partner = _the_place(pledge, command.entity, context, "joined", *ASKED)
    if partner.state == "joined":
        return Decision((), acting, context.today())
    _require_state(partner, *ASKED)
    _require_answerable(pledge)
    if context.lasting(partner.entity) == context.lasting(pledge.owner):
        raise Refused("This entity leads the pledge: its part is the lead's.", code="partner-leads")
    check_part(command.part)
    part = msgspec.structs.replace(command.part, targets=numbered(command.part.targets))
    number = next(n for n, p in reversed([*enumerate(pledge.partners, 1)]) if p is partner)
    fact = events.PartnerJoined(entity=partner.entity, part=part, number=number)
    return Decision((fact,), acting, context.today())


def decline(command: commands.DeclineInvitation, pledge: Pledge | None, context: Context) -> Decision:
    """The invited entity says no; that is never public."""
    pledge = doors.known(pledge, context)
    acting = doors.as_entity(command, command.entity, context)
    partner = _the_place(pledge, command.entity, context, *ASKED)
    _check_given_reason(command.reason)
    if partner.state == "declined":
        return Decision((), acting, context.today())
    _require_state(partner, *ASKED)
    fact = events.PartnerDeclined(entity=partner.entity, reason=command.reason)
    return Decision((fact,), acting, context.today())


def _check_given_reason(reason: str | None) -> None:
    if reason is not None:
        check_reason(reason)


def leave(command: commands.LeavePledge, pledge: Pledge | None, context: Context) -> Decision:
    """A joined partner leaves, with a reason; its part leaves the mean."""
    pledge = doors.known(pledge, context)
    acting = doors.as_entity(command, command.entity, context)
    partner = _the_place(pledge, command.entity, context, "joined")
    check_reason(command.reason)
    if partner.state == "left":
        return Decision((), acting, context.today())
    _require_state(partner, "joined")
    _require_answerable(pledge)
    fact = events.PartnerLeft(entity=partner.entity, reason=command.reason)
    return Decision((fact,), acting, context.today())


def cancel(command: commands.CancelInvitation, pledge: Pledge | None, context: Context) -> Decision:
    """The lead takes back an invitation that was not answered."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    partner = _the_place(pledge, command.entity, context, *ASKED)
    _check_given_reason(command.reason)
    if partner.state == "uninvited":
        return Decision((), acting, context.today())
    _require_state(partner, *ASKED)
    _require_answerable(pledge)
    fact = events.PartnerUninvited(entity=partner.entity, reason=command.reason)
    return Decision((fact,), acting, context.today())


def hand_over_lead(command: commands.HandOverLead, pledge: Pledge | None, context: Context) -> Decision:
    """The lead passes to an entity that agrees.

    That is a joined partner, whose consent is on record, or one that the same actor speaks for. The
    Secretariat acts for both, citing a document in which both agree.
    """
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    check_reason(command.reason)
    entity = _known_entity(command.entity, context)
    if entity == context.lasting(pledge.owner):
        return Decision((), acting, context.today())
    require_open(pledge)
    partner = _place(pledge, entity, context, "joined")
    joined = partner is not None and partner.state == "joined"
    if not joined and acting.role != "secretariat" and not doors.speaks_for(entity, context):
        raise Refused(
            "The lead passes only to a partner that has joined; invite it first.", code="partner-not-joined"
        )
    new_lead = partner.entity if partner is not None else entity
    fact = events.LeadTransferred(old_lead=pledge.owner, new_lead=new_lead, reason=command.reason)
    return Decision((fact,), acting, context.today())
