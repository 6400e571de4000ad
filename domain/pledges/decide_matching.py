"""Matching: another pledge is offered, the owner answers, the terms are met or not, deadlines pass."""

from __future__ import annotations

from uuid import UUID

from domain.deciding import Context, Decision
from domain.errors import NotFound, NotPermitted, Refused, invalid
from domain.pledges import commands, doors, events
from domain.pledges.content import Terms
from domain.pledges.decide_content import require_open
from domain.pledges.findings import Findings, check_reason, check_text
from domain.pledges.rules import WORDS_CHARS_MAX, check_amount
from domain.pledges.state import Match, Pledge
from domain.recording import Acting, Authority, Recorded
from domain.reservations import Reservation, reserves
from domain.values import Money, last_day, utc_day

STANDING = ("offered", "accepted")


def offer(command: commands.OfferMatch, pledge: Pledge | None, context: Context) -> Decision:
    """The owner of another open pledge offers it. Offering it again, while that stands, says nothing new."""
    pledge = doors.known(pledge, context)
    offering = context.world.pledge(command.offering)
    if offering is None or not doors.may_see(offering, context):
        raise invalid("pledge", "is not a known pledge.")
    acting = doors.as_entity(command, offering.owner, context)
    if standing_offer(pledge, offering.id) is not None:
        return Decision((), acting, context.today())
    if offering.id == pledge.id:
        raise invalid("pledge", "cannot match itself.")
    require_open(pledge)
    require_open(offering)
    amount = command.amount or offering.content.amount
    terms = _terms(pledge, context)
    # A pledge that offers itself says what it is worth in its own words; there is nobody to ask for more.
    if not _is_by(doors.PUBLICATION, command):
        _check_values(command, amount, terms)
    fact = events.MatchOffered(
        match=context.new_id(), pledge=offering.id, entity=offering.owner, amount=amount,
        counted_value=command.counted_value, basis=command.basis,
    )  # fmt: skip
    return Decision((fact,), acting, context.today())


def _is_by(kind: str, command: commands.PledgeCommand) -> bool:
    return command.authority is not None and command.authority.kind == kind


def standing_offer(pledge: Pledge, offering: UUID) -> Match | None:
    """The offer of that pledge that is unanswered or accepted, if there is one."""
    return next((m for m in pledge.matches if m.pledge == offering and m.state in STANDING), None)


def _terms(pledge: Pledge, context: Context) -> Terms:
    """The terms of a pledge that still asks for matches."""
    terms = pledge.content.terms
    if terms is None:
        raise Refused("This pledge asks for no match: it has no terms.", code="no-terms")
    if _has_passed(terms, context):
        raise Refused(f"The deadline of the terms ({terms.deadline}) has passed.", code="deadline-passed")
    return terms


def _has_passed(terms: Terms, context: Context) -> bool:
    return utc_day(context.now) > last_day(terms.deadline)


def _check_values(command: commands.OfferMatch, amount: Money | None, terms: Terms) -> None:
    found = Findings()
    check_amount(command.amount, "amount", found)
    check_amount(command.counted_value, "counted_value", found)
    check_text(command.basis, "basis", WORDS_CHARS_MAX, found)
    counted, asked = command.counted_value, terms.amount
    if counted is not None:
        if asked is None or counted.currency != asked.currency:
            found.say("counted_value", "must be in the currency of the terms' amount.")
        if not command.basis:
            found.say("basis", "must say how the counted value was found.")
    elif asked is not None and amount is not None and amount.currency != asked.currency:
        found.say(
            "counted_value",
            f"must say what the offer counts for in {asked.currency}, the currency of the terms.",
        )
    found.raise_if_any()


def _the_match(pledge: Pledge, match_id: UUID) -> Match:
    match = pledge.match(match_id)
    if match is None:
        raise NotFound("There is no such match on this pledge.")
    return match


def _require_state(match: Match, *states: str) -> None:
    if match.state not in states:
        raise Refused(f"This match is {match.state} already.", code=f"match-{match.state}")


def accept(command: commands.AcceptMatch, pledge: Pledge | None, context: Context) -> Decision:
    """The owner accepts an offer before the deadline; whether the terms are met then follows."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    match = _the_match(pledge, command.match)
    if match.state == "accepted":
        return Decision((), acting, context.today())
    _require_state(match, "offered")
    require_open(pledge)
    _terms(pledge, context)
    return Decision((events.MatchAccepted(match=match.id),), acting, context.today())


def decline(command: commands.DeclineMatch, pledge: Pledge | None, context: Context) -> Decision:
    """The owner declines an offer, with a reason."""
    pledge = doors.known(pledge, context)
    acting = doors.as_owner(command, pledge, context)
    match = _the_match(pledge, command.match)
    check_reason(command.reason)
    if match.state == "declined":
        return Decision((), acting, context.today())
    _require_state(match, "offered")
    return Decision((events.MatchDeclined(match=match.id, reason=command.reason),), acting, context.today())


def withdraw(command: commands.WithdrawMatch, pledge: Pledge | None, context: Context) -> Decision:
    """Either side withdraws a match that is offered or accepted."""
    pledge = doors.known(pledge, context)
    match = _the_match(pledge, command.match)
    acting = _as_either_side(command, pledge, match, context)
    check_reason(command.reason)
    if match.state == "withdrawn":
        return Decision((), acting, context.today())
    _require_state(match, *STANDING)
    return Decision((events.MatchWithdrawn(match=match.id, reason=command.reason),), acting, context.today())


def _as_either_side(
    command: commands.WithdrawMatch, pledge: Pledge, match: Match, context: Context
) -> Acting:
    """Whoever owns the offering pledge today, or the one that it matches."""
    offering = context.world.pledge(match.pledge)
    try:
        return doors.as_entity(command, offering.owner if offering else match.entity, context)
    except NotPermitted as closed:
        if closed.code == "authority-required":
            raise
        return doors.as_owner(command, pledge, context)


def expire(command: commands.ExpireOffers, pledge: Pledge | None, context: Context) -> Decision:
    """The calendar: offers that stand unanswered after the deadline of the terms expire."""
    acting = doors.as_secretariat(command, context)
    pledge = doors.known(pledge, context)
    terms = pledge.content.terms
    if terms is None:
        raise Refused("This pledge asks for no match: it has no terms.", code="no-terms")
    if not _has_passed(terms, context):
        return Decision((), acting, context.today())
    offered = [match for match in pledge.matches if match.state == "offered"]
    return Decision(tuple(events.MatchExpired(match=match.id) for match in offered), acting, context.today())


# -- what other pledges have to do with it


def offers_of_published(pledge: Pledge, context: Context) -> list[commands.PledgeCommand]:
    """A pledge published with `matches` offers itself, if the other still asks."""
    asked = pledge.content.matches
    target = context.world.pledge(asked) if asked else None
    if target is None or not pledge.is_open or not target.is_open:
        return []
    if target.content.terms is None or _has_passed(target.content.terms, context):
        return []
    authority = Authority(kind=doors.PUBLICATION, reference=pledge.reference)
    return [commands.OfferMatch(pledge_id=target.id, offering=pledge.id, authority=authority)]


def withdrawals_of_closed(pledge: Pledge, context: Context) -> list[commands.PledgeCommand]:
    """A pledge that was withdrawn or lapsed no longer matches others."""
    authority = Authority(kind=doors.CLOSURE, reference=pledge.reference)
    reason = f"The pledge that matched, {pledge.reference}, is {pledge.closed}."
    found: list[commands.PledgeCommand] = []
    for target_id in dict.fromkeys(context.world.offers_by(pledge.id)):
        target = context.world.pledge(target_id)
        match = standing_offer(target, pledge.id) if target else None
        if match is not None:
            found.append(
                commands.WithdrawMatch(
                    pledge_id=target_id, match=match.id, reason=reason, authority=authority
                )
            )
    return found


@reserves("pledge.match-offered")
def _offer_is_remembered(recorded: Recorded) -> list[Reservation]:
    """So that a pledge that ends finds the matches that it offered on others."""
    fact = recorded.fact
    return [Reservation(kind="offer", key=f"{fact.pledge}:{fact.match}", holder=recorded.originator_id)]
