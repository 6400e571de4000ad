"""Joint pledges: the lead invites, each partner answers and speaks for its own part alone."""

from __future__ import annotations

import msgspec

from domain.deciding import Context, Decision
from domain.errors import InvalidInput, NotFound, Refused
from domain.pledges import commands, doors, events
from domain.pledges.decide_content import require_open
from domain.pledges.decide_submission import check_reason
from domain.pledges.rules import check_part
from domain.pledges.state import Partner, Pledge
from domain.pledges.targets import numbered

JOINT = ("common", "partnership")


def _require_answerable(pledge: Pledge) -> None:
    """Partners answer from submission on, until the pledge is declared fulfilled or closed."""
    if pledge.phase in ("submitted", "returned"):
        return
    require_open(pledge)


def _place(pledge: Pledge, entity: object) -> Partner:
    partner = next((p for p in reversed(pledge.partners) if p.entity == entity), None)
    if partner is None:
        raise NotFound("This entity is no partner of the pledge.")
    return partner


def invite(command: commands.InvitePartner, pledge: Pledge | None, context: Context) -> Decision:
    """The lead asks an entity to take part."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    if context.world.entity(command.entity) is None:
        raise InvalidInput({"entity": ["is not a known entity."]})
    if command.entity == pledge.owner:
        raise InvalidInput({"entity": ["is the pledge's own entity."]})
    partner = pledge.partner(command.entity)
    if partner is not None and partner.state in ("invited", "joined"):
        return Decision((), acting, context.today())
    if pledge.content.type not in JOINT:
        raise Refused(
            "Only a common pledge or a partnership has partners; amend the type first.", code="not-joint"
        )
    _require_answerable(pledge)
    return Decision((events.PartnerInvited(entity=command.entity),), acting, context.today())


def accept(command: commands.AcceptInvitation, pledge: Pledge | None, context: Context) -> Decision:
    """The invited entity takes part, with its own part."""
    pledge = doors.known(pledge, context)
    partner = _place(pledge, command.entity)
    acting = doors.as_entity(command, command.entity, context)
    if partner.state == "joined":
        return Decision((), acting, context.today())
    _require_state(partner, "invited", "named")
    _require_answerable(pledge)
    check_part(command.part)
    part = msgspec.structs.replace(command.part, targets=numbered(command.part.targets))
    return Decision((events.PartnerJoined(entity=command.entity, part=part),), acting, context.today())


def _require_state(partner: Partner, *states: str) -> None:
    if partner.state not in states:
        raise Refused(f"This partner is {partner.state}; that needs one that is {' or '.join(states)}.", code=f"partner-{partner.state}")  # fmt: skip


def decline(command: commands.DeclineInvitation, pledge: Pledge | None, context: Context) -> Decision:
    """The invited entity says no; that is never public."""
    pledge = doors.known(pledge, context)
    partner = _place(pledge, command.entity)
    acting = doors.as_entity(command, command.entity, context)
    if partner.state == "declined":
        return Decision((), acting, context.today())
    _require_state(partner, "invited", "named")
    if command.reason is not None:
        check_reason(command.reason)
    return Decision(
        (events.PartnerDeclined(entity=command.entity, reason=command.reason),), acting, context.today()
    )


def leave(command: commands.LeavePledge, pledge: Pledge | None, context: Context) -> Decision:
    """A joined partner leaves, with a reason; its part leaves the mean."""
    pledge = doors.known(pledge, context)
    partner = _place(pledge, command.entity)
    acting = doors.as_entity(command, command.entity, context)
    check_reason(command.reason)
    if partner.state == "left":
        return Decision((), acting, context.today())
    _require_state(partner, "joined")
    _require_answerable(pledge)
    return Decision(
        (events.PartnerLeft(entity=command.entity, reason=command.reason),), acting, context.today()
    )


def cancel(command: commands.CancelInvitation, pledge: Pledge | None, context: Context) -> Decision:
    """The lead takes back an invitation that was not answered."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    partner = _place(pledge, command.entity)
    if command.reason is not None:
        check_reason(command.reason)
    if partner.state == "uninvited":
        return Decision((), acting, context.today())
    _require_state(partner, "invited", "named")
    _require_answerable(pledge)
    return Decision(
        (events.PartnerUninvited(entity=command.entity, reason=command.reason),), acting, context.today()
    )


def hand_over_lead(command: commands.HandOverLead, pledge: Pledge | None, context: Context) -> Decision:
    """The lead passes to a joined partner, whose consent to the pledge is on record. The Secretariat, citing a
    document in which both agree, may pass it to any known entity."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    check_reason(command.reason)
    if context.world.entity(command.entity) is None:
        raise InvalidInput({"entity": ["is not a known entity."]})
    if command.entity == pledge.owner:
        return Decision((), acting, context.today())
    require_open(pledge)
    partner = pledge.partner(command.entity)
    if acting.role != "secretariat" and (partner is None or partner.state != "joined"):
        raise Refused(
            "The lead passes only to a partner that has joined; invite it first.", code="partner-not-joined"
        )
    fact = events.LeadTransferred(old_lead=pledge.owner, new_lead=command.entity, reason=command.reason)
    return Decision((fact,), acting, context.today())
